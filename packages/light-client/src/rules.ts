/**
 * Whether a sealed header belongs to the chain: what stands in it, what it follows, who signed it.
 *
 * | check | where the rule comes from |
 * | --- | --- |
 * | the hash is not refused; a retained height has its retained hash | recovery of 2026 |
 * | shard, version and epoch fit the number | schedule, epoch of the header |
 * | view id not below the floor; above the parent's | recovery of 2026; consensus |
 * | parent hash, number, epoch after the parent | block before |
 * | later than the parent, not ahead of the clock | `timestampValidation` |
 * | committees exactly in the last block of an epoch of the beacon shard | schedule |
 * | signed by a quorum of the epoch's committee | `staking` decides payload and quorum |
 *
 * What a sealed header says beyond that (roots, gas, coinbase) is vouched for by the committee. Not
 * here: the committees that a header announces (`epoch-change.ts`) and its VRF (`vrf.ts`).
 *
 * @source harmony/internal/chain/engine.go: VerifyHeader, VerifyHeaderSignature
 */
import {
  computeHeaderHash,
  decodeHeader,
  type Hasher,
  type Header,
  headerVersionAt,
  latestHeaderTime,
} from '@polyphony/chain';
import { epochOfBlock, isActive, isLastBlockOfEpoch, type Network } from '@polyphony/networks';
import type { Hash } from '@polyphony/primitives';
import { decodeShardState } from '@polyphony/sharding';
import type { SealingCommittee } from './committee.js';
import { holds, LightClientError, within } from './errors.js';
import {
  assertSealed,
  type RuleSet,
  type SealedHeader,
  type SealRules,
  type VerifiedHeader,
} from './seal.js';

/** The shard whose blocks decide the committees of all. */
export const BEACON_SHARD_ID = 0;

const VRF_LENGTH = 128;

/** What the rules of a header depend on. */
export interface HeaderRules {
  readonly network: Network;
  /** Default `strict`. */
  readonly rules?: RuleSet;
  /** The verifier's clock, milliseconds since 1970. Left out: not compared with any clock. */
  readonly nowMs?: number;
  readonly hasher?: Hasher;
}

/** What {@link assertValidHeader} checks a header against. */
export interface HeaderContext extends HeaderRules, SealRules {
  /** The committee of the header's epoch and shard. */
  readonly committee: SealingCommittee;
  /** The block before. Left out: the header is checked by its seal alone. */
  readonly parent?: VerifiedHeader;
}

function mismatch(field: string, expected: unknown, actual: unknown): LightClientError {
  return new LightClientError({
    code: 'light-client/invalid-header',
    field,
    expected: String(expected),
    actual: String(actual),
  });
}

function assertSame<T extends bigint | number | string>(
  field: string,
  expected: T,
  actual: T,
): void {
  if (expected !== actual) throw mismatch(field, expected, actual);
}

/**
 * The least view id that a block may have: mainnet restarted in August 2026 with a floor far above
 * all view ids used before, so blocks of the abandoned branch lie below it.
 *
 * @returns 0 where there is no floor.
 * @source harmony/consensus/recovery_view_id.go (v2026.1.2)
 */
export function viewIdFloorOf(network: Network, shardId: number, number: bigint): bigint {
  const found = network.viewIdFloors.find(
    (floor) => floor.shardId === shardId && number > floor.retainedBlock,
  );
  return found?.floor ?? 0n;
}

/**
 * Refuses a block by what names it: its hash is on the network's list, it stands at a retained height
 * with another hash, or its view id is below the floor.
 *
 * @throws {@link LightClientError} `light-client/refused-block`; `light-client/invalid-header`.
 * @source harmony/consensus/engine/rejected_block.go, recovery_view_id.go (v2026.1.2)
 * @internal
 */
export function assertNotRefused(
  network: Network,
  block: {
    readonly hash: Hash;
    readonly shardId: number;
    readonly number: bigint;
    readonly viewId: bigint;
  },
): void {
  const { hash, shardId, number, viewId } = block;
  const retained = network.viewIdFloors.find(
    (floor) => floor.shardId === shardId && floor.retainedBlock === number,
  );
  if (
    network.refusedBlocks.includes(hash) ||
    (retained !== undefined && retained.retainedHash !== hash)
  ) {
    throw new LightClientError({ code: 'light-client/refused-block', hash });
  }
  const floor = viewIdFloorOf(network, shardId, number);
  if (viewId < floor) throw mismatch('viewId', `at least ${floor}`, viewId);
}

/** Whether blocks of a shard in an epoch are numbered by the beacon's schedule. */
function followsSchedule(network: Network, shardId: number, epoch: bigint): boolean {
  return shardId === BEACON_SHARD_ID || !isActive(network, 'staking', epoch);
}

/** Rules of a header that need no other block and no clock. @internal */
export function assertSound(header: Header, hash: Hash, network: Network): void {
  const { number, epoch, shardId } = header;
  assertNotRefused(network, { hash, shardId, number, viewId: header.viewId });
  if (followsSchedule(network, shardId, epoch)) {
    assertSame('epoch', epochOfBlock(network, number), epoch);
  }
  assertSame('version', headerVersionAt(network, epoch), header.version);
  if (number === 0n) return;
  const vrf = isActive(network, 'vrf', epoch) ? VRF_LENGTH : 0;
  if (header.vrf.length !== vrf) {
    throw mismatch('vrf', `${vrf} bytes`, `${header.vrf.length} bytes`);
  }
  if (shardId === BEACON_SHARD_ID) {
    const wanted = isLastBlockOfEpoch(network, number);
    if (wanted !== header.shardState.length > 0) {
      throw mismatch('shardState', presence(wanted), presence(!wanted));
    }
  }
}

