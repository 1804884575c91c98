/**
 * The election of the committees of the next epoch: who may bid, the auction, who sits where.
 *
 * It reads the state before the last block of an epoch, the one that was also kept as the snapshots of
 * the next epoch. What it changes in the records is applied by `applyElection`.
 *
 * @source harmony/shard/committee/assignment.go: prepareOrders, IsEligibleForEPoSAuction,
 * eposStakedCommittee
 */
import { type GenesisAccounts, type Network, shardingAt } from '@polyphony/networks';
import { type Address, type Dec, hexToBytes } from '@polyphony/primitives';
import { electedShardState, type ShardState, shardOfKey } from '@polyphony/sharding';
import { headEpoch, isStrict, readSnapshot, readWrapper } from './access.js';
import { runAuction, type SlotOrder, stakeBoundAt, type Winner } from './auction.js';
import { assessSigning, idleCounts, signingWindow } from './availability.js';
import type { ElectionOutcome } from './commission.js';
import { createKeySet, type KeySet } from './key-set.js';
import { stakedValidators } from './staked-validators.js';
import type {
  ReplayMode,
  SigningCounters,
  StakingContext,
  StakingView,
  ValidatorStatus,
} from './types.js';
import { totalDelegation } from './wrapper.js';

/** What an election reads of a validator. */
export interface Candidate {
  readonly address: Address;
  readonly status: ValidatorStatus;
  readonly lastEpochInCommittee: bigint;
  /** 48 bytes each. */
  readonly blsPublicKeys: readonly Uint8Array[];
  /** All delegations, its own included, in atto; locked tokens do not count. */
  readonly stake: bigint;
  /** What its keys had to sign and signed in the epoch; asked of members of the committee only. */
  readonly signing?: SigningCounters;
}

/** When and where an election is held. */
export interface ElectionContext {
  readonly network: Network;
  /** From `@polyphony/networks/genesis/<network>`. */
  readonly accounts: GenesisAccounts;
  /** The epoch that ends; the one that is elected for comes next. */
  readonly epoch: bigint;
  /** Default: `strict` on a network without quirks, `upstream` elsewhere. */
  readonly replayMode?: ReplayMode;
}

/** The committees of the next epoch and how they came about. */
export interface Election extends ElectionOutcome {
  /** See `AuctionResult`. */
  readonly median: Dec;
  readonly winners: readonly Winner[];
  /** What the header carries, in its staking form. */
  readonly shardState: ShardState;
}

/**
 * What an election reads of all listed validators, in the order of the list.
 *
 * @param view - The state before the last block of the epoch.
 * @throws {@link EposError} `epos/address-not-in-state`, `epos/no-snapshot`.
 */
export function electionCandidates(
  view: StakingView,
  context: StakingContext,
): readonly Candidate[] {
  const epoch = headEpoch(context);
  return view.validators().map((address) => {
    const wrapper = readWrapper(view, address, context);
    const { status, lastEpochInCommittee, blsPublicKeys, counters } = wrapper;
    const candidate = {
      address,
      status,
      lastEpochInCommittee,
      blsPublicKeys,
      stake: totalDelegation(wrapper),
    };
    if (lastEpochInCommittee !== context.epoch) return candidate;
    const snapshot = readSnapshot(view, address, epoch);
    return { ...candidate, signing: signingWindow(counters, snapshot.counters) };
  });
}

/**
 * Whether a validator may bid: it wants to, and when it sits in the committee it signed enough.
 *
 * @source harmony/shard/committee/assignment.go: IsEligibleForEPoSAuction
 */
export function isEligible(
  candidate: Candidate,
  context: Pick<ElectionContext, 'network' | 'epoch'>,
): boolean {
  if (candidate.status !== 'active') return false;
  if (candidate.lastEpochInCommittee !== context.epoch) return true;
  const signing = candidate.signing ?? { toSign: 0n, signed: 0n };
  return !assessSigning(signing, idleCounts(context.network, context.epoch)).isBelowThreshold;
}

