/**
 * What consensus decides on: blocks of one shard. Makes them, checks them, keeps them.
 *
 * The application that the FBFT driver asks, joined to the executor, the chain store and the pool.
 * Synchronised blocks take the same checks as those of consensus, plus their seal. Time comes from
 * the caller.
 */

import type { Bls } from '@polyphony/bls';
import { bitmapIndices } from '@polyphony/bls/bitmap';
import {
  type Block,
  type CommitSeal,
  computeBlockHash,
  decodeBlock,
  decodeCommitSeal,
  encodeBlock,
  encodeCommitSeal,
  type Header,
  type StoredReceipt,
} from '@polyphony/chain';
import type { Engine } from '@polyphony/crypto';
import {
  type BlockResult,
  type ExecutionEnvironment,
  type Finalize,
  type State,
  type StateDatabase,
  transferOnlyEvm,
  validateBlock,
} from '@polyphony/executor';
import type { DoubleSign, HeadInfo } from '@polyphony/fbft';
import type { Application, ValidationContext, ValidationResult } from '@polyphony/fbft/driver';
import { blockPeriodMs, isActive, type Network } from '@polyphony/networks';
import { type Address, bytesToHex, type Hash, isProtocolError } from '@polyphony/primitives';
import { decodeShardState, slotOfKey } from '@polyphony/sharding';
import type { BatchOperation } from '@polyphony/storage';
import type { Beacon } from './beacon.js';
import { createBlockChecks, Refusal, refuse } from './block-checks.js';
import type { ChainBlock, ChainStore } from './chain-store.js';
import { type Committees, leadersAfter } from './committees.js';
import type { Decisions } from './decisions.js';
import type { Handover } from './handover.js';
import type { LocalSigner } from './keys.js';
import { createLock } from './lock.js';
import type { Mempool, PoolState } from './mempool.js';
import { createProposer, type ExecutedBlock } from './proposer.js';
import { storedReceipts } from './receipts.js';
import type { ShardStates } from './shard-states.js';
import type { Supply } from './supply.js';
import type { FetchedBlock } from './sync.js';

/** Executed blocks that wait for their commit; a height has few candidates. */
const MAX_EXECUTED = 8;

/** A final block, as told to whoever runs the node. */
export interface FinalBlock {
  readonly hash: Hash;
  readonly block: Block;
  readonly receipts: readonly StoredReceipt[];
  readonly senders: readonly Address[];
  /** Committee positions of the seal, ascending. */
  readonly signers: readonly number[];
  readonly committeeSize: number;
  /** The view in which it was decided, as far as it is known; later than its own when it was carried. */
  readonly decidedInView: bigint;
  /** Committee position of the proposer, -1 when it is not in the committee. */
  readonly leader: number;
  /** From the own proposal to its commit, ms; undefined for blocks of others. */
  readonly finalityMs: number | undefined;
  readonly result: BlockResult;
}

/** What the application is made of. */
export interface ApplicationOptions {
  readonly network: Network;
  readonly shardId: number;
  readonly chain: ChainStore;
  readonly states: StateDatabase;
  readonly shardStates: ShardStates;
  readonly committees: Committees;
  readonly handover: Handover;
  readonly supply: Supply;
  readonly decisions: Decisions;
  readonly finalize: Finalize;
  /** On the beacon shard. */
  readonly beacon?: Beacon;
  readonly mempool: Mempool;
  readonly bls: Bls;
  readonly engine: Engine;
  readonly signer: LocalSigner;
  /** Own networks: a view change goes on from whoever had the turn. */
  readonly skipTurnHolder: boolean;
  /** Milliseconds since 1970. */
  now(): number;
  onFinal(final: FinalBlock): void;
  /** More members signed a block than when it became final. */
  onMoreSigners(hash: Hash, signers: readonly number[]): void;
  onSync(): void;
  /** A member of this shard signed two blocks; proved. */
  onDoubleSign(evidence: DoubleSign): void;
  /** Called before blocks are checked that hand over to an epoch that is not known here. */
  onUnknownEpoch(): Promise<void>;
  onWarning(text: string): void;
}

/** The application of one shard. */
export interface ShardApplication extends Application {
  headInfo(head: ChainBlock): HeadInfo;
  poolState(): PoolState;
  /** Resolves when what is being written is written. */
  settled(): Promise<void>;
  /** Checks a fetched block and appends it; false when it is not valid here. */
  acceptFetched(fetched: FetchedBlock): Promise<boolean>;
}

/** Committee positions of the bits that are set; upstream lets unused bits be anything. */
function signersOf({ bitmap }: CommitSeal, size: number): readonly number[] {
  return bitmapIndices(bitmap, size, { padding: 'ignore' });
}

