/**
 * The class group with integers of GMP compiled to WebAssembly.
 *
 * The same partial reduction as over `bigint`, with GMP's own extended gcd. Numbers stay in the
 * module's memory through a run of squarings; forms cross over at its ends. `gmp-wasm` is an optional
 * peer dependency. Each call of {@link gmpArithmetic} has one module; a group's scratch numbers live
 * as long as the module.
 */
import { init, type GMPFunctions } from 'gmp-wasm';
import type { Form, FormGroup, VdfArithmetic } from './arithmetic.js';
import { bigintArithmetic } from './class-group.js';
import { integerSqrt } from './euclid.js';

const LEADING = 51;

function openGroup(lib: GMPFunctions, magnitude: bigint): FormGroup {
  const small = bigintArithmetic.openGroup(magnitude);
  const number = (): number => {
    const pointer = lib.mpz_t();
    lib.mpz_init(pointer);
    return pointer;
  };
  const load = (pointer: number, value: bigint): void => {
    const text = lib.malloc_cstr((value < 0n ? -value : value).toString(16));
    lib.mpz_set_string(pointer, text, 16);
    lib.free(text);
    if (value < 0n) lib.mpz_neg(pointer, pointer);
  };
  const read = (pointer: number): bigint => {
    const text = lib.mpz_to_string(pointer, 16);
    return text.startsWith('-') ? -BigInt(`0x${text.slice(1)}`) : BigInt(`0x${text}`);
  };
  return { square: small.square, multiply: small.multiply };
}
