/**
 * A half-done evaluation as bytes, so that a program that was stopped goes on where it was.
 *
 * Layout, integers big-endian: version 1 (1 byte), SHA-256 of the seed (32), bits of the discriminant
 * (2), squarings wanted (4), squarings done (4), kept forms, form reached, SHA-256 of all before (32).
 * It is for the disk of the one who made it: bytes that were damaged are refused, bytes that were
 * made up are found out when the evaluation ends.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, equalBytes } from '@polyphony/primitives';
import { RandomnessError } from '../errors.js';
import type { Form } from './arithmetic.js';
import { decodeForm, encodeForm, formLength } from './form.js';
import { START, type Statement } from './statement.js';

/** What an evaluation has after some squarings. */
export interface Checkpoint {
  readonly done: number;
  /** Every stride-th power of x before `done`. */
  readonly kept: readonly Form[];
  readonly output: Form;
}

const VERSION = 1;
const HEADER_LENGTH = 43;
const HASH_LENGTH = 32;

/** Version, seed, size and squarings wanted: equal for all checkpoints of an input. */
function header({ seed, bits, iterations }: Statement, done: number): Uint8Array {
  const bytes = new Uint8Array(HEADER_LENGTH);
  bytes[0] = VERSION;
  bytes.set(sha256(seed), 1);
  const view = new DataView(bytes.buffer);
  view.setUint16(33, bits);
  view.setUint32(35, iterations);
  view.setUint32(39, done);
  return bytes;
}

/** The bytes of a checkpoint: about 260 for each kept form at 2048 bits. */
export function encodeCheckpoint(
  { done, kept, output }: Checkpoint,
  statement: Statement,
): Uint8Array {
  const { magnitude } = statement;
  const body = concatBytes(
    header(statement, done),
    ...[...kept, output].map((form) => encodeForm(form, magnitude)),
  );
  return concatBytes(body, sha256(body));
}

/**
 * Reads a checkpoint of this input. Strict, but the powers themselves are only known to be forms.
 *
 * @throws {@link RandomnessError} `randomness/invalid-checkpoint`; `randomness/invalid-form`.
 */
export function decodeCheckpoint(
  bytes: Uint8Array,
  statement: Statement,
  stride: number,
): Checkpoint {
  const refuse = (reason: string): never => {
    throw new RandomnessError({ code: 'randomness/invalid-checkpoint', reason });
  };
  if (bytes.length < HEADER_LENGTH + HASH_LENGTH) return refuse('too short');
  const end = bytes.length - HASH_LENGTH;
  const body = bytes.subarray(0, end);
  if (!equalBytes(sha256(body), bytes.subarray(end))) return refuse('damaged');
  const done = new DataView(body.buffer, body.byteOffset).getUint32(39);
  if (!equalBytes(header(statement, done), body.subarray(0, HEADER_LENGTH))) {
    return refuse('of another input');
  }
  if (done < 1 || done > statement.iterations) return refuse('more squarings than wanted');
  const size = formLength(statement.magnitude);
  const count = Math.ceil(done / stride) + 1;
  if (end !== HEADER_LENGTH + count * size) return refuse('not as many powers as it should have');
  const forms = Array.from({ length: count }, (_, i) => {
    const start = HEADER_LENGTH + i * size;
    return decodeForm(body.subarray(start, start + size), statement.magnitude);
  });
  if (forms[0]!.a !== START.a || forms[0]!.b !== START.b) return refuse('does not begin at x');
  return { done, kept: forms.slice(0, -1), output: forms.at(-1)! };
}
