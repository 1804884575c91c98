/**
 * Transactions that wait for a block: admission rules, order and bounds.
 *
 * Decides which plain and staking transactions a proposer may pick, and in which order: by gas
 * price, then by arrival, each sender's by nonce, which both kinds share. What a transaction does is
 * the executor's question. State is read through a small port, always of the current head.
 *
 * @source harmony/core/tx_pool.go: validateTx, DefaultTxPoolConfig
 */
import {
  computeIntrinsicGas,
  encodeDirective,
  intrinsicGasRules,
  minimumGasPrice,
  type SignedStakingTransaction,
  type SignedTransaction,
  TRANSACTION_SIZE_LIMIT,
} from '@polyphony/chain';
import { isActive, type Network } from '@polyphony/networks';
import type { Address, Hash } from '@polyphony/primitives';

interface Derived {
  readonly sender: Address;
  /** Keccak-256 of the 11-item form, or of a staking transaction. */
  readonly hash: Hash;
  /** Size of the form that is stored, in bytes. */
  readonly size: number;
}

/** A plain transaction with what was derived from it once. */
export interface PlainPoolTransaction extends Derived {
  readonly kind: 'plain';
  readonly transaction: SignedTransaction;
  /** Keccak-256 of the 9-item form. */
  readonly ethereumHash: Hash;
}

/** A staking transaction with what was derived from it once. */
export interface StakingPoolTransaction extends Derived {
  readonly kind: 'staking';
  readonly transaction: SignedStakingTransaction;
}

/** A transaction that waits. */
export type PoolTransaction = PlainPoolTransaction | StakingPoolTransaction;

/** What the pool asks of the head's state. */
export interface PoolState {
  nonceOf(address: Address): bigint;
  balanceOf(address: Address): bigint;
  /** Gas limit of the head block. */
  readonly gasLimit: bigint;
  readonly epoch: bigint;
}

/** Bounds and prices. Amounts are atto, times are milliseconds. */
export interface PoolLimits {
  readonly minimumGasPrice: bigint;
  /** A replacement must pay this many percent more. */
  readonly priceBumpPercent: bigint;
  /** Bytes from which on a transaction is too large. */
  readonly sizeLimit: number;
  /** Transactions of one sender, waiting ones included. */
  readonly perSender: number;
  readonly total: number;
  readonly lifetimeMs: number;
}

const GWEI = 1_000_000_000n;

/** The Go node's limits: 100 gwei and 1 % on mainnet and testnet, 1 gwei and 10 % elsewhere. */
export function defaultPoolLimits(network: Network): PoolLimits {
  const priced = network.name === 'mainnet' || network.name === 'testnet';
  return {
    minimumGasPrice: minimumGasPrice(network),
    priceBumpPercent: priced ? 1n : 10n,
    sizeLimit: TRANSACTION_SIZE_LIMIT,
    perSender: 16 + 64,
    total: 4_096 + 5_120,
    lifetimeMs: 30 * 60_000,
  };
}

/** Why a transaction was refused; the message is upstream's `<detail>: <cause>`. */
export class PoolRejection extends Error {
  override readonly name = 'PoolRejection';
  /** The stable part of the message. */
  readonly reason: string;

  constructor(reason: string, detail?: string) {
    super(detail === undefined ? reason : `${detail}: ${reason}`);
    this.reason = reason;
  }
}

type Entry = PoolTransaction & { readonly addedAtMs: number; readonly arrival: number };

/** The transactions that wait in one node. */
export interface Mempool {
  /** Number of transactions. */
  readonly size: number;
  /**
   * Admits a transaction.
   *
   * @throws {@link PoolRejection} when a rule refuses it; nothing changed then.
   */
  add(transaction: PoolTransaction, state: PoolState, nowMs: number): void;
  /** By either hash. */
  get(hash: Hash): PoolTransaction | undefined;
  /** What a block may hold, best first: price, then arrival; each sender's in nonce order without gaps. */
  executable(state: PoolState, most: number): PoolTransaction[];
  /** The nonce after a sender's last gapless transaction. */
  nextNonce(address: Address, state: PoolState): bigint;
  /** Drops what a new head made invalid or what waited too long. */
  reset(state: PoolState, nowMs: number): void;
  /** Drops one transaction that execution refused. */
  remove(hash: Hash): void;
  counts(state: PoolState): { readonly executable: number; readonly queued: number };
}

