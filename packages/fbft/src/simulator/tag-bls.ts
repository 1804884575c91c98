/**
 * Signatures for simulations: tags without any cryptography.
 *
 * A signature is a tag of public key and message, a sum is the XOR of tags. Nothing can be forged
 * inside a simulation, where only a key's owner asks for its tags; outside, anybody can compute
 * any tag, so this must never verify anything that comes from elsewhere.
 */

const LANES = 24; // 96 bytes as 32-bit words

/** Adds the tag of a key and a message to a sum of 24 words. */
function addTag(sum: Uint32Array, publicKey: Uint8Array, message: Uint8Array): void {
  let a = 0x9e3779b9 ^ message.length;
  let b = 0x85ebca6b;
  for (let i = 0; i < publicKey.length; i++) {
    a = Math.imul(a ^ publicKey[i]!, 0x01000193);
    b = (Math.imul((b << 13) | (b >>> 19), 5) + a + 0x52dce729) | 0;
  }
  for (let i = 0; i < message.length; i++) {
    a = Math.imul(a ^ (message[i]! + 257), 0x01000193);
    b = (Math.imul((b << 13) | (b >>> 19), 5) + a + 0x52dce729) | 0;
  }
  for (let i = 0; i < LANES; i++) {
    a = Math.imul(a ^ (b >>> 15) ^ i, 0x2c1b3c6d);
    b = (Math.imul(b ^ (a >>> 12), 0x297a2d39) + i) | 0;
    // The first bit is set, so that no tag is all zero, which would be the point at infinity.
    sum[i]! ^= i === 0 ? b | 1 : b;
  }
}

/** The 96-byte tag that stands for a signature. */
export function signTag(publicKey: Uint8Array, message: Uint8Array): Uint8Array {
  const sum = new Uint32Array(LANES);
  addTag(sum, publicKey, message);
  return new Uint8Array(sum.buffer);
}

/** The sum of tags. */
export function sumTags(tags: readonly Uint8Array[]): Uint8Array {
  const sum = new Uint8Array(4 * LANES);
  for (const tag of tags) for (let i = 0; i < sum.length; i++) sum[i]! ^= tag[i]!;
  return sum;
}

/** Whether a sum is that of the tags of these keys over one message. */
export function verifyTags(
  sum: Uint8Array,
  message: Uint8Array,
  publicKeys: readonly Uint8Array[],
): boolean {
  if (publicKeys.length === 0 || sum.length !== 4 * LANES) return false;
  const words = new Uint32Array(LANES);
  for (const key of publicKeys) addTag(words, key, message);
  const expected = new Uint8Array(words.buffer);
  for (let i = 0; i < expected.length; i++) if (expected[i] !== sum[i]) return false;
  return true;
}

/** The public key of a numbered identity: 48 bytes that name it. */
export function tagKey(identity: number): Uint8Array {
  const key = new Uint8Array(48).fill(0x5a);
  new DataView(key.buffer).setUint32(0, identity + 1);
  return key;
}
