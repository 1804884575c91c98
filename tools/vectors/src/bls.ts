/** BLS figures of the network's own ciphersuite, recomputed with bls-eth-wasm in the network's mode. */
import { type BlsReference, loadBlsReference } from '@polyphony/testkit/bls-eth-wasm';
import type { VectorCase } from './form.js';
import { expectEqual, type Oracle, outOf } from './oracle.js';

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(Buffer.from(hex.replace(/^0x/, ''), 'hex'));
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Oracles by vector file; they share one instance. */
export async function blsOracles(): Promise<Readonly<Record<string, Oracle>>> {
  const reference = await loadBlsReference();
  const oracle = (check: Oracle['check']): Oracle => ({
    against: 'bls-eth-wasm in the mode of the network',
    check: (entry) => (entry.error === undefined ? check(entry) : null),
  });
  return {
    'bls/harmony-keys': oracle((entry) => {
      const { secretKey } = entry.in as { secretKey: string };
      const { publicKey } = outOf<{ publicKey: string }>(entry);
      return expectEqual(hexOf(reference.getPublicKey(bytesOf(secretKey))), publicKey);
    }),
    'bls/harmony-sign': oracle((entry) => {
      const { secretKey, message } = entry.in as { secretKey: string; message: string };
      const { publicKey, signature } = outOf<{ publicKey: string; signature: string }>(entry);
      const found = reference.sign(bytesOf(message), bytesOf(secretKey));
      return (
        expectEqual(hexOf(reference.getPublicKey(bytesOf(secretKey))), publicKey) ??
        expectEqual(found && hexOf(found), signature)
      );
    }),
    'bls/harmony-verify': oracle((entry) => {
      const given = entry.in as { publicKey: string; message: string; signature: string };
      return expectEqual(
        reference.verify(
          bytesOf(given.signature),
          bytesOf(given.message),
          bytesOf(given.publicKey),
        ),
        outOf<{ valid: boolean }>(entry).valid,
      );
    }),
    'bls/harmony-aggregate': oracle((entry) => aggregate(reference, entry)),
    'bls/mainnet-commits': oracle((entry) => aggregate(reference, entry)),
  };
}

/** A signature by the members whose bits are set. */
function aggregate(reference: BlsReference, entry: VectorCase): string | undefined {
  const { publicKeys, bitmap, message, signature } = entry.in as {
    publicKeys: readonly string[];
    bitmap: string;
    message: string;
    signature: string;
  };
  const out = outOf<{ valid: boolean; aggregatePublicKey?: string; signatures?: string[] }>(entry);
  const bits = bytesOf(bitmap);
  const signers = publicKeys.filter((_, index) => ((bits[index >> 3] ?? 0) >> (index & 7)) & 1);
  const key = reference.aggregatePublicKeys(signers.map(bytesOf));
  const valid = reference.verify(bytesOf(signature), bytesOf(message), key);
  return (
    (out.aggregatePublicKey && expectEqual(hexOf(key), out.aggregatePublicKey)) ||
    (out.signatures &&
      expectEqual(hexOf(reference.aggregateSignatures(out.signatures.map(bytesOf))), signature)) ||
    expectEqual(valid, out.valid)
  );
}
