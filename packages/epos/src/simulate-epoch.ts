/**
 * A whole epoch of the staking economy: directives, transfers and fees, signatures and rewards, slashes,
 * payouts, the election and auto-compounding, block by block and in the order of a node.
 *
 * It composes the transitions of this package and decides nothing of its own. Blocks are those of the
 * beacon shard; every other shard makes one block for each of them, linked by the next, unless the seals
 * of real blocks are given. Equal inputs give equal results.
 */
import { type Directive, type SlashRecord, splitFee } from '@polyphony/chain';
import {
  blockPeriodMs,
  blocksPerEpochAt,
  type GenesisAccounts,
  type Network,
  shardingAt,
} from '@polyphony/networks';
import { type Address, ZERO_ADDRESS } from '@polyphony/primitives';
import type { Committee, ShardState } from '@polyphony/sharding';
import { transition } from './access.js';
import {
  accumulateRewards,
  type CarriedSeals,
  type RewardPayment,
  type SealedBlock,
} from './accumulate-rewards.js';
import { applyDirective } from './apply-directive.js';
import { paysRewards } from './block-reward.js';
import { compoundRewards } from './compounding.js';
import type { EconomyState, EconomyTotals } from './economy-state.js';
import { type Election, electionCandidates, holdElection } from './election.js';
import { EposError } from './errors.js';
import { finishBlock } from './finish-block.js';
import { createStakingLedger, type StakingLedger } from './ledger.js';
import { harmonyKeysAt, type RegistrationContext, type VerifyKeyProof } from './registration.js';
import { stakedValidators } from './staked-validators.js';
import type { ReplayMode, StakingView, Transition } from './types.js';

/** One seat at one block. */
export interface Seat {
  readonly shardId: number;
  readonly slot: number;
  readonly address: Address;
  /** Of the beacon block that is made at the same time. */
  readonly blockNumber: bigint;
}

/** What a block does beside the rules. Everything may be left out. */
export interface SimulatedBlock {
  /** Seconds since 1970; by default the block time after its parent. */
  readonly time?: bigint;
  /** The seals that it carries; by default made from `signs`. */
  readonly seals?: CarriedSeals;
  /** In order. One that is refused is reported and changes nothing. */
  readonly directives?: readonly Directive[];
  readonly transfers?: readonly {
    readonly from: Address;
    readonly to: Address;
    readonly amount: bigint;
  }[];
  /** Fees of all transactions, by who pays them. */
  readonly fees?: readonly { readonly from: Address; readonly amount: bigint }[];
  /** Proved before. */
  readonly slashes?: readonly SlashRecord[];
  /** By default the account of the beacon's first slot. */
  readonly coinbase?: Address;
}

/** How an epoch goes. */
export interface EpochPlan {
  readonly network: Network;
  /** From `@polyphony/networks/genesis/<network>`. */
  readonly accounts: GenesisAccounts;
  /** Whether a seat signs; all do by default. */
  readonly signs?: (seat: Seat) => boolean;
  readonly block?: (blockNumber: bigint) => SimulatedBlock | undefined;
  /** Who sits where in the next epoch; by default as the election says. */
  readonly assign?: (election: Election) => ShardState;
  /** Asked for keys of directives; by default every proof is taken as right. */
  readonly verifyKeyProof?: VerifyKeyProof;
  readonly replayMode?: ReplayMode;
  /** Epochs whose snapshots are kept, for evidence that comes late; 2 by default. */
  readonly keptEpochs?: bigint;
}

/** A directive that was refused. */
export interface RefusedDirective {
  readonly blockNumber: bigint;
  readonly directive: Directive;
  readonly error: EposError;
}

/** What an epoch came to. */
export interface EpochOutcome {
  /** Before the next epoch. */
  readonly state: EconomyState;
  /** The epoch that was simulated. */
  readonly epoch: bigint;
  /** Of the next epoch's committees. */
  readonly election: Election;
  /** What this epoch adds to the totals. */
  readonly flows: EconomyTotals;
  /** What the delegations of each validator received, commission among it. */
  readonly earned: ReadonlyMap<Address, bigint>;
  /** What the recovery account received. */
  readonly recovered: bigint;
  readonly refused: readonly RefusedDirective[];
}

