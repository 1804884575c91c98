/**
 * A verifiable random function with separated domains, for networks that begin today.
 *
 * Built as RFC 9381 builds its own, with a unique BLS signature as the proof: a suite string opens
 * every hash, the input is bound to the key, and the output is a hash of the proof under a domain of
 * its own. So no signature over anything else is a proof, no proof of one key or suite serves another,
 * and an output says nothing of the proof. The form of headers, which the live network uses, is in
 * `vrf.ts`; what an input means is decided by the caller.
 *
 * | value | is |
 * |---|---|
 * | suite | `polyphony/vrf/1/` and the BLS suite's name, in ASCII |
 * | message | SHA-256(suite ‖ 01 ‖ public key ‖ input): 32 bytes, so that `harmony`, which signs 48, signs all of it |
 * | proof | the BLS signature over the message |
 * | output | SHA-256(suite ‖ 03 ‖ proof ‖ 00) |
 *
 * @source RFC 9381 sections 5.1 to 5.3, 5.4.1 (salt) and 7.2 (uniqueness, key binding); the construction is our own
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { type Bls, type BlsSuite, PUBLIC_KEY_LENGTH, SIGNATURE_LENGTH } from '@polyphony/bls';
import { concatBytes, utf8ToBytes } from '@polyphony/primitives';
import { assertByteLength } from './errors.js';

/** The octets that open and close a hash, as RFC 9381 numbers them. */
const MESSAGE_DOMAIN = Uint8Array.of(1);
const OUTPUT_DOMAIN = Uint8Array.of(3);
const BACK = Uint8Array.of(0);

function suiteString(suite: BlsSuite): Uint8Array {
  return utf8ToBytes(`polyphony/vrf/1/${suite}`);
}

/**
 * What the holder of a key signs: for signers that keep the key to themselves.
 *
 * @param publicKey - 48 bytes, the signer's.
 * @param input - Any bytes. Callers with several uses open them with a tag.
 * @returns 32 bytes.
 * @throws {@link RandomnessError} `randomness/invalid-length`.
 */
export function boundVrfMessage(
  suite: BlsSuite,
  publicKey: Uint8Array,
  input: Uint8Array,
): Uint8Array {
  assertByteLength('public key', publicKey, PUBLIC_KEY_LENGTH);
  return sha256(concatBytes(suiteString(suite), MESSAGE_DOMAIN, publicKey, input));
}

/**
 * Evaluates the function.
 *
 * @returns The proof, 96 bytes; {@link boundVrfOutput} of it is the output.
 * @throws What `bls.sign` throws.
 * @example
 * const proof = evaluateBoundVrf(bls, secretKey, input)
 * verifyBoundVrf(bls, bls.getPublicKey(secretKey), input, proof)  // true
 */
export function evaluateBoundVrf(bls: Bls, secretKey: Uint8Array, input: Uint8Array): Uint8Array {
  return bls.sign(boundVrfMessage(bls.suite, bls.getPublicKey(secretKey), input), secretKey);
}

/** Whether a proof is the key's for the input. Never throws on hostile bytes; false for infinity. */
export function verifyBoundVrf(
  bls: Bls,
  publicKey: Uint8Array,
  input: Uint8Array,
  proof: Uint8Array,
): boolean {
  if (publicKey.length !== PUBLIC_KEY_LENGTH || proof.length !== SIGNATURE_LENGTH) return false;
  return bls.verify(proof, boundVrfMessage(bls.suite, publicKey, input), publicKey);
}

/**
 * The output of a proof that was verified: unpredictable to everyone but the key's holder until the
 * proof is known.
 *
 * @param proof - 96 bytes.
 * @returns 32 bytes.
 * @throws {@link RandomnessError} `randomness/invalid-length`.
 */
export function boundVrfOutput(suite: BlsSuite, proof: Uint8Array): Uint8Array {
  assertByteLength('VRF proof', proof, SIGNATURE_LENGTH);
  return sha256(concatBytes(suiteString(suite), OUTPUT_DOMAIN, proof, BACK));
}
