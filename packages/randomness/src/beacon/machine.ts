/**
 * The beacon: from the members' VRFs of an epoch to the seed of the next.
 *
 * | phase | a block's field | next phase |
 * |---|---|---|
 * | collecting | contributions of members that have not contributed, the leader's among them; nothing, if the leader has | collecting; combining when more than 2/3 have; settled by fallback when the last block for it passed |
 * | combining | the combined value, which follows from the blocks before | delaying |
 * | delaying | nothing | delaying; settled by fallback when the last block for it passed |
 * | delaying | output and proof of the delay | settled |
 * | settled | nothing | settled, until the epoch ends |
 *
 * Anything else makes the block invalid, so that a leader is never trusted: every validator applies
 * the block before it votes, and consensus makes each step final. A leader can only withhold its
 * block. What that gains is measured in `beacon-bias.scenario.test.ts`, why the steps are as they are in decision 13.
 *
 * The design is the one of the network's documentation, with three changes: contributions are over
 * the epoch's seed and not over the parent's hash, so that nobody can grind them; they are combined by
 * a hash and not by XOR; and members may pass theirs to a leader.
 *
 * @source docs-home general/technology/randomness.md
 */
import type { Bls } from '@polyphony/bls';
import { concatBytes, equalBytes } from '@polyphony/primitives';
import { boundVrfMessage, boundVrfOutput, evaluateBoundVrf, verifyBoundVrf } from '../bound-vrf.js';
import { assertRange } from '../errors.js';
import type { VdfInput, VdfOptions } from '../vdf/statement.js';
import { assertValidVdf, isRefusedVdf } from '../vdf/verify.js';
import {
  type BeaconContribution,
  type BeaconField,
  decodeBeaconField,
  encodeBeaconField,
  MAX_BLOCK_CONTRIBUTIONS,
  refuseField,
} from './field.js';
import {
  assertEpoch,
  assertValidBeaconParameters,
  type BeaconParameters,
  beaconHash,
  delayOf,
} from './parameters.js';
import {
  type BeaconOutput,
  type BeaconPhase,
  type BeaconState,
  refuseState,
  type SeedOrigin,
} from './state.js';

/** What the rules need besides state and block. */
export interface BeaconContext {
  readonly parameters: BeaconParameters;
  readonly bls: Bls;
  /** Public keys of the epoch's committee, 48 bytes each, in its order; at most 65,536. */
  readonly keys: readonly Uint8Array[];
  /** For verifying a delay: a kept discriminant, another arithmetic. */
  readonly vdf?: VdfOptions;
}

/** A block, as far as the beacon looks at it. */
export interface BeaconBlock {
  /** Place of the proposer in the committee. */
  readonly leader: number;
  /** The header's `vdf` field. */
  readonly field: Uint8Array;
}

/** What a leader has at hand for its block. */
export interface BeaconOffer {
  /** Its own and those that members passed to it, in any order. Those that were verified. */
  readonly contributions?: readonly BeaconContribution[];
  /** Output and proof of {@link pendingDelay}, when they were found. */
  readonly result?: Uint8Array;
}

/**
 * The beacon at the start of a network.
 *
 * @param seed - 32 bytes; unless given a hash of the network's constants.
 * @throws {@link RandomnessError} `randomness/out-of-range` for constants that make no sense.
 */
export function startBeacon(parameters: BeaconParameters, seed?: Uint8Array): BeaconState {
  assertValidBeaconParameters(parameters);
  return {
    epoch: 0n,
    seed: seed ?? beaconHash('genesis', parameters, 0n),
    origin: 'genesis',
    blocks: 0,
    stage: { phase: 'collecting', outputs: [] },
  };
}

/**
 * The beacon of the next epoch, before its first block.
 *
 * @throws {@link RandomnessError} `randomness/invalid-beacon-state` when the next seed is not settled.
 */
export function nextBeaconEpoch(state: BeaconState): BeaconState {
  const { stage, epoch } = state;
  if (stage.phase !== 'settled') return refuseState(`${stage.phase}, but the epoch ends`);
  assertEpoch(epoch + 1n);
  return {
    epoch: epoch + 1n,
    seed: stage.nextSeed,
    origin: stage.origin,
    blocks: 0,
    stage: { phase: 'collecting', outputs: [] },
  };
}

