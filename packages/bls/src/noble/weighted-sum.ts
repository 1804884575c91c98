/**
 * Sums of points times 64-bit weights, by the bucket method: windows of the weights from the top,
 * each window's points collected in buckets by digit. Weights and points are public.
 */

/** The operations needed of a group. */
interface Group<Point> {
  add(other: Point): Point;
  double(): Point;
  is0(): boolean;
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
    let running = zero;
    let sum = zero;
    for (let digit = (1 << WINDOW) - 1; digit > 0; digit--) {
      const bucket = buckets[digit];
      if (bucket !== undefined) running = running.add(bucket);
      if (!running.is0()) sum = sum.add(running);
    }
    if (!sum.is0()) total = total.add(sum);
  }
  return total;
}