/** Bits of the slots that sign. */
function sealOf(
  { shardId, slots }: Committee,
  epoch: bigint,
  blockNumber: bigint,
  signs: (seat: Seat) => boolean,
): SealedBlock {
  const bitmap = new Uint8Array((slots.length + 7) >> 3);
  for (const [slot, { address }] of slots.entries()) {
    if (signs({ shardId, slot, address, blockNumber })) bitmap[slot >> 3]! |= 1 << (slot & 7);
  }
  return { shardId, epoch, bitmap };
}

/** The seals of the blocks that all shards made one block before. */
function defaultSeals(
  committees: ShardState | undefined,
  parent: bigint,
  plan: EpochPlan,
): CarriedSeals {
  if (committees === undefined) return { parent: undefined, crossLinks: [] };
  const signs = plan.signs ?? (() => true);
  const seals = committees.committees.map((committee) =>
    sealOf(committee, committees.epoch!, parent, signs),
  );
  return {
    parent: parent === 0n ? undefined : seals.find(({ shardId }) => shardId === 0),
    crossLinks: seals.filter(({ shardId }) => shardId !== 0),
  };
}

function movesOf(block: SimulatedBlock, network: Network, epoch: bigint): Transition {
  const balances = new Map<Address, bigint>();
  const add = (account: Address, amount: bigint) =>
    balances.set(account, (balances.get(account) ?? 0n) + amount);
  for (const { from, to, amount } of block.transfers ?? []) {
    add(from, -amount);
    add(to, amount);
  }
  let burned = 0n;
  const collectors = shardingAt(network, epoch).feeCollectors;
  for (const { from, amount } of block.fees ?? []) {
    add(from, -amount);
    const { payments, burnt } = splitFee(amount, collectors);
    for (const { address, amount: part } of payments) add(address, part);
    burned += burnt;
  }
  return transition({ balances, burned });
}

/** Applies the directives of a block; those that were not refused are returned. */
function applyDirectives(
  ledger: StakingLedger,
  directives: readonly Directive[],
  context: RegistrationContext,
  refused: RefusedDirective[],
): readonly Directive[] {
  return directives.filter((directive) => {
    try {
      ledger.apply(applyDirective(ledger, directive, context));
      return true;
    } catch (error) {
      if (!(error instanceof EposError)) throw error;
      refused.push({ blockNumber: context.blockNumber, directive, error });
      return false;
    }
  });
}

function committeesAt(states: readonly ShardState[], epoch: bigint): ShardState | undefined {
  return states.find((state) => state.epoch === epoch);
}

/** The election over the state before the last block of an epoch. */
function elect(
  view: StakingView,
  current: ShardState,
  context: RegistrationContext,
  plan: EpochPlan,
): Election {
  const { accounts, assign } = plan;
  const place = { ...context, accounts };
  const election = holdElection(electionCandidates(view, context), current, place);
  if (assign === undefined) return election;
  const shardState = assign(election);
  return { ...election, shardState, elected: stakedValidators(shardState) };
}

/** States that blocks not yet paid, or blocks to come, can ask for. */
function neededStates(
  states: readonly ShardState[],
  carried: readonly CarriedSeals[],
  epoch: bigint,
): readonly ShardState[] {
  const epochs = new Set([epoch, epoch + 1n]);
  for (const { parent, crossLinks } of carried) {
    for (const seal of parent === undefined ? crossLinks : [parent, ...crossLinks]) {
      epochs.add(seal.epoch);
    }
  }
  return states.filter((state) => state.epoch !== undefined && epochs.has(state.epoch));
}

/**
 * Simulates one epoch.
 *
 * In each block: transfers and fees, directives, then what a node does at the end of a block
 * ({@link finishBlock}) with the rewards of {@link accumulateRewards}. In the last one the election is
 * held over the state before the block, and after everything else chosen rewards are staked again.
 *
 * @throws {@link EposError} `epos/no-committee` when the state lacks the committees of its epoch,
 * `epos/negative-balance` when a transfer or a fee is not covered; errors of the parts.
 * @example
 * let state = startEconomy({ network: reference, accounts: referenceAccounts, epoch: 1n, wrappers })
 * for (let i = 0; i < 10; i++) state = simulateEpoch(state, { network: reference, accounts: referenceAccounts }).state
 */
