/**
 * Checks output and proof: π^B · x^r = y with r = 2^T mod B.
 *
 * Both powers share their 128 squarings. Powers of x up to half the discriminant's bits need no
 * arithmetic of classes: x^k is the form (2^k, β) with β the square root of D modulo 2^(k+2) that is
 * 1 modulo 4.
 *
 * @source vdf/src/vdf_go/proof_wesolowski.go: verifyProof
 */
import { assertByteLength, RandomnessError } from '../errors.js';
import type { Form, FormGroup } from './arithmetic.js';
import { decodeForm, encodeForm, formLength } from './form.js';
import { bitLength, modPow } from './integers.js';
import {
  IDENTITY,
  openStatement,
  START,
  type Statement,
  VDF_DISCRIMINANT_BITS,
  type VdfInput,
  type VdfOptions,
  vdfChallenge,
} from './statement.js';

/** Odd digits of the window form of B lie below ±2^4. */
const WINDOW = 5;

/** The digits of a positive number: odd and within ±2^(WINDOW − 1), or 0; least significant first. */
function windowDigits(value: bigint): readonly number[] {
  const digits: number[] = [];
  const width = 2 ** WINDOW;
  for (let rest = value; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 0n) digits.push(0);
    else {
      const low = Number(rest & BigInt(width - 1));
      const digit = low < width / 2 ? low : low - width;
      digits.push(digit);
      rest -= BigInt(digit);
    }
  }
  return digits;
}

/** The class's inverse. */
function invert({ a, b }: Form): Form {
  return { a, b: a === b ? b : -b };
}

/** The root of D modulo 2^(most + 2) that is 1 modulo 4: with it x^k is known for k up to `most`. */
function rootOfDiscriminant(magnitude: bigint, most: number): bigint {
  let root = 1n;
  for (let bits = 3n; bits < BigInt(most + 2); bits++) {
    if (BigInt.asUintN(Number(bits) + 1, root * root + magnitude) !== 0n) root += 1n << (bits - 1n);
  }
  return root;
}

/** x^k from the root: reduced as long as 2^k is below the root of |D| / 4. */
function startPower(root: bigint, k: number): Form {
  if (k === 0) return IDENTITY;
  const b = BigInt.asIntN(k + 1, root);
  return { a: 1n << BigInt(k), b };
}

/** π^B · x^r. */
function raiseBoth(statement: Statement, proof: Form, prime: bigint, rest: bigint): Form {
  const { group, magnitude, bits } = statement;
  const digits = windowDigits(prime);
  const table = oddPowers(group, proof);
  // Digits of r are as wide as known powers of x reach.
  const width = bitLength(BigInt(((bits - 3) >> 1) + 1)) - 1;
  const most = 2 ** width - 1;
  const root = rootOfDiscriminant(magnitude, most);
  let result = IDENTITY;
  // The window's top digit may stand below the top bit of the rest.
  for (let i = Math.max(digits.length, bitLength(rest)) - 1; i >= 0; i--) {
    result = group.square(result, 1);
    const digit = digits[i] ?? 0;
    if (digit !== 0) {
      const power = table[Math.abs(digit) >> 1]!;
      result = group.multiply(result, digit > 0 ? power : invert(power));
    }
    if (i % width === 0) {
      const power = Number((rest >> BigInt(i)) & BigInt(most));
      result = group.multiply(result, startPower(root, power));
    }
  }
  return result;
}

/** Powers 1, 3, 5, … of a form, as many as the digits need. */
function oddPowers(group: FormGroup, form: Form): readonly Form[] {
  const square = group.square(form, 1);
  const powers = [form];
  while (powers.length < 2 ** (WINDOW - 2)) powers.push(group.multiply(powers.at(-1)!, square));
  return powers;
}

/** Whether the proof holds for forms of the statement's group. */
export function proves(statement: Statement, output: Form, proof: Form, prime: bigint): boolean {
  const rest = modPow(2n, BigInt(statement.iterations), prime);
  const { a, b } = raiseBoth(statement, proof, prime, rest);
  return a === output.a && b === output.b;
}

/**
 * Checks that output and proof belong to the input. Costs about 180 group operations whatever the
 * iterations are, and the discriminant unless it is given.
 *
 * @param result - Output, then proof, each a reduced form: 516 bytes at 2048 bits.
 * @throws {@link RandomnessError} `randomness/invalid-length`, `randomness/invalid-form`,
 *   `randomness/invalid-proof`; `randomness/out-of-range`, `randomness/invalid-discriminant` for the
 *   verifier's own input.
 * @source vdf/src/vdf_go/proof_wesolowski.go: verifyProof. Stricter: a form that is not reduced, or of another
 *   discriminant, is refused.
 */
export function assertValidVdf(
  input: VdfInput,
  result: Uint8Array,
  options: VdfOptions = {},
): void {
  assertByteLength('VDF output and proof', result, vdfResultLength(input.discriminantBits));
  const statement = openStatement(input, options);
  const { magnitude } = statement;
  const size = formLength(magnitude);
  const outputBytes = result.subarray(0, size);
  const output = decodeForm(outputBytes, magnitude);
  const proof = decodeForm(result.subarray(size), magnitude);
  const prime = vdfChallenge(encodeForm(START, magnitude), outputBytes);
  if (!proves(statement, output, proof, prime)) {
    throw new RandomnessError({ code: 'randomness/invalid-proof' });
  }
}

/**
 * Whether output and proof belong to the input: {@link assertValidVdf} as an answer. Never throws on
 * hostile bytes.
 *
 * @throws {@link RandomnessError} `randomness/out-of-range`, `randomness/invalid-discriminant` for the
 *   verifier's own input.
 */
export function verifyVdf(input: VdfInput, result: Uint8Array, options: VdfOptions = {}): boolean {
  try {
    assertValidVdf(input, result, options);
    return true;
  } catch (error) {
    if (isRefusedVdf(error)) return false;
    throw error;
  }
}

/** Whether an error says that the result is wrong, and not the verifier's own input. */
export function isRefusedVdf(error: unknown): error is RandomnessError {
  return (
    error instanceof RandomnessError &&
    (error.code === 'randomness/invalid-length' ||
      error.code === 'randomness/invalid-form' ||
      error.code === 'randomness/invalid-proof')
  );
}

/**
 * Bytes of output and proof together: 516 for a discriminant of 2048 bits.
 *
 * @source vdf/src/vdf_go/vdf.go: 516 bytes
 */
export function vdfResultLength(discriminantBits: number = VDF_DISCRIMINANT_BITS): number {
  return 4 * ((discriminantBits + 16) >> 4);
}
