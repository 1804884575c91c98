/**
 * The verifiable random function of block headers.
 *
 * A block's proposer signs the hash of the parent block's hash; the signature is the proof and its
 * hash the output. BLS signatures are unique, so the proposer has no choice but to publish or to
 * withhold. Who the proposer is, and from which epoch headers carry the field, is decided by others.
 *
 * @source harmony/crypto/vrf/bls/bls_vrf.go: Evaluate, ProofToHash; harmony/internal/chain/engine.go: VerifyVRF
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { type Bls, SIGNATURE_LENGTH } from '@polyphony/bls';
import { concatBytes, equalBytes } from '@polyphony/primitives';
import { assertByteLength } from './errors.js';

/** Bytes of the output. */
export const VRF_OUTPUT_LENGTH = 32;

/** Bytes of a header's field: output, then proof. */
export const VRF_FIELD_LENGTH: number = VRF_OUTPUT_LENGTH + SIGNATURE_LENGTH;

/**
 * What the proposer signs: SHA-256 of the parent block's hash.
 *
 * @param parentHash - 32 bytes.
 * @throws {@link RandomnessError} `randomness/invalid-length`.
 */
export function vrfMessage(parentHash: Uint8Array): Uint8Array {
  assertByteLength('parent hash', parentHash, 32);
  return sha256(parentHash);
}

/**
 * A header's `vrf` field from the proposer's signature over {@link vrfMessage}: for signers that
 * keep the key to themselves.
 *
 * @param proof - 96 bytes.
 * @returns 128 bytes: output, then proof.
 * @throws {@link RandomnessError} `randomness/invalid-length`.
 */
export function vrfField(proof: Uint8Array): Uint8Array {
  assertByteLength('VRF proof', proof, SIGNATURE_LENGTH);
  return concatBytes(sha256(proof), proof);
}

/**
 * Evaluates the function with the proposer's secret key.
 *
 * @param parentHash - 32 bytes.
 * @returns 128 bytes: output (32), then proof (96).
 * @throws {@link RandomnessError} `randomness/invalid-length`; what `bls.sign` throws.
 * @activation vrf
 */
export function evaluateVrf(bls: Bls, secretKey: Uint8Array, parentHash: Uint8Array): Uint8Array {
  return vrfField(bls.sign(vrfMessage(parentHash), secretKey));
}

/**
 * Whether a header's field is the proposer's evaluation over the parent. Never throws on hostile
 * bytes.
 *
 * @param field - 128 bytes; any other length is false.
 * @activation vrf
 */
export function verifyVrf(
  bls: Bls,
  publicKey: Uint8Array,
  parentHash: Uint8Array,
  field: Uint8Array,
): boolean {
  if (field.length !== VRF_FIELD_LENGTH || parentHash.length !== 32) return false;
  const proof = field.subarray(VRF_OUTPUT_LENGTH);
  return (
    equalBytes(sha256(proof), field.subarray(0, VRF_OUTPUT_LENGTH)) &&
    bls.verify(proof, vrfMessage(parentHash), publicKey)
  );
}

/**
 * The output in a header's field.
 *
 * @param field - 128 bytes.
 * @returns 32 bytes, unpredictable for everyone but the proposer until the block is published.
 * @throws {@link RandomnessError} `randomness/invalid-length`.
 */
export function vrfOutput(field: Uint8Array): Uint8Array {
  assertByteLength('VRF field', field, VRF_FIELD_LENGTH);
  return field.slice(0, VRF_OUTPUT_LENGTH);
}
