/**
 * The invariants, checked from outside.
 *
 * The records here (every vote ever signed, every block ever final) are the simulation's own; the
 * machine's view of its safety is not asked. A broken invariant throws {@link Diverged}.
 *
 * I1 agreement; I2 chains linked and never forked at a node; I3 final blocks valid; I4 final blocks
 * sealed by a quorum of their committee; I5 one prepare and one commit vote for each key, height and
 * view, across crashes; I6 the voting rules; I7 heights and views do not go down; I8 tallies count
 * each slot once; I9 no honest key is accused and evidence verifies; I11 memory is bounded; I12
 * what is refused changes nothing; I13 equal inputs give equal effects, asked of every 512th step.
 * I10, liveness, is the verdict of a whole run.
 */
import { bitmapIndices } from '@polyphony/bls/bitmap';
import { bytesToHex, type Hash } from '@polyphony/primitives';
import {
  MAX_CANDIDATES,
  MAX_EARLY_BYTES,
  MAX_EARLY_MESSAGES,
  MAX_EARLY_PER_PEER,
} from '../limits.js';
import type { StepResult } from '../machine.js';
import { step } from '../machine.js';
import type { DoubleSign, HeadInfo, VotingCommittee } from '../ports.js';
import type { Profile } from '../profile.js';
import { commitPayload, type Seal } from '../seal.js';
import { findOffence } from '../strict/offences.js';
import { strictPayload } from '../strict/statements.js';
import type { Effect, IgnoreReason, Input, State } from '../types.js';
import { verifyTags } from './tag-bls.js';

/** A broken invariant. */
export class Diverged extends Error {
  override readonly name = 'Diverged';
}

/** One vote as signed. */
export interface SignedVote {
  readonly kind: 'prepare' | 'commit';
  /** View id in the block's header; under `strict` the view of the vote. */
  readonly viewId: bigint;
  readonly blockHash: Hash;
  /** `strict`: view of the certificate that justifies a prepare vote. */
  readonly justifiedBy?: bigint;
}

/** What the records need to know of the simulation. */
export interface RecordsContext {
  committeeAt(height: bigint): VotingCommittee;
  /** 0 by default; only statements of `strict` name it. */
  epochAt?(height: bigint): bigint;
  /** Whether slots are a quorum of a height; the committee's own word by default. */
  isQuorum?(height: bigint, signers: readonly number[]): boolean;
  /** Whether a key belongs to a node that lies. */
  isLiar(key: Uint8Array): boolean;
  /** `guarded` by default. Promises that a profile does not make are not checked. */
  readonly profile?: Profile;
}

/** Records of what was signed and what became final. */
export interface Records {
  /** Heights that operators released, and up to which view: only later blocks get votes there. */
  readonly released: Map<bigint, bigint>;
  checkVote(key: Uint8Array, height: bigint, vote: SignedVote): void;
  /** @param valid - What the node's application says of the block. */
  checkFinal(
    node: number,
    head: HeadInfo,
    effect: Effect & { readonly type: 'commit' },
    valid: boolean,
  ): void;
  checkSeal(node: number, height: bigint, block: SealedBlock): void;
  checkEvidence(node: number, evidence: DoubleSign): void;
  /** Records that go on from here without changing these. */
  fork(): Records;
}

/** A block and the seal it is said to have. */
export interface SealedBlock {
  readonly hash: Hash;
  readonly viewId: bigint;
  /** Under `strict` the view that the seal's votes name. */
  readonly decidedInView: bigint;
  readonly seal: Seal;
}

interface Kept {
  readonly released: Map<bigint, bigint>;
  readonly finals: Map<bigint, Hash>;
  readonly votes: Map<string, readonly SignedVote[]>;
}

/** Empty records. */
export function createRecords(context: RecordsContext): Records {
  return recordsFrom(context, { released: new Map(), finals: new Map(), votes: new Map() });
}

