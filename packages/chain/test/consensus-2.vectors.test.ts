/** What blocks carry under consensus version 2: seals with their view, slash records with statements. */
import { type Address, bytesToHex, type Hash, type Hex, hexToBytes } from '@polyphony/primitives';
import { codeOf, loadVectors, propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCommitSeal, encodeCommitSeal } from '../src/commit-seal.js';
import { decodeSlashRecords, encodeSlashRecords, type SlashVote } from '../src/slash-record.js';

const version = { consensusVersion: 2 } as const;

describe('commit seals', () => {
  for (const { name, in: given, out, error } of loadVectors<
    { signature: Hex; bitmap: Hex },
    { bitmap: Hex; decidedInView: string }
  >(import.meta.url, 'commit-seals', {
    in: ['signature', 'bitmap'],
    out: ['bitmap', 'decidedInView'],
  })) {
    test(name, () => {
      const fields = { signature: hexToBytes(given.signature), bitmap: hexToBytes(given.bitmap) };
      if (error !== undefined) {
        expect(codeOf(() => decodeCommitSeal(fields, version))).toBe(error);
        return;
      }
      const seal = {
        signature: fields.signature,
        bitmap: hexToBytes(out!.bitmap),
        decidedInView: BigInt(out!.decidedInView),
      };
      expect(decodeCommitSeal(fields, version)).toEqual(seal);
      expect(encodeCommitSeal(seal, version)).toEqual(fields);
      // Under version 1 the same bytes are the bitmap, whatever they are.
      expect(decodeCommitSeal(fields, { consensusVersion: 1 })).toEqual(fields);
      expect(encodeCommitSeal({ ...fields, decidedInView: 7n }, { consensusVersion: 1 })).toEqual(
        fields,
      );
    });
  }

  test('any bytes are the fields of one seal, or of none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bitmap) => {
        const fields = { signature: new Uint8Array(96), bitmap };
        const code = codeOf(() => {
          expect(encodeCommitSeal(decodeCommitSeal(fields, version), version)).toEqual(fields);
        });
        const isNone = bitmap.length < 9 || bitmap.subarray(-8).every((byte) => byte === 0);
        expect(code).toBe(isNone ? 'chain/invalid-encoding' : undefined);
      }),
      propertyRuns(300),
    );
  });

  test('no seal without its view, its signers and a whole signature', () => {
    const seal = {
      signature: new Uint8Array(96),
      bitmap: Uint8Array.of(7),
      decidedInView: 9n,
    };
    const { decidedInView: _, ...bare } = seal;
    for (const wrong of [
      bare,
      { ...seal, decidedInView: 0n },
      { ...seal, decidedInView: 1n << 64n },
      { ...seal, bitmap: new Uint8Array(0) },
      { ...seal, signature: new Uint8Array(95) },
    ]) {
      expect(codeOf(() => encodeCommitSeal(wrong, version))).toBe('chain/out-of-range');
    }
  });
});

interface Vote {
  keys: Hex[];
  hash: Hash;
  signature: Hex;
  kind: 'prepare' | 'commit';
  viewId: string;
  justifiedBy: string;
}

const voteOf = ({ keys, hash, signature, kind, viewId, justifiedBy }: Vote): SlashVote => ({
  signerPublicKeys: keys.map((key) => hexToBytes(key)),
  blockHash: hash,
  signature: hexToBytes(signature),
  statement: { kind, viewId: BigInt(viewId), justifiedBy: BigInt(justifiedBy) },
});

describe('slash records', () => {
  for (const { name, in: given, out, error } of loadVectors<
    { records: Hex },
    {
      epoch: string;
      shardId: number;
      height: string;
      viewId: string;
      first: Vote;
      second: Vote;
      offender: Address;
      reporter: Address;
    }
  >(import.meta.url, 'slash-records-2', {
    in: ['records'],
    out: ['epoch', 'shardId', 'height', 'viewId', 'first', 'second', 'offender', 'reporter'],
  })) {
    test(name, () => {
      const bytes = hexToBytes(given.records);
      if (error !== undefined) {
        expect(codeOf(() => decodeSlashRecords(bytes, 2))).toBe(error);
        return;
      }
      const { epoch, shardId, height, viewId, first, second, offender, reporter } = out!;
      const evidence = {
        epoch: BigInt(epoch),
        shardId,
        height: BigInt(height),
        viewId: BigInt(viewId),
        firstVote: voteOf(first),
        secondVote: voteOf(second),
        offender,
      };
      expect(decodeSlashRecords(bytes, 2)).toEqual([{ evidence, reporter }]);
      expect(bytesToHex(encodeSlashRecords([{ evidence, reporter }]))).toBe(given.records);
      expect(codeOf(() => decodeSlashRecords(bytes))).toBe('chain/invalid-encoding');
    });
  }
});
