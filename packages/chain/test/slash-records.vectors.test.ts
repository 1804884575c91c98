/** Slash records as bytes, in both directions. */
import { type Address, bytesToHex, type Hash, type Hex, hexToBytes } from '@polyphony/primitives';
import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import {
  computeSlashRecordHash,
  decodeSlashRecords,
  encodeSlashRecords,
  type SlashRecord,
} from '../src/slash-record.js';

interface Given {
  epoch: string;
  shardId: number;
  height: string;
  viewId: string;
  firstKeys: Hex[];
  firstHash: Hash;
  firstSignature: Hex;
  secondKeys: Hex[];
  secondHash: Hash;
  secondSignature: Hex;
  offender: Address;
  reporter: Address;
}

describe('slash records', () => {
  for (const { name, in: given, out } of loadVectors<Given, { records: Hex; hash: Hash }>(
    import.meta.url,
    'slash-records',
    {
      in: [
        'epoch',
        'shardId',
        'height',
        'viewId',
        'firstKeys',
        'firstHash',
        'firstSignature',
        'secondKeys',
        'secondHash',
        'secondSignature',
        'offender',
        'reporter',
      ],
      out: ['records', 'hash'],
    },
  )) {
    test(name, () => {
      const record: SlashRecord = {
        evidence: {
          epoch: BigInt(given.epoch),
          shardId: given.shardId,
          height: BigInt(given.height),
          viewId: BigInt(given.viewId),
          firstVote: {
            signerPublicKeys: given.firstKeys.map((key) => hexToBytes(key)),
            blockHash: given.firstHash,
            signature: hexToBytes(given.firstSignature),
          },
          secondVote: {
            signerPublicKeys: given.secondKeys.map((key) => hexToBytes(key)),
            blockHash: given.secondHash,
            signature: hexToBytes(given.secondSignature),
          },
          offender: given.offender,
        },
        reporter: given.reporter,
      };
      expect(bytesToHex(encodeSlashRecords([record]))).toBe(out!.records);
      expect(computeSlashRecordHash(record)).toBe(out!.hash);
      expect(decodeSlashRecords(hexToBytes(out!.records))).toEqual([record]);
    });
  }
});