export function simulateEpoch(state: EconomyState, plan: EpochPlan): EpochOutcome {
  const { network, accounts } = plan;
  const { epoch } = state;
  const current = committeesAt(state.shardStates, epoch);
  if (current === undefined) {
    throw new EposError({ code: 'epos/no-committee', epoch, shardId: 0 });
  }
  const ledger = createStakingLedger(state.ledger);
  const compounding = new Map(state.compounding.map(([account, list]) => [account, new Set(list)]));
  const first = state.blockNumber + 1n;
  const last = state.blockNumber + blocksPerEpochAt(network, epoch);
  const period = BigInt(Math.max(1, Math.round(blockPeriodMs(network, epoch) / 1000)));
  const base = {
    network,
    epoch,
    harmonyKeys: harmonyKeysAt(accounts, epoch),
    verifyKeyProof: plan.verifyKeyProof ?? (() => true),
    shardStateOf: (of: bigint) => committeesAt(state.shardStates, of),
    ...(plan.replayMode === undefined ? {} : { replayMode: plan.replayMode }),
  };
  const flows = { issued: 0n, burntFees: 0n, burntStake: 0n, duplicated: 0n, accumulated: 0n };
  const earned = new Map<Address, bigint>();
  const refused: RefusedDirective[] = [];
  let recovered = 0n;
  let { time, paidTime } = state;
  let carried = state.carried;
  let election: Election | undefined;

  const note = (payment: RewardPayment): Transition => {
    for (const [account, amount] of payment.earned) {
      earned.set(account, (earned.get(account) ?? 0n) + amount);
    }
    recovered += payment.recovered;
    flows.accumulated += payment.accumulated;
    return payment.transition;
  };

  for (let blockNumber = first; blockNumber <= last; blockNumber++) {
    const block: SimulatedBlock = plan.block?.(blockNumber) ?? {};
    const coinbase = block.coinbase ?? current.committees[0]?.slots[0]?.address ?? ZERO_ADDRESS;
    time = block.time ?? time + period;
    const context = { ...base, blockNumber, coinbase, elapsedSeconds: time - paidTime };
    if (blockNumber === last) election = elect(ledger, current, context, plan);

    const moves = movesOf(block, network, epoch);
    flows.burntFees += moves.burned;
    ledger.apply(moves);
    const directives = applyDirectives(ledger, block.directives ?? [], context, refused);

    const sealed = blockNumber === first ? committeesAt(state.shardStates, epoch - 1n) : current;
    const seals = block.seals ?? defaultSeals(sealed, blockNumber - 1n, plan);
    carried = [...carried, seals];
    const pays = paysRewards(network, epoch, blockNumber);
    const end = {
      current,
      slashes: block.slashes ?? [],
      ...(election === undefined ? {} : { election }),
      ...(pays
        ? { rewards: (view: StakingView) => note(accumulateRewards(view, carried, context)) }
        : {}),
    };
    const finished = finishBlock(ledger, end, context);
    flows.issued += finished.issued;
    flows.burntStake += finished.burned;
    ledger.apply(finished);
    if (blockNumber === last) ledger.apply(compoundRewards(ledger, compounding, context));
    flows.duplicated += ledger.endBlock(context, directives).duplicated;
    if (pays) {
      carried = [];
      paidTime = time;
    }
  }

  const states = [...state.shardStates, election!.shardState];
  const { totals } = state;
  return {
    state: {
      epoch: epoch + 1n,
      blockNumber: last,
      time,
      paidTime,
      ledger: ledger.toStart(epoch + 2n - (plan.keptEpochs ?? 2n)),
      shardStates: neededStates(states, carried, epoch),
      carried,
      compounding: state.compounding,
      totals: {
        issued: totals.issued + flows.issued,
        burntFees: totals.burntFees + flows.burntFees,
        burntStake: totals.burntStake + flows.burntStake,
        duplicated: totals.duplicated + flows.duplicated,
        accumulated: totals.accumulated + flows.accumulated,
      },
    },
    epoch,
    election: election!,
    flows,
    earned,
    recovered,
    refused,
  };
}
