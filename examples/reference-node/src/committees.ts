/**
 * The committees of a chain and who leads, as functions of the chain alone.
 *
 * Every node that has the same head gives the same answers, also after a restart. Until this node
 * executes staking transactions nobody can bid, so an election has no winners and the committees of
 * the epoch before go on: the network's rule for that case.
 *
 * @source harmony/shard/committee/assignment.go: eposStakedCommittee (no winners)
 */
import { blsAddress } from '@polyphony/bls';
import { bitmapIndices, bitmapLength } from '@polyphony/bls/bitmap';
import type { Header } from '@polyphony/chain';
import type { LeaderContext, LeaderSchedule, VotingCommittee } from '@polyphony/fbft';
import {
  blocksPerEpochAt,
  type GenesisAccounts,
  isActive,
  isLastBlockOfEpoch,
  type Network,
  shardingAt,
} from '@polyphony/networks';
import type { Address } from '@polyphony/primitives';
import {
  advanceTurn,
  type Committee,
  committeeOf,
  encodeShardState,
  genesisShardState,
  type LeaderTurn,
  leaderRuleAt,
  nextHeightLeader,
  nextLeader,
  operatorsOf,
  quorumAt,
  type ShardState,
  staticShardState,
  turnLength,
  viewChangeLeader,
  votingCommittee,
} from '@polyphony/sharding';

/** Committees by epoch. */
export interface Committees {
  /** All shards. */
  stateAt(epoch: bigint): ShardState;
  committeeAt(epoch: bigint): Committee;
  votingAt(epoch: bigint): VotingCommittee;
  /** What the header of a block must carry as shard state: bytes, or nothing inside an epoch. */
  shardStateOf(number: bigint, epoch: bigint): Uint8Array;
  /** Epoch of the block after a header. */
  epochAfter(header: Header): bigint;
  /** Place of a header's proposer in its committee, -1 when it is not there. */
  proposerOf(header: Header): number;
  /** What the coinbase of a block by this slot must be. */
  coinbaseOf(epoch: bigint, slot: number): Address;
}

/** The committees of one shard of a network without elections. */
export function createCommittees(
  network: Network,
  accounts: GenesisAccounts,
  shardId: number,
): Committees {
  const states = new Map<bigint, ShardState>();
  const votings = new Map<bigint, VotingCommittee>();
  /** Most epochs remembered; older ones are computed again. */
  const remembered = 8;

  function remember<T>(map: Map<bigint, T>, epoch: bigint, value: T): T {
    if (map.size >= remembered) map.delete(map.keys().next().value!);
    map.set(epoch, value);
    return value;
  }

  function lastStaticEpoch(epoch: bigint): bigint {
    let last = epoch;
    while (last > 0n && isActive(network, 'staking', last)) last -= 1n;
    return last;
  }

  function compute(epoch: bigint): ShardState {
    if (epoch === 0n) return genesisShardState(network, accounts);
    if (!isActive(network, 'staking', epoch)) return staticShardState(network, accounts, epoch);
    const before = lastStaticEpoch(epoch);
    const state =
      before === 0n
        ? genesisShardState(network, accounts)
        : staticShardState(network, accounts, before);
    return { epoch, committees: state.committees };
  }

  const stateAt = (epoch: bigint): ShardState =>
    states.get(epoch) ?? remember(states, epoch, compute(epoch));
  const committeeAt = (epoch: bigint): Committee => committeeOf(stateAt(epoch), shardId);
  const coinbaseOf = (epoch: bigint, slot: number): Address => {
    const { address, blsPublicKey } = committeeAt(epoch).slots[slot]!;
    return isActive(network, 'staking', epoch) ? blsAddress(blsPublicKey) : address;
  };

  return {
    stateAt,
    committeeAt,
    coinbaseOf,
    votingAt(epoch) {
      const known = votings.get(epoch);
      if (known !== undefined) return known;
      const committee = committeeAt(epoch);
      return remember(
        votings,
        epoch,
        votingCommittee(committee, quorumAt(network, epoch, committee)),
      );
    },
    shardStateOf(number, epoch) {
      if (!isLastBlockOfEpoch(network, number)) return new Uint8Array(0);
      const next = epoch + 1n;
      return encodeShardState(
        stateAt(next),
        isActive(network, 'staking', next) ? 'staking' : 'legacy',
      );
    },
    epochAfter: (header) =>
      header.number > 0n && isLastBlockOfEpoch(network, header.number)
        ? header.epoch + 1n
        : header.epoch,
    proposerOf(header) {
      return committeeAt(header.epoch).slots.findIndex(
        (_, slot) => coinbaseOf(header.epoch, slot) === header.coinbase,
      );
    },
  };
}

/** Reads headers of the chain by number. */
export type HeaderReader = (number: bigint) => Header | undefined;

/** Committee positions in a header's bitmap over its parent; none when it does not fit. */
function lastSigners(header: Header, size: number): ReadonlySet<number> {
  if (header.lastCommitBitmap.length !== bitmapLength(size)) return new Set();
  return new Set(bitmapIndices(header.lastCommitBitmap, size, { padding: 'ignore' }));
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
          recentSigners: recentSigners(committees, head, read),
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
  committees: Committees,
  head: Header,
  read: HeaderReader,
): ReadonlySet<number>[] {
  const size = committees.committeeAt(head.epoch).slots.length;
  const signers: ReadonlySet<number>[] = [];
  let header: Header | undefined = head;
  while (header !== undefined && header.epoch === head.epoch && signers.length < 4) {
    if (header.number < 2n) break;
    signers.push(lastSigners(header, size));
    header = read(header.number - 1n);
  }
  return signers;
}