/** What members' VRFs of the epoch are over: 32 bytes. */
export function contributionInput(state: BeaconState, parameters: BeaconParameters): Uint8Array {
  return beaconHash('input', parameters, state.epoch, state.seed);
}

/**
 * What a member signs for its contribution: for signers that keep the key to themselves. The
 * signature is the proof.
 *
 * @returns 32 bytes.
 * @throws {@link RandomnessError} `randomness/invalid-length` for a key that is not 48 bytes.
 */
export function contributionMessage(
  state: BeaconState,
  { bls, parameters }: Pick<BeaconContext, 'bls' | 'parameters'>,
  publicKey: Uint8Array,
): Uint8Array {
  return boundVrfMessage(bls.suite, publicKey, contributionInput(state, parameters));
}

/**
 * A member's contribution to the epoch: the same whenever it is made.
 *
 * @throws What `bls.sign` throws.
 */
export function contribute(
  state: BeaconState,
  { bls, parameters }: Pick<BeaconContext, 'bls' | 'parameters'>,
  member: number,
  secretKey: Uint8Array,
): BeaconContribution {
  return {
    member,
    proof: evaluateBoundVrf(bls, secretKey, contributionInput(state, parameters)),
  };
}

/** Whether a contribution that a peer passed on is its member's for the epoch. Never throws on hostile bytes. */
export function verifyContribution(
  state: BeaconState,
  { bls, parameters, keys }: BeaconContext,
  { member, proof }: BeaconContribution,
): boolean {
  const key = keys[member];
  return key !== undefined && verifyBoundVrf(bls, key, contributionInput(state, parameters), proof);
}

/** Whether a member's contribution is still wanted. */
export function wantsContribution(state: BeaconState, member: number): boolean {
  const { stage } = state;
  return (
    stage.phase === 'collecting' && !stage.outputs.some(({ member: other }) => other === member)
  );
}

/**
 * The delay that is to be evaluated now; `undefined` when none is. To be asked after every block and
 * after a restart.
 */
export function pendingDelay(
  { stage }: BeaconState,
  parameters: BeaconParameters,
): VdfInput | undefined {
  return stage.phase === 'delaying' ? delayOf(stage.combined, parameters) : undefined;
}

/**
 * The field of a leader's block.
 *
 * @throws {@link RandomnessError} `randomness/invalid-beacon-field` when the leader has not contributed
 *   and its contribution is not in the offer: it cannot propose.
 */
export function composeBeaconField(
  state: BeaconState,
  { parameters }: Pick<BeaconContext, 'parameters'>,
  leader: number,
  offer: BeaconOffer = {},
): Uint8Array {
  return encodeBeaconField(chooseField(state, leader, offer), parameters.discriminantBits);
}

function chooseField(state: BeaconState, leader: number, offer: BeaconOffer): BeaconField {
  const { stage } = state;
  if (stage.phase === 'combining') return { type: 'combined', combined: stage.combined };
  if (stage.phase === 'delaying' && offer.result !== undefined) {
    return { type: 'delayed', result: offer.result };
  }
  if (stage.phase !== 'collecting') return { type: 'nothing' };
  const wanted = new Map(
    (offer.contributions ?? [])
      .filter(({ member }) => wantsContribution(state, member))
      .map((contribution) => [contribution.member, contribution]),
  );
  const own = wanted.get(leader);
  if (own === undefined && wantsContribution(state, leader)) {
    return refuseField(`leader ${leader} has not contributed`);
  }
  wanted.delete(leader);
  const others = [...wanted.values()].slice(0, MAX_BLOCK_CONTRIBUTIONS - 1);
  const contributions = own === undefined ? others : [own, ...others];
  if (contributions.length === 0) return { type: 'nothing' };
  return {
    type: 'contributions',
    contributions: contributions.sort((left, right) => left.member - right.member),
  };
}

/**
 * Applies the next block of the epoch: what a validator does before it votes, and everybody when the
 * block is final.
 *
 * @returns The state after the block.
 * @throws {@link RandomnessError} `randomness/invalid-beacon-field` for a block that is not valid;
 *   `randomness/out-of-range` for a leader outside the committee or constants that make no sense;
 *   `randomness/invalid-length` for a key that is not 48 bytes.
 * @activation none: the `reference` network's own rule.
 */
