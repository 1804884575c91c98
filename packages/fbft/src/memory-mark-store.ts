/** The signed mark in memory. */
import type { SignedMarkStore } from './ports.js';

/**
 * A store that forgets when the process ends. For tests and for nodes without keys: a validator
 * that restarts with it can contradict itself.
 */
export function memoryMarkStore(): SignedMarkStore {
  let kept: Uint8Array | undefined;
  return {
    load: async () => kept && Uint8Array.from(kept),
    save: async (mark) => {
      kept = Uint8Array.from(mark);
    },
  };
}