/** The application over one chain. */
export function createApplication(options: ApplicationOptions): ShardApplication {
  const { network, shardId, chain, committees, mempool, engine, states } = options;
  const { shardStates, beacon } = options;
  const lock = createLock();
  const executed = new Map<Hash, ExecutedBlock>();
  /** When the own proposals were made, by hash. */
  const proposedAt = new Map<Hash, number>();

  const environment: ExecutionEnvironment = {
    network,
    shardId,
    engine,
    evm: transferOnlyEvm,
    blockHash: (number) => chain.hashOf(number),
    finalize: options.finalize,
    ...(beacon === undefined ? {} : { staking: beacon.staking }),
  };
  const checks = createBlockChecks(options);
  const proposer = createProposer({ ...options, environment, poolState });

  const stateAfter = (header: Header): State => states.openState(header.stateRoot);

  function remember<V>(map: Map<Hash, V>, hash: Hash, value: V): void {
    map.set(hash, value);
    if (map.size > MAX_EXECUTED) map.delete(map.keys().next().value!);
  }

  /** Everything a block must be on the head, except sealed. Keeps what execution gave. */
  async function execute(
    block: Block,
    hash: Hash,
    slot: number,
    nowMs?: number,
  ): Promise<ExecutedBlock> {
    const known = executed.get(hash);
    if (known !== undefined) return known;
    const parent = chain.head;
    checks.assertValid(block.header, parent, slot);
    const state = stateAfter(parent.block.header);
    const result = await validateBlock(environment, {
      block,
      parent: parent.block.header,
      state,
      coinbaseAccount: committees.committeeAt(block.header.epoch).slots[slot]!.address,
      ...(nowMs === undefined ? {} : { nowMs }),
    });
    const value: ExecutedBlock = { block, result, commit: state.commit() };
    remember(executed, hash, value);
    return value;
  }

  /** Learns what checking needs: a leader may know of a new epoch or a delay before this node. */
  async function prepare(header: Header): Promise<void> {
    await beacon?.randomness?.prepare(header);
    if (header.shardState.length === 0 || beacon !== undefined) return;
    if (committees.epochAfter(header) > shardStates.newest) await options.onUnknownEpoch();
  }

  function poolState(): PoolState {
    const { header } = chain.head.block;
    const state = stateAfter(header);
    return {
      nonceOf: (address) => state.getNonce(address),
      balanceOf: (address) => state.getBalance(address),
      gasLimit: header.gasLimit,
      epoch: header.epoch,
    };
  }

  /** What a block changes beside the state, written with it. */
  function sideOperations(header: Header, result: BlockResult): BatchOperation[] {
    const operations: BatchOperation[] = [...options.supply.operationsOf(result)];
    if (header.shardState.length > 0 && header.number > 0n) {
      const epoch = committees.epochAfter(header);
      // Other shards have the beacon's committees already when a block of theirs copies them.
      if (shardStates.find(epoch) === undefined) {
        operations.push(...shardStates.operationsOf(epoch, decodeShardState(header.shardState)));
      }
    }
    if (beacon !== undefined) {
      operations.push(...beacon.crossLinks.operationsOf(header));
      if (beacon.randomness !== undefined) {
        const leader = committees.proposerOf(header);
        operations.push(...beacon.randomness.operationsOf(header, leader));
      }
      if (result.staking) operations.push(...beacon.tables.operationsOf(result.staking.tables));
    }
    return operations;
  }

  /** Appends an executed block, with what came with its decision, and tells everyone. */
  async function finish(
    hash: Hash,
    value: ExecutedBlock,
    seal: CommitSeal,
    beside: readonly BatchOperation[] = [],
  ): Promise<void> {
    const { block, result, commit } = value;
    const receipts = storedReceipts(hash, block, result);
    const size = committees.committeeAt(block.header.epoch).slots.length;
    await chain.append(block, receipts, encodeCommitSeal(seal, network), [
      ...commit.operations,
      ...sideOperations(block.header, result),
      ...beside,
    ]);
    commit.confirm();
    executed.clear();
    const startedAt = proposedAt.get(hash);
    proposedAt.clear();
    mempool.reset(poolState(), options.now());
    options.onFinal({
      hash,
      block,
      receipts,
      senders: [...result.results, ...result.stakingResults].map(({ sender }) => sender),
      signers: signersOf(seal, size),
      decidedInView: seal.decidedInView ?? block.header.viewId,
      result,
      committeeSize: size,
      leader: committees.proposerOf(block.header),
      finalityMs: startedAt === undefined ? undefined : Math.max(0, options.now() - startedAt),
    });
  }

  function headInfo(head: ChainBlock): HeadInfo {
    const { header } = head.block;
    const epoch = committees.epochAfter(header);
    const slot = header.number === 0n ? 0 : committees.proposerOf(header);
    const proposer = committees.committeeAt(header.epoch).slots[slot]?.blsPublicKey;
    return {
      height: header.number,
      hash: head.hash,
      viewId: header.viewId,
      timestampMs: Number(header.timestamp) * 1000,
      epoch,
      committee: committees.votingAt(epoch),
      leaders: leadersAfter(network, committees, header, chain.headerAt, options.skipTurnHolder),
      commitViewId: isActive(network, 'staking', epoch),
      blockPeriodMs: blockPeriodMs(network, epoch),
      ...(proposer === undefined ? {} : { proposer }),
    };
  }

  async function validate(
    bytes: Uint8Array,
    context: ValidationContext,
  ): Promise<ValidationResult> {
    try {
      const block = decodeBlock(bytes);
      const { header } = block;
      const hash = computeBlockHash(block, engine);
      if (chain.head.hash !== context.head.hash) refuse('the head has moved on');
      const key = context.leaderOf(header.viewId);
      if (key === undefined) refuse(`view ${header.viewId} has no leader`);
      const committee = committees.committeeAt(committees.epochAfter(chain.head.block.header));
      await prepare(header);
      await execute(block, hash, slotOfKey(committee, key), options.now());
      return {
        valid: true,
        blockHash: hash,
        height: header.number,
        parentHash: header.parentHash,
        viewId: header.viewId,
      };
    } catch (error) {
      if (error instanceof Refusal || isProtocolError(error)) {
        return { valid: false, reason: error.message };
      }
      throw error;
    }
  }

  return {
    headInfo,
    poolState,
    validate,

    async propose(context) {
      const proposed = await proposer.propose(context);
      if (proposed === undefined) return undefined;
      const hash = computeBlockHash(proposed.block, engine);
      remember(executed, hash, proposed);
      proposedAt.set(hash, options.now());
      return { block: encodeBlock(proposed.block), blockHash: hash };
    },

    commit: (bytes, seal, context) =>
      lock(async () => {
        const { head } = chain;
        if (head.block.header.number >= context.height) {
          const final = chain.hashOf(context.height);
          if (final !== context.blockHash) {
            throw new Error(
              `block ${context.height} is final as ${final}, not ${context.blockHash}`,
            );
          }
          return headInfo(head);
        }
        let value = executed.get(context.blockHash);
        if (value === undefined) {
          const block = decodeBlock(bytes);
          const epoch = committees.epochAfter(head.block.header);
          const slots = committees.committeeAt(epoch).slots;
          const slot = slots.findIndex(
            (_, i) => committees.coinbaseOf(epoch, i) === block.header.coinbase,
          );
          value = await execute(block, context.blockHash, slot);
        }
        const decided = { ...seal, decidedInView: context.decidedInView };
        const beside = options.decisions.operationsOf(context);
        await finish(context.blockHash, value, decided, beside);
        return headInfo(chain.head);
      }),

    improveSeal(height, hash, seal) {
      const header = chain.header(hash);
      if (header === undefined || chain.hashOf(height) !== hash) return;
      const size = committees.committeeAt(header.epoch).slots.length;
      chain.replaceSeal(height, encodeCommitSeal(seal, network)).then(
        () => options.onMoreSigners(hash, signersOf(seal, size)),
        (error: Error) => options.onWarning(`seal of block ${height}: ${error.message}`),
      );
    },

    requestSync: () => options.onSync(),

    reportDoubleSign(evidence) {
      options.onWarning(
        `${bytesToHex(evidence.key)} signed two blocks at height ${evidence.height}, view ${evidence.viewId}`,
      );
      options.onDoubleSign(evidence);
    },

    settled: () => lock(async () => undefined),

    acceptFetched: ({ block, seal }) =>
      lock(async () => {
        const { head } = chain;
        if (block.header.number !== head.block.header.number + 1n) {
          return block.header.number <= head.block.header.number;
        }
        const hash = computeBlockHash(block, engine);
        const { epoch } = block.header;
        if (epoch !== committees.epochAfter(head.block.header)) return false;
        if (!checks.sealVerifies(block.header, hash, seal)) return false;
        const slot = committees.proposerOf(block.header);
        if (slot < 0) return false;
        try {
          await prepare(block.header);
          const value = await execute(block, hash, slot);
          await finish(hash, value, decodeCommitSeal(seal, network));
          return true;
        } catch (error) {
          if (error instanceof Refusal || isProtocolError(error)) {
            options.onWarning(`fetched block ${block.header.number} refused: ${error.message}`);
            return false;
          }
          throw error;
        }
      }),
  };
}
