/**
 * Signatures for simulations: tags without any cryptography.
 *
 * A signature is a tag of public key and message, a sum is the XOR of tags. Nothing can be forged
 * inside a simulation, where only a key's owner asks for its tags; outside, anybody can compute
 * any tag, so this must never verify anything that comes from elsewhere.
 */

const LANES = 24; // 96 bytes as 32-bit words

/** The 96-byte tag that stands for a signature. */
export function signTag(publicKey: Uint8Array, message: Uint8Array): Uint8Array {
  let a = 0x9e3779b9 ^ message.length;
  let b = 0x85ebca6b;
  const mix = (value: number): void => {
    a = Math.imul(a ^ value, 0x01000193);
    b = Math.imul((b << 13) | (b >>> 19), 5) + (a ^ value) + 0x52dce729;
  };
  for (const byte of publicKey) mix(byte);
  for (const byte of message) mix(byte + 257);
  const tag = new Uint8Array(4 * LANES);
  const view = new DataView(tag.buffer);
  for (let i = 0; i < LANES; i++) {
    mix(i);
    view.setUint32(4 * i, (a ^ (b >>> 7)) >>> 0);
  }
  tag[0]! |= 1; // never all zero, which would be the point at infinity
  return tag;
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
  const expected = sumTags(publicKeys.map((key) => signTag(key, message)));
  return expected.every((byte, i) => byte === sum[i]);
}

/** The public key of a numbered identity: 48 bytes that name it. */
export function tagKey(identity: number): Uint8Array {
  const key = new Uint8Array(48).fill(0x5a);
  new DataView(key.buffer).setUint32(0, identity + 1);
  return key;
}
