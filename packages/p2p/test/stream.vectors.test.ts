import { bytesToHex, type Hex, hexToBytes } from '@polyphony/primitives';
import { loadVectors, propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame, frameReader } from '../src/frames.js';
import { gossipMessageId, harmonyGossip } from '../src/gossip-rules.js';
import {
  compareVersions,
  formatProtocolId,
  matchesProtocol,
  parseProtocolId,
  type StreamProtocol,
  type StreamProtocolQuery,
} from '../src/protocol-id.js';
import { decodeSyncMessage, encodeSyncMessage, type SyncMessage } from '../src/sync.js';
import { comparable, fromJson, type JsonMessage } from './json.js';

/** Runs a check, or expects the error code of a case. */
function expectCase(error: string | undefined, run: () => void): void {
  if (error === undefined) run();
  else expect(run).toThrow(expect.objectContaining({ code: error }));
}

describe('identifiers of stream protocols', () => {
  for (const { name, in: given, out, error } of loadVectors<StreamProtocol, { id: string }>(
    import.meta.url,
    'protocol-ids',
    { in: ['service', 'network', 'shardId', 'version'], out: ['id'] },
  )) {
    test(name, () =>
      expectCase(error, () => {
        expect(formatProtocolId(given)).toBe(out?.id);
        const parsed = parseProtocolId(out!.id);
        expect({ ...parsed, version: given.version }).toEqual(given);
        expect(compareVersions(parsed.version, given.version)).toBe(0);
      }),
    );
  }
});

describe('peers for us', () => {
  for (const { name, in: given, out } of loadVectors<
    StreamProtocolQuery & { id: string },
    { match: boolean }
  >(import.meta.url, 'protocol-match', {
    in: ['id', 'service', 'network', 'shardId', 'minVersion'],
    out: ['match'],
  })) {
    test(name, () => expect(matchesProtocol(given.id, given)).toBe(out!.match));
  }
});

describe('versions', () => {
  for (const { name, in: given, out, error } of loadVectors<
    { a: string; b: string },
    { order: number }
  >(import.meta.url, 'versions', { in: ['a', 'b'], out: ['order'] })) {
    test(name, () =>
      expectCase(error, () => {
        expect(compareVersions(given.a, given.b)).toBe(out?.order);
        if (out?.order === 0) expect(compareVersions(given.b, given.a)).toBe(0);
      }),
    );
  }
});

describe('frames', () => {
  for (const { name, in: given, out, error } of loadVectors<
    { message?: Hex; frame?: Hex },
    { frame: Hex }
  >(import.meta.url, 'frames', { in: ['message', 'frame'], out: ['frame'] })) {
    test(name, () => {
      if (error !== undefined) {
        const bytes = hexToBytes(given.frame!);
        expectCase(error, () => decodeFrame(bytes));
        return;
      }
      const message = hexToBytes(given.message!);
      const frame = hexToBytes(out!.frame);
      expect(encodeFrame(message)).toEqual(frame);
      expect(decodeFrame(frame)).toEqual(message);
      expect(frameReader().push(frame)).toEqual([message]);
    });
  }
});

describe('ids of gossip messages', () => {
  for (const { name, in: given, out, error } of loadVectors<
    { author: Hex; sequenceNumber: string },
    { id: Hex; otherDefault?: Hex }
  >(import.meta.url, 'gossip-message-ids', {
    in: ['author', 'sequenceNumber'],
    out: ['id', 'otherDefault'],
  })) {
    test(name, () =>
      expectCase(error, () => {
        const id = gossipMessageId(hexToBytes(given.author), BigInt(given.sequenceNumber));
        expect(bytesToHex(id)).toBe(out?.id);
        if (out?.otherDefault) expect(bytesToHex(id.subarray(2))).toBe(out.otherDefault);
      }),
    );
  }

  test('values of the wrong type', () => {
    expect(() => gossipMessageId('x' as never, 1n)).toThrow(TypeError);
    expect(() => gossipMessageId(new Uint8Array(34), 1 as never)).toThrow(TypeError);
  });
});

describe('figures of gossip', () => {
  const figures = harmonyGossip as Readonly<Record<string, number>>;
  const named = loadVectors<{ name: string }, { value: number }>(
    import.meta.url,
    'gossip-figures',
    { in: ['name'], out: ['value'] },
  );
  for (const { name, in: given, out } of named) {
    test(name, () => expect(figures[given.name]).toBe(out!.value));
  }

  test('there are no others', () => {
    expect(Object.keys(figures).sort()).toEqual(named.map(({ in: { name } }) => name).sort());
  });
});

