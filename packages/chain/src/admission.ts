/**
 * What a node takes into its pool, as far as it follows from the transaction itself and its place: no
 * state, no other transactions. A message ends with the node's own words for the rule.
 *
 * Not here: nonce and balance, limits per account, and what a block may hold (a block may hold more).
 *
 * @source harmony/core/tx_pool.go: validateTx; node/harmony/node.go: addPendingTransactions;
 * rpc/harmony/pool.go: verifyChainID
 */
import type { Engine } from '@polyphony/crypto';
import {
  ethChainIdOfShard,
  isActive,
  isEthCompatibleChainId,
  type Network,
} from '@polyphony/networks';
import { type Address, formatUnits } from '@polyphony/primitives';
import { assertValidDirective, encodeDirective } from './directive.js';
import { ChainError } from './errors.js';
import { computeIntrinsicGas, intrinsicGasRules } from './gas.js';
import {
  assertStakingSigner,
  encodeStakingTransaction,
  recoverStakingSender,
  type SignedStakingTransaction,
} from './staking-transaction.js';
import {
  acceptsCrossShard,
  chainIdOfV,
  encodeTransaction,
  recoverSender,
  type SignedTransaction,
  transactionKind,
} from './transaction.js';

/** A transaction of this many bytes or more is not taken. */
export const TRANSACTION_SIZE_LIMIT = 131_072;

const NANO = 1_000_000_000n;

/**
 * The least gas price that a node takes from others, in atto: 100 nano on mainnet and testnet, 1
 * nano elsewhere. A node's operator may ask for another; blocks know no floor.
 *
 * @source harmony/core/tx_pool.go: DefaultTxPoolConfig; node/harmony/node.go: New
 */
export function minimumGasPrice(network: Network): bigint {
  return network.name === 'mainnet' || network.name === 'testnet' ? 100n * NANO : NANO;
}

/** Where and when a transaction is offered. */
export interface AdmissionRules {
  readonly network: Network;
  /** The node's shard. */
  readonly shardId: number;
  /** Of the node's head. */
  readonly epoch: bigint;
  /** Gas limit of the node's head; left out: not checked. */
  readonly blockGasLimit?: bigint;
  /** Default {@link minimumGasPrice}. */
  readonly gasPriceFloor?: bigint;
  readonly engine?: Engine;
}

function refuse(rule: string, detail: string): never {
  throw new ChainError({ code: 'chain/not-admitted', rule, detail });
}

interface Bought {
  readonly gasPrice: bigint;
  readonly gasLimit: bigint;
}

function assertBeforeSender(size: number, tx: Bought, rules: AdmissionRules): void {
  if (size >= TRANSACTION_SIZE_LIMIT) refuse('oversized data', `transaction size is ${size}`);
  if (rules.blockGasLimit !== undefined && tx.gasLimit > rules.blockGasLimit)
    refuse('exceeds block gas limit', `transaction gas is ${tx.gasLimit}`);
}

function assertPrice(tx: Bought, rules: AdmissionRules): void {
  const floor = rules.gasPriceFloor ?? minimumGasPrice(rules.network);
  if (tx.gasPrice < floor) {
    const [price, least] = [tx.gasPrice, floor].map((value) => formatUnits(value, 9));
    refuse(
      'transaction underpriced',
      `transaction gas-price is ${price} nano; minimum gas price is ${least} nano`,
    );
  }
}

/** One of the two ids that this shard has; a signature without an id is not sent around. */
function assertChainId(tx: SignedTransaction, { network, shardId }: AdmissionRules): boolean {
  const chainId = chainIdOfV(tx.v);
  const ethereum = chainId !== undefined && isEthCompatibleChainId(chainId);
  const expected = ethereum ? ethChainIdOfShard(network, shardId) : network.chainId;
  if (chainId !== expected) {
    const given = chainId === undefined ? 'none' : chainId.toString();
    refuse('invalid chain id for signer', `blockchain chain id:${expected}, given ${given}`);
  }
  return ethereum;
}

/**
 * Checks that a node would take a transaction, as far as bytes, epoch and shard say. It does not
 * look at nonce and balance.
 *
 * @returns The sender.
 * @throws {@link ChainError} `chain/not-admitted` with the node's rule; `chain/invalid-signature`;
 * `chain/unsigned-shard-ids` for an Ethereum-form signature on a transaction to another shard, which
 * nodes take.
 * @source harmony/core/tx_pool.go: validateTx
 * @activation crossTx + 1 for other shards; ethCompatible for Ethereum chain ids
 * @example assertAdmissible(decodeTransaction(raw), { network: mainnet, shardId: 0, epoch: 2100n })
 */
export function assertAdmissible(tx: SignedTransaction, rules: AdmissionRules): Address {
  const { network, shardId, epoch, engine } = rules;
  const tooEarly = 'invalid epoch for transaction';
  if (assertChainId(tx, rules) && !isActive(network, 'ethCompatible', epoch))
    refuse(tooEarly, 'ethereum tx not accepted yet');
  if (tx.shardId !== shardId) refuse('invalid shard', `transaction shard is ${tx.shardId}`);
  if (tx.toShardId !== shardId && !acceptsCrossShard(network, epoch))
    refuse(tooEarly, 'cross-shard tx not accepted yet');
  if (transactionKind(tx, network, shardId, epoch) === 'invalid')
    refuse('invalid shard', `there is no shard ${tx.toShardId}`);
  assertBeforeSender(encodeTransaction(tx).length, tx, rules);
  const where = { network, shardId, epoch, ...(engine === undefined ? {} : { engine }) };
  const sender = recoverSender(tx, where);
  assertPrice(tx, rules);
  const kind = tx.to === undefined ? 'contract-creation' : 'call';
  const intrinsic = computeIntrinsicGas({ data: tx.data, kind }, intrinsicGasRules(network, epoch));
  if (tx.gasLimit < intrinsic) refuse('intrinsic gas too low', `transaction gas is ${tx.gasLimit}`);
  return sender;
}

/**
 * Checks that a node would take a staking transaction, as far as bytes, epoch and the message's own
 * rules say.
 *
 * @returns The sender.
 * @throws {@link ChainError} `chain/not-admitted`, `chain/wrong-chain-id`, `chain/invalid-signature`,
 * `chain/invalid-directive`.
 * @source harmony/core/tx_pool.go: validateTx, validateStakingTx
 * @activation preStaking
 */
export function assertAdmissibleStaking(
  tx: SignedStakingTransaction,
  rules: AdmissionRules,
): Address {
  const { network, shardId, epoch, engine } = rules;
  if (shardId !== 0) refuse('invalid shard', `staking transactions are of shard 0, not ${shardId}`);
  if (!isActive(network, 'preStaking', epoch))
    refuse('invalid epoch for transaction', 'staking txs not accepted yet');
  assertBeforeSender(encodeStakingTransaction(tx).length, tx, rules);
  const sender = recoverStakingSender(tx, {
    network,
    ...(engine === undefined ? {} : { engine }),
  });
  assertPrice(tx, rules);
  const { directive } = tx;
  const kind = directive.type === 'create-validator' ? 'create-validator' : 'call';
  const intrinsic = computeIntrinsicGas(
    { data: encodeDirective(directive), kind },
    intrinsicGasRules(network, epoch),
  );
  if (tx.gasLimit < intrinsic) refuse('intrinsic gas too low', `transaction gas is ${tx.gasLimit}`);
  assertStakingSigner(directive, sender);
  assertValidDirective(directive);
  return sender;
}
