import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@polyphony/primitives';
import {
  type BeaconPhase,
  type BeaconState,
  decodeBeaconField,
  decodeBeaconState,
  encodeBeaconField,
  encodeBeaconState,
} from '../../src/beacon/index.js';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/vdf/checkpoint.js';
import {
  assertValidVdf,
  decodeForm,
  deriveDiscriminant,
  encodeForm,
  evaluateVdf,
} from '../../src/vdf/index.js';
import { openStatement } from '../../src/vdf/statement.js';
import type { Fuzzed } from './fuzz.js';

const seed = Uint8Array.of(9, 9);
const discriminantBits = 128;
const discriminant = deriveDiscriminant(seed, discriminantBits);
const input = { seed, iterations: 300, discriminantBits };
const checkpoints: Uint8Array[] = [];
const result = evaluateVdf(input, {
  checkpointEvery: 64,
  onProgress: ({ checkpoint }) => checkpoint && checkpoints.push(checkpoint),
});
const statement = openStatement(input, { discriminant });
const half = result.length / 2;
/** Digits of an evaluation of 300 squarings: its stride. */
const stride = 4;

const bytes32 = new Uint8Array(32).fill(200);
const outputs = [1, 2, 700].map((member) => ({ member, output: bytes32 }));
const stages: readonly BeaconPhase[] = [
  { phase: 'collecting', outputs: [] },
  { phase: 'collecting', outputs },
  { phase: 'combining', combined: bytes32 },
  { phase: 'delaying', combined: bytes32 },
  { phase: 'settled', nextSeed: bytes32, origin: 'delay' },
  { phase: 'settled', nextSeed: bytes32, origin: 'late-delay' },
];
const states: readonly BeaconState[] = stages.map((stage, i) => ({
  epoch: BigInt(i) << 40n,
  seed: bytes32,
  origin: i === 0 ? 'genesis' : 'too-few-contributions',
  blocks: 300 * i,
  stage,
}));

/** Every decoder of the package's bytes. */
export const decoders: readonly Fuzzed[] = [
  {
    name: 'a form',
    valid: [result.subarray(0, half), result.subarray(half)],
    roundTrip: (bytes) => encodeForm(decodeForm(bytes, discriminant), discriminant),
  },
  {
    name: 'output and proof',
    valid: [result],
    roundTrip(bytes) {
      assertValidVdf(input, bytes, { discriminant });
      return concatBytes(bytes.subarray(0, half), bytes.subarray(half));
    },
  },
  {
    name: 'a checkpoint',
    valid: checkpoints,
    roundTrip: (bytes) => encodeCheckpoint(decodeCheckpoint(bytes, statement, stride), statement),
  },
  {
    name: 'a checkpoint under a right checksum',
    valid: checkpoints.map((bytes) => bytes.subarray(0, -32)),
    roundTrip: (body) =>
      encodeCheckpoint(
        decodeCheckpoint(concatBytes(body, sha256(body)), statement, stride),
        statement,
      ).subarray(0, -32),
  },
  {
    name: 'a header’s beacon field',
    valid: [
      new Uint8Array(0),
      encodeBeaconField({ type: 'combined', combined: new Uint8Array(32).fill(7) }),
      encodeBeaconField({ type: 'delayed', result }, discriminantBits),
      encodeBeaconField({
        type: 'contributions',
        contributions: [3, 258, 65_535].map((member) => ({
          member,
          proof: new Uint8Array(96).fill(member),
        })),
      }),
    ],
    roundTrip: (bytes) =>
      encodeBeaconField(decodeBeaconField(bytes, discriminantBits), discriminantBits),
  },
  {
    name: 'a beacon’s state',
    valid: states.map((state) => encodeBeaconState(state)),
    roundTrip: (bytes) => encodeBeaconState(decodeBeaconState(bytes)),
  },
];
