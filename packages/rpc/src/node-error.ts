/**
 * What a node means by its refusal. The network's nodes answer nearly everything under -32000 and
 * say the reason in words; pool errors are `detail: cause` and the cause at the end is stable.
 * The table below turns numbers and texts into stable codes. A text nobody has named becomes
 * `rpc/node-error`, with its number and words kept.
 *
 * @source harmony/eth/rpc/errors.go; harmony/core/tx_pool.go: validateTx;
 * harmony/core/types/errors.go; harmony/rpc/harmony/error.go
 */
import type { Hex } from '@polyphony/primitives';
import { type NodeAnswer, type NodeErrorCode, RpcError } from './errors.js';

const BY_NUMBER: Readonly<Record<string, NodeErrorCode>> = {
  '-32700': 'rpc/parse-error',
  '-32600': 'rpc/invalid-request',
  '-32601': 'rpc/method-not-found',
  '-32602': 'rpc/invalid-params',
  '-32005': 'rpc/limit-exceeded',
};

/** Causes at the end of a pool error, or the whole text. Longer ones first where one ends another. */
const BY_SUFFIX: readonly (readonly [suffix: string, code: NodeErrorCode])[] = [
  ['nonce too low', 'rpc/nonce-too-low'],
  ['replacement transaction underpriced', 'rpc/replacement-underpriced'],
  ['insufficient funds for gas * price + value', 'rpc/insufficient-funds'],
  ['insufficient funds for transfer', 'rpc/insufficient-funds'],
  ['intrinsic gas too low', 'rpc/intrinsic-gas-too-low'],
  ['exceeds block gas limit', 'rpc/exceeds-block-gas-limit'],
  ['oversized data', 'rpc/oversized-data'],
  ['invalid sender', 'rpc/invalid-sender'],
  ['invalid shard', 'rpc/invalid-shard'],
  ['negative value', 'rpc/negative-value'],
  ['transaction pool is full', 'rpc/pool-full'],
  ['account limit of the pool reached', 'rpc/pool-full'],
  ['in blacklist and not in allowlist', 'rpc/account-not-allowed'],
  ['in blacklist', 'rpc/account-not-allowed'],
  ['transaction allowed whitelist check failed.', 'rpc/account-not-allowed'],
  ['staking message does not match directive message', 'rpc/directive-mismatch'],
  ['invalid epoch for transaction', 'rpc/invalid-epoch'],
  ['invalid chain id for signer', 'rpc/invalid-chain-id'],
  ['incorrect chain id', 'rpc/invalid-chain-id'],
  ['cannot call this rpc on non beaconchain node', 'rpc/not-beacon'],
  ['requested block number greater than current block number', 'rpc/block-too-high'],
  ['explorer service not started', 'rpc/explorer-off'],
  ['transaction not found', 'rpc/not-found'],
  ['filter not found', 'rpc/not-found'],
  ['unknown block', 'rpc/not-found'],
  ['Header is not found', 'rpc/not-found'],
];

/** Words at the start; what follows varies. */
const BY_PREFIX: readonly (readonly [prefix: string, code: NodeErrorCode])[] = [
  ['known transaction', 'rpc/known-transaction'],
  ['rate: Wait(n=', 'rpc/rate-limited'],
  ['gas required exceeds allowance', 'rpc/gas-exceeds-allowance'],
  ['execution aborted (timeout', 'rpc/execution-timeout'],
  ['requested block number greater than current block number', 'rpc/block-too-high'],
  ['GetBlocks query must be smaller than size', 'rpc/range-too-large'],
  ['GetLogs query must be smaller than size', 'rpc/range-too-large'],
  ['shard do not match', 'rpc/invalid-shard'],
  ['the method ', 'rpc/method-not-found'],
];

const REVERTED = 'execution reverted';
const UNDERPRICED = 'transaction underpriced';
/** Longest text that is searched; the rest of a longer one is kept but not looked at. */
const SEARCHED = 2048;

/**
 * The lowest price of an "underpriced" text in atto.
 *
 * The network's pool prints nano and calls them ONE, ours calls them nano; both are read as nano.
 *
 * @source harmony/core/tx_pool.go: validateTx (minimum gas price in the message)
 */
function minimumGasPrice(message: string): bigint | undefined {
  const found = /minimum gas price is (\d{1,18})(?:\.(\d{1,18}))? (?:ONE|nano)/.exec(message);
  if (found === null) return undefined;
  const fraction = (found[2] ?? '').padEnd(9, '0').slice(0, 9);
  return BigInt(found[1]!) * 1_000_000_000n + BigInt(fraction);
}

/**
 * The typed error for a node's error object.
 *
 * @param nodeCode - The `code` member.
 * @param nodeMessage - The `message` member.
 * @param data - The `data` member when it is hexadecimal text: the revert bytes.
 * @example nodeError(-32000n, 'transaction nonce is 3: nonce too low').code  // 'rpc/nonce-too-low'
 */
export function nodeError(nodeCode: bigint, nodeMessage: string, data?: Hex): RpcError {
  const answer: NodeAnswer = { nodeCode, nodeMessage };
  const text = nodeMessage.slice(0, SEARCHED).trimEnd();
  if (nodeCode === 3n || text.startsWith(REVERTED)) {
    const reason = text.startsWith(`${REVERTED}: `)
      ? nodeMessage.slice(REVERTED.length + 2)
      : undefined;
    return new RpcError({ code: 'rpc/reverted', reason, data, ...answer });
  }
  const byNumber = Object.hasOwn(BY_NUMBER, nodeCode.toString())
    ? BY_NUMBER[nodeCode.toString()]
    : undefined;
  if (byNumber !== undefined) return new RpcError({ code: byNumber, ...answer });
  for (const [suffix, code] of BY_SUFFIX) {
    if (text.endsWith(suffix)) return new RpcError({ code, ...answer });
  }
  if (text.endsWith(UNDERPRICED)) {
    return new RpcError({
      code: 'rpc/underpriced',
      minimumGasPrice: minimumGasPrice(text),
      ...answer,
    });
  }
  for (const [prefix, code] of BY_PREFIX) {
    if (text.startsWith(prefix)) return new RpcError({ code, ...answer });
  }
  // "transaction hash 0x…: known transaction" and "known transaction: 0x…" are both in use.
  if (text.endsWith('known transaction'))
    return new RpcError({ code: 'rpc/known-transaction', ...answer });
  return new RpcError({ code: 'rpc/node-error', ...answer });
}
