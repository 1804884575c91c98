/** `getBlockByNumber` and `getBlockByHash`. A block the node does not have is `undefined`. */
import type { Hash } from '@polyphony/primitives';
import { decodeBlock, type RpcBlock } from '../block.js';
import { type BlockTag, blockParam } from '../block-tag.js';
import { type CallOptions, type Rpc, read } from '../client.js';
import { invalidReply, RpcError } from '../errors.js';
import type { JsonInput, JsonValue } from '../json.js';

/** What a block is asked to hold. */
export interface BlockContentOptions extends CallOptions {
  /** Whole transactions instead of their hashes. Default false. */
  readonly fullTransactions?: boolean;
  /** Staking transactions too. Default true. */
  readonly includeStaking?: boolean;
  /** Accounts of the validators who signed; `hmyv2` only. Default false. */
  readonly withSigners?: boolean;
}

/** Arguments of {@link getBlockByNumber}. */
export interface GetBlockByNumberOptions extends BlockContentOptions {
  readonly number: BlockTag;
}

/** Arguments of {@link getBlockByHash}. */
export interface GetBlockByHashOptions extends BlockContentOptions {
  readonly hash: Hash;
}

function contentParam(rpc: Rpc, options: BlockContentOptions): JsonInput {
  const fullTx = options.fullTransactions ?? false;
  if (rpc.namespace === 'hmy') return fullTx;
  return {
    fullTx,
    inclStaking: options.includeStaking ?? true,
    withSigners: options.withSigners ?? false,
  };
}

async function readBlock(
  rpc: Rpc,
  method: string,
  which: JsonInput,
  options: BlockContentOptions,
): Promise<RpcBlock | undefined> {
  let result: JsonValue;
  try {
    result = await read(rpc, method, [which, contentParam(rpc, options)], options);
  } catch (error) {
    const missing =
      error instanceof RpcError &&
      (error.code === 'rpc/block-too-high' || error.code === 'rpc/not-found');
    if (missing) return undefined;
    throw error;
  }
  return result === null ? undefined : decodeBlock(result, options.fullTransactions);
}

/**
 * A block by number or by word; `undefined` when it is beyond the node's chain.
 *
 * @throws {@link RpcError}
 * @source harmony/rpc/harmony/blockchain.go: GetBlockByNumber
 * @example await getBlockByNumber(rpc, { number: 'latest', fullTransactions: true })
 */
export async function getBlockByNumber(
  rpc: Rpc,
  options: GetBlockByNumberOptions,
): Promise<RpcBlock | undefined> {
  const { number } = options;
  const param = blockParam(rpc.namespace, number);
  const block = await readBlock(rpc, 'getBlockByNumber', param, options);
  if (block !== undefined && typeof number === 'bigint' && block.number !== number)
    throw invalidReply('block.number', `must be ${number}, got ${block.number}`);
  return block;
}

/**
 * A block by its header hash; `undefined` when the node does not have it.
 *
 * @throws {@link RpcError}
 * @source harmony/rpc/harmony/blockchain.go: GetBlockByHash
 */
export async function getBlockByHash(
  rpc: Rpc,
  options: GetBlockByHashOptions,
): Promise<RpcBlock | undefined> {
  const block = await readBlock(rpc, 'getBlockByHash', options.hash, options);
  if (block !== undefined && block.hash !== options.hash)
    throw invalidReply('block.hash', `must be ${options.hash}, got ${block.hash}`);
  return block;
}