describe('messages of stream sync', () => {
  for (const { name, in: given, out, error } of loadVectors<
    { message?: JsonMessage; bytes?: Hex },
    { bytes?: Hex; message?: JsonMessage }
  >(import.meta.url, 'sync-messages', { in: ['message', 'bytes'], out: ['bytes', 'message'] })) {
    test(name, () => {
      const bytes = hexToBytes((given.bytes ?? out!.bytes)!);
      if (error !== undefined) {
        expectCase(error, () => decodeSyncMessage(bytes));
        return;
      }
      const message = fromJson((given.message ?? out!.message)!);
      if (given.message) expect(encodeSyncMessage(message)).toEqual(bytes);
      expect(comparable(decodeSyncMessage(bytes))).toEqual(comparable(message));
    });
  }

  test('any message comes back', () => {
    const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(bytesToHex);
    const bytes = fc.uint8Array({ maxLength: 120 });
    const blocks = fc.array(fc.record({ block: bytes, seal: bytes }), { maxLength: 10 });
    const other = (min: number) =>
      fc.record({
        kind: fc.constant('other'),
        field: fc.integer({ min, max: 2 ** 29 - 1 }),
        body: bytes,
      });
    const question = fc.oneof(
      fc.record({ kind: fc.constant('block-number') }),
      fc.record({ kind: fc.constant('block-hashes'), numbers: fc.array(u64, { maxLength: 50 }) }),
      fc.record({
        kind: fc.constant('blocks-by-number'),
        numbers: fc.array(u64, { maxLength: 10 }),
      }),
      fc.record({ kind: fc.constant('blocks-by-hash'), hashes: fc.array(hash, { maxLength: 10 }) }),
      other(6),
    );
    const answer = fc.oneof(
      fc.record({ kind: fc.constant('error'), message: fc.string({ unit: 'grapheme' }) }),
      fc.record({ kind: fc.constant('block-number'), number: u64 }),
      fc.record({ kind: fc.constant('block-hashes'), hashes: fc.array(hash, { maxLength: 50 }) }),
      fc.record({ kind: fc.constantFrom('blocks-by-number', 'blocks-by-hash'), blocks }),
      other(7),
    );
    const any = fc.oneof(
      fc.record({ type: fc.constant('request'), id: u64, question }),
      fc.record({ type: fc.constant('response'), id: u64, answer }),
    ) as fc.Arbitrary<SyncMessage>;
    fc.assert(
      fc.property(any, (message) => {
        expect(comparable(decodeSyncMessage(encodeSyncMessage(message)))).toEqual(
          comparable(message),
        );
      }),
      propertyRuns(200),
    );
  });

  test('what cannot be written', () => {
    const refused = expect.objectContaining({ code: 'p2p/invalid-sync-message' });
    const body = new Uint8Array(0);
    const ask = (question: object): SyncMessage => ({ type: 'request', id: 1n, question }) as never;
    const say = (answer: object): SyncMessage => ({ type: 'response', id: 1n, answer }) as never;
    for (const message of [
      ask({ kind: 'block-hashes', numbers: Array(51).fill(1n) }),
      ask({ kind: 'blocks-by-number', numbers: [1n << 64n] }),
      ask({ kind: 'blocks-by-number', numbers: [-1n] }),
      ask({ kind: 'blocks-by-hash', hashes: ['0x00'] }),
      ask({ kind: 'other', field: 5, body }),
      ask({ kind: 'other', field: 2 ** 29, body }),
      say({ kind: 'other', field: 6, body }),
      say({ kind: 'error', message: 'a'.repeat(4097) }),
      say({ kind: 'blocks-by-hash', blocks: Array(11).fill({ block: body, seal: body }) }),
      { ...ask({ kind: 'block-number' }), id: 1n << 64n },
    ]) {
      expect(() => encodeSyncMessage(message)).toThrow(refused);
    }
    expect(() => encodeSyncMessage({ ...ask({ kind: 'block-number' }), id: 1 as never })).toThrow(
      TypeError,
    );
    expect(() => decodeSyncMessage('x' as never)).toThrow(TypeError);
  });
});
