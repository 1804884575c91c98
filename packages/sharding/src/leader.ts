/**
 * Who leads next: after a view change, and when the leader's turn is over.
 *
 * | rule  | active                                            | candidate |
 * |-------|---------------------------------------------------|-----------|
 * | `hmy` | until another rule is                             | the next of Harmony's slots |
 * | `v1`  | `leaderRotationInternal` and `…External`          | the next slot of another operator, by a search that may miss operators or find none |
 * | `v2`  | these and `leaderRotationV2`                      | the next slot of another operator |
 *
 * All searches here end and stay inside the committee; where the node's own would hang or panic, the
 * base stays. Timers and view ids are decided in `@polyphony/fbft`.
 *
 * @source harmony/consensus/quorum/quorum.go: NthNextHmy, NthNextValidator, NthNextValidatorV2;
 * harmony/consensus/view_change.go: getNextLeaderKey; harmony/consensus/consensus_v2.go: rotateLeader
 */
import { blocksPerEpochAt, isActive, type Network, shardingAt } from '@polyphony/networks';
import { type Address, bytesToHex, equalBytes, ZERO_ADDRESS } from '@polyphony/primitives';
import type { Committee } from './committee.js';
import { ShardingError } from './errors.js';

/** How the next leader is searched for. */
export type LeaderRule = 'hmy' | 'v1' | 'v2';

/** Where a search for a leader begins. */
export interface LeaderSearch {
  readonly rule: LeaderRule;
  /** The account behind each slot, in committee order; the zero address when unknown. */
  readonly operators: readonly Address[];
  /** Place of the base, the leader that is to be followed; -1 when it is not in the committee. */
  readonly from: number;
  /** How many places to go on, 0 or more. */
  readonly next: number;
  /** Rule `hmy`: how many slots Harmony fills. Outside 1 to the size of the committee, all count. */
  readonly harmonySlots?: number;
}

/** What a search found. */
export interface LeaderChoice {
  /** Place of the next leader. Without a candidate that of the base, 0 when the base is unknown. */
  readonly index: number;
  /** Whether the rule found a candidate (for `hmy` and `v1`: from a base in the committee). */
  readonly found: boolean;
}

/** Blocks that a candidate may miss in a row before it is passed over, and the shortest turn. */
const ALIVE_BLOCKS = 4;

function assertSearch({ operators, from, next }: LeaderSearch): void {
  const refuse = (what: string, reason: string): never => {
    throw new ShardingError({ code: 'sharding/out-of-range', what, reason });
  };
  if (operators.length === 0) refuse('committee', 'must have at least one slot');
  if (!Number.isInteger(from) || from < -1 || from >= operators.length) {
    refuse('base', `must be a place in the committee or -1, got ${from}`);
  }
  if (!Number.isSafeInteger(next) || next < 0) {
    refuse('distance', `must be a non-negative integer, got ${next}`);
  }
}

function stays(from: number): LeaderChoice {
  return { index: Math.max(from, 0), found: false };
}

function nextHarmony(search: LeaderSearch): LeaderChoice {
  const { operators, from, next, harmonySlots = 0 } = search;
  const size = operators.length;
  const among = harmonySlots <= 0 || harmonySlots > size ? size : harmonySlots;
  const index = (from + next) % among;
  return index < 0 ? stays(from) : { index, found: from >= 0 };
}

function nextOperatorV1({ operators, from, next }: LeaderSearch): LeaderChoice {
  const base = from < 0 ? ZERO_ADDRESS : operators[from];
  let at = from;
  // Each step depends on the place alone, so after `size` steps the search repeats itself.
  for (let step = 0; step <= operators.length; step++) {
    at = (at + next) % operators.length;
    if (at < 0) return stays(from);
    if (operators[at] !== base) return { index: at, found: from >= 0 };
    at += 1;
  }
  return stays(from);
}

function nextOperatorV2({ operators, from, next }: LeaderSearch): LeaderChoice {
  if (from < 0 && next === 0) return { index: 0, found: true };
  const base = from < 0 ? ZERO_ADDRESS : operators[from];
  for (let ahead = 0; ahead <= operators.length; ahead++) {
    const index = (from + ahead + next) % operators.length;
    if (operators[index] !== base) return { index, found: true };
  }
  return stays(from);
}

