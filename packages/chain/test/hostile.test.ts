import { encodeRlp, equalBytes, utf8ToBytes } from '@polyphony/primitives';
import { hostileBytes, packageFolder, unreadVectorFiles } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import {
  decodeStakingCall,
  decodeTaggedRlp,
  decodeTransaction,
  decodeTransferCall,
  encodeTaggedRlp,
  proveListItem,
} from '../src/index.js';
import { bytesToText, textToBytes } from '../src/text.js';
import { allCodecs } from './codecs.js';
import { fuzzDecoders, fuzzOthers, fuzzProofs } from './fuzz.js';

test('every vector file is read', () => {
  expect(unreadVectorFiles(packageFolder(import.meta.url))).toEqual([]);
});

test('mutated bytes are refused with a ChainError or re-encode to themselves', () => {
  const counts = fuzzDecoders(30, Number(process.env.SEED ?? 1));
  expect([...counts.keys()]).toEqual(allCodecs().map(({ name }) => name));
  for (const [name, { refused }] of counts) expect([name, refused > 20]).toEqual([name, true]);
});

test('hostile trie nodes never make a proof verifier throw', () => {
  const items = Array.from({ length: 200 }, (_, i) => encodeRlp([i, i]));
  fuzzProofs(
    300,
    1,
    [0, 5, 100, 150, 199].flatMap((index) => proveListItem(items, index)),
  );
});

test('random precompile input and text', () => fuzzOthers(500, 1));

describe('samples', () => {
  for (const codec of allCodecs()) {
    test(`${codec.name}: every byte behind, every byte less`, () => {
      for (const sample of codec.samples) {
        if (sample.length === 0) continue;
        expect(() => codec.roundTrip(Uint8Array.from([...sample, 0]))).toThrow();
        expect(() => codec.roundTrip(sample.slice(0, -1))).toThrow();
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
    for (const codec of allCodecs()) {
      if (codec.name !== 'tagged RLP') expect(() => codec.roundTrip(bytes)).toThrow();
    }
    expect(cpuMs(start)).toBeLessThan(2000);
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
