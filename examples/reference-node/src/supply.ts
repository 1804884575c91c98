/**
 * How many tokens one shard's blocks made and lost, counted block by block and stored with them.
 *
 * Over all shards: what everybody holds is what genesis gave, plus what was issued, less what was
 * burnt.
 */
import type { BlockResult } from '@polyphony/executor';
import { encodeRlp, openRlpList, utf8ToBytes } from '@polyphony/primitives';
import type { BatchOperation, KeyValueStore } from '@polyphony/storage';

/** Totals since genesis, atto. */
export interface SupplyTotals {
  readonly issued: bigint;
  /** Fees that nobody received. */
  readonly burntFees: bigint;
  /** Slashed stake that nobody received, and what else staking took away. */
  readonly burntStake: bigint;
}

/** The totals of a shard. */
export interface Supply {
  readonly totals: SupplyTotals;
  /** The operations that add what a block did. */
  operationsOf(result: BlockResult): readonly BatchOperation[];
}

const TOTALS_KEY = utf8ToBytes('supply-totals');

/** The totals in a store. */
export function openSupply(store: KeyValueStore): Supply {
  const read = (): SupplyTotals => {
    const bytes = store.getSync(TOTALS_KEY);
    if (bytes === undefined) return { issued: 0n, burntFees: 0n, burntStake: 0n };
    const list = openRlpList(bytes);
    return {
      issued: list.readBigInt(256),
      burntFees: list.readBigInt(256),
      burntStake: list.readBigInt(256),
    };
  };
  return {
    get totals() {
      return read();
    },
    operationsOf({ results, stakingResults, staking }) {
      const fees = [...results, ...stakingResults].reduce((sum, { burnt }) => sum + burnt, 0n);
      const { issued, burntFees, burntStake } = read();
      const totals = [
        issued + (staking?.issued ?? 0n),
        burntFees + fees,
        burntStake + (staking?.burned ?? 0n),
      ];
      return [{ type: 'put', key: TOTALS_KEY, value: encodeRlp(totals) }];
    },
  };
}