/**
 * The slot that leads after the base, by a rule.
 *
 * @returns Always a place in the committee. Where the node's search would not end (`v1`, one operator
 * only) or would leave the committee (unknown base, distance 0), the base stays and `found` is false.
 * @throws {@link ShardingError} `sharding/out-of-range` for an empty committee, a base outside it or a
 * negative distance.
 * @source harmony/consensus/quorum/quorum.go: NthNextHmy, NthNextValidator, NthNextValidatorV2
 * @example nextLeader({ rule: 'v2', operators: [a, a, b], from: 0, next: 1 })  // { index: 2, found: true }
 */
export function nextLeader(search: LeaderSearch): LeaderChoice {
  assertSearch(search);
  switch (search.rule) {
    case 'hmy':
      return nextHarmony(search);
    case 'v1':
      return nextOperatorV1(search);
    case 'v2':
      return nextOperatorV2(search);
  }
}

/**
 * The rule of an epoch.
 *
 * @param epoch - The epoch of the head, not of the block to come.
 * @source harmony/consensus/view_change.go: getNextLeaderKey
 * @activation leaderRotationInternal, leaderRotationExternal, leaderRotationV2
 */
export function leaderRuleAt(network: Network, epoch: bigint): LeaderRule {
  if (
    !isActive(network, 'leaderRotationInternal', epoch) ||
    !isActive(network, 'leaderRotationExternal', epoch)
  ) {
    return 'hmy';
  }
  return isActive(network, 'leaderRotationV2', epoch) ? 'v2' : 'v1';
}

/**
 * The account behind each key of a committee as another committee knows it. At the border of two
 * epochs the accounts come from the old committee while the keys come from the new one.
 *
 * @returns In the order of `committee`; the zero address for a key that `known` does not have.
 * @source harmony/consensus/quorum/quorum.go: NthNextValidator
 */
export function operatorsOf(committee: Committee, known: Committee = committee): Address[] {
  const accounts = new Map(
    known.slots.map((slot) => [bytesToHex(slot.blsPublicKey), slot.address]),
  );
  return committee.slots.map((slot) => accounts.get(bytesToHex(slot.blsPublicKey)) ?? ZERO_ADDRESS);
}

/** The place of a key in a committee, -1 when it is not there. */
export function slotOfKey(committee: Committee, blsPublicKey: Uint8Array): number {
  return committee.slots.findIndex((slot) => equalBytes(slot.blsPublicKey, blsPublicKey));
}

/** What a view change needs to know about the chain. */
export interface ViewChangeQuestion {
  /** The view that is to begin. */
  readonly viewId: bigint;
  readonly headViewId: bigint;
  readonly headEpoch: bigint;
  /** Whether the head is the last block of its epoch. */
  readonly headEndsEpoch: boolean;
  /** Key of the head's leader, from its coinbase; `undefined` when unknown. */
  readonly headLeaderKey: Uint8Array | undefined;
  /** Who leads now: the base when the head's leader is unknown. */
  readonly currentLeaderKey: Uint8Array;
  /** The committee that votes on the next block. */
  readonly committee: Committee;
  /** The committee of the head's epoch. */
  readonly headCommittee: Committee;
}

/**
 * How many leaders a view change passes over: 0 for the first view after the head's.
 *
 * @throws {@link ShardingError} `sharding/out-of-range` for a view that is not after the head's.
 * @source harmony/consensus/view_change.go: getNextLeaderKey
 */
export function viewGap(viewId: bigint, headViewId: bigint): bigint {
  const gap = viewId - (headViewId + 1n);
  if (gap < 0n) {
    throw new ShardingError({
      code: 'sharding/out-of-range',
      what: 'view id',
      reason: `must be after the head's ${headViewId}, got ${viewId}`,
    });
  }
  return gap;
}

/**
 * The slot that leads a view after a view change.
 *
 * @throws {@link ShardingError} `sharding/out-of-range` for an empty committee, and for a view that is
 * not after the head's.
 * @source harmony/consensus/view_change.go: getNextLeaderKey
 */