function recordsFrom(context: RecordsContext, kept: Kept): Records {
  const { released, finals, votes } = kept;
  const nameOf = (key: Uint8Array, height: bigint): string => `${bytesToHex(key)} ${height}`;

  /** Whether a prepare certificate for a block can exist: liars may have signed it as well. */
  function mayBeCertified(height: bigint, blockHash: Hash): boolean {
    const { keys, hasQuorum } = context.committeeAt(height);
    const signers = keys.flatMap((key, slot) => {
      const signed = (votes.get(nameOf(key, height)) ?? []).some(
        (vote) => vote.kind === 'prepare' && vote.blockHash === blockHash,
      );
      return signed || context.isLiar(key) ? [slot] : [];
    });
    return hasQuorum(signers);
  }

  function checkPair(key: Uint8Array, height: bigint, before: SignedVote, vote: SignedVote): void {
    const fail = (what: string): never => {
      throw new Diverged(`${what} at height ${height} by key ${bytesToHex(key.subarray(0, 4))}`);
    };
    if (before.kind === vote.kind && before.viewId === vote.viewId)
      fail(`I5: two ${vote.kind} votes in one view`);
    if (context.profile?.wire === 2) {
      const against = before.kind === 'commit' && vote.kind === 'prepare';
      if (against && before.blockHash !== vote.blockHash && vote.justifiedBy! < before.viewId)
        fail('I6 (S2): a prepare vote against a commit vote without a certificate');
      return;
    }
    // What was signed up to the released view does not bind; among later votes all rules hold.
    if (before.viewId <= (released.get(height) ?? -1n)) return;
    if (vote.kind === 'commit') {
      if (before.kind === 'prepare' && before.viewId > vote.viewId)
        fail('I6 (R3): a commit vote behind a later prepare vote');
      if (before.kind === 'commit' && before.viewId >= vote.viewId)
        fail('I6 (R2): a commit vote behind the lock');
    } else if (before.kind === 'commit') {
      if (before.viewId >= vote.viewId || !mayBeCertified(height, vote.blockHash))
        fail('I6 (R2): a prepare vote against the lock');
    }
  }

  return {
    released,
    checkVote: (key, height, vote) => {
      const name = nameOf(key, height);
      const known = votes.get(name) ?? [];
      if (context.profile?.unsafe) return;
      for (const before of known)
        if (before.blockHash !== vote.blockHash || before.justifiedBy !== vote.justifiedBy)
          checkPair(key, height, before, vote);
      votes.set(name, [...known, vote]);
    },
    checkFinal: (node, head, { height, blockHash, viewId, decidedInView, seal }, valid) => {
      const known = finals.get(height);
      if (known !== undefined && known !== blockHash)
        throw new Diverged(
          `I1: height ${height} is final as ${known} and, at ${node}, ${blockHash}`,
        );
      finals.set(height, blockHash);
      if (height !== head.height + 1n)
        throw new Diverged(`I2: node ${node} finalized ${height} on top of ${head.height}`);
      if (viewId <= head.viewId)
        throw new Diverged(`I7: node ${node} finalized view ${viewId} on top of ${head.viewId}`);
      if (!valid)
        throw new Diverged(`I3: node ${node} finalized a block that is not valid at ${height}`);
      checkSeal(context, node, height, { hash: blockHash, viewId, decidedInView, seal });
    },
    checkSeal: (node, height, block) => checkSeal(context, node, height, block),
    checkEvidence: (node, evidence) => checkEvidence(context, node, evidence),
    fork: () =>
      recordsFrom(context, {
        released: new Map(released),
        finals: new Map(finals),
        votes: new Map(votes),
      }),
  };
}

function checkSeal(
  context: RecordsContext,
  node: number,
  height: bigint,
  { hash, viewId, decidedInView, seal }: SealedBlock,
): void {
  const committee = context.committeeAt(height);
  // Read here and not by the machine's own check of seals, which is what is tested.
  const signers = bitmapIndices(seal.bitmap, committee.keys.length);
  const keys = signers.map((slot) => committee.keys[slot]!);
  const payload = votePayload(context, height, {
    kind: 'commit',
    blockHash: hash,
    viewId: context.profile?.wire === 2 ? decidedInView : viewId,
  });
  const enough = context.isQuorum?.(height, signers) ?? committee.hasQuorum(signers);
  if (!enough || !verifyTags(seal.signature, payload, keys))
    throw new Diverged(`I4: node ${node} took a block without a quorum's seal at ${height}`);
}

/** Chain id of simulated networks. */
export const SIM_CHAIN_ID = 1n;

/** What a vote signs, made here and not by the machine. */
function votePayload(context: RecordsContext, height: bigint, vote: SignedVote): Uint8Array {
  const { kind, viewId, blockHash: hash, justifiedBy: certificateView = 0n } = vote;
  if (context.profile?.wire !== 2) return commitPayload(height, hash, viewId, true);
  const epoch = context.epochAt?.(height) ?? 0n;
  const statement = { kind, height, viewId, hash, certificateView };
  return strictPayload({ chainId: SIM_CHAIN_ID, shardId: 0, epoch }, statement);
}

