/** Golden bytes of envelopes, messages, payloads and a whole signed round, in both directions. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { harmonyBls } from '@polyphony/bls';
import {
  bytesToHex,
  bytesToPlainHex,
  concatBytes,
  type Hex,
  hexToBytes,
} from '@polyphony/primitives';
import { codeOf, loadVectors, packageFolder, unreadVectorFiles } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { uniformCommittee } from '../src/committee.js';
import {
  commitPayload,
  decodePreparedClaim,
  decodeSeal,
  encodePreparedClaim,
  encodeSeal,
  isBetterSeal,
  NOTHING_PREPARED,
  preparePayload,
  verifySeal,
  viewIdPayload,
} from '../src/seal.js';
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
  isViewMessage,
  type Message,
  type MessageType,
  NODE_MESSAGES,
  type NodeMessageKind,
} from '../src/wire.js';
import { committeeOf, messageFromVector } from './support/vectors.js';

test('every vector file is read', () => {
  expect(unreadVectorFiles(packageFolder(import.meta.url))).toEqual([]);
});

describe('envelope', () => {
  for (const { name, in: given, out } of loadVectors<{ content: Hex }, { payload: Hex }>(
    import.meta.url,
    'gossip-envelope',
    { in: ['content'], out: ['payload'] },
  )) {
    test(name, () => {
      expect(bytesToHex(encodeEnvelope(hexToBytes(given.content)))).toBe(out!.payload);
      expect(bytesToHex(decodeEnvelope(hexToBytes(out!.payload)))).toBe(given.content);
    });
  }
  for (const { name, in: given, out, error } of loadVectors<
    { payload: Hex; head: 'check' | 'skip' },
    { message: Hex }
  >(import.meta.url, 'gossip-receive', { in: ['payload', 'head'], out: ['message'] })) {
    test(name, () => {
      const read = () => decodeGossip(hexToBytes(given.payload), { head: given.head });
      if (error) {
        expect(codeOf(read)).toBe(error);
        return;
      }
      const content = read();
      expect(content.category === 'consensus' && bytesToHex(content.message)).toBe(out!.message);
    });
  }
  for (const { name, in: given, out } of loadVectors<
    { kind: NodeMessageKind; body?: Hex },
    { header: Hex }
  >(import.meta.url, 'node-messages', { in: ['kind', 'body'], out: ['header'] })) {
    test(`node message ${name}`, () => {
      const body = hexToBytes(given.body ?? '0xc0');
      const payload = encodeGossip({ category: 'node', kind: given.kind, body });
      expect(bytesToHex(payload.subarray(5))).toBe(out!.header + bytesToPlainHex(body));
      expect(decodeGossip(payload)).toEqual({ category: 'node', kind: given.kind, body });
    });
  }
  test('the vectors name every node message', () => {
    const kinds = loadVectors<{ kind: string }, unknown>(import.meta.url, 'node-messages');
    const named = new Set(kinds.map((entry) => entry.in.kind));
    expect([...named].sort()).toEqual(Object.keys(NODE_MESSAGES).sort());
  });
});

describe('messages', () => {
  for (const { name, in: given, out } of loadVectors<
    Record<string, string | number> & { type: MessageType },
    { unsigned: Hex; payload: Hex; digest?: Hex; signed?: Hex }
  >(import.meta.url, 'messages', { out: ['unsigned', 'payload', 'digest', 'signed'] })) {
    test(name, () => {
      const message = messageFromVector(given);
      const unsigned = { ...message, signature: new Uint8Array(0) };
      expect(bytesToHex(encodeMessage(unsigned))).toBe(out!.unsigned);
      const bytes = encodeMessage(message);
      if (out!.digest) {
        expect(bytesToHex(computeSenderDigest(message))).toBe(out!.digest);
        expect(bytesToHex(bytes)).toBe(out!.signed);
      }
      const payload = encodeGossip({ category: 'consensus', message: bytes });
      expect(bytesToHex(payload)).toBe(out!.payload);
      const content = decodeGossip(hexToBytes(out!.payload));
      if (content.category !== 'consensus') throw new Error('not a consensus message');
      expect(decodeMessage(content.message)).toEqual(message);
      expect(decodeMessageLenient(content.message).message).toEqual(message);
    });
  }
  for (const { name, in: given, out } of loadVectors<
    { type: MessageType; viewId: string; blockHash: Hex; sender: Hex },
    { key: Hex }
  >(import.meta.url, 'message-key', { in: ['type', 'viewId', 'blockHash', 'sender'] })) {
    test(`key: ${name}`, () => {
      const key = computeMessageKey(
        given.type,
        BigInt(given.viewId),
        hexToBytes(given.blockHash),
        hexToBytes(given.sender),
      );
      expect(bytesToHex(key)).toBe(out!.key);
    });
  }
});

describe('signed bytes', () => {
  for (const { name, in: given, out } of loadVectors<
    { staking: boolean; blockNum: string; blockHash: Hex; viewId: string },
    { payload: Hex }
  >(import.meta.url, 'commit-payload', { in: ['staking', 'blockNum', 'blockHash', 'viewId'] })) {
    test(name, () => {
      const { blockHash, staking } = given;
      const [blockNum, viewId] = [BigInt(given.blockNum), BigInt(given.viewId)];
      expect(bytesToHex(commitPayload(blockNum, blockHash, viewId, staking))).toBe(out!.payload);
    });
  }
  for (const { name, in: given, out } of loadVectors<
    { kind: string; blockHash?: Hex; prepareAggSig?: Hex; bitmap?: Hex; viewId?: string },
    { bytes: Hex }
  >(import.meta.url, 'signed-bytes', {
    in: ['kind', 'blockHash', 'prepareAggSig', 'bitmap', 'viewId'],
  })) {
    test(name, () => {
      const bytes = (): Uint8Array => {
        if (given.kind === 'prepare') return preparePayload(given.blockHash!);
        if (given.kind === 'nothing-prepared') return NOTHING_PREPARED;
        if (given.kind === 'view-id') return viewIdPayload(BigInt(given.viewId!));
        const seal = {
          signature: hexToBytes(given.prepareAggSig!),
          bitmap: hexToBytes(given.bitmap!),
        };
        const claim = encodePreparedClaim(given.blockHash!, seal);
        expect(decodePreparedClaim(claim, 16)).toEqual({
          blockHash: hexToBytes(given.blockHash!),
          seal,
        });
        return claim;
      };
      expect(bytesToHex(bytes())).toBe(out!.bytes);
    });
  }
});

describe('seals', () => {
  for (const { name, in: given, out, error } of loadVectors<
    { committee: number; signers?: number[]; bitmap?: Hex },
    { bitmap: Hex }
  >(import.meta.url, 'seal-bitmap', { in: ['committee', 'signers', 'bitmap'], out: ['bitmap'] })) {
    test(name, () => {
      const signature = new Uint8Array(96).fill(7);
      const bitmap = hexToBytes((out?.bitmap ?? given.bitmap)!);
      const bytes = concatBytes(signature, bitmap);
      if (error) {
        expect(codeOf(() => decodeSeal(bytes, given.committee))).toBe(error);
        return;
      }
      const seal = decodeSeal(bytes, given.committee);
      expect(seal).toEqual({ signature, bitmap });
      expect(encodeSeal(seal)).toEqual(bytes);
    });
  }
  for (const { name, in: given, out } of loadVectors<
    { committee: number; current: Hex; candidate: Hex },
    { better: boolean }
  >(import.meta.url, 'better-seal', { in: ['committee', 'current', 'candidate'] })) {
    test(`better: ${name}`, () => {
      const seal = (bitmap: Hex) => ({
        signature: new Uint8Array(96).fill(1),
        bitmap: hexToBytes(bitmap),
      });
      const better = isBetterSeal(seal(given.candidate), seal(given.current), given.committee);
      expect(better).toBe(out!.better);
    });
  }
  for (const { name, in: given, out } of loadVectors<
    { committee: number; signature: Hex; bitmap: Hex },
    { valid: boolean }
  >(import.meta.url, 'refused-seals', { in: ['committee', 'signature', 'bitmap'] })) {
    test(name, () => {
      const seal = { signature: hexToBytes(given.signature), bitmap: hexToBytes(given.bitmap) };
      const bls = harmonyBls({ acceptIdentity: true });
      const committee = committeeOf(given.committee);
      expect(verifySeal(bls, committee, Uint8Array.of(0x40, 0x41), seal)).toBe(out!.valid);
    });
  }
  for (const { name, in: given, out } of loadVectors<{ members: number }, { threshold: number }>(
    import.meta.url,
    'uniform-quorum',
    { in: ['members'] },
  )) {
    test(`quorum of ${name}`, () => {
      const committee = committeeOf(given.members);
      const first = (count: number) => Array.from({ length: count }, (_, i) => i);
      expect(committee.hasQuorum(first(out!.threshold))).toBe(true);
      expect(committee.hasQuorum(first(out!.threshold - 1))).toBe(false);
      expect(committee.hasQuorum(new Array<number>(given.members).fill(0))).toBe(
        given.members === 1,
      );
    });
  }
});

describe('signed round', () => {
  const bls = harmonyBls();
  const slots = loadVectors<{ secretKey: Hex }, { publicKey: Hex }>(
    import.meta.url,
    'signed-round-keys',
    { in: ['secretKey'], out: ['publicKey'] },
  );
  const secrets = slots.map((entry) => hexToBytes(entry.in.secretKey));
  const committee = uniformCommittee(slots.map((entry) => hexToBytes(entry.out!.publicKey)));
  const keysOf = (bitmap: number): Uint8Array[] =>
    committee.keys.filter((_, slot) => (bitmap >> slot) & 1);

  test('keys', () => {
    expect(secrets.map((secret) => bls.getPublicKey(secret))).toEqual(committee.keys);
  });

  const checkBody = (message: Message): void => {
    if (message.type === 'last-sign-power') return;
    if (isViewMessage(message)) {
      const signers = committee.keys.length;
      if (message.type === 'view-change') {
        const claim = message.payload.length === 0 ? NOTHING_PREPARED : message.payload;
        expect(bls.verify(message.viewChangeSignature, claim, message.senderKey)).toBe(true);
        const view = viewIdPayload(message.viewId);
        expect(bls.verify(message.viewIdSignature, view, message.senderKey)).toBe(true);
      } else {
        const m2 = keysOf(message.m2Bitmap[0]!);
        expect(bls.verifyAggregate(message.m2Signature, NOTHING_PREPARED, m2)).toBe(true);
        const m3 = { signature: message.m3Signature, bitmap: message.m3Bitmap };
        expect(verifySeal(bls, committee, viewIdPayload(message.viewId), m3)).toBe(true);
      }
      if (message.payload.length > 0) {
        const { blockHash, seal } = decodePreparedClaim(message.payload, signers);
        expect(verifySeal(bls, committee, preparePayload(blockHash), seal)).toBe(true);
        expect(encodePreparedClaim(blockHash, seal)).toEqual(message.payload);
      }
      return;
    }
    const commit = commitPayload(message.height, message.blockHash, 2n, true);
    const prepare = preparePayload(message.blockHash);
    switch (message.type) {
      case 'announce':
        expect(message.payload).toEqual(message.blockHash);
        return;
      case 'prepared':
      case 'committed': {
        const seal = decodeSeal(message.payload, committee.keys.length);
        const signed = message.type === 'prepared' ? prepare : commit;
        expect(verifySeal(bls, committee, signed, seal)).toBe(true);
        expect(
          verifySeal(bls, committee, concatBytes(signed, Uint8Array.of(1)).slice(1), seal),
        ).toBe(false);
        return;
      }
      default: {
        const keys =
          message.senderKey.length > 0 ? [message.senderKey] : keysOf(message.senderBitmap[0]!);
        const signed = message.type === 'prepare' ? prepare : commit;
        expect(bls.verifyAggregate(message.payload, signed, keys)).toBe(true);
      }
    }
  };

  for (const { name, in: given, out } of loadVectors<
    { payload?: Hex; signed?: Hex },
    Record<string, Hex> & { signatures?: Hex[]; senders?: number[] }
  >(import.meta.url, 'signed-round', {
    in: ['payload', 'signed'],
    out: [
      'senders',
      'signatures',
      'digest',
      'signature',
      'aggregate',
      'bitmap',
      'm1',
      'viewChangeSignature',
      'viewIdSignature',
      'm2Signature',
      'm2Bitmap',
      'm3Signature',
      'm3Bitmap',
    ],
  })) {
    test(name, () => {
      if (given.signed) {
        const message = hexToBytes(given.signed);
        expect(secrets.map((secret) => bytesToHex(bls.sign(message, secret)))).toEqual(
          out!.signatures,
        );
        return;
      }
      const content = decodeGossip(hexToBytes(given.payload!));
      if (content.category !== 'consensus') throw new Error('not a consensus message');
      const message = decodeMessage(content.message);
      if (message.type === 'last-sign-power') throw new Error('no such step');
      // Equal bytes out again.
      const again = encodeGossip({ category: 'consensus', message: encodeMessage(message) });
      expect(bytesToHex(again)).toBe(given.payload);
      // The fields the vector names.
      const payload = message.payload;
      if (out!.digest) {
        const digest = computeSenderDigest(message);
        expect(bytesToHex(digest)).toBe(out!.digest);
        expect(bytesToHex(message.signature)).toBe(out!.signature);
        const secret = secrets[out!.senders![0]!]!;
        expect(bytesToHex(bls.sign(digest, secret))).toBe(out!.signature);
        expect(bls.verify(message.signature, digest, message.senderKey)).toBe(true);
      } else {
        expect(message.signature.length).toBe(0);
      }
      if (out!.aggregate) expect(bytesToHex(payload.subarray(0, 96))).toBe(out!.aggregate);
      if (out!.bitmap) expect(bytesToHex(payload.subarray(96))).toBe(out!.bitmap);
      if (out!.m1) expect(bytesToHex(payload)).toBe(out!.m1);
      const bitmap = isViewMessage(message) ? new Uint8Array(0) : message.senderBitmap;
      const senders =
        message.senderKey.length > 0
          ? [committee.keys.findIndex((key) => bytesToHex(key) === bytesToHex(message.senderKey))]
          : committee.keys.flatMap((_, slot) => ((bitmap[0]! >> slot) & 1 ? [slot] : []));
      expect(senders).toEqual(out!.senders);
      if (isViewMessage(message)) {
        for (const field of [
          'viewChangeSignature',
          'viewIdSignature',
          'm2Signature',
          'm2Bitmap',
          'm3Signature',
          'm3Bitmap',
        ] as const) {
          if (out![field]) expect(bytesToHex(message[field])).toBe(out![field]);
        }
      }
      checkBody(message);
    });
  }

  for (const { name, in: given, out } of loadVectors<
    { slot: number; height: string; viewId: string; blockHash: Hex },
    { signature: Hex }
  >(import.meta.url, 'double-sign', { in: ['slot', 'height', 'viewId', 'blockHash'] })) {
    test(`double sign: ${name}`, () => {
      const payload = commitPayload(
        BigInt(given.height),
        given.blockHash,
        BigInt(given.viewId),
        true,
      );
      const signature = hexToBytes(out!.signature);
      expect(bls.verify(signature, payload, committee.keys[given.slot]!)).toBe(true);
    });
  }
});

test('no vector file holds a key or signature of the wrong length', () => {
  const folder = join(packageFolder(import.meta.url), 'vectors');
  const text = readFileSync(join(folder, 'signed-round-keys.json'), 'utf8');
  expect(text.match(/0x[0-9a-f]{96}/g)?.length).toBe(4);
});
