/** Percentiles over the newest values of a stream. */

/** A window over a stream of numbers. */
export interface Percentiles {
  add(value: number): void;
  /** The value that `share` (0 to 1) of the window does not exceed; null when empty. */
  at(share: number): number | null;
}

/** A window over the newest `size` values. */
export function percentiles(size: number): Percentiles {
  const values: number[] = [];
  return {
    add(value) {
      values.push(value);
      if (values.length > size) values.shift();
    },
    at(share) {
      if (values.length === 0) return null;
      const sorted = [...values].sort((a, b) => a - b);
      return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
    },
  };
}
