/** Wire version 2: golden bytes in both directions, statements, and whatever else is not a message. */
import { bytesToHex, type Hex, hexToBytes, isProtocolError } from '@polyphony/primitives';
import { loadVectors, mutateBytes, propertyRuns, seededRandom } from '@polyphony/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StrictMessage } from '../src/strict/messages.js';
import { type Statement, strictPayload } from '../src/strict/statements.js';
import { decodeStrictMessage, encodeStrictMessage, hashUnsigned } from '../src/strict/wire.js';
import { anyStrictMessage } from './support/strict-messages.js';

/** A message from a vector: bytes as hex, 64-bit numbers as decimal strings. */
function revive(value: unknown): unknown {
  if (typeof value === 'string')
    return value.startsWith('0x')
      ? hexToBytes(value as Hex)
      : /^\d+$/.test(value)
        ? BigInt(value)
        : value;
  if (Array.isArray(value)) return value.map(revive);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, revive(part)]));
}

const codeOf = (run: () => unknown): string | undefined => {
  try {
    run();
    return undefined;
  } catch (error) {
    if (isProtocolError(error)) return error.code;
    throw error;
  }
};

describe('messages', () => {
  for (const { name, in: given, out } of loadVectors<
    { message: Record<string, unknown> },
    { bytes: Hex; unsignedHash: Hex }
  >(import.meta.url, 'strict-messages', { in: ['message'], out: ['bytes', 'unsignedHash'] })) {
    test(name, () => {
      const fields = revive(given.message) as { type: string };
      const optional = fields.type === 'view-change' || fields.type === 'new-view';
      const message = {
        ...(optional && { certificate: undefined }),
        wire: 2,
        ...fields,
      } as unknown as StrictMessage;
      expect(bytesToHex(encodeStrictMessage(message))).toBe(out!.bytes);
      expect(bytesToHex(hashUnsigned(message))).toBe(out!.unsignedHash);
      expect(decodeStrictMessage(hexToBytes(out!.bytes))).toEqual(message);
    });
  }
});

describe('statements', () => {
  for (const { name, in: given, out } of loadVectors<
    { domain: Record<string, unknown>; statement: Record<string, unknown> },
    { payload: Hex }
  >(import.meta.url, 'strict-statements', { in: ['domain', 'statement'], out: ['payload'] })) {
    test(name, () => {
      const domain = revive(given.domain) as Parameters<typeof strictPayload>[0];
      const statement = revive(given.statement) as Statement;
      expect(bytesToHex(strictPayload(domain, statement))).toBe(out!.payload);
    });
  }

  test('no part of a statement can change without another signature', () => {
    const domain = { chainId: 1n, shardId: 0, epoch: 2n };
    const statement = {
      kind: 'prepare' as const,
      height: 3n,
      viewId: 4n,
      hash: new Uint8Array(32).fill(5),
      certificateView: 1n,
    };
    const payloads = [
      strictPayload(domain, statement),
      strictPayload({ ...domain, chainId: 2n }, statement),
      strictPayload({ ...domain, shardId: 1 }, statement),
      strictPayload({ ...domain, epoch: 3n }, statement),
      strictPayload(domain, { ...statement, kind: 'commit' }),
      strictPayload(domain, { ...statement, kind: 'view-change' }),
      strictPayload(domain, { ...statement, kind: 'sender', messageType: 1 }),
      strictPayload(domain, { ...statement, kind: 'sender', messageType: 7 }),
      strictPayload(domain, { ...statement, height: 4n }),
      strictPayload(domain, { ...statement, viewId: 5n }),
      strictPayload(domain, { ...statement, hash: new Uint8Array(32).fill(6) }),
      strictPayload(domain, { ...statement, certificateView: 0n }),
    ].map(bytesToHex);
    expect(new Set(payloads).size).toBe(payloads.length);
    const codes = [
      () => strictPayload({ ...domain, chainId: 1n << 64n }, statement),
      () => strictPayload(domain, { ...statement, height: -1n }),
      () => strictPayload(domain, { ...statement, hash: new Uint8Array(31) }),
    ].map(codeOf);
    expect(codes).toEqual(Array(3).fill('fbft/out-of-range'));
  });
});

describe('hostile bytes', () => {
  test('every message survives its encoding', () => {
    fc.assert(
      fc.property(anyStrictMessage, (message) => {
        expect(decodeStrictMessage(encodeStrictMessage(message))).toEqual(message);
      }),
      propertyRuns(300),
    );
  });

  test('what decodes encodes to the same bytes, and nothing else throws', () => {
    const random = seededRandom(propertyRuns(1).seed ?? 1);
    const samples = fc.sample(anyStrictMessage, { seed: 7, numRuns: 60 }).map(encodeStrictMessage);
    let accepted = 0;
    for (const bytes of [
      ...samples,
      ...Array.from({ length: 4000 }, () => mutateBytes(random.pick(samples), random)),
    ]) {
      let message: StrictMessage;
      try {
        message = decodeStrictMessage(bytes);
      } catch (error) {
        if (!isProtocolError(error)) throw error;
        continue;
      }
      accepted++;
      expect(bytesToHex(encodeStrictMessage(message))).toBe(bytesToHex(bytes));
    }
    expect(accepted).toBeGreaterThan(samples.length);
  });

  test('every shorter and longer form is refused', () => {
    for (const message of fc.sample(anyStrictMessage, { seed: 3, numRuns: 40 })) {
      const bytes = encodeStrictMessage(message);
      const fixed = 'block' in message ? bytes.length - message.block.length : bytes.length;
      for (let length = 0; length < fixed; length++)
        expect(codeOf(() => decodeStrictMessage(bytes.subarray(0, length)))).toBe(
          'fbft/invalid-message',
        );
      if (!('block' in message)) {
        const longer = new Uint8Array(bytes.length + 1);
        longer.set(bytes);
        expect(codeOf(() => decodeStrictMessage(longer))).toBe('fbft/invalid-message');
      }
    }
  });

  test('forms that are not the one form', () => {
    const vote = {
      wire: 2,
      type: 'prepare',
      shardId: 0,
      epoch: 0n,
      height: 1n,
      viewId: 3n,
      blockHash: new Uint8Array(32).fill(1),
      justifiedBy: 2n,
      slot: 4,
      bitmap: new Uint8Array(0),
      signature: new Uint8Array(96).fill(2),
    } as const;
    const refused: StrictMessage[] = [
      { ...vote, viewId: 0n, justifiedBy: 0n },
      { ...vote, justifiedBy: 3n },
      { ...vote, type: 'commit' },
      { ...vote, slot: -1, bitmap: Uint8Array.of(4) },
      { ...vote, bitmap: Uint8Array.of(5) },
      { ...vote, signature: new Uint8Array(95) },
      { ...vote, shardId: 1 << 30, height: 1n << 64n },
    ];
    expect(encodeStrictMessage(vote).length).toBe(169);
    for (const message of refused)
      expect(codeOf(() => encodeStrictMessage(message))).toBe('fbft/invalid-message');
    const other = encodeStrictMessage(vote);
    other[0] = 3;
    expect(codeOf(() => decodeStrictMessage(other))).toBe('fbft/invalid-message');
  });
});
