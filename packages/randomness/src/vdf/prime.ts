/**
 * Which integers are prime, with the certainty that hashes need: small factors by division, then
 * strong tests to fixed bases and a strong Lucas test. No composite is known that passes the last
 * two together (the Baillie-PSW test); the fixed bases come on top.
 */
import { integerSqrt, modPow, modulo } from './integers.js';

const SMALL: readonly bigint[] = [2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n, 31n, 37n];

function passesStrongTest(n: bigint, base: bigint): boolean {
  let odd = n - 1n;
  let twos = 0;
  while ((odd & 1n) === 0n) {
    odd >>= 1n;
    twos += 1;
  }
  let x = modPow(base, odd, n);
  if (x === 1n || x === n - 1n) return true;
  for (let i = 1; i < twos; i++) {
    x = (x * x) % n;
    if (x === n - 1n) return true;
  }
  return false;
}

function jacobi(value: bigint, n: bigint): number {
  let a = modulo(value, n);
  let result = 1;
  while (a !== 0n) {
    while ((a & 1n) === 0n) {
      a >>= 1n;
      const rest = n & 7n;
      if (rest === 3n || rest === 5n) result = -result;
    }
    [a, n] = [n, a];
    if ((a & 3n) === 3n && (n & 3n) === 3n) result = -result;
    a %= n;
  }
  return n === 1n ? result : 0;
}

function isSquare(n: bigint): boolean {
  const root = integerSqrt(n);
  return root * root === n;
}

/** Selfridge's parameters: the first of 5, −7, 9, … that is no residue, P = 1. */
function passesStrongLucas(n: bigint): boolean {
  if (isSquare(n)) return false;
  let discriminant = 5n;
  for (;;) {
    const symbol = jacobi(discriminant, n);
    if (symbol === -1) break;
    if (symbol === 0 && (discriminant < 0n ? -discriminant : discriminant) !== n) return false;
    discriminant = discriminant > 0n ? -discriminant - 2n : -discriminant + 2n;
  }
  const q = (1n - discriminant) / 4n;
  const rest = (value: bigint): bigint => modulo(value, n);
  const halve = (value: bigint): bigint =>
    rest((value & 1n) === 1n ? (value + n) >> 1n : value >> 1n);
  let odd = n + 1n;
  let twos = 0;
  while ((odd & 1n) === 0n) {
    odd >>= 1n;
    twos += 1;
  }
  let u = 1n;
  let v = 1n;
  let power = rest(q);
  for (const bit of odd.toString(2).slice(1)) {
    u = rest(u * v);
    v = rest(v * v - 2n * power);
    power = rest(power * power);
    if (bit === '1') {
      const nextU = halve(rest(u + v));
      v = halve(rest(discriminant * u + v));
      u = nextU;
      power = rest(power * q);
    }
  }
  if (u === 0n || v === 0n) return true;
  for (let i = 1; i < twos; i++) {
    v = rest(v * v - 2n * power);
    if (v === 0n) return true;
    power = rest(power * power);
  }
  return false;
}

/** Whether `n`, 0 or more, is prime. */
export function isPrime(n: bigint): boolean {
  for (const prime of SMALL) {
    if (n % prime === 0n) return n === prime;
  }
  if (n < 1369n) return n > 1n;
  return passesStrongTest(n, 2n) && passesStrongLucas(n) && passesStrongTest(n, 3n);
}