function presence(given: boolean): string {
  return given ? 'the next committees' : 'empty';
}

/**
 * Epoch of the block after a header: that of the committees in it, if they name a staking epoch; else
 * one more if it carries committees and is not the genesis block; else its own.
 *
 * @throws {@link LightClientError} `light-client/invalid-committees` when the committees do not decode.
 * @source harmony/node/harmony/worker/worker.go: GetNewEpoch
 */
export function epochAfter(network: Network, header: Header): bigint {
  if (header.shardState.length === 0) return header.epoch;
  const { epoch } = within(
    (reason) => ({ code: 'light-client/invalid-committees', reason }),
    () => decodeShardState(header.shardState),
  );
  if (epoch !== undefined && isActive(network, 'staking', epoch)) return epoch;
  return header.number === 0n ? header.epoch : header.epoch + 1n;
}

/**
 * Checks a header against the block before it: parent hash, number, shard, epoch, view id, and that it
 * is later. The seal and the clock are not asked.
 *
 * @throws {@link LightClientError} `light-client/invalid-header`; `light-client/invalid-committees`
 *   when the parent's committees do not decode.
 * @source harmony/internal/chain/engine.go: VerifyHeader
 * @activation timestampValidation: later than the parent; before it any time is allowed
 */
export function assertFollows(header: Header, parent: VerifiedHeader, options: HeaderRules): void {
  const { network, rules = 'strict' } = options;
  const before = parent.header;
  assertSame('parentHash', parent.hash, header.parentHash);
  assertSame('number', before.number + 1n, header.number);
  assertSame('shardId', before.shardId, header.shardId);
  assertSame('epoch', epochAfter(network, before), header.epoch);
  if (rules === 'strict') {
    // The first block after genesis has the view of genesis on mainnet.
    const least = before.number === 0n ? before.viewId : before.viewId + 1n;
    if (header.viewId < least) throw mismatch('viewId', `at least ${least}`, header.viewId);
  }
  const timed = isActive(network, 'timestampValidation', header.epoch);
  if (timed && header.timestamp <= before.timestamp) {
    throw mismatch('timestamp', `above ${before.timestamp}`, header.timestamp);
  }
}

/**
 * Checks a header's time against the clock: at most 15 seconds ahead of it, and not ahead at all when
 * more than 12 seconds after the parent.
 *
 * @param parent - Left out: only the first bound is checked.
 * @throws {@link LightClientError} `light-client/future-header`, which a later check may lift: blame
 *   nobody for it.
 * @source harmony/internal/chain/engine.go: VerifyHeader
 * @activation timestampValidation
 */
export function assertNotFuture(
  header: Header,
  parent: VerifiedHeader | undefined,
  options: HeaderRules,
): void {
  const { network, nowMs } = options;
  if (nowMs === undefined || !isActive(network, 'timestampValidation', header.epoch)) return;
  const latest = latestHeaderTime(nowMs, parent?.header.timestamp);
  if (header.timestamp > latest) {
    const actual = header.timestamp;
    throw new LightClientError({ code: 'light-client/future-header', latest, actual });
  }
}

/**
 * Checks a sealed header: that it is sound in itself, follows its parent if one is given, is sealed
 * by its committee, and is not ahead of the clock.
 *
 * @returns The header with its hash.
 * @throws {@link LightClientError} `light-client/refused-block`, `light-client/invalid-header`,
 *   `light-client/invalid-seal`, `light-client/unknown-committee`, `light-client/invalid-committees`,
 *   `light-client/future-header`.
 * @throws TypeError when `bls` is of another suite than the network's.
 * @source harmony/internal/chain/engine.go: VerifyHeader, VerifyHeaderSignature
 */
export function assertValidHeader(sealed: SealedHeader, context: HeaderContext): VerifiedHeader {
  const { header, seal } = sealed;
  const { network, parent, committee, hasher } = context;
  const hash = hashOf(header, hasher);
  assertSound(header, hash, network);
  const verified = { header, hash };
  if (parent !== undefined) assertFollows(header, parent, context);
  assertSealed(verified, seal, committee, context);
  assertNotFuture(header, parent, context);
  return verified;
}

/** The hash of a header that may not be encodable. @internal */
export function hashOf(header: Header, hasher: Hasher | undefined): Hash {
  return within(
    (reason) => ({
      code: 'light-client/invalid-header',
      field: 'header',
      expected: 'encodable',
      actual: reason,
    }),
    () => computeHeaderHash(header, hasher),
  );
}

/** A header from bytes of a source. @internal */
export function readHeader(bytes: Uint8Array): Header {
  return within(
    (reason) => ({ code: 'light-client/invalid-answer', reason }),
    () => decodeHeader(bytes),
  );
}

/**
 * Whether a sealed header is valid: {@link assertValidHeader} as an answer. False also while the
 * header is ahead of the clock. Never throws on hostile bytes.
 *
 * @throws TypeError when `bls` is of another suite than the network's.
 * @example verifyHeader({ header, seal: sealOfParent(child) }, { network: mainnet, bls, committee })
 */
export function verifyHeader(sealed: SealedHeader, context: HeaderContext): boolean {
  return holds(() => {
    assertValidHeader(sealed, context);
  });
}
