/**
 * Sums of points times 64-bit weights, by the bucket method: windows of the weights from the top,
 * each window's points collected in buckets by digit. Weights and points are public.
 */
import { BALANCED, DIGIT_BASE, DIGIT_PLACES, writeDigits } from '../weight-digits.js';

/** The operations needed of a group. */
interface Group<Point> {
  add(other: Point): Point;
  double(): Point;
  negate(): Point;
  is0(): boolean;
}

/** The sum of each bucket times its number; empty buckets count as zero. */
function sumOfBuckets<Point extends Group<Point>>(
  zero: Point,
  buckets: readonly (Point | undefined)[],
): Point {
  let running = zero;
  let sum = zero;
  for (let digit = buckets.length - 1; digit > 0; digit--) {
    const bucket = buckets[digit];
    if (bucket !== undefined) running = running.add(bucket);
    if (!running.is0()) sum = sum.add(running);
  }
  return sum;
}

/** Bits per window: 2^5 - 1 buckets suit batches of a few to a few hundred entries. */
const WINDOW = 5;

/** The bits `from .. from + WINDOW - 1` (from the least significant) of a big-endian weight. */
function digitAt(weight: Uint8Array, from: number): number {
  let digit = 0;
  for (let bit = from + WINDOW - 1; bit >= from; bit--) {
    const byte = weight[weight.length - 1 - (bit >> 3)] ?? 0;
    digit = (digit << 1) | ((byte >> (bit & 7)) & 1);
  }
  return digit;
}

/**
 * The sum of `points[i]` times the big-endian integer in `weights[i]`.
 *
 * @param zero - The group's neutral element.
 * @param weights - As many as points, all of one length.
 */
export function weightedSum<Point extends Group<Point>>(
  zero: Point,
  points: readonly Point[],
  weights: readonly Uint8Array[],
): Point {
  const bits = (weights[0]?.length ?? 0) * 8;
  let total = zero;
  for (let from = Math.ceil(bits / WINDOW - 1) * WINDOW; from >= 0; from -= WINDOW) {
    if (!total.is0()) for (let i = 0; i < WINDOW; i++) total = total.double();
    const buckets: (Point | undefined)[] = [];
    points.forEach((point, i) => {
      const digit = digitAt(weights[i]!, from);
      if (digit > 0) buckets[digit] = buckets[digit]?.add(point) ?? point;
    });
    const sum = sumOfBuckets(zero, buckets);
    if (!sum.is0()) total = total.add(sum);
  }
  return total;
}

/**
 * The same sum by digits of base 13, `undefined` unless the sum over each digit place is in the subgroup:
 * see `weight-digits.ts`.
 */
export function provenWeightedSum<Point extends Group<Point>>(
  zero: Point,
  points: readonly Point[],
  weights: readonly Uint8Array[],
  isInSubgroup: (point: Point) => boolean,
): Point | undefined {
  const places = Array.from(
    { length: DIGIT_PLACES },
    () => new Array<Point | undefined>(BALANCED + 1),
  );
  const digits = new Int8Array(DIGIT_PLACES);
  points.forEach((point, i) => {
    writeDigits(weights[i]!, BALANCED, digits);
    const negated = point.negate();
    places.forEach((buckets, place) => {
      const digit = digits[place]!;
      if (digit === 0) return;
      const term = digit > 0 ? point : negated;
      const at = Math.abs(digit);
      buckets[at] = buckets[at]?.add(term) ?? term;
    });
  });
  let total = zero;
  for (const buckets of places.toReversed()) {
    const sum = sumOfBuckets(zero, buckets);
    if (!isInSubgroup(sum)) return undefined;
    let multiple = zero;
    for (const bit of DIGIT_BASE.toString(2)) {
      multiple = multiple.double();
      if (bit === '1') multiple = multiple.add(total);
    }
    total = multiple.add(sum);
  }
  return total;
}
