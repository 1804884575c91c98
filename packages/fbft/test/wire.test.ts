/** Decoders against odd, unknown and hostile bytes. */
import { concatBytes, keccak256 } from '@polyphony/primitives';
import { codeOf, hostileBytes, mutateBytes, propertyRuns, seededRandom } from '@polyphony/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FbftError } from '../src/errors.js';
import { MAX_FIELDS } from '../src/protobuf.js';
import { decodePreparedClaim, decodeSeal, isIdentitySignature } from '../src/seal.js';
import {
  computeMessageKey,
  computeSenderDigest,
  decodeEnvelope,
  decodeGossip,
  decodeMessage,
  decodeMessageLenient,
  encodeEnvelope,
  encodeGossip,
  encodeMessage,
  MAX_GOSSIP_BYTES,
  MAX_NODE_CONTENT_BYTES,
  type Message,
  type PhaseMessage,
} from '../src/wire.js';

const EMPTY = new Uint8Array(0);
const hash = new Uint8Array(32).fill(9);
const key = new Uint8Array(48).fill(5);
const signature = new Uint8Array(96).fill(3);

const prepare: PhaseMessage = {
  type: 'prepare',
  signature: EMPTY,
  viewId: 7n,
  height: 300n,
  shardId: 1,
  blockHash: hash,
  block: EMPTY,
  senderKey: key,
  payload: signature,
  senderBitmap: EMPTY,
};
const bytes = encodeMessage(prepare);
// 10 02 | 2a len | body
const body = bytes.subarray(5);

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)];
const outer = (...parts: Uint8Array[]): Uint8Array => concatBytes(...parts);
const bodyField = (content: Uint8Array): Uint8Array =>
  concatBytes(Uint8Array.of(0x2a, ...varint(content.length)), content);
const head = Uint8Array.of(0x10, 2);

test('the pieces used below make up the message', () => {
  expect(outer(head, bodyField(body))).toEqual(bytes);
});

describe('encodings that mean the same', () => {
  const cases: [string, Uint8Array][] = [
    ['reordered fields', outer(bodyField(body), head)],
    [
      'reordered body fields',
      outer(head, bodyField(concatBytes(body.subarray(2), body.subarray(0, 2)))),
    ],
    ['overlong varint', outer(Uint8Array.of(0x10, 0x82, 0x80, 0x00), bodyField(body))],
    ['overlong tag', outer(Uint8Array.of(0x90, 0x00, 2), bodyField(body))],
    [
      'overlong length',
      outer(
        head,
        Uint8Array.of(0x2a, (body.length & 127) | 128, (body.length >> 7) | 128, 0),
        body,
      ),
    ],
    ['a zero written out', outer(Uint8Array.of(0x08, 0), head, bodyField(body))],
    ['an empty field written out', outer(head, Uint8Array.of(0x1a, 0), bodyField(body))],
    ['a repeated field, the last counts', outer(Uint8Array.of(0x10, 5), head, bodyField(body))],
    [
      'a body in two parts',
      outer(head, bodyField(body.subarray(0, 2)), bodyField(body.subarray(2))),
    ],
    [
      'a type with higher bits set',
      outer(Uint8Array.of(0x10, 0x82, 0x80, 0x80, 0x80, 0x10), bodyField(body)),
    ],
  ];
  for (const [name, odd] of cases) {
    test(name, () => {
      expect(decodeMessageLenient(odd)).toEqual({
        message: prepare,
        unknown: { outer: EMPTY, body: EMPTY },
      });
      expect(codeOf(() => decodeMessage(odd))).toBe('fbft/non-canonical-message');
    });
  }
});

describe('unknown fields', () => {
  const added = Uint8Array.of(0xa2, 0x06, 1, 7); // field 100, one byte
  const wrongType = Uint8Array.of(0x25, 1, 2, 3, 4); // field 4 of the body as four bytes
  test('are kept where they were and enter the digest after the known fields, as in Go', () => {
    const odd = outer(added, head, bodyField(concatBytes(wrongType, body, added)));
    const { message, unknown } = decodeMessageLenient(odd);
    expect(message).toEqual(prepare);
    expect(unknown).toEqual({ outer: added, body: concatBytes(wrongType, added) });
    const reEncoded = outer(head, bodyField(concatBytes(body, wrongType, added)), added);
    expect(encodeMessage(message, unknown)).toEqual(reEncoded);
    expect(computeSenderDigest(message, unknown)).toEqual(keccak256(reEncoded));
  });
  test('are refused by the strict decoder', () => {
    expect(codeOf(() => decodeMessage(outer(head, bodyField(body), added)))).toBe(
      'fbft/unknown-field',
    );
    expect(codeOf(() => decodeMessage(outer(head, bodyField(concatBytes(body, added)))))).toBe(
      'fbft/unknown-field',
    );
  });
});

