/**
 * Input of the two precompiles that only Harmony has: staking (`fc`) and cross-shard transfer (`f9`).
 *
 * Decoding follows the node's: what is behind the arguments, and the first 12 bytes of an address,
 * do not count. So unlike elsewhere different bytes can decode to the same call. Error messages
 * are the node's. Not here: gas, and what a call does.
 *
 * @source harmony/staking/precompile.go: ParseStakeMsg; core/vm/contracts_write.go
 */
import {
  type Address,
  addressFromBytes,
  bigIntToBytes,
  bytesToBigInt,
  bytesToHex,
  checksumAddress,
  concatBytes,
  hexToBytes,
} from '@polyphony/primitives';
import type { CollectRewards, Delegate, Undelegate } from './directive-message.js';
import { ChainError } from './errors.js';
import { hexField, uint32Field, uintField } from './fields.js';

/** Address of the staking precompile; beacon shard only. */
export const STAKING_PRECOMPILE: Address = '0x00000000000000000000000000000000000000fc';

/** Address of the cross-shard transfer precompile. */
export const TRANSFER_PRECOMPILE: Address = '0x00000000000000000000000000000000000000f9';

/** The directives that the staking precompile offers. */
export type StakingCall = Delegate | Undelegate | CollectRewards;

const SELECTORS: { readonly [Type in StakingCall['type']]: string } = {
  delegate: '0x510b11bb',
  undelegate: '0xbda8c0e9',
  'collect-rewards': '0x6d6b2f77',
};
const TRANSFER_SELECTOR = '0x28480800';

function refuse(reason: string): never {
  throw new ChainError({ code: 'chain/invalid-precompile-input', reason });
}

function selectorOf(input: Uint8Array): string {
  if (input.length < 4) refuse(`data too short (${input.length} bytes) for abi method lookup`);
  return bytesToHex(input.subarray(0, 4));
}

function unknownMethod(selector: string): never {
  return refuse(`no method with id: ${selector}`);
}

/** The 32-byte words behind the selector, as many as the method has arguments. */
function readWords(input: Uint8Array, count: number): Uint8Array[] {
  const data = input.subarray(4);
  if (data.length === 0) {
    refuse('abi: attempting to unmarshall an empty string while arguments are expected');
  }
  return Array.from({ length: count }, (_, i) => {
    const end = 32 * (i + 1);
    if (end > data.length) {
      refuse(
        `abi: cannot marshal in to go type: length insufficient ${data.length} require ${end}`,
      );
    }
    return data.subarray(end - 32, end);
  });
}

function addressOf(word: Uint8Array): Address {
  return addressFromBytes(word.subarray(12));
}

function addressWord(address: Address, what: string): Uint8Array {
  return concatBytes(new Uint8Array(12), hexField(address, 20, what));
}

function delegatorOf(word: Uint8Array, caller: Address): Address {
  const delegator = addressOf(word);
  if (delegator !== caller) {
    refuse(
      '[StakingPrecompile] Address mismatch, expected ' +
        `${checksumAddress(caller)} have ${checksumAddress(delegator)}`,
    );
  }
  return delegator;
}

/**
 * A staking call from its input.
 *
 * @param caller - Caller of the precompile: the delegator must be the same.
 * @throws {@link ChainError} `chain/invalid-precompile-input`.
 * @source harmony/staking/precompile.go: ParseStakeMsg
 * @activation stakingPrecompile
 */
export function decodeStakingCall(input: Uint8Array, caller: Address): StakingCall {
  const selector = selectorOf(input);
  switch (selector) {
    case SELECTORS.delegate:
    case SELECTORS.undelegate: {
      const [delegator, validator, amount] = readWords(input, 3);
      return {
        type: selector === SELECTORS.delegate ? 'delegate' : 'undelegate',
        delegatorAddress: delegatorOf(delegator!, caller),
        validatorAddress: addressOf(validator!),
        amount: bytesToBigInt(amount!),
      };
    }
    case SELECTORS['collect-rewards']: {
      const [delegator] = readWords(input, 1);
      return { type: 'collect-rewards', delegatorAddress: delegatorOf(delegator!, caller) };
    }
    default:
      return unknownMethod(selector);
  }
}

/**
 * Input for a staking call.
 *
 * @throws {@link ChainError} `chain/out-of-range`.
 */
export function encodeStakingCall(call: StakingCall): Uint8Array {
  const selector = hexToBytes(SELECTORS[call.type]);
  const delegator = addressWord(call.delegatorAddress, 'delegatorAddress');
  if (call.type === 'collect-rewards') return concatBytes(selector, delegator);
  return concatBytes(
    selector,
    delegator,
    addressWord(call.validatorAddress, 'validatorAddress'),
    bigIntToBytes(uintField(call.amount, 256, 'amount'), 32),
  );
}

/** A transfer to another shard. */
export interface TransferCall {
  /** Atto. */
  readonly value: bigint;
  readonly to: Address;
  readonly toShardId: number;
}

/**
 * A transfer from its input. A shard id above 32 bits is refused.
 *
 * @throws {@link ChainError} `chain/invalid-precompile-input`.
 * @source harmony/core/vm/contracts_write.go: parseCrossShardXferData
 * @activation crossShardXferPrecompile
 */
export function decodeTransferCall(input: Uint8Array): TransferCall {
  const selector = selectorOf(input);
  if (selector !== TRANSFER_SELECTOR) unknownMethod(selector);
  const [value, to, toShardId] = readWords(input, 3);
  const shard = bytesToBigInt(toShardId!);
  if (shard > 0xffffffffn) refuse('abi: improperly encoded uint32 value');
  return { value: bytesToBigInt(value!), to: addressOf(to!), toShardId: Number(shard) };
}

/**
 * Input for a transfer.
 *
 * @throws {@link ChainError} `chain/out-of-range`.
 */
export function encodeTransferCall(call: TransferCall): Uint8Array {
  return concatBytes(
    hexToBytes(TRANSFER_SELECTOR),
    bigIntToBytes(uintField(call.value, 256, 'value'), 32),
    addressWord(call.to, 'to'),
    bigIntToBytes(BigInt(uint32Field(call.toShardId, 'toShardId')), 32),
  );
}

/** Where a transfer is called. */
export interface TransferPlace {
  readonly shardId: number;
  readonly shardCount: number;
  /** Value that comes with the call, atto. */
  readonly value: bigint;
}

/**
 * Checks a transfer against its place: the shard exists, is another one, and the value that comes
 * along is the one asked for.
 *
 * @throws {@link ChainError} `chain/invalid-precompile-input`.
 * @source harmony/core/vm/contracts_write.go: crossShardXferPrecompile.RunWriteCapable
 */
export function assertValidTransferCall(call: TransferCall, place: TransferPlace): void {
  if (call.toShardId >= place.shardCount) refuse('toShardId out of bounds');
  if (call.toShardId === place.shardId) refuse("from and to shard id can't be equal");
  if (call.value !== place.value) refuse('argument value and msg.value not equal');
}
