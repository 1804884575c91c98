/** A hash over all that happens in a run: equal runs give equal hashes, on every machine. */
import type { Effect } from '../types.js';

/** A running hash. */
export interface Trace {
  /** Adds an effect of a node at a time. */
  add(at: number, node: number, effect: Effect): void;
  /** 16 hexadecimal digits. */
  digest(): string;
}

/** An empty trace. */
export function createTrace(): Trace {
  let a = 0x811c9dc5 | 0;
  let b = 0x9747b28c | 0;
  const mix = (value: number): void => {
    a = Math.imul(a ^ value, 0x01000193);
    b = (Math.imul((b << 13) | (b >>> 19), 5) + (a ^ value) + 0x52dce729) | 0;
  };
  return {
    add: (at, node, effect) => {
      mix(at);
      mix(node);
      const { type } = effect;
      mix(type.length * 256 + type.charCodeAt(0));
      // Every byte of what is sent; the rest follows from it and from the seed.
      if (type === 'broadcast') {
        const { payload } = effect;
        let i = 0;
        for (; i + 3 < payload.length; i += 4)
          mix(
            payload[i]! |
              (payload[i + 1]! << 8) |
              (payload[i + 2]! << 16) |
              (payload[i + 3]! << 24),
          );
        for (; i < payload.length; i++) mix(payload[i]!);
      } else if (type === 'ignore') {
        mix(effect.reason.length);
      } else if (type === 'set-timer') {
        mix(effect.afterMs);
      }
    },
    digest: () => [a, b].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join(''),
  };
}