describe('refused by both decoders', () => {
  const cases: [string, Uint8Array, string][] = [
    ['no body', head, 'fbft/invalid-message'],
    ['no type', bodyField(body), 'fbft/invalid-message'],
    ['unknown type', outer(Uint8Array.of(0x10, 8), bodyField(body)), 'fbft/invalid-message'],
    [
      'body of another type',
      outer(Uint8Array.of(0x10, 6), bodyField(body)),
      'fbft/invalid-message',
    ],
    ['two bodies', outer(head, bodyField(body), Uint8Array.of(0x3a, 0)), 'fbft/invalid-message'],
    ['dead body', outer(head, Uint8Array.of(0x22, 0), bodyField(body)), 'fbft/invalid-message'],
    [
      'another service',
      outer(Uint8Array.of(0x08, 1), head, bodyField(body)),
      'fbft/invalid-message',
    ],
    ['short hash', outer(head, bodyField(Uint8Array.of(0x22, 1, 1))), 'fbft/invalid-message'],
    [
      'short signature',
      outer(head, Uint8Array.of(0x1a, 1, 1), bodyField(body)),
      'fbft/invalid-message',
    ],
    ['varint of 11 bytes', new Uint8Array(11).fill(0xff), 'fbft/invalid-protobuf'],
    [
      'varint above 64 bits',
      Uint8Array.of(0x10, ...new Array(9).fill(0xff), 2),
      'fbft/invalid-protobuf',
    ],
    ['varint cut off', Uint8Array.of(0x10, 0x80), 'fbft/invalid-protobuf'],
    ['field number zero', Uint8Array.of(0x02, 0), 'fbft/invalid-protobuf'],
    ['group', Uint8Array.of(0x0b), 'fbft/invalid-protobuf'],
    ['length past the end', Uint8Array.of(0x2a, 5, 1), 'fbft/invalid-protobuf'],
    ['eight bytes cut off', Uint8Array.of(0x09, 1), 'fbft/invalid-protobuf'],
    [
      'too many fields',
      new Uint8Array(2 * MAX_FIELDS + 2).map((_, i) => (i & 1 ? 0 : 0x08)),
      'fbft/invalid-protobuf',
    ],
    ['too long', new Uint8Array(MAX_GOSSIP_BYTES + 1), 'fbft/invalid-protobuf'],
  ];
  for (const [name, odd, code] of cases) {
    test(name, () => {
      expect(codeOf(() => decodeMessage(odd))).toBe(code);
      expect(codeOf(() => decodeMessageLenient(odd))).toBe(code);
    });
  }
});

describe('encoders check what they are given', () => {
  const bad: [string, Partial<PhaseMessage>][] = [
    ['view id', { viewId: 1n << 64n }],
    ['negative height', { height: -1n }],
    ['shard', { shardId: 2 ** 32 }],
    ['hash', { blockHash: new Uint8Array(31) }],
    ['key', { senderKey: new Uint8Array(47) }],
    ['signature', { signature: new Uint8Array(95) }],
  ];
  for (const [name, change] of bad) {
    test(name, () => {
      expect(codeOf(() => encodeMessage({ ...prepare, ...change }))).toBe('fbft/invalid-message');
    });
  }
  test('wrong JavaScript types are TypeErrors', () => {
    expect(() => encodeMessage({ ...prepare, viewId: 1 as unknown as bigint })).toThrow(TypeError);
    expect(() => encodeMessage({ ...prepare, blockHash: '0x' as unknown as Uint8Array })).toThrow(
      TypeError,
    );
    expect(() => decodeMessage('00' as unknown as Uint8Array)).toThrow(TypeError);
    expect(() => decodeEnvelope([] as unknown as Uint8Array)).toThrow(TypeError);
    expect(() => decodeSeal('' as unknown as Uint8Array)).toThrow(TypeError);
  });
  test('envelopes', () => {
    expect(codeOf(() => encodeEnvelope(EMPTY))).toBe('fbft/invalid-envelope');
    expect(codeOf(() => encodeEnvelope(new Uint8Array(MAX_GOSSIP_BYTES)))).toBe(
      'fbft/invalid-envelope',
    );
    expect(codeOf(() => encodeGossip({ category: 'node', kind: 'slash', body: EMPTY }))).toBe(
      'fbft/invalid-envelope',
    );
    const body = new Uint8Array(MAX_NODE_CONTENT_BYTES - 3);
    expect(codeOf(() => encodeGossip({ category: 'node', kind: 'slash', body }))).toBe(
      'fbft/invalid-envelope',
    );
    encodeGossip({ category: 'node', kind: 'slash', body: body.subarray(1) });
  });
  test('message keys', () => {
    expect(codeOf(() => computeMessageKey('commit', -1n, hash, key))).toBe('fbft/out-of-range');
    expect(codeOf(() => computeMessageKey('commit', 0n, key, key))).toBe('fbft/out-of-range');
    expect(codeOf(() => computeMessageKey('commit', 0n, hash, signature))).toBe(
      'fbft/out-of-range',
    );
  });
});