export function applyBeaconBlock(
  state: BeaconState,
  { leader, field: bytes }: BeaconBlock,
  context: BeaconContext,
): BeaconState {
  const { keys, parameters } = context;
  assertValidBeaconParameters(parameters);
  assertRange('members', keys.length, 1, 0x1_0000);
  assertRange('leader', leader, 0, keys.length - 1);
  const field = decodeBeaconField(bytes, parameters.discriminantBits);
  const blocks = state.blocks + 1;
  const stage = afterDeadline(nextStage(state, leader, field, context), state, blocks, parameters);
  return { ...state, blocks, stage };
}

function nextStage(
  state: BeaconState,
  leader: number,
  field: BeaconField,
  context: BeaconContext,
): BeaconPhase {
  const { stage } = state;
  switch (stage.phase) {
    case 'collecting':
      return collect(state, stage.outputs, leader, field, context);
    case 'combining':
      if (field.type !== 'combined' || !equalBytes(field.combined, stage.combined)) {
        return refuseField('the combined contributions are due');
      }
      return { phase: 'delaying', combined: stage.combined };
    case 'delaying':
      if (field.type === 'nothing') return stage;
      if (field.type !== 'delayed') return refuseField(`${field.type} during the delay`);
      return settle(state, stage.combined, field.result, context);
    case 'settled':
      return field.type === 'nothing' ? stage : refuseField('the next seed is settled');
  }
}

function collect(
  state: BeaconState,
  known: readonly BeaconOutput[],
  leader: number,
  field: BeaconField,
  context: BeaconContext,
): BeaconPhase {
  const { parameters, bls, keys } = context;
  if (field.type !== 'contributions' && field.type !== 'nothing') {
    return refuseField(`${field.type} while contributions are collected`);
  }
  const given = field.type === 'nothing' ? [] : field.contributions;
  const added = given.map((contribution): BeaconOutput => {
    const { member, proof } = contribution;
    if (!wantsContribution(state, member)) refuseField(`member ${member} contributes again`);
    if (!verifyContribution(state, context, contribution)) {
      refuseField(`the contribution of member ${member} does not verify`);
    }
    return { member, output: boundVrfOutput(bls.suite, proof) };
  });
  const outputs = [...known, ...added].sort((left, right) => left.member - right.member);
  if (!outputs.some(({ member }) => member === leader)) {
    refuseField(`leader ${leader} has not contributed`);
  }
  if (outputs.length * 3 <= keys.length * 2) return { phase: 'collecting', outputs };
  return { phase: 'combining', combined: combine(state, outputs, parameters) };
}

/** SHA-256 over the epoch's seed and every member's output, with the members. */
function combine(
  { epoch, seed }: BeaconState,
  outputs: readonly BeaconOutput[],
  parameters: BeaconParameters,
): Uint8Array {
  const entries = outputs.flatMap(({ member, output }) => [
    Uint8Array.of(member >> 8, member & 255),
    output,
  ]);
  return beaconHash('combined', parameters, epoch, seed, concatBytes(...entries));
}

function settle(
  { epoch }: BeaconState,
  combined: Uint8Array,
  result: Uint8Array,
  { parameters, vdf }: BeaconContext,
): BeaconPhase {
  try {
    assertValidVdf(delayOf(combined, parameters), result, vdf);
  } catch (error) {
    if (isRefusedVdf(error)) refuseField(error.message);
    throw error;
  }
  // The output alone: proofs are not known to be unique.
  const output = result.subarray(0, result.length / 2);
  const nextSeed = beaconHash('seed', parameters, epoch, combined, output);
  return { phase: 'settled', nextSeed, origin: 'delay' };
}

/** Falls back to the seed before when the last block of a phase has passed. */
function afterDeadline(
  stage: BeaconPhase,
  { epoch, seed }: BeaconState,
  blocks: number,
  parameters: BeaconParameters,
): BeaconPhase {
  const fallback = (origin: Exclude<SeedOrigin, 'genesis' | 'delay'>): BeaconPhase => ({
    phase: 'settled',
    nextSeed: beaconHash('fallback', parameters, epoch, seed),
    origin,
  });
  if (stage.phase === 'collecting' && blocks >= parameters.contributionBlocks) {
    return fallback('too-few-contributions');
  }
  if (stage.phase === 'delaying' && blocks >= parameters.resultBlocks) {
    return fallback('late-delay');
  }
  return stage;
}
