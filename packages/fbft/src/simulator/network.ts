/** How long messages take: constant, spread, with a heavy tail, or between ten regions of the world. */

/** Shortest and longest time, in milliseconds. */
export type Span = readonly [min: number, max: number];

/**
 * One-way latencies between ten regions in milliseconds, half of typical round trips between data
 * centres: Virginia, Oregon, Sao Paulo, Ireland, Frankfurt, Mumbai, Singapore, Tokyo, Seoul, Sydney.
 */
export const REGION_LATENCY: readonly (readonly number[])[] = [
  [1, 35, 58, 34, 45, 93, 108, 75, 88, 99],
  [35, 1, 89, 62, 71, 108, 82, 49, 62, 69],
  [58, 89, 1, 89, 101, 150, 163, 128, 141, 155],
  [34, 62, 89, 1, 13, 61, 87, 101, 115, 128],
  [45, 71, 101, 13, 1, 55, 78, 112, 112, 143],
  [93, 108, 150, 61, 55, 1, 28, 61, 62, 76],
  [108, 82, 163, 87, 78, 28, 1, 34, 36, 46],
  [75, 49, 128, 101, 112, 61, 34, 1, 17, 52],
  [88, 62, 141, 115, 112, 62, 36, 17, 1, 68],
  [99, 69, 155, 128, 143, 76, 46, 52, 68, 1],
];

/** The one-way latency between two nodes that are spread over the ten regions in turn. */
export function regionLatency(from: number, to: number): number {
  return REGION_LATENCY[from % 10]![to % 10]!;
}
