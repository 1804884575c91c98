/**
 * The precompiles that only Harmony has and that need no state: what callers send and read, and what
 * is answered. Epoch (`fb`), SHA3-256 (`fd`), recovery of a public key (`fe`), VRF (`ff`).
 *
 * Not here: the two that write, staking and cross-shard transfer (`./precompile-input`), and the
 * precompiles of Ethereum.
 *
 * @source harmony/core/vm/contracts.go
 */
import { sha3_256 } from '@noble/hashes/sha3.js';
import { type Engine, nobleEngine, SECP256K1_ORDER } from '@polyphony/crypto';
import {
  type Address,
  bigIntToBytes,
  bytesToBigInt,
  concatBytes,
  type Hash,
  isProtocolError,
  isZeroBytes,
} from '@polyphony/primitives';
import { ChainError } from './errors.js';
import { EMPTY_BYTES, hexField, uintField } from './fields.js';

/** Address of the precompile that answers the epoch. */
export const EPOCH_PRECOMPILE: Address = '0x00000000000000000000000000000000000000fb';

/** Address of the precompile that hashes with SHA3-256 (FIPS 202). */
export const SHA3_PRECOMPILE: Address = '0x00000000000000000000000000000000000000fd';

/** Address of the precompile that recovers a public key. */
export const RECOVER_KEY_PRECOMPILE: Address = '0x00000000000000000000000000000000000000fe';

/** Address of the precompile that answers random bytes of a block. */
export const VRF_PRECOMPILE: Address = '0x00000000000000000000000000000000000000ff';

/** Blocks before the current one whose random bytes can be asked for. */
const VRF_WINDOW = 257n;

/**
 * Gas of a call; any input.
 *
 * @source harmony/core/vm/contracts.go: RequiredGas; internal/params/protocol_params.go
 * @activation epoch: stakingPrecompile; SHA3-256 and recovery: sha3; VRF: vrf
 */
export function pureCallGas(
  precompile: 'epoch' | 'sha3' | 'recover-key' | 'vrf',
  inputLength: number,
): bigint {
  switch (precompile) {
    case 'sha3':
      return 30n + 6n * BigInt(Math.ceil(inputLength / 32));
    case 'recover-key':
      return 3000n;
    default:
      return 2n;
  }
}

/** What the epoch precompile answers: 32 bytes. Its input does not count. */
export function encodeEpochResult(epoch: bigint): Uint8Array {
  return bigIntToBytes(uintField(epoch, 256, 'epoch'), 32);
}

/**
 * The epoch in an answer.
 *
 * @throws {@link ChainError} `chain/invalid-precompile-input` unless it has 32 bytes.
 */
export function decodeEpochResult(output: Uint8Array): bigint {
  return bytesToBigInt(word(output, 'an epoch'));
}

function word(output: Uint8Array, what: string): Uint8Array {
  if (output.length === 32) return output;
  throw new ChainError({
    code: 'chain/invalid-precompile-input',
    reason: `${what} has 32 bytes, got ${output.length}`,
  });
}

/** SHA3-256 of the whole input: 32 bytes. Not Keccak-256, which pads in another way. */
export function runSha3Precompile(input: Uint8Array): Uint8Array {
  return sha3_256(input);
}

/** What {@link encodeRecoverKeyCall} puts together. */
export interface RecoverKeyCall {
  readonly digest: Hash;
  readonly r: bigint;
  readonly s: bigint;
  /** 0 or 1: with 27 or 28 the answer is empty. */
  readonly recovery: 0 | 1;
}

/**
 * Input for the recovery of a public key: digest, recovery bit, `r`, `s`, 32 bytes each.
 *
 * @throws {@link ChainError} `chain/out-of-range`.
 */
export function encodeRecoverKeyCall(call: RecoverKeyCall): Uint8Array {
  return concatBytes(
    hexField(call.digest, 32, 'digest'),
    bigIntToBytes(uintField(BigInt(call.recovery), 1, 'recovery'), 32),
    bigIntToBytes(uintField(call.r, 256, 'r'), 32),
    bigIntToBytes(uintField(call.s, 256, 's'), 32),
  );
}

/**
 * The public key that made a signature: 65 bytes, `04` and two coordinates; empty when there is none.
 * Input that is too short counts as if zeros followed; what is behind 128 bytes does not count. A
 * high `s` is accepted, `v` is 0 or 1.
 *
 * @source harmony/core/vm/contracts.go: ecrecoverPublicKey
 * @activation sha3
 */
export function runRecoverKeyPrecompile(
  input: Uint8Array,
  engine: Engine = nobleEngine,
): Uint8Array {
  const padded = new Uint8Array(128);
  padded.set(input.subarray(0, 128));
  const recovery = padded[63]!;
  const r = bytesToBigInt(padded.subarray(64, 96));
  const s = bytesToBigInt(padded.subarray(96, 128));
  if (!isZeroBytes(padded.subarray(32, 63)) || (recovery !== 0 && recovery !== 1))
    return EMPTY_BYTES;
  if (r === 0n || s === 0n || r >= SECP256K1_ORDER || s >= SECP256K1_ORDER) return EMPTY_BYTES;
  try {
    return engine.recoverPublicKey(
      padded.subarray(0, 32),
      { r, s, recovery },
      { allowHighS: true },
    );
  } catch (error) {
    if (isProtocolError(error)) return EMPTY_BYTES;
    throw error;
  }
}

/**
 * Input for the VRF precompile: the number of a block, or nothing for the current one.
 *
 * @throws {@link ChainError} `chain/out-of-range`.
 * @activation vrf; numbers from prevVrf
 */
export function encodeVrfCall(blockNumber?: bigint): Uint8Array {
  return blockNumber === undefined
    ? EMPTY_BYTES
    : bigIntToBytes(uintField(blockNumber, 256, 'block number'), 32);
}

/**
 * The block whose random bytes a call of the VRF precompile gets: the one that the whole input
 * names as a big-endian number if it is one of the 256 before the current block, else the current.
 *
 * @param previous - Whether earlier blocks can be asked for: `prevVrf` is active.
 * @source harmony/core/vm/contracts.go: vrf
 */
export function vrfBlockOf(input: Uint8Array, currentBlock: bigint, previous: boolean): bigint {
  if (!previous) return currentBlock;
  const asked = bytesToBigInt(input);
  return asked < currentBlock && asked + VRF_WINDOW > currentBlock ? asked : currentBlock;
}

/**
 * What the VRF precompile answers for a block: the first 32 bytes of its header's VRF field, zeros
 * if it has fewer.
 *
 * @param headerVrf - The header's `vrf`: 32 bytes and a proof, or nothing.
 */
export function vrfResultOf(headerVrf: Uint8Array): Uint8Array {
  return headerVrf.length < 32 ? new Uint8Array(32) : headerVrf.slice(0, 32);
}