/** Whether the transaction may be in a block of this shard at all. */
function assertPlace(
  pooled: PoolTransaction,
  shardId: number,
  network: Network,
  epoch: bigint,
): void {
  if (pooled.kind === 'staking') {
    if (shardId !== 0) throw new PoolRejection('invalid shard');
    if (!isActive(network, 'preStaking', epoch)) {
      throw new PoolRejection('staking transactions are not accepted yet');
    }
    return;
  }
  const { transaction } = pooled;
  if (transaction.shardId !== shardId) throw new PoolRejection('invalid shard');
  if (transaction.toShardId !== transaction.shardId) {
    throw new PoolRejection(
      'invalid shard',
      'cross-shard transactions are not served by this node yet',
    );
  }
}

function intrinsicGasOf(pooled: PoolTransaction, network: Network, epoch: bigint): bigint {
  const rules = intrinsicGasRules(network, epoch);
  if (pooled.kind === 'plain') {
    const { data, to } = pooled.transaction;
    return computeIntrinsicGas(
      { data, kind: to === undefined ? 'contract-creation' : 'call' },
      rules,
    );
  }
  const { directive } = pooled.transaction;
  const kind = directive.type === 'create-validator' ? 'create-validator' : 'call';
  return computeIntrinsicGas({ data: encodeDirective(directive), kind }, rules);
}

/** Checks one transaction against the rules that need no other transaction, in upstream's order. */
function assertAdmissible(
  pooled: PoolTransaction,
  shardId: number,
  network: Network,
  limits: PoolLimits,
  state: PoolState,
): void {
  const { transaction, sender, size } = pooled;
  assertPlace(pooled, shardId, network, state.epoch);
  if (size >= limits.sizeLimit) {
    throw new PoolRejection('oversized data', `encoded tx size: ${size}`);
  }
  if (transaction.gasLimit > state.gasLimit) {
    throw new PoolRejection(
      'exceeds block gas limit',
      `transaction gas is ${transaction.gasLimit}`,
    );
  }
  if (transaction.gasPrice < limits.minimumGasPrice) {
    const nano = (atto: bigint): string => `${atto / GWEI}.${String(atto % GWEI).padStart(9, '0')}`;
    throw new PoolRejection(
      'transaction underpriced',
      `transaction gas-price is ${nano(transaction.gasPrice)} nano; minimum gas price is ${nano(limits.minimumGasPrice)} nano`,
    );
  }
  if (transaction.nonce < state.nonceOf(sender)) {
    throw new PoolRejection('nonce too low', `transaction nonce is ${transaction.nonce}`);
  }
  const value = pooled.kind === 'plain' ? pooled.transaction.value : 0n;
  const cost = transaction.gasLimit * transaction.gasPrice + value;
  if (state.balanceOf(sender) < cost) {
    throw new PoolRejection(
      'insufficient funds for gas * price + value',
      `current shard-id: ${shardId}`,
    );
  }
  if (transaction.gasLimit < intrinsicGasOf(pooled, network, state.epoch)) {
    throw new PoolRejection('intrinsic gas too low', `transaction gas is ${transaction.gasLimit}`);
  }
}

