/**
 * Where a beacon stands, as plain data and as bytes.
 *
 * Bytes are an RLP list: epoch, seed, blocks taken, phase (0 to 3), and the phase's own value. They
 * are for a node's disk; a state that was damaged is refused, one that was made up is not found out.
 */
import {
  encodeRlp,
  isProtocolError,
  openRlpList,
  type RlpInput,
  type RlpReader,
} from '@polyphony/primitives';
import { RandomnessError } from '../errors.js';
import { SEED_LENGTH } from './field.js';

/** What a seed came from. */
export type SeedOrigin =
  /** The delayed value. */
  | 'delay'
  /** The seed before it: not more than two thirds of the members contributed in time. */
  | 'too-few-contributions'
  /** The seed before it: no block committed the delayed value in time. */
  | 'late-delay'
  /** The network's constants: epoch 0. */
  | 'genesis';

/** A contribution that was verified: the VRF's output stands for the proof. */
export interface BeaconOutput {
  readonly member: number;
  /** 32 bytes. */
  readonly output: Uint8Array;
}

/** What a beacon waits for. */
export type BeaconPhase =
  /** Contributions, by ascending member. */
  | { readonly phase: 'collecting'; readonly outputs: readonly BeaconOutput[] }
  /** A block that commits the combined contributions, 32 bytes. */
  | { readonly phase: 'combining'; readonly combined: Uint8Array }
  /** A block that commits the delayed value of what was combined. */
  | { readonly phase: 'delaying'; readonly combined: Uint8Array }
  /** The end of the epoch: the next one's seed is known. */
  | {
      readonly phase: 'settled';
      readonly nextSeed: Uint8Array;
      readonly origin: Exclude<SeedOrigin, 'genesis'>;
    };

/** A beacon after some blocks of an epoch. */
export interface BeaconState {
  readonly epoch: bigint;
  /** The seed of this epoch, 32 bytes: what its assignment came from and its contributions sign. */
  readonly seed: Uint8Array;
  /** Where {@link BeaconState.seed} came from. */
  readonly origin: SeedOrigin;
  /** Blocks of the epoch that were applied. */
  readonly blocks: number;
  readonly stage: BeaconPhase;
}

const PHASES = ['collecting', 'combining', 'delaying', 'settled'] as const;
const ORIGINS: readonly SeedOrigin[] = ['delay', 'too-few-contributions', 'late-delay', 'genesis'];

function stageRlp(stage: BeaconPhase): RlpInput {
  switch (stage.phase) {
    case 'collecting':
      return stage.outputs.map(({ member, output }) => [member, output]);
    case 'combining':
    case 'delaying':
      return stage.combined;
    case 'settled':
      return [stage.nextSeed, ORIGINS.indexOf(stage.origin)];
  }
}

/** The bytes of a state. */
export function encodeBeaconState({ epoch, seed, origin, blocks, stage }: BeaconState): Uint8Array {
  return encodeRlp([
    epoch,
    seed,
    ORIGINS.indexOf(origin),
    blocks,
    PHASES.indexOf(stage.phase),
    stageRlp(stage),
  ]);
}

/** @throws {@link RandomnessError} `randomness/invalid-beacon-state`. */
export function refuseState(reason: string): never {
  throw new RandomnessError({ code: 'randomness/invalid-beacon-state', reason });
}

/**
 * Reads a state.
 *
 * @throws {@link RandomnessError} `randomness/invalid-beacon-state` for bytes that no state has.
 */
export function decodeBeaconState(bytes: Uint8Array): BeaconState {
  try {
    const fields = openRlpList(bytes);
    const epoch = fields.readBigInt(64);
    const seed = fields.readFixed(SEED_LENGTH).slice();
    const origin = ORIGINS[fields.readUint32()] ?? refuseState('unknown origin');
    const blocks = fields.readUint32();
    const phase = PHASES[fields.readUint32()] ?? refuseState('unknown phase');
    const stage = readStage(phase, fields);
    fields.assertDone();
    return { epoch, seed, origin, blocks, stage };
  } catch (error) {
    if (!isProtocolError(error) || error instanceof RandomnessError) throw error;
    throw new RandomnessError(
      { code: 'randomness/invalid-beacon-state', reason: error.message },
      { cause: error },
    );
  }
}

function readStage(phase: BeaconPhase['phase'], fields: RlpReader): BeaconPhase {
  if (phase === 'collecting') return { phase, outputs: readOutputs(fields.readList()) };
  if (phase !== 'settled') return { phase, combined: fields.readFixed(SEED_LENGTH).slice() };
  const list = fields.readList();
  const nextSeed = list.readFixed(SEED_LENGTH).slice();
  const origin = ORIGINS[list.readUint32()];
  list.assertDone();
  if (origin === undefined || origin === 'genesis') return refuseState('unknown origin');
  return { phase, nextSeed, origin };
}

function readOutputs(list: RlpReader): readonly BeaconOutput[] {
  const outputs: BeaconOutput[] = [];
  while (!list.done) {
    const entry = list.readList();
    const member = entry.readUint32();
    const output = entry.readFixed(SEED_LENGTH).slice();
    entry.assertDone();
    const last = outputs.at(-1)?.member ?? -1;
    if (member <= last || member > 0xffff) refuseState('members do not ascend');
    outputs.push({ member, output });
  }
  return outputs;
}
