/**
 * The class group by the textbook: Gauss' composition written out in full, then reduction step by
 * step. Slow, and shares no code with the package.
 */
import type { Form, VdfArithmetic } from '../../src/vdf/arithmetic.js';

const mod = (value: bigint, by: bigint): bigint => ((value % by) + by) % by;

/** gcd with both factors. */
function gcd(a: bigint, b: bigint): readonly [g: bigint, u: bigint, v: bigint] {
  if (b === 0n) return a < 0n ? [-a, -1n, 0n] : [a, 1n, 0n];
  const [g, u, v] = gcd(b, a % b);
  return [g, v, u - (a / b) * v];
}

function reduce(a: bigint, b: bigint, magnitude: bigint): Form {
  for (;;) {
    b = mod(b, 2n * a);
    if (b > a) b -= 2n * a;
    const c = (b * b + magnitude) / (4n * a);
    if (a < c) return { a, b };
    if (a === c) return { a, b: b < 0n ? -b : b };
    [a, b] = [c, -b];
  }
}

function compose(left: Form, right: Form, magnitude: bigint): Form {
  const { a: a1, b: b1 } = left;
  const { a: a2, b: b2 } = right;
  const s = (b1 + b2) / 2n;
  const [g1, , v] = gcd(a1, a2);
  const [d, x, w] = gcd(g1, s);
  // d = x·(u·a1 + v·a2) + w·s; b is b2 + 2·(a2/d)·(x·v·(b1 - b2)/2 - w·c2).
  const c2 = (b2 * b2 + magnitude) / (4n * a2);
  const a = (a1 * a2) / (d * d);
  const b = b2 + (2n * a2 * (x * v * (s - b2) - w * c2)) / d;
  return reduce(a, b, magnitude);
}

/** The textbook's class groups. */
export const textbookArithmetic: VdfArithmetic = {
  name: 'textbook',
  openGroup: (magnitude) => ({
    square(form, times) {
      let result = form;
      for (let i = 0; i < times; i++) result = compose(result, result, magnitude);
      return result;
    },
    multiply: (left, right) => compose(left, right, magnitude),
  }),
};

/** Every reduced form of a discriminant: the whole class group. */
export function allForms(magnitude: bigint): readonly Form[] {
  const forms: Form[] = [];
  for (let a = 1n; 3n * a * a <= magnitude; a++) {
    for (let b = 1n - a; b <= a; b++) {
      if ((b * b + magnitude) % (4n * a) !== 0n) continue;
      const c = (b * b + magnitude) / (4n * a);
      if (a < c || (a === c && b >= 0n)) forms.push({ a, b });
    }
  }
  return forms;
}