function checkEvidence(context: RecordsContext, node: number, evidence: DoubleSign): void {
  if (!context.isLiar(evidence.key)) throw new Diverged(`I9: node ${node} accuses an honest key`);
  const votes = [evidence.first, evidence.second].map((vote) => ({
    ...vote,
    ...(vote.statement ?? { kind: 'commit' as const, viewId: evidence.viewId, justifiedBy: 0n }),
  }));
  for (const vote of votes) {
    if (!verifyTags(vote.signature, votePayload(context, evidence.height, vote), vote.keys))
      throw new Diverged(`I9: node ${node} reports evidence that does not verify`);
  }
  const [first, second] = votes;
  if (findOffence(first!, second!) === undefined)
    throw new Diverged(`I9: node ${node} reports two votes that an honest member may cast`);
}

/** Refusals that must leave a state as it was. */
const UNCHANGED: ReadonlySet<IgnoreReason> = new Set<IgnoreReason>([
  'malformed',
  'not-consensus',
  'wrong-shard',
  'far-height',
  'old-view',
  'far-view',
  'not-a-member',
  'not-the-leader',
  'bad-bitmap',
  'no-quorum',
  'bad-claim',
]);

/**
 * Checks a step.
 *
 * @param count - How many there were; every 512th is taken twice.
 */
export function checkStep(
  node: number,
  before: State,
  input: Input,
  { state, effects }: StepResult,
  count: number,
): void {
  const only = effects.length === 1 ? effects[0]! : undefined;
  if (only?.type === 'ignore' && state !== before && UNCHANGED.has(only.reason))
    throw new Diverged(`I12: node ${node} changed its state by what it refused: ${only.reason}`);
  if (state !== before) checkState(node, before, state);
  if (count % 512 !== 0) return;
  const again = step(before, input);
  if (!sameEffects(effects, again.effects))
    throw new Diverged(`I13: node ${node} answered one input in two ways`);
}

/** Whether two lists of effects are the same to the byte. */
function sameEffects(first: readonly Effect[], second: readonly Effect[]): boolean {
  const text = (effects: readonly Effect[]): string =>
    JSON.stringify(effects, (_, value: unknown) => {
      if (typeof value === 'bigint') return `${value}n`;
      if (value instanceof Map || value instanceof Set) return [...value];
      return value;
    });
  return text(first) === text(second);
}

/** Checks the state after a step against the one before. */
export function checkState(node: number, before: State, after: State): void {
  if (after.mode === 'idle') return;
  if (after.height !== (after.head?.height ?? -1n) + 1n)
    throw new Diverged(`I7: node ${node} has height ${after.height}`);
  if (before.mode !== 'idle') {
    if (after.height < before.height) throw new Diverged(`I7: node ${node} lost a height`);
    if (after.height === before.height && after.viewId < before.viewId)
      throw new Diverged(`I7: node ${node} went back to view ${after.viewId}`);
  }
  checkMemory(node, before, after);
  for (const name of ['prepareVotes', 'commitVotes'] as const)
    if (after[name] !== before[name]) checkTally(node, after[name]);
  if (after.last !== before.last) checkTally(node, after.last?.tally);
}

function checkMemory(node: number, before: State, after: State): void {
  const members = after.head!.committee.keys.length;
  if (
    after.candidates.length > MAX_CANDIDATES ||
    after.early.length > MAX_EARLY_MESSAGES ||
    after.reports.size > members ||
    after.watch.size > 2 * members ||
    after.committedProofs.size > members ||
    after.reported.size > members
  )
    throw new Diverged(`I11: node ${node} holds more than it may`);
  if (after.early === before.early) return;
  let bytes = 0;
  const ofPeer = new Map<string, number>();
  for (const { from, decoded } of after.early) {
    bytes += decoded.payload.length;
    ofPeer.set(from, (ofPeer.get(from) ?? 0) + 1);
  }
  if (bytes > MAX_EARLY_BYTES || Math.max(0, ...ofPeer.values()) > MAX_EARLY_PER_PEER)
    throw new Diverged(`I11: node ${node} holds more than it may`);
}

function checkTally(node: number, tally: State['prepareVotes']): void {
  const slots = tally?.ballots.flatMap((ballot) => ballot.signers) ?? [];
  if (new Set(slots).size !== slots.length || slots.length !== (tally?.signers.length ?? 0))
    throw new Diverged(`I8: node ${node} counts a slot twice`);
}
