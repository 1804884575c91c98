/**
 * How a transaction gets into the pool: who signed it, what it is called, and that no block has it.
 *
 * Transactions of clients and of peers take the same way. What the pool itself refuses is the pool's.
 */
import {
  assertStakingSigner,
  decodeStakingTransaction,
  encodeTransaction,
  ethereumTransactionHash,
  recoverSender,
  recoverStakingSender,
  type SignedTransaction,
  stakingTransactionHash,
  transactionHash,
} from '@polyphony/chain';
import type { Engine } from '@polyphony/crypto';
import type { Network } from '@polyphony/networks';
import type { Address } from '@polyphony/primitives';
import type { ChainStore } from './chain-store.js';
import {
  type Mempool,
  type PlainPoolTransaction,
  PoolRejection,
  type PoolState,
  type PoolTransaction,
  type StakingPoolTransaction,
} from './mempool.js';

/** What admission stands on. */
export interface AdmissionOptions {
  readonly network: Network;
  readonly shardId: number;
  readonly engine: Engine;
  readonly chain: ChainStore;
  readonly mempool: Mempool;
  poolState(): PoolState;
  /** Milliseconds since 1970. */
  now(): number;
}

/** The way into the pool of one node. */
export interface Admission {
  /** @throws ChainError when the signature gives no sender. */
  senderOf(transaction: SignedTransaction): Address;
  /** @throws PoolRejection; ChainError. */
  admit(transaction: SignedTransaction): PlainPoolTransaction;
  /**
   * The same for the bytes of a staking transaction.
   *
   * @throws PoolRejection; ChainError, also for bytes that are no staking transaction.
   */
  admitStaking(bytes: Uint8Array): StakingPoolTransaction;
}

/** Admission to a pool. */
export function createAdmission(options: AdmissionOptions): Admission {
  const { network, shardId, engine, chain, mempool } = options;

  const senderOf = (transaction: SignedTransaction): Address =>
    recoverSender(transaction, { network, shardId, engine });

  function add<T extends PoolTransaction>(pooled: T): T {
    if (chain.place(pooled.hash) ?? chain.stakingPlace(pooled.hash)) {
      throw new PoolRejection('known transaction', `transaction hash ${pooled.hash}`);
    }
    mempool.add(pooled, options.poolState(), options.now());
    return pooled;
  }

  return {
    senderOf,
    admit: (transaction) =>
      add({
        kind: 'plain',
        transaction,
        sender: senderOf(transaction),
        hash: transactionHash(transaction, engine),
        ethereumHash: ethereumTransactionHash(transaction, engine),
        size: encodeTransaction(transaction).length,
      }),
    admitStaking(bytes) {
      const transaction = decodeStakingTransaction(bytes);
      const sender = recoverStakingSender(transaction, { network, engine });
      assertStakingSigner(transaction.directive, sender);
      const hash = stakingTransactionHash(transaction, engine);
      return add({ kind: 'staking', transaction, sender, hash, size: bytes.length });
    },
  };
}
