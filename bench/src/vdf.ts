/**
 * The verifiable delay function at the size that the network's parameters name, 2048 bits.
 *
 * No package on npm has one, so the peers are ways to do its arithmetic: our two, and the textbook's
 * composition over plain `bigint`. The Go node's own figure is a comment beside its
 * parameters, 100 seconds for 50,000 squarings: 500 a second on an unnamed machine.
 */
import { equalBytes } from '@polyphony/primitives';
import {
  bigintArithmetic,
  deriveDiscriminant,
  encodeForm,
  evaluateVdf,
  type Form,
  type FormGroup,
  type VdfArithmetic,
  type VdfOptions,
  verifyVdf,
} from '@polyphony/randomness/vdf';

import { gmpArithmetic } from '@polyphony/randomness/vdf-gmp';
import { type BenchRow, row } from './harness.js';

const OURS = 'polyphony';
const GMP = 'polyphony (gmp-wasm)';
const PLAIN = 'plain bigint';
const BITS = 2048;

function gcd(a: bigint, b: bigint): readonly [g: bigint, u: bigint] {
  let [r0, r1, u0, u1] = [a, b, 1n, 0n];
  while (r1 !== 0n) {
    const quotient = r0 / r1;
    [r0, r1, u0, u1] = [r1, r0 - quotient * r1, u1, u0 - quotient * u1];
  }
  return [r0, u0];
}

/** Squaring by the textbook: compose in full, reduce step by step. */
function plainSquaring(magnitude: bigint): FormGroup['square'] {
  const modulo = (value: bigint, by: bigint): bigint => ((value % by) + by) % by;
  const squareOnce = (form: Form): Form => {
    const c = (form.b * form.b + magnitude) / (4n * form.a);
    const [, factor] = gcd(modulo(form.b, form.a), form.a);
    let a = form.a * form.a;
    let b = form.b - 2n * form.a * modulo(factor * c, form.a);
    for (;;) {
      b = modulo(b, 2n * a);
      if (b > a) b -= 2n * a;
      const last = (b * b + magnitude) / (4n * a);
      if (a <= last) return { a, b: a === last && b < 0n ? -b : b };
      [a, b] = [last, -b];
    }
  };
  return (form, times) => {
    let result = form;
    for (let i = 0; i < times; i++) result = squareOnce(result);
    return result;
  };
}

/** Rows of this file. */
export async function rows(): Promise<readonly BenchRow[]> {
  const seed = new Uint8Array(32).fill(7);
  const discriminant = deriveDiscriminant(seed, BITS);
  const start = bigintArithmetic.openGroup(discriminant).square({ a: 2n, b: 1n }, 2000);
  const squarings = 50;
  const squaring = (name: string, square: FormGroup['square']) => ({
    name,
    run: () => square(start, squarings),
    output: () => encodeForm(square(start, squarings), discriminant),
  });
  const gmp = await gmpArithmetic();
  const opened = (arithmetic: VdfArithmetic) => arithmetic.openGroup(discriminant).square;

  return [
    row({
      name: 'VDF: squarings, 2048 bits',
      unit: 'squarings',
      perRun: squarings,
      contenders: [
        squaring(OURS, opened(bigintArithmetic)),
        squaring(GMP, opened(gmp)),
        squaring(PLAIN, plainSquaring(discriminant)),
      ],
      baseline: PLAIN,
      targets: [{ contender: OURS, ratio: 10, to: PLAIN }],
    }),
    proved(seed, discriminant, 5000, gmp),
    proved(seed, discriminant, 50_000),
  ];
}

/** Evaluation beside the check of its result, with the discriminant known and from the seed. */
function proved(
  seed: Uint8Array,
  discriminant: bigint,
  iterations: number,
  other?: VdfArithmetic,
): BenchRow {
  const input = { seed, iterations };
  const result = evaluateVdf(input, { discriminant });
  const lane = (name: string, run: () => boolean) => ({ name, run, output: run });
  const evaluate = (name: string, options: VdfOptions) =>
    lane(name, () => equalBytes(evaluateVdf(input, options), result));
  return row({
    name: `VDF: ${iterations} squarings with proof, and the check of it`,
    unit: 'results',
    contenders: [
      evaluate('evaluate', { discriminant }),
      ...(other === undefined
        ? []
        : [
            evaluate(`evaluate (gmp-wasm)`, { discriminant, arithmetic: other }),
            evaluate('evaluate from the seed', {}),
            lane('verify from the seed', () => verifyVdf(input, result)),
          ]),
      lane('verify', () => verifyVdf(input, result, { discriminant })),
    ],
    baseline: 'evaluate',
    targets: [{ contender: 'verify', ratio: 100, to: 'evaluate' }],
  });
}
