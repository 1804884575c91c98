/**
 * Which committees the hosts of a local network were placed for, kept in a file, so that the next
 * start opens the nodes that are needed without looking into every store.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesToHex, type Hex, hexToBytes } from '@polyphony/primitives';
import { decodeShardState, encodeShardState, type ShardState } from '@polyphony/sharding';

interface Entry {
  readonly epoch: string;
  readonly shardState: Hex;
}

/** Committees with their epoch. */
export interface PlacedEpoch {
  readonly epoch: bigint;
  readonly state: ShardState;
}

/** The kept committees. */
export interface Placement {
  /** Ascending by epoch; undefined when nothing was kept. */
  load(): readonly PlacedEpoch[] | undefined;
  /** Keeps the committees of an epoch, and of the one before. */
  save(epoch: bigint, state: ShardState): void;
}

/** The placement in a data folder. */
export function openPlacement(dataFolder: string): Placement {
  const path = join(dataFolder, 'committees.json');
  const read = (): readonly Entry[] => {
    try {
      return JSON.parse(readFileSync(path, 'utf8')) as Entry[];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  };
  return {
    load() {
      const entries = read();
      if (entries.length === 0) return undefined;
      return entries.map(({ epoch, shardState }) => ({
        epoch: BigInt(epoch),
        state: decodeShardState(hexToBytes(shardState)),
      }));
    },
    save(epoch, state) {
      const bytes = encodeShardState(state, state.epoch === undefined ? 'legacy' : 'staking');
      const entry: Entry = { epoch: epoch.toString(), shardState: bytesToHex(bytes) };
      mkdirSync(dataFolder, { recursive: true });
      // Written aside and renamed, so that a killed process leaves a whole file.
      writeFileSync(`${path}.new`, JSON.stringify([...read(), entry].slice(-2)));
      renameSync(`${path}.new`, path);
    },
  };
}