/** The keys of a validator that may bid, at most `limit` in one shard unless it is 0. */
function withinLimit(
  keys: readonly Uint8Array[],
  shardCount: number,
  limit: number,
): readonly Uint8Array[] {
  if (limit === 0 || keys.length <= limit) return keys;
  const counts = new Array<number>(shardCount).fill(0);
  return keys.filter((key) => ++counts[shardOfKey(key, shardCount)]! <= limit);
}

/** Takes all keys of a validator; false if one was taken before. */
function takeKeys(taken: KeySet, keys: readonly Uint8Array[], strict: boolean): boolean {
  const size = taken.size();
  let free = true;
  // The node goes on after a taken key, and what it adds stays taken (quirk Q2).
  for (const key of keys) free = taken.add(key) && free;
  if (strict && !free) taken.shrink(size);
  return free;
}

/**
 * The bids of all candidates that may bid, in the order of the list.
 *
 * A validator with a key that is taken is out: by Harmony's own accounts or by a validator before it.
 * The node asks the accounts of the epoch that ends instead of the next one (quirk Q3), and the keys of
 * a validator that is out stay taken (quirk Q2); strict mode does neither. From HIP-16 on a validator
 * bids with a limited number of keys per shard, the first of each; its whole stake stands behind those.
 *
 * @source harmony/shard/committee/assignment.go: prepareOrders
 */
export function prepareOrders(
  candidates: readonly Candidate[],
  context: ElectionContext,
): readonly SlotOrder[] {
  const { network, accounts, epoch } = context;
  const strict = isStrict(context);
  const { shardCount, slotLimit } = shardingAt(network, epoch + 1n);
  const own = accounts.harmonyAccountsAt(strict ? epoch + 1n : epoch);
  const eligible = candidates.filter((candidate) => isEligible(candidate, context));
  const keys = eligible.reduce((sum, { blsPublicKeys }) => sum + blsPublicKeys.length, 0);
  const taken = createKeySet(own.length + keys);
  for (const { blsPublicKey } of own) taken.add(hexToBytes(blsPublicKey));
  const orders: SlotOrder[] = [];
  for (const { address, stake, blsPublicKeys } of eligible) {
    if (!takeKeys(taken, blsPublicKeys, strict)) continue;
    const kept = withinLimit(blsPublicKeys, shardCount, slotLimit);
    orders.push({ address, stake, blsPublicKeys: kept });
  }
  return orders;
}

/**
 * Without winners the committees go on under the next epoch's number. Where the number of shards
 * changes they can not; the node knows that on testnet only, strict mode everywhere.
 */
function withoutWinners(
  elected: ShardState,
  current: ShardState,
  context: ElectionContext,
): ShardState {
  const { network, epoch } = context;
  const before = shardingAt(network, epoch).shardCount;
  const changes = before !== shardingAt(network, epoch + 1n).shardCount;
  if (changes && (network.name === 'testnet' || isStrict(context))) return elected;
  return { ...current, epoch: epoch + 1n };
}

/**
 * Elects the committees of the next epoch.
 *
 * Slots, shards and bounds are those of the next epoch. Winners sit in the shard of their key, after
 * Harmony's slots; how many a shard gets is nobody's choice. Without winners the committees of the
 * ending epoch go on.
 *
 * @param candidates - From {@link electionCandidates}, or the same as plain data.
 * @param current - The committees of the epoch that ends.
 * @throws `ShardingError` `sharding/account-list-too-short`.
 * @activation preStaking
 * @source harmony/shard/committee/assignment.go: eposStakedCommittee
 * @example holdElection(electionCandidates(view, context), current, { ...context, accounts })
 */
export function holdElection(
  candidates: readonly Candidate[],
  current: ShardState,
  context: ElectionContext,
): Election {
  const { network, accounts } = context;
  const epoch = context.epoch + 1n;
  const { externalSlots } = shardingAt(network, epoch);
  const orders = prepareOrders(candidates, context);
  const { median, winners } = runAuction(orders, externalSlots, stakeBoundAt(network, epoch));
  const elected = electedShardState(network, accounts, epoch, winners);
  const shardState = winners.length > 0 ? elected : withoutWinners(elected, current, context);
  return { epoch, median, winners, shardState, elected: stakedValidators(shardState) };
}
