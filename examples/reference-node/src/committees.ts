/**
 * The committee of a shard in an epoch and who leads, as functions of the chain alone.
 *
 * Every node that has the same head gives the same answers, also after a restart. Which committees
 * an epoch has is decided by the handover of the epoch before.
 */
import { blsAddress } from '@polyphony/bls';
import { bitmapIndices, bitmapLength } from '@polyphony/bls/bitmap';
import { decodeCommitSeal, type Header } from '@polyphony/chain';
import { epochAfter } from '@polyphony/executor';
import type { LeaderContext, LeaderSchedule, VotingCommittee } from '@polyphony/fbft';
import { blocksPerEpochAt, isActive, type Network, shardingAt } from '@polyphony/networks';
import type { Address } from '@polyphony/primitives';
import {
  advanceTurn,
  type Committee,
  committeeOf,
  type LeaderTurn,
  leaderRuleAt,
  nextHeightLeader,
  nextLeader,
  operatorsOf,
  quorumAt,
  turnLength,
  viewChangeLeader,
  votingCommittee,
} from '@polyphony/sharding';
import type { ShardStates } from './shard-states.js';

/** The committees of one shard by epoch. */
export interface Committees {
  committeeAt(epoch: bigint): Committee;
  votingAt(epoch: bigint): VotingCommittee;
  /** The committee of any shard, for seals of others; undefined when it is not known here. */
  votingOf(shardId: number, epoch: bigint): VotingCommittee | undefined;
  /** Epoch of the block after a header. */
  epochAfter(header: Header): bigint;
  /** Place of a header's proposer in its committee, -1 when it is not there. */
  proposerOf(header: Header): number;
  /** What the coinbase of a block by this slot must be. */
  coinbaseOf(epoch: bigint, slot: number): Address;
}

/** The committees of one shard, read from the committees of all. */
export function createCommittees(
  network: Network,
  shardId: number,
  states: ShardStates,
): Committees {
  const votings = new Map<string, VotingCommittee>();
  /** Most committees remembered; others are computed again. */
  const remembered = 64;

  const committeeAt = (epoch: bigint): Committee => committeeOf(states.at(epoch), shardId);
  const coinbaseOf = (epoch: bigint, slot: number): Address => {
    const { address, blsPublicKey } = committeeAt(epoch).slots[slot]!;
    return isActive(network, 'staking', epoch) ? blsAddress(blsPublicKey) : address;
  };

  function votingOf(shard: number, epoch: bigint): VotingCommittee | undefined {
    const name = `${shard}/${epoch}`;
    const known = votings.get(name);
    if (known !== undefined) return known;
    const committee = states
      .find(epoch)
      ?.committees.find((candidate) => candidate.shardId === shard);
    if (committee === undefined) return undefined;
    const voting = votingCommittee(committee, quorumAt(network, epoch, committee));
    if (votings.size >= remembered) votings.delete(votings.keys().next().value!);
    votings.set(name, voting);
    return voting;
  }

  return {
    committeeAt,
    coinbaseOf,
    votingOf,
    votingAt(epoch) {
      const voting = votingOf(shardId, epoch);
      if (voting === undefined) throw new Error(`the committee of epoch ${epoch} is not known`);
      return voting;
    },
    epochAfter: (header) => epochAfter(network, header),
    proposerOf(header) {
      return committeeAt(header.epoch).slots.findIndex(
        (_, slot) => coinbaseOf(header.epoch, slot) === header.coinbase,
      );
    },
  };
}

/** Reads headers of the chain by number. */
export type HeaderReader = (number: bigint) => Header | undefined;

/** Committee positions in a header's seal of its parent; none when it does not fit. */
function lastSigners(network: Network, header: Header, size: number): ReadonlySet<number> {
  const { lastCommitSignature: signature, lastCommitBitmap } = header;
  const { bitmap } = decodeCommitSeal({ signature, bitmap: lastCommitBitmap }, network);
  if (bitmap.length !== bitmapLength(size)) return new Set();
  return new Set(bitmapIndices(bitmap, size, { padding: 'ignore' }));
}

/**
 * Who leads each view after a head: in the first view whoever has the turn, then by the rule of
 * the head's epoch.
 *
 * @param skipTurnHolder - Own networks: a view change goes on from whoever had the turn. Harmony's
 * starts from the head's proposer, so a dead new turn holder may be asked twice.
 */
export function leadersAfter(
  network: Network,
  committees: Committees,
  head: Header,
  read: HeaderReader,
  skipTurnHolder: boolean,
): LeaderSchedule {
  const epoch = committees.epochAfter(head);
  const committee = committees.committeeAt(epoch);
  const headEndsEpoch = epoch !== head.epoch;
  const proposer = head.number === 0n ? 0 : committees.proposerOf(head);
  const first =
    headEndsEpoch || head.number === 0n || proposer < 0
      ? 0
      : nextHeightLeader(network, {
          epoch,
          headEpoch: head.epoch,
          leader: proposer,
          turn: turnOf(network, committees, head, read),
          committee,
          recentSigners: recentSigners(network, committees, head, read),
        });
  return {
    leaderAt({ viewId, head: { viewId: headViewId } }: LeaderContext): number | undefined {
      const gap = viewId - headViewId - 1n;
      if (gap < 0n) return undefined;
      if (gap === 0n) return first;
      if (skipTurnHolder) {
        const size = BigInt(committee.slots.length);
        return nextLeader({
          rule: leaderRuleAt(network, head.epoch),
          operators: operatorsOf(committee),
          from: first,
          next: Number(((gap - 1n) % size) + 1n),
          harmonySlots: shardingAt(network, epoch).harmonySlotsPerShard,
        }).index;
      }
      return viewChangeLeader(network, {
        viewId,
        headViewId,
        headEpoch: head.epoch,
        headEndsEpoch,
        headLeaderKey: committees.committeeAt(head.epoch).slots[proposer]?.blsPublicKey,
        currentLeaderKey: committee.slots[first]!.blsPublicKey,
        committee,
        headCommittee: committees.committeeAt(head.epoch),
      }).index;
    },
  };
}

/** How long the head's proposer has led, as far back as it matters. */
function turnOf(
  network: Network,
  committees: Committees,
  head: Header,
  read: HeaderReader,
): LeaderTurn {
  const { slots } = committees.committeeAt(head.epoch);
  const longest = turnLength(blocksPerEpochAt(network, head.epoch), slots.length);
  const run: Header[] = [];
  let header: Header | undefined = head;
  while (
    header !== undefined &&
    header.number > 0n &&
    header.epoch === head.epoch &&
    header.coinbase === head.coinbase &&
    BigInt(run.length) < longest
  ) {
    run.push(header);
    header = read(header.number - 1n);
  }
  const leaderKey = slots[committees.proposerOf(head)]!.blsPublicKey;
  let turn: LeaderTurn | undefined;
  for (const { epoch } of run) turn = advanceTurn(turn, { leaderKey, epoch });
  return turn!;
}

/** Bitmaps of the newest headers of the head's epoch, newest first. */
function recentSigners(
  network: Network,
  committees: Committees,
  head: Header,
  read: HeaderReader,
): ReadonlySet<number>[] {
  const size = committees.committeeAt(head.epoch).slots.length;
  const signers: ReadonlySet<number>[] = [];
  let header: Header | undefined = head;
  while (header !== undefined && header.epoch === head.epoch && signers.length < 4) {
    if (header.number < 2n) break;
    signers.push(lastSigners(network, header, size));
    header = read(header.number - 1n);
  }
  return signers;
}
