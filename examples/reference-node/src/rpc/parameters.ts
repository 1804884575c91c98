/**
 * Reading RPC arguments: block numbers, hashes, addresses, byte strings.
 *
 * Each function takes the argument and its position and returns a value or throws -32602 with the
 * position and the cause.
 *
 * @source harmony/rpc/harmony/types.go: BlockNumber.UnmarshalJSON; harmony/internal/common/address.go
 */
import { type Address, type Hash, isProtocolError, parseAddress } from '@polyphony/primitives';
import { argumentFault } from './dispatcher.js';

/** A block as clients name it. */
export type BlockTag = 'latest' | 'pending' | bigint;

const QUANTITY = /^0x(0|[1-9a-f][0-9a-f]{0,15})$/i;

/** A tag, a hexadecimal quantity, a decimal text or a number. */
export function readBlockTag(value: unknown, index: number): BlockTag {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  if (typeof value !== 'string')
    throw argumentFault(index, 'block number must be a text or a number');
  if (value === 'latest' || value === 'pending') return value;
  if (value === 'earliest') return 0n;
  if (QUANTITY.test(value) || /^\d{1,20}$/.test(value)) return BigInt(value);
  throw argumentFault(index, `"${value.slice(0, 80)}" is not a block number`);
}

/** A tag, a quantity, a block hash, or an object with `blockNumber` or `blockHash`. */
export function readBlockTagOrHash(
  value: unknown,
  index: number,
): BlockTag | { readonly hash: Hash } {
  if (typeof value === 'string' && value.length === 66) return { hash: readHash(value, index) };
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const { blockNumber, blockHash } = value as Record<string, unknown>;
    if (blockNumber !== undefined && blockHash !== undefined) {
      throw argumentFault(
        index,
        'cannot specify both BlockHash and BlockNumber, choose one or the other',
      );
    }
    if (blockHash !== undefined) return { hash: readHash(blockHash, index) };
    return readBlockTag(blockNumber, index);
  }
  return readBlockTag(value, index);
}

/** `0x` and 64 digits. */
export function readHash(value: unknown, index: number): Hash {
  if (typeof value !== 'string' || !/^0x[0-9a-f]{64}$/i.test(value)) {
    throw argumentFault(index, 'a hash must be 0x and 64 hexadecimal digits');
  }
  return value.toLowerCase() as Hash;
}

/** `one1…` or `0x…`; a mistyped address is refused, where upstream crops or pads it. */
export function readAddress(value: unknown, index: number): Address {
  if (typeof value !== 'string') throw argumentFault(index, 'an address must be a text');
  try {
    return parseAddress(value);
  } catch (error) {
    if (isProtocolError(error)) throw argumentFault(index, error.message);
    throw error;
  }
}

/** Bytes as `0x…`. */
export function readBytes(value: unknown, index: number): Uint8Array {
  if (typeof value !== 'string' || !/^0x([0-9a-f]{2})*$/i.test(value)) {
    throw argumentFault(index, 'bytes must be 0x and an even number of hexadecimal digits');
  }
  return Uint8Array.from(Buffer.from(value.slice(2), 'hex'));
}

/** A boolean; absent is false. */
export function readFlag(value: unknown, index: number): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value !== 'boolean') throw argumentFault(index, 'a flag must be true or false');
  return value;
}

/** What to put into a block answer. */
export interface BlockOptions {
  readonly fullTransactions: boolean;
  readonly staking: boolean;
  readonly signers: boolean;
}

/** The object `{ fullTx, inclStaking, withSigners }` of the second namespace. */
export function readBlockOptions(value: unknown, index: number): BlockOptions {
  if (value === undefined || value === null) {
    return { fullTransactions: false, staking: false, signers: false };
  }
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw argumentFault(index, 'invalid type for block arguments');
  }
  const { fullTx, inclStaking, withSigners } = value as Record<string, unknown>;
  return {
    fullTransactions: readFlag(fullTx, index),
    staking: readFlag(inclStaking, index),
    signers: readFlag(withSigners, index),
  };
}

/** The parts of call arguments that decide gas: recipient and data. `input` is ignored, as upstream. */
export function readCall(
  value: unknown,
  index: number,
): { readonly to: Address | undefined; readonly data: Uint8Array } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw argumentFault(index, 'call arguments must be an object');
  }
  const { to, data } = value as Record<string, unknown>;
  return {
    to: to === undefined || to === null ? undefined : readAddress(to, index),
    data: data === undefined || data === null ? new Uint8Array(0) : readBytes(data, index),
  };
}
