/**
 * A committee prepared for checking seals: its keys, its quorum rule, and who its leaders are.
 *
 * The quorum rule is that of the epoch: real signers counted before staking, voting power from then
 * on. Prepare a committee once per epoch: the weights of 250 slots take about a millisecond. Who
 * sits in it is decided by the header that announced it, see `epoch-change.ts`.
 *
 * @source harmony/consensus/quorum/verifier.go: NewVerifier; internal/chain/engine.go: VerifyVRF
 */
import { coinbaseOfBlsKey } from '@polyphony/chain';
import type { VotingCommittee } from '@polyphony/fbft/seal';
import { type BlsSuite, isActive, type Network } from '@polyphony/networks';
import type { Address } from '@polyphony/primitives';
import {
  type Committee,
  committeeOf,
  quorumAt,
  type ShardState,
  votingCommittee,
} from '@polyphony/sharding';
import { LightClientError, within } from './errors.js';

/** The committee of one shard in one epoch, ready for checking seals. */
export interface SealingCommittee {
  readonly epoch: bigint;
  readonly shardId: number;
  /** Its rules say what votes sign. */
  readonly network: Network;
  /** The ciphersuite its keys are of. */
  readonly suite: BlsSuite;
  /** Keys in slot order, and when signers are enough. */
  readonly voting: VotingCommittee;
  /** The key of the first slot that a header's coinbase names; undefined when none does. */
  leaderKey(coinbase: Address): Uint8Array | undefined;
}

/** The first of equal coinbases wins. */
function leaderKeys(committee: Committee, staking: boolean): ReadonlyMap<Address, Uint8Array> {
  const keys = new Map<Address, Uint8Array>();
  for (const { address, blsPublicKey } of committee.slots) {
    const coinbase = staking ? coinbaseOfBlsKey(blsPublicKey) : address;
    if (!keys.has(coinbase)) keys.set(coinbase, blsPublicKey);
  }
  return keys;
}

/**
 * Prepares a committee.
 *
 * @param epoch - The epoch it serves in.
 * @throws {@link LightClientError} `light-client/invalid-committees` for no slots, keys that are not
 *   48 bytes, or stakes that give no voting power.
 * @source harmony/consensus/quorum/verifier.go: NewVerifier
 * @activation staking
 * @example sealingCommittee(mainnet, 87n, committeeOf(staticShardState(mainnet, accounts, 87n), 0))
 */
export function sealingCommittee(
  network: Network,
  epoch: bigint,
  committee: Committee,
): SealingCommittee {
  const { shardId, slots } = committee;
  if (slots.length === 0) refuse(`the committee of shard ${shardId} has no slots`);
  if (slots.some(({ blsPublicKey }) => blsPublicKey.length !== 48)) {
    refuse(`a key of shard ${shardId} is not 48 bytes`);
  }
  const voting = within(
    (reason) => ({ code: 'light-client/invalid-committees', reason }),
    () => votingCommittee(committee, quorumAt(network, epoch, committee)),
  );
  let leaders: ReadonlyMap<Address, Uint8Array> | undefined;
  return {
    epoch,
    shardId,
    network,
    suite: network.blsSuite,
    voting,
    leaderKey(coinbase) {
      leaders ??= leaderKeys(committee, isActive(network, 'staking', epoch));
      return leaders.get(coinbase);
    },
  };
}

function refuse(reason: string): never {
  throw new LightClientError({ code: 'light-client/invalid-committees', reason });
}

/**
 * Finds the committee of a shard in an epoch; undefined when it is not known. What is not known is
 * refused, never assumed.
 */
export type CommitteeLookup = (epoch: bigint, shardId: number) => SealingCommittee | undefined;

/**
 * A lookup over known shard states that prepares each committee once.
 *
 * @param states - By the epoch they serve in.
 * @example committeeLookup(mainnet, new Map([[87n, shardState]]))
 */
export function committeeLookup(
  network: Network,
  states: ReadonlyMap<bigint, ShardState>,
): CommitteeLookup {
  const prepared = new Map<string, SealingCommittee>();
  return (epoch, shardId) => {
    const state = states.get(epoch);
    if (state === undefined || !state.committees.some((entry) => entry.shardId === shardId)) {
      return undefined;
    }
    const id = `${epoch}/${shardId}`;
    const known = prepared.get(id);
    if (known !== undefined) return known;
    const committee = sealingCommittee(network, epoch, committeeOf(state, shardId));
    prepared.set(id, committee);
    return committee;
  };
}
