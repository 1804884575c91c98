/**
 * The consensus keys of one validator in this process, and the durable record of what they signed.
 *
 * A node whose operator wants the keys elsewhere implements the same two ports over its signer.
 */
import {
  type Bls,
  identifyAccountProof,
  verifyLegacyPossession,
  verifyPossession,
} from '@polyphony/bls';
import type { VerifyKeyProof } from '@polyphony/epos';
import type { SignedMarkStore, Signer } from '@polyphony/fbft';
import { isActive, type Network } from '@polyphony/networks';
import { bytesToPlainHex, utf8ToBytes } from '@polyphony/primitives';
import type { KeyValueStore } from '@polyphony/storage';

/** A signer over secret keys held in memory. */
export interface LocalSigner extends Signer {
  /** Signs bytes that are no consensus message: the header's VRF. */
  signBytes(publicKey: Uint8Array, bytes: Uint8Array): Uint8Array;
}

/** A signer over some secret keys. */
export function localSigner(bls: Bls, secretKeys: readonly Uint8Array[]): LocalSigner {
  const secrets = new Map<string, Uint8Array>();
  const publicKeys = secretKeys.map((secretKey) => {
    const publicKey = bls.getPublicKey(secretKey);
    secrets.set(bytesToPlainHex(publicKey), secretKey);
    return publicKey;
  });
  const signBytes = (publicKey: Uint8Array, bytes: Uint8Array): Uint8Array => {
    const secretKey = secrets.get(bytesToPlainHex(publicKey));
    if (secretKey === undefined) {
      throw new Error(`no secret key for ${bytesToPlainHex(publicKey)}`);
    }
    return bls.sign(bytes, secretKey);
  };
  return {
    publicKeys,
    signBytes,
    sign: (publicKey, payload) => signBytes(publicKey, payload.bytes),
  };
}

const MARKS_KEY = utf8ToBytes('fbft-signed-marks');

/** The record of signed votes in the node's own store, written through to disk. */
export function signedMarks(store: KeyValueStore): SignedMarkStore {
  return {
    load: () => store.get(MARKS_KEY),
    save: (value) => store.write([{ type: 'put', key: MARKS_KEY, value }], { durable: true }),
  };
}

/**
 * How a network proves that a key's secret is known: on own networks by a signature over key and
 * account, on Harmony's by one over a constant, and from `blsProofBind` on bound to the account.
 *
 * @param epoch - The epoch of the block that is made or checked.
 */
export function keyProofs(network: Network, bls: Bls, epoch: () => bigint): VerifyKeyProof {
  return (publicKey, proof, validator) => {
    if (network.blsSuite === 'ietf') return verifyPossession(bls, proof, publicKey, validator);
    if (!isActive(network, 'blsProofBind', epoch())) {
      return verifyLegacyPossession(bls, proof, publicKey);
    }
    return identifyAccountProof(bls, proof, publicKey, validator) !== undefined;
  };
}