export function viewChangeLeader(network: Network, question: ViewChangeQuestion): LeaderChoice {
  const { committee, headCommittee, headEpoch, viewId, headViewId } = question;
  const gap = viewGap(viewId, headViewId);
  const { headEndsEpoch, headLeaderKey, currentLeaderKey } = question;
  const from = headEndsEpoch ? 0 : slotOfKey(committee, headLeaderKey ?? currentLeaderKey);
  // Whole rounds change no place but may turn a distance into 0, which has a meaning of its own.
  const size = BigInt(Math.max(committee.slots.length, 1));
  const harmonySlots = shardingAt(network, headEpoch).harmonySlotsPerShard;
  const rule = leaderRuleAt(network, headEpoch);
  const round = rule === 'hmy' ? size * BigInt(Math.max(harmonySlots, 1)) : size;
  return nextLeader({
    rule,
    operators: operatorsOf(committee, headCommittee),
    from,
    next: Number(gap < round ? gap : (gap % round) + round),
    harmonySlots,
  });
}

/** How long the present leader has led: blocks in a row within one epoch. */
export interface LeaderTurn {
  /** 48 bytes. */
  readonly leaderKey: Uint8Array;
  readonly epoch: bigint;
  readonly blocks: bigint;
}

/**
 * The turn after one more block: one longer for the same leader in the same epoch, otherwise the first
 * block of a new turn.
 *
 * @source harmony/core/blockchain_leader_rotation.go: processRotationMeta
 */
export function advanceTurn(
  turn: LeaderTurn | undefined,
  block: { readonly leaderKey: Uint8Array; readonly epoch: bigint },
): LeaderTurn {
  const goesOn =
    turn !== undefined && turn.epoch === block.epoch && equalBytes(turn.leaderKey, block.leaderKey);
  return {
    leaderKey: block.leaderKey,
    epoch: block.epoch,
    blocks: goesOn ? turn.blocks + 1n : 1n,
  };
}

/**
 * How many blocks a leader makes before the turn passes on: an even part of the epoch, at least 4.
 *
 * @source harmony/consensus/consensus_v2.go: rotateLeader
 * @example turnLength(32768n, 200)  // 163n
 */
export function turnLength(blocksPerEpoch: bigint, slots: number): bigint {
  const even = slots > 0 ? blocksPerEpoch / BigInt(slots) : 0n;
  return even > BigInt(ALIVE_BLOCKS) ? even : BigInt(ALIVE_BLOCKS);
}

/** What the choice of the next height's leader needs to know. */
export interface TurnQuestion {
  /** The epoch of the block to come. */
  readonly epoch: bigint;
  readonly headEpoch: bigint;
  /** Place of the leader that stays if nobody takes over: whose commit message ended the last height. */
  readonly leader: number;
  readonly turn: LeaderTurn;
  readonly committee: Committee;
  /**
   * Who signed, by the commit bitmaps in the headers of this epoch, newest first. Four are looked at;
   * with fewer nobody is passed over.
   */
  readonly recentSigners: readonly ReadonlySet<number>[];
}

/**
 * The slot that leads the next height.
 *
 * The leader changes when rotation is active in the epoch, the head belongs to it and the turn is
 * over. Candidates that signed none of the last four blocks are passed over; without a candidate the
 * leader stays.
 *
 * @returns A place in the committee.
 * @throws {@link ShardingError} `sharding/out-of-range` for an empty committee or a leader outside it.
 * @source harmony/consensus/consensus_v2.go: rotateLeader
 * @activation leaderRotationInternal
 */
export function nextHeightLeader(network: Network, question: TurnQuestion): number {
  const { epoch, headEpoch, leader, turn, committee, recentSigners } = question;
  const { slots } = committee;
  if (!isActive(network, 'leaderRotationInternal', epoch) || headEpoch !== epoch) return leader;
  const key = slots[leader]?.blsPublicKey;
  if (key === undefined || !equalBytes(key, turn.leaderKey)) return leader;
  if (turn.blocks < turnLength(blocksPerEpochAt(network, epoch), slots.length)) return leader;

  const operators = operatorsOf(committee);
  const rule = leaderRuleAt(network, epoch);
  const harmonySlots = shardingAt(network, epoch).harmonySlotsPerShard;
  const recent = recentSigners.slice(0, ALIVE_BLOCKS);
  for (let next = 1; next <= slots.length; next++) {
    const choice = nextLeader({ rule, operators, from: leader, next, harmonySlots });
    if (!choice.found) return leader;
    const alive =
      recent.length < ALIVE_BLOCKS || recent.some((signers) => signers.has(choice.index));
    if (alive) return choice.index;
  }
  return leader;
}
