/**
 * TEST ONLY. A `Bls` without any cryptography: a signature is a tag of (public key, message), a sum
 * is the XOR of tags. Inside a simulation nobody but the key's owner asks for a tag, so nothing can
 * be forged there; outside it protects nothing.
 */
import type { Bls } from '@polyphony/bls';

const LANES = 24; // 96 bytes as 32-bit words

function tagOf(publicKey: Uint8Array, message: Uint8Array): Uint8Array {
  let a = 0x9e3779b9 ^ message.length;
  let b = 0x85ebca6b;
  const mix = (value: number): void => {
    a = Math.imul(a ^ value, 0x01000193);
    b = Math.imul((b << 13) | (b >>> 19), 5) + (a ^ value) + 0x52dce729;
  };
  for (const byte of publicKey) mix(byte);
  for (const byte of message) mix(byte + 257);
  const words = new Uint32Array(LANES);
  for (let i = 0; i < LANES; i++) {
    mix(i);
    words[i] = (a ^ (b >>> 7)) | 0;
  }
  const tag = new Uint8Array(words.buffer);
  tag[0]! |= 1; // never all zero
  return tag;
}

function xor(parts: readonly Uint8Array[], length: number): Uint8Array {
  const sum = new Uint8Array(length);
  for (const part of parts) for (let i = 0; i < length; i++) sum[i]! ^= part[i]!;
  return sum;
}

const equal = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

/** The public key of a test identity: 48 bytes that name it. */
export function testKey(identity: number): Uint8Array {
  const key = new Uint8Array(48).fill(0x5a);
  new DataView(key.buffer).setUint32(0, identity + 1);
  return key;
}

/** Signs as the owner of a public key would. */
export function testSign(publicKey: Uint8Array, message: Uint8Array): Uint8Array {
  return tagOf(publicKey, message);
}

/** TEST ONLY: see the head of the file. Secret keys are the public keys padded to nothing. */
export function testOnlyBls(): Bls {
  // Sums of keys have no form of their own here: a made-up key stands for the list.
  const sums = new Map<string, readonly Uint8Array[]>();
  const verifyAggregate: Bls['verifyAggregate'] = (signature, message, keys) => {
    const single = keys.flatMap((key) => sums.get(key.join()) ?? [key]);
    const tags = single.map((key) => tagOf(key, message));
    return keys.length > 0 && equal(signature, xor(tags, 96));
  };
  const aggregatePublicKeys: Bls['aggregatePublicKeys'] = (keys) => {
    const sum = new Uint8Array(48).fill(0xee);
    new DataView(sum.buffer).setUint32(0, sums.size);
    sums.set(sum.join(), keys);
    return sum;
  };
  const verify: Bls['verify'] = (signature, message, key) =>
    verifyAggregate(signature, message, [key]);
  const bls = {
    suite: 'ietf',
    engine: 'test-only',
    verify,
    verifyAggregate,
    aggregatePublicKeys,
    aggregateSignatures: (signatures: readonly Uint8Array[]) => xor(signatures, 96),
    verifyBatch: (message, entries) =>
      entries.every((entry) => verify(entry.signature, message, entry.publicKey)),
    findInvalid: (message, entries) =>
      entries.flatMap((entry, i) => (verify(entry.signature, message, entry.publicKey) ? [] : [i])),
  } satisfies Partial<Bls>;
  return bls as unknown as Bls;
}
