/**
 * Forms as bytes: a, then b, each a big-endian two's-complement integer of fixed size. Only the
 * reduced form of a class has bytes here, so equal classes have equal bytes.
 *
 * @source vdf/src/vdf_go/classgroup.go: Serialize; vdf/src/vdf_go/encode.go
 */
import { bytesToBigInt } from '@polyphony/primitives';
import { assertByteLength, RandomnessError } from '../errors.js';
import type { Form } from './arithmetic.js';
import { bitLength } from './integers.js';

/** Bytes of one coefficient. */
function coefficientLength(magnitude: bigint): number {
  return (bitLength(magnitude) + 16) >> 4;
}

/** Bytes of a form: 258 for a discriminant of 2048 bits. */
export function formLength(magnitude: bigint): number {
  return 2 * coefficientLength(magnitude);
}

function writeSigned(out: Uint8Array, value: bigint): void {
  let rest = value;
  for (let i = out.length - 1; i >= 0; i--) {
    out[i] = Number(BigInt.asUintN(8, rest));
    rest >>= 8n;
  }
}

/**
 * The bytes of a reduced form.
 *
 * @param magnitude - |D|.
 */
export function encodeForm(form: Form, magnitude: bigint): Uint8Array {
  const size = coefficientLength(magnitude);
  const out = new Uint8Array(2 * size);
  writeSigned(out.subarray(0, size), form.a);
  writeSigned(out.subarray(size), form.b);
  return out;
}

/**
 * The reduced form in bytes. Strict: the exact length, b² − D divisible by 4a, and reduced.
 *
 * @param magnitude - |D|.
 * @throws {@link RandomnessError} `randomness/invalid-length`, `randomness/invalid-form`.
 */
export function decodeForm(bytes: Uint8Array, magnitude: bigint): Form {
  const size = coefficientLength(magnitude);
  assertByteLength('form', bytes, 2 * size);
  const refuse = (reason: string): never => {
    throw new RandomnessError({ code: 'randomness/invalid-form', reason });
  };
  const signed = (part: Uint8Array): bigint => BigInt.asIntN(size * 8, bytesToBigInt(part));
  const a = signed(bytes.subarray(0, size));
  const b = signed(bytes.subarray(size));
  if (a <= 0n) return refuse('a is not positive');
  if (b > a || b <= -a) return refuse('b is not within a');
  const dividend = b * b + magnitude;
  if (dividend % (4n * a) !== 0n) return refuse('b² − D is not divisible by 4a');
  const c = dividend / (4n * a);
  if (a > c || (a === c && b < 0n)) return refuse('a is greater than c');
  return { a, b };
}