/** An empty pool for one shard. */
export function createMempool(
  network: Network,
  shardId: number,
  limits: PoolLimits = defaultPoolLimits(network),
): Mempool {
  const senders = new Map<Address, Map<bigint, Entry>>();
  const byHash = new Map<Hash, Entry>();
  let arrivals = 0;
  let count = 0;

  function drop(entry: Entry): void {
    const queue = senders.get(entry.sender);
    if (queue?.get(entry.transaction.nonce)?.hash !== entry.hash) return;
    queue.delete(entry.transaction.nonce);
    if (queue.size === 0) senders.delete(entry.sender);
    byHash.delete(entry.hash);
    if (entry.kind === 'plain') byHash.delete(entry.ethereumHash);
    count -= 1;
  }

  /** A sender's transactions from its state nonce on, until the first gap. */
  function* gapless(address: Address, state: PoolState): Generator<Entry> {
    const queue = senders.get(address);
    if (queue === undefined) return;
    for (let nonce = state.nonceOf(address); ; nonce += 1n) {
      const entry = queue.get(nonce);
      if (entry === undefined) return;
      yield entry;
    }
  }

  const cheaper = (a: Entry, b: Entry): number =>
    a.transaction.gasPrice === b.transaction.gasPrice
      ? a.arrival - b.arrival
      : a.transaction.gasPrice > b.transaction.gasPrice
        ? -1
        : 1;

  return {
    get size() {
      return count;
    },

    add(pooled, state, nowMs) {
      if (byHash.has(pooled.hash)) {
        throw new PoolRejection('known transaction', `transaction hash ${pooled.hash}`);
      }
      assertAdmissible(pooled, shardId, network, limits, state);
      const queue = senders.get(pooled.sender);
      const known = queue?.get(pooled.transaction.nonce);
      if (known !== undefined) {
        const least = (known.transaction.gasPrice * (100n + limits.priceBumpPercent)) / 100n;
        if (pooled.transaction.gasPrice < least) {
          throw new PoolRejection('replacement transaction underpriced');
        }
        drop(known);
      } else if ((queue?.size ?? 0) >= limits.perSender) {
        throw new PoolRejection('account limit of the pool reached', `sender ${pooled.sender}`);
      } else if (count >= limits.total) {
        throw new PoolRejection('transaction pool is full');
      }
      const entry: Entry = { ...pooled, addedAtMs: nowMs, arrival: arrivals++ };
      const target = senders.get(pooled.sender) ?? new Map<bigint, Entry>();
      target.set(entry.transaction.nonce, entry);
      senders.set(pooled.sender, target);
      byHash.set(entry.hash, entry);
      if (entry.kind === 'plain') byHash.set(entry.ethereumHash, entry);
      count += 1;
    },

    get: (hash) => byHash.get(hash),

    executable(state, most) {
      // One open transaction per sender; taking it opens the sender's next one.
      const open: { entry: Entry; rest: Generator<Entry> }[] = [];
      for (const address of senders.keys()) {
        const rest = gapless(address, state);
        const first = rest.next();
        if (!first.done) open.push({ entry: first.value, rest });
      }
      open.sort((a, b) => cheaper(a.entry, b.entry));
      const chosen: PoolTransaction[] = [];
      while (open.length > 0 && chosen.length < most) {
        const { entry, rest } = open.shift()!;
        chosen.push(entry);
        const next = rest.next();
        if (next.done) continue;
        let at = 0;
        let end = open.length;
        while (at < end) {
          const middle = (at + end) >> 1;
          if (cheaper(open[middle]!.entry, next.value) <= 0) at = middle + 1;
          else end = middle;
        }
        open.splice(at, 0, { entry: next.value, rest });
      }
      return chosen;
    },

    nextNonce(address, state) {
      let nonce = state.nonceOf(address);
      for (const entry of gapless(address, state)) nonce = entry.transaction.nonce + 1n;
      return nonce;
    },

    reset(state, nowMs) {
      for (const [address, queue] of [...senders]) {
        const nonce = state.nonceOf(address);
        for (const entry of [...queue.values()]) {
          const stale = entry.transaction.nonce < nonce;
          if (stale || nowMs - entry.addedAtMs > limits.lifetimeMs) drop(entry);
        }
      }
    },

    remove(hash) {
      const entry = byHash.get(hash);
      if (entry !== undefined) drop(entry);
    },

    counts(state) {
      let executable = 0;
      for (const address of senders.keys()) {
        for (const _ of gapless(address, state)) executable += 1;
      }
      return { executable, queued: count - executable };
    },
  };
}
