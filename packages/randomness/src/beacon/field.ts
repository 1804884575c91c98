/**
 * What a block's header carries for the beacon: bytes of the header's `vdf` field.
 *
 * | bytes | are |
 * |---|---|
 * | none | nothing |
 * | 01, then 98 bytes each: member (2, big-endian), proof (96) | contributions, members ascending |
 * | 02, 32 bytes | the combined contributions |
 * | 03, output and proof of the delay | the delayed value |
 *
 * Only the layout is decided here; what a block may carry is in `machine.ts`. One value has one
 * encoding.
 */
import { SIGNATURE_LENGTH } from '@polyphony/bls';
import { concatBytes } from '@polyphony/primitives';
import { RandomnessError } from '../errors.js';
import { vdfResultLength } from '../vdf/verify.js';

/** A member's VRF proof, as blocks and peers carry it. */
export interface BeaconContribution {
  /** Place in the committee of the epoch. */
  readonly member: number;
  /** 96 bytes. */
  readonly proof: Uint8Array;
}

/** A decoded field. */
export type BeaconField =
  | { readonly type: 'nothing' }
  | { readonly type: 'contributions'; readonly contributions: readonly BeaconContribution[] }
  | { readonly type: 'combined'; readonly combined: Uint8Array }
  | { readonly type: 'delayed'; readonly result: Uint8Array };

/** Contributions that one block may carry: 6.3 kB. */
export const MAX_BLOCK_CONTRIBUTIONS = 64;

/** Bytes of a combined value and of a seed. */
export const SEED_LENGTH = 32;

const ENTRY_LENGTH = 2 + SIGNATURE_LENGTH;
const CONTRIBUTIONS = 1;
const COMBINED = 2;
const DELAYED = 3;

/** @throws {@link RandomnessError} `randomness/invalid-beacon-field`. */
export function refuseField(reason: string): never {
  throw new RandomnessError({ code: 'randomness/invalid-beacon-field', reason });
}

/**
 * The bytes of a field.
 *
 * @throws {@link RandomnessError} `randomness/invalid-beacon-field` for a value without an encoding.
 */
export function encodeBeaconField(field: BeaconField, discriminantBits?: number): Uint8Array {
  const bytes = write(field);
  decodeBeaconField(bytes, discriminantBits);
  return bytes;
}

function write(field: BeaconField): Uint8Array {
  switch (field.type) {
    case 'nothing':
      return new Uint8Array(0);
    case 'contributions':
      return concatBytes(
        Uint8Array.of(CONTRIBUTIONS),
        ...field.contributions.flatMap(({ member, proof }) => [
          Uint8Array.of(member >> 8, member & 255),
          proof,
        ]),
      );
    case 'combined':
      return concatBytes(Uint8Array.of(COMBINED), field.combined);
    case 'delayed':
      return concatBytes(Uint8Array.of(DELAYED), field.result);
  }
}

/**
 * Reads a field. Strict in length and order; proofs and forms are not looked into.
 *
 * @param discriminantBits - Size of the delay's discriminant; 2048 unless given.
 * @throws {@link RandomnessError} `randomness/invalid-beacon-field`.
 */
export function decodeBeaconField(bytes: Uint8Array, discriminantBits?: number): BeaconField {
  if (bytes.length === 0) return { type: 'nothing' };
  const body = bytes.subarray(1);
  switch (bytes[0]) {
    case CONTRIBUTIONS:
      return { type: 'contributions', contributions: readContributions(body) };
    case COMBINED:
      assertBody(body, SEED_LENGTH);
      return { type: 'combined', combined: body };
    case DELAYED:
      assertBody(body, vdfResultLength(discriminantBits));
      return { type: 'delayed', result: body };
    default:
      return refuseField(`kind ${bytes[0]} is unknown`);
  }
}

function assertBody(body: Uint8Array, expected: number): void {
  if (body.length !== expected) {
    refuseField(`its value must be ${expected} bytes, got ${body.length}`);
  }
}

function readContributions(body: Uint8Array): readonly BeaconContribution[] {
  const count = body.length / ENTRY_LENGTH;
  if (!Number.isInteger(count) || count < 1 || count > MAX_BLOCK_CONTRIBUTIONS) {
    refuseField(`${body.length} bytes are not 1 to ${MAX_BLOCK_CONTRIBUTIONS} contributions`);
  }
  const contributions: BeaconContribution[] = [];
  let last = -1;
  for (let at = 0; at < body.length; at += ENTRY_LENGTH) {
    const member = body[at]! * 256 + body[at + 1]!;
    if (member <= last) refuseField('members do not ascend');
    last = member;
    contributions.push({ member, proof: body.subarray(at + 2, at + ENTRY_LENGTH) });
  }
  return contributions;
}