const decoders: [string, (input: Uint8Array) => unknown][] = [
  ['decodeMessage', decodeMessage],
  ['decodeMessageLenient', decodeMessageLenient],
  ['decodeEnvelope', (input) => decodeEnvelope(input)],
  ['decodeGossip', (input) => decodeGossip(input, { head: 'skip' })],
  ['decodeSeal', (input) => decodeSeal(input, 9)],
  ['decodePreparedClaim', (input) => decodePreparedClaim(input, 9)],
];

describe('hostile bytes give typed errors or values', () => {
  for (const [name, decode] of decoders) {
    test(name, () => {
      for (const [, input] of hostileBytes) codeOf(() => decode(input));
      const random = seededRandom(1);
      let changed = encodeGossip({ category: 'consensus', message: bytes });
      for (let i = 0; i < 2000; i++) {
        changed = mutateBytes(i % 20 === 0 ? bytes : changed, random);
        try {
          decode(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(FbftError);
        }
      }
    });
  }
});

// Small numbers take the quick way through the decoder, large ones the slow one.
const u64 = fc.oneof(
  fc.bigInt({ min: 0n, max: 1n << 14n }),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
);
const blob = (...lengths: number[]): fc.Arbitrary<Uint8Array> =>
  fc.oneof(...lengths.map((length) => fc.uint8Array({ minLength: length, maxLength: length })));
const some = fc.uint8Array({ maxLength: 200 });
const common = { signature: blob(0, 96), shardId: fc.nat(0xffffffff), senderKey: blob(0, 48) };
const anyMessage: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    type: fc.constantFrom('announce', 'prepare', 'prepared', 'commit', 'committed'),
    ...common,
    viewId: u64,
    height: u64,
    blockHash: blob(32),
    block: some,
    payload: some,
    senderBitmap: some,
  }),
  fc.record({
    type: fc.constantFrom('view-change', 'new-view'),
    ...common,
    viewId: u64,
    height: u64,
    leaderKey: blob(0, 48),
    payload: some,
    viewChangeSignature: blob(0, 96),
    viewIdSignature: blob(0, 96),
    m2Signature: blob(0, 96),
    m2Bitmap: some,
    m3Signature: blob(0, 96),
    m3Bitmap: some,
    preparedBlock: some,
  }),
  fc.record({
    type: fc.constant('last-sign-power' as const),
    ...common,
    prepare: fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
    commit: fc.bigInt({ min: -100n, max: 100n }),
    change: fc.bigInt({ min: -100n, max: 100n }),
  }),
);

test('every message survives its encoding, and only that encoding is canonical', () => {
  fc.assert(
    fc.property(anyMessage, fc.nat(), (message, seed) => {
      const encoded = encodeMessage(message);
      expect(decodeMessage(encoded)).toEqual(message);
      expect(decodeMessageLenient(encoded).message).toEqual(message);
      const changed = mutateBytes(encoded, seededRandom(seed));
      let again: Message;
      try {
        again = decodeMessage(changed);
      } catch (error) {
        expect(error).toBeInstanceOf(FbftError);
        return;
      }
      expect(encodeMessage(again)).toEqual(changed);
    }),
    propertyRuns(300),
  );
});

test('the point at infinity is known in both suites', () => {
  expect(isIdentitySignature(new Uint8Array(96))).toBe(true);
  expect(isIdentitySignature(concatBytes(Uint8Array.of(0xc0), new Uint8Array(95)))).toBe(true);
  expect(isIdentitySignature(signature)).toBe(false);
});

test('error texts', () => {
  expect(
    (
      [
        { code: 'fbft/invalid-envelope', reason: 'category 2' },
        { code: 'fbft/invalid-protobuf', reason: 'wire type 3', offset: 4 },
        { code: 'fbft/invalid-message', field: 'blockHash', reason: 'must be 32 bytes, got 0' },
        { code: 'fbft/unknown-field', where: 'body of commit', field: 100 },
        { code: 'fbft/non-canonical-message' },
        { code: 'fbft/invalid-seal', reason: 'must be at least 96 bytes, got 4' },
        { code: 'fbft/invalid-mark', reason: 'version 9' },
        {
          code: 'fbft/invalid-config',
          option: 'timing.resendMs',
          reason: 'must be more than zero',
        },
        { code: 'fbft/out-of-range', what: 'view id', reason: 'must fit 64 bits' },
      ] as const
    ).map((details) => new FbftError(details).message),
  ).toMatchInlineSnapshot(`
    [
      "invalid gossip payload: category 2",
      "invalid protobuf at byte 4: wire type 3",
      "invalid consensus message: blockHash must be 32 bytes, got 0",
      "unknown field 100 in body of commit",
      "message is not in its one canonical encoding",
      "invalid seal: must be at least 96 bytes, got 4",
      "invalid signed mark: version 9",
      "option timing.resendMs must be more than zero",
      "view id must fit 64 bits",
    ]
  `);
});

test('a hash in a prepared claim is a copy', () => {
  const claim = new Uint8Array(130).fill(1);
  const { blockHash } = decodePreparedClaim(claim, 9);
  claim.fill(2);
  expect(blockHash).toEqual(new Uint8Array(32).fill(1));
});
