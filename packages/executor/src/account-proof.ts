/**
 * Checking what a node says of an account against a state root one trusts.
 *
 * @source EIP-1186
 */
import { type AccountRecord, decodeAccount, defaultHasher, type Hasher } from '@polyphony/chain';
import {
  type Address,
  addressToBytes,
  bytesToBigInt,
  type Hash,
  hexToBytes,
  isProtocolError,
  RlpReader,
} from '@polyphony/primitives';
import { ExecutionError } from './errors.js';
import { readProof } from './trie/proof.js';

function inside<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!isProtocolError(cause) || cause instanceof ExecutionError) throw cause;
    const details = { code: 'executor/invalid-proof', reason: cause.message } as const;
    throw new ExecutionError(details, { cause });
  }
}

/**
 * The account that a proof shows under a state root; undefined when it shows that there is none.
 *
 * @param proof - Encodings of trie nodes from the root down, as `State.prove` lists them.
 * @throws {@link ExecutionError} `executor/invalid-proof`.
 */
export function readAccountProof(
  stateRoot: Hash,
  address: Address,
  proof: readonly Uint8Array[],
  hasher: Hasher = defaultHasher,
): AccountRecord | undefined {
  const key = hasher.keccak256(addressToBytes(address));
  const encoded = readProof(stateRoot, key, proof, hasher);
  return encoded === undefined ? undefined : inside(() => decodeAccount(encoded));
}

/**
 * The word that a proof shows in a slot under the storage root of an account; 0 when it shows that
 * there is none.
 *
 * @throws {@link ExecutionError} `executor/invalid-proof`.
 */
export function readStorageProof(
  storageRoot: Hash,
  slot: Hash,
  proof: readonly Uint8Array[],
  hasher: Hasher = defaultHasher,
): bigint {
  const encoded = readProof(storageRoot, hasher.keccak256(hexToBytes(slot, 32)), proof, hasher);
  if (encoded === undefined) return 0n;
  return inside(() => {
    const reader = new RlpReader(encoded);
    const word = bytesToBigInt(reader.readBytes());
    reader.assertDone('storage value');
    return word;
  });
}
