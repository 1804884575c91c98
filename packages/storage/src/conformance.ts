/**
 * The checks every store must pass, as data: any test framework can run them.
 *
 * It decides what the port promises (see `port.ts`); it knows nothing of how a store is built. A
 * check that fails throws {@link StorageError} `storage/conformance-failed`.
 */
import { ENTRY_CHECKS } from './conformance/entries.js';
import { Mismatch } from './conformance/expectations.js';
import { ITERATION_CHECKS } from './conformance/iteration.js';
import { CLOSING_CHECKS, DURABLE_CHECKS } from './conformance/lifetime.js';
import { StorageError } from './errors.js';
import type { KeyValueStore } from './port.js';

/** How the checks get stores. */
export interface StoreHarness {
  /** A fresh, empty store. Called at least once per check; the check closes it. */
  readonly create: () => Promise<KeyValueStore>;
  /**
   * Closes a store of `create` and opens what it holds again. Left out for stores that keep nothing:
   * the durability checks are then not in the list.
   */
  readonly reopen?: (store: KeyValueStore) => Promise<KeyValueStore>;
}

/** One check. */
export interface StoreCheck {
  readonly name: string;
  /** Resolves when the store behaves; rejects with what was expected and what came. */
  readonly run: () => Promise<void>;
}

/**
 * The checks of a store: order, ranges, atomicity, ownership of bytes, iteration while writing,
 * errors after closing, and durability when the harness can reopen.
 *
 * @example
 * for (const { name, run } of storeConformance({ create: async () => memoryStore() })) test(name, run)
 */
export function storeConformance(harness: StoreHarness): readonly StoreCheck[] {
  const checks = [
    ...ENTRY_CHECKS,
    ...ITERATION_CHECKS,
    ...CLOSING_CHECKS,
    ...(harness.reopen === undefined ? [] : DURABLE_CHECKS),
  ];
  return checks.map(([name, check]) => ({
    name,
    run: async (): Promise<void> => {
      const store = await harness.create();
      try {
        await check(store, harness);
      } catch (error) {
        const reason = error instanceof Mismatch ? error.message : `unexpected ${String(error)}`;
        throw new StorageError(
          { code: 'storage/conformance-failed', check: name, reason },
          { cause: error },
        );
      } finally {
        await store.close();
      }
    },
  }));
}
