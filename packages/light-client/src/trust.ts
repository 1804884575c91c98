/**
 * Where a light client starts: one block whose hash its user trusts.
 *
 * A hash is enough if the block ends an epoch, since its header holds the committees of the next one;
 * for any other block the committees of its epoch come with it. Who vouches for a hash is the user's
 * choice: another node, a release, several explorers. Committees of long ago may have sold their
 * keys, so a recent checkpoint is worth more than an old one.
 */
import { computeHeaderHash, type Hasher } from '@polyphony/chain';
import type { Network } from '@polyphony/networks';
import { type Hash, hexToBytes } from '@polyphony/primitives';
import type { ShardState } from '@polyphony/sharding';
import { sealingCommittee } from './committee.js';
import { assertValidEpochChange, type EpochCommittees } from './epoch-change.js';
import { LightClientError, type LightClientErrorDetails, within } from './errors.js';
import { assertSound, readHeader } from './rules.js';
import type { RuleSet, VerifiedHeader } from './seal.js';

/** What the user names. */
export interface CheckpointInput {
  readonly shardId: number;
  readonly blockNumber: bigint;
  /** Hash of the header, in any case. */
  readonly blockHash: Hash;
  /**
   * Committees of the block's epoch, at least that of its shard. Needed unless the block is the last
   * of its epoch or genesis; with them the client can also check other headers of that epoch.
   */
  readonly committees?: ShardState;
}

/** A block that is trusted, made by {@link trustCheckpoint}. */
export interface Checkpoint {
  readonly shardId: number;
  readonly blockNumber: bigint;
  readonly blockHash: Hash;
  readonly committees: ShardState | undefined;
}

/** What a checkpoint's header makes known. @internal */
export interface OpenedCheckpoint {
  readonly head: VerifiedHeader;
  /** Of the block's epoch, of the next, of both, or of none. */
  readonly committees: readonly EpochCommittees[];
}

const invalidCheckpoint = (reason: string): LightClientErrorDetails => ({
  code: 'light-client/invalid-checkpoint',
  reason,
});

function refuse(reason: string): never {
  throw new LightClientError(invalidCheckpoint(reason));
}

/**
 * Makes a checkpoint of what the user trusts. Refuses what the network refuses, and committees that no
 * seal could be checked with.
 *
 * @throws {@link LightClientError} `light-client/invalid-checkpoint`.
 * @example
 * trustCheckpoint(mainnet, {
 *   shardId: 0,
 *   blockNumber: 1769471n,
 *   blockHash: '0x912dbcd6…',
 * })
 */
export function trustCheckpoint(network: Network, input: CheckpointInput): Checkpoint {
  const { shardId, blockNumber, committees } = input;
  const shards = Math.max(...network.sharding.map(({ shardCount }) => shardCount));
  if (!Number.isInteger(shardId) || shardId < 0 || shardId >= shards) {
    refuse(`${network.name} has no shard ${shardId}`);
  }
  if (blockNumber < 0n || blockNumber >> 64n !== 0n) refuse('the block number must be a u64');
  within(invalidCheckpoint, () => hexToBytes(input.blockHash, 32));
  const blockHash = input.blockHash.toLowerCase() as Hash;
  const retained = network.viewIdFloors.find(
    (floor) => floor.shardId === shardId && floor.retainedBlock === blockNumber,
  );
  if (
    network.refusedBlocks.includes(blockHash) ||
    (retained !== undefined && retained.retainedHash !== blockHash)
  ) {
    refuse(`block ${blockHash} is refused on ${network.name}`);
  }
  const own = committees?.committees.find((committee) => committee.shardId === shardId);
  if (committees !== undefined && (own === undefined || own.slots.length === 0)) {
    refuse(`the committees lack that of shard ${shardId}`);
  }
  return Object.freeze({ shardId, blockNumber, blockHash, committees });
}

/**
 * Checks header bytes from any source against a checkpoint and gives what they make known.
 *
 * @throws {@link LightClientError} `light-client/invalid-answer` when the bytes are not that header;
 *   `light-client/invalid-checkpoint` when they are, and the checkpoint is not a usable one.
 * @internal
 */
export function openCheckpoint(
  network: Network,
  checkpoint: Checkpoint,
  bytes: Uint8Array,
  { rules = 'strict', hasher }: { readonly rules?: RuleSet; readonly hasher?: Hasher } = {},
): OpenedCheckpoint {
  const header = readHeader(bytes);
  const hash = computeHeaderHash(header, hasher);
  if (hash !== checkpoint.blockHash) {
    throw new LightClientError({
      code: 'light-client/invalid-answer',
      reason: `block ${checkpoint.blockNumber} must have the hash ${checkpoint.blockHash}, got ${hash}`,
    });
  }
  if (header.number !== checkpoint.blockNumber || header.shardId !== checkpoint.shardId) {
    refuse(`the hash is that of block ${header.number} of shard ${header.shardId}`);
  }
  const { committees } = checkpoint;
  if (committees?.epoch !== undefined && committees.epoch !== header.epoch) {
    refuse(`the committees are of epoch ${committees.epoch}, the block of ${header.epoch}`);
  }
  try {
    assertSound(header, hash, network);
    const known: EpochCommittees[] = [];
    if (committees !== undefined) {
      known.push({ epoch: header.epoch, committees: committees.committees });
    }
    if (header.shardState.length > 0) {
      known.push(assertValidEpochChange(header, { network, rules }));
    }
    for (const state of known) assertUsable(network, state, header.shardId);
    return { head: { header, hash }, committees: known };
  } catch (cause) {
    if (!(cause instanceof LightClientError)) throw cause;
    throw new LightClientError(invalidCheckpoint(cause.message), { cause });
  }
}

/** Keys of 48 bytes, and voting power that can be computed. @internal */
export function assertUsable(network: Network, state: EpochCommittees, shardId: number): void {
  const own = state.committees.find((committee) => committee.shardId === shardId);
  if (own !== undefined) sealingCommittee(network, state.epoch, own);
}
