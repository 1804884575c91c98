/**
 * Ready-made committees and leader schedules for networks without rules of their own.
 *
 * Harmony's stake-weighted committees and leader rules are not here: any value of the shape
 * `VotingCommittee` or `LeaderSchedule` will do.
 */
import { bytesToPlainHex } from '@polyphony/primitives';
import { FbftError } from './errors.js';
import { KeyIndex } from './key-index.js';
import type { LeaderContext, LeaderSchedule, VotingCommittee } from './ports.js';

function assertKeys(keys: readonly Uint8Array[]): void {
  const seen = new Set<string>();
  for (const key of keys) {
    if (!(key instanceof Uint8Array)) throw new TypeError('keys must be Uint8Arrays');
    if (key.length !== 48)
      throw new FbftError({
        code: 'fbft/out-of-range',
        what: 'public key',
        reason: `must be 48 bytes, got ${key.length}`,
      });
    const text = bytesToPlainHex(key);
    if (seen.has(text))
      throw new FbftError({
        code: 'fbft/out-of-range',
        what: 'public key',
        reason: `${text} is in the committee twice`,
      });
    seen.add(text);
  }
}

/**
 * A committee with one vote for each key: `floor(2n / 3) + 1` votes are a quorum.
 *
 * @param keys - BLS public keys, 48 bytes each, distinct, at least one.
 * @throws {@link FbftError} `fbft/out-of-range`.
 * @source harmony/consensus/quorum/quorum.go: TwoThirdsSignersCount
 */
export function uniformCommittee(keys: readonly Uint8Array[]): VotingCommittee {
  const committee = weightedCommittee(
    keys,
    keys.map(() => 1n),
  );
  const members = keys.length;
  const enough = Math.floor((2 * members) / 3) + 1;
  return { ...committee, hasQuorum: (signers) => countMembers(signers, members) >= enough };
}

/** How many different members some slots name. Those of bitmaps ascend, so they need no set. */
function countMembers(signers: readonly number[], members: number): number {
  let last = -1;
  for (const slot of signers) {
    if (!(slot > last && slot < members)) return countInSet(signers, members);
    last = slot;
  }
  return signers.length;
}

function countInSet(signers: readonly number[], members: number): number {
  let count = 0;
  for (const slot of new Set(signers)) if (slot >= 0 && slot < members) count++;
  return count;
}

/**
 * A committee with a whole number of votes for each key: strictly more than two thirds are a
 * quorum.
 *
 * @param weights - One for each key, at least 0; their sum must be positive.
 * @throws {@link FbftError} `fbft/out-of-range`.
 */
export function weightedCommittee(
  keys: readonly Uint8Array[],
  weights: readonly bigint[],
): VotingCommittee {
  assertKeys(keys);
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  if (weights.length !== keys.length || weights.some((weight) => weight < 0n) || total <= 0n)
    throw new FbftError({
      code: 'fbft/out-of-range',
      what: 'weights',
      reason: 'must be one for each key, none negative, with a positive sum',
    });
  const quorumAbove = (total * 2n) / 3n; // sum > 2/3 of the total, in whole votes
  const index = new KeyIndex(keys);
  return {
    keys,
    slotOf: (key) => index.slotOf(key),
    hasQuorum: (signers) => {
      let sum = 0n;
      for (const slot of new Set(signers)) sum += weights[slot] ?? 0n;
      return sum > quorumAbove;
    },
    powers: { of: weights, quorumAbove },
  };
}

/**
 * Slots lead in turn: view `v` is led by slot `v mod n`, so each block has another leader and each
 * view change moves on by one.
 */
export const roundRobinLeaders: LeaderSchedule = {
  leaderAt: ({ viewId, head }: LeaderContext) => modulo(viewId, head.committee.keys.length),
};

/**
 * The proposer of the head goes on; each view change moves on by one slot. After a head without a
 * known proposer slot 0 starts. This is Harmony's rule before leader rotation.
 *
 * @source harmony/consensus/quorum/quorum.go: NthNextHmy; harmony/consensus/view_change.go: getNextLeaderKey
 */
export const stableLeaders: LeaderSchedule = {
  leaderAt: ({ viewId, head }: LeaderContext) => {
    const { proposer } = head;
    const start = proposer === undefined ? -1 : slotOf(head.committee, proposer);
    const base = BigInt(Math.max(start, 0));
    return modulo(base + viewId - (head.viewId + 1n), head.committee.keys.length);
  },
};

function modulo(value: bigint, size: number): number | undefined {
  if (size === 0) return undefined;
  const rest = value % BigInt(size);
  return Number(rest < 0n ? rest + BigInt(size) : rest);
}

/** The slot of a key, or -1. */
function slotOf(committee: VotingCommittee, key: Uint8Array): number {
  return committee.keys.findIndex(
    (other) => other.length === key.length && other.every((byte, i) => byte === key[i]),
  );
}
