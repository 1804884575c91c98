/** TEST ONLY. The simulator's tags behind the `Bls` interface, for tests of the driver. */
import type { Bls } from '@polyphony/bls';
import { sumTags, verifyTags } from '../../src/simulator/tag-bls.js';

export { signTag as testSign, tagKey as testKey } from '../../src/simulator/tag-bls.js';

export function testOnlyBls(): Bls {
  // Sums of keys have no form of their own here: a made-up key stands for the list.
  const sums = new Map<string, readonly Uint8Array[]>();
  const verifyAggregate: Bls['verifyAggregate'] = (signature, message, keys) =>
    verifyTags(
      signature,
      message,
      keys.flatMap((key) => sums.get(key.join()) ?? [key]),
    );
  const verify: Bls['verify'] = (signature, message, key) =>
    verifyAggregate(signature, message, [key]);
  const bls = {
    suite: 'ietf',
    engine: 'test-only',
    verify,
    verifyAggregate,
    aggregatePublicKeys: (keys) => {
      const sum = new Uint8Array(48).fill(0xee);
      new DataView(sum.buffer).setUint32(0, sums.size);
      sums.set(sum.join(), keys);
      return sum;
    },
    aggregateSignatures: sumTags,
    verifyBatch: (message, entries) =>
      entries.every((entry) => verify(entry.signature, message, entry.publicKey)),
    findInvalid: (message, entries) =>
      entries.flatMap((entry, i) => (verify(entry.signature, message, entry.publicKey) ? [] : [i])),
  } satisfies Partial<Bls>;
  return bls as unknown as Bls;
}
