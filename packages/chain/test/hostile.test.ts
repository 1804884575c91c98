import { reference } from '@polyphony/networks';
import { encodeRlp, equalBytes, utf8ToBytes } from '@polyphony/primitives';
import { fuzz, hostileBytes, packageFolder, unreadVectorFiles } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import {
  type CrossShardReceipt,
  computeOutgoingReceiptsRoot,
  crossShardProofOf,
  decodeStakingCall,
  decodeTaggedRlp,
  decodeTransaction,
  decodeTransferCall,
  emptyHeader,
  encodeTaggedRlp,
  verifyCrossShardProof,
} from '../src/index.js';
import { bytesToText, textToBytes } from '../src/text.js';
import { decoders } from './decoders.js';
import { hashOf } from './support.js';

test('every vector file is read', () => {
  expect(unreadVectorFiles(packageFolder(import.meta.url))).toEqual([]);
});

describe('hostile bytes and mutated samples', () => {
  const seed = Number(process.env.SEED ?? 1);
  for (const target of decoders())
    test(target.name, () => {
      const report = fuzz(target, { executions: 250, seed });
      expect(report.finding).toBeUndefined();
    });
});

describe('samples', () => {
  const lenient = ['staking call', 'transfer call', 'text', 'trie node under its own hash'];
  for (const { name, samples, run } of decoders().filter(({ name }) => !lenient.includes(name))) {
    test(`${name}: every byte behind, every byte less`, () => {
      for (const sample of samples) {
        if (sample.length === 0) continue;
        expect(() => run(Uint8Array.from([...sample, 0]))).toThrow();
        expect(() => run(sample.slice(0, -1))).toThrow();
      }
    });
  }
});

/** CPU milliseconds since a reading: other work on the machine does not count. */
function cpuMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

describe('work is bounded', () => {
  test('a list of a million empty transactions is refused at the first', () => {
    const bytes = Uint8Array.from([0xfa, 0x10, 0, 0, ...new Uint8Array(0x100000).fill(0xc0)]);
    const start = process.cpuUsage();
    for (const { name, run } of decoders()) {
      if (!['tagged RLP', 'text', 'trie node under its own hash'].includes(name))
        expect(() => run(bytes)).toThrow();
    }
    expect(cpuMs(start)).toBeLessThan(2000);
  });

  test('a cross-shard proof that names 200,000 shards does not hold', () => {
    const receipts: CrossShardReceipt[] = [
      {
        transactionHash: hashOf(1),
        from: `0x${'aa'.repeat(20)}`,
        to: undefined,
        shardId: 0,
        toShardId: 1,
        amount: 5n,
      },
    ];
    const header = {
      ...emptyHeader(3),
      epoch: 5n,
      outgoingReceiptsRoot: computeOutgoingReceiptsRoot(receipts),
    };
    const seal = { commitSignature: new Uint8Array(96), commitBitmap: Uint8Array.of(1) };
    const proof = crossShardProofOf({ header, receipts, toShardId: 1, ...seal })!;
    const options = { network: reference, shardId: 1, verifySeal: () => true };
    const shardIds = Array.from({ length: 200_000 }, (_, i) => i);
    const merkleProof = {
      ...proof.merkleProof,
      shardIds,
      shardRoots: shardIds.map(() => proof.merkleProof.outgoingReceiptsRoot),
    };
    expect(verifyCrossShardProof(proof, options)).toBe(true);
    expect(verifyCrossShardProof({ ...proof, merkleProof }, options)).toBe(false);
  });

  test('one integer of a megabyte is refused', () => {
    const big = new Uint8Array(1 << 20).fill(0xff);
    const start = process.cpuUsage();
    expect(() => decodeTransaction(encodeRlp([big, big, big]))).toThrow(/does not fit/);
    expect(cpuMs(start)).toBeLessThan(500);
  });

  test('a megabyte of text that is not text stays what it was', () => {
    const bytes = new Uint8Array(1 << 20).fill(0xff);
    const start = process.cpuUsage();
    expect(equalBytes(textToBytes(bytesToText(bytes), 'text'), bytes)).toBe(true);
    expect(cpuMs(start)).toBeLessThan(2000);
  });
});

describe('text', () => {
  test.each([
    ['plain', [0x41, 0x42]],
    ['two-byte character', [0xc3, 0xa9]],
    ['emoji', [0xf0, 0x9f, 0x98, 0x80]],
    ['byte order mark', [0xef, 0xbb, 0xbf, 0x41]],
    ['overlong form', [0xc0, 0x80]],
    ['encoded surrogate', [0xed, 0xb2, 0x80]],
    ['beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
    ['cut character', [0x41, 0xe2, 0x82]],
    ['emoji and lone byte', [0xf0, 0x9f, 0x98, 0x80, 0xff, 0x41]],
  ])('%s survives', (_name, bytes) => {
    expect([...textToBytes(bytesToText(Uint8Array.from(bytes)), 'text')]).toEqual(bytes);
  });

  test('a surrogate that stands for no byte is refused', () => {
    expect(() => textToBytes('a\ud800', 'name')).toThrow(/surrogate without its partner/);
    expect(() => textToBytes('\udc00', 'name')).toThrow(/surrogate without its partner/);
  });
});

test('a tag that is not text survives', () => {
  const bytes = encodeRlp([utf8ToBytes('HmnyTgd'), Uint8Array.of(0x52, 0xb7), []]);
  expect(encodeTaggedRlp(decodeTaggedRlp(bytes))).toEqual(bytes);
});

test('hostile precompile input', () => {
  for (const [, bytes] of hostileBytes) {
    expect(() => decodeStakingCall(bytes, `0x${'11'.repeat(20)}`)).toThrow();
    expect(() => decodeTransferCall(bytes)).toThrow();
  }
});
