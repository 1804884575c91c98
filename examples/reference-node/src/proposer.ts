/**
 * Making a block on the head: when, from which transactions, and what else it carries.
 */
import {
  type Block,
  encodeCommitSeal,
  encodeCrossLinks,
  encodeSlashRecords,
  proposalTime,
  type SealFields,
} from '@polyphony/chain';
import {
  type BlockResult,
  buildBlock,
  type ExecutionEnvironment,
  type SkipReason,
  type StateCommit,
  type StateDatabase,
} from '@polyphony/executor';
import type { ProposalContext } from '@polyphony/fbft/driver';
import { isActive, type Network } from '@polyphony/networks';
import { type Hash, hexToBytes } from '@polyphony/primitives';
import { vrfField, vrfMessage } from '@polyphony/randomness';
import { slotOfKey } from '@polyphony/sharding';
import type { Beacon } from './beacon.js';
import type { ChainStore } from './chain-store.js';
import type { Committees } from './committees.js';
import type { Handover } from './handover.js';
import type { LocalSigner } from './keys.js';
import type { Mempool, PoolState } from './mempool.js';
import type { ShardStates } from './shard-states.js';

/** Most transactions that a proposer tries for one block. */
const MAX_CANDIDATES = 4_000;

/** A block with what its execution gave. */
export interface ExecutedBlock {
  readonly block: Block;
  readonly result: BlockResult;
  readonly commit: StateCommit;
}

/** What a proposer stands on. */
export interface ProposerOptions {
  readonly network: Network;
  readonly chain: ChainStore;
  readonly states: StateDatabase;
  readonly shardStates: ShardStates;
  readonly committees: Committees;
  readonly handover: Handover;
  /** On the beacon shard. */
  readonly beacon?: Beacon;
  readonly mempool: Mempool;
  readonly signer: LocalSigner;
  readonly environment: ExecutionEnvironment;
  poolState(): PoolState;
  /** Milliseconds since 1970. */
  now(): number;
  onWarning(text: string): void;
}

/** Makes the blocks that this node leads. */
export interface Proposer {
  /** A block on the head; undefined when there is none to propose now. */
  propose(context: ProposalContext): Promise<ExecutedBlock | undefined>;
}

/** A proposer of one shard. */
export function createProposer(options: ProposerOptions): Proposer {
  const { network, chain, states, shardStates, committees, handover, beacon } = options;
  const { mempool, signer, environment } = options;

  /** What a block had no room for stays, and what waits for its turn; what cannot run goes. */
  function dropRefused(hash: Hash, reason: SkipReason): void {
    if (typeof reason === 'string') return;
    const { details } = reason;
    const waits =
      details.code === 'executor/invalid-transaction' && details.reason !== 'staking-refused';
    if (!waits) mempool.remove(hash);
  }

  /** The seal of the head for a header: the best one that consensus has, or the stored one. */
  async function parentSeal(context: ProposalContext): Promise<SealFields | undefined> {
    const known = await context.parentSeal;
    return known === undefined ? chain.seal(context.head.height) : encodeCommitSeal(known, network);
  }

  async function propose(context: ProposalContext): Promise<ExecutedBlock | undefined> {
    const parent = chain.head;
    if (parent.hash !== context.head.hash) return undefined;
    const { header } = parent.block;
    const seal = header.number === 0n ? undefined : await parentSeal(context);
    if (header.number > 0n && seal === undefined) {
      options.onWarning(`no seal of block ${header.number} to propose on`);
      return undefined;
    }
    const epoch = committees.epochAfter(header);
    const committee = committees.committeeAt(epoch);
    const slot = slotOfKey(committee, context.leaderKey);
    if (slot < 0) return undefined;
    // The driver asks again a little later.
    const time = proposalTime(header, network, options.now());
    if (time.action !== 'propose') return undefined;
    const vrf = isActive(network, 'vrf', epoch)
      ? vrfField(signer.signBytes(context.leaderKey, vrfMessage(hexToBytes(parent.hash))))
      : new Uint8Array(0);
    const candidates = mempool.executable(options.poolState(), MAX_CANDIDATES);
    const plain = candidates.filter((pooled) => pooled.kind === 'plain');
    const staking = candidates.filter((pooled) => pooled.kind === 'staking');
    const next = handover.propose(header, context.height, epoch);
    const state = states.openState(header.stateRoot);
    const { block, result, skipped, skippedStaking } = await buildBlock(environment, {
      parent: header,
      state,
      transactions: plain.map(({ transaction }) => transaction),
      senders: plain.map(({ sender }) => sender),
      stakingTransactions: staking.map(({ transaction }) => transaction),
      stakingSenders: staking.map(({ sender }) => sender),
      timestamp: time.timestamp,
      viewId: context.viewId,
      coinbase: committees.coinbaseOf(epoch, slot),
      coinbaseAccount: committee.slots[slot]!.address,
      lastCommitSignature: seal?.signature ?? new Uint8Array(96),
      lastCommitBitmap: seal?.bitmap ?? new Uint8Array(0),
      ...(next === undefined ? {} : { shardState: shardStates.encode(next.epoch, next.state) }),
      ...(beacon === undefined
        ? {}
        : {
            crossLinks: encodeCrossLinks(beacon.crossLinks.propose(epoch)),
            slashes: encodeSlashRecords(beacon.evidence.propose()),
            vdf: beacon.randomness?.propose(epoch, slot) ?? new Uint8Array(0),
          }),
      vrf,
    });
    if (chain.head.hash !== parent.hash) return undefined;
    for (const { index, reason } of skipped) dropRefused(plain[index]!.hash, reason);
    for (const { index, reason } of skippedStaking) dropRefused(staking[index]!.hash, reason);
    return { block, result, commit: state.commit() };
  }

  return { propose };
}
