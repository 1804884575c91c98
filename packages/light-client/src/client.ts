/**
 * The loop: follows one shard from a checkpoint over several sources, one of which must be honest.
 *
 * Each round asks all sources for their head and proves headers up to the highest that holds. Headers
 * are accepted one by one, so a source that turns to lies after some true ones has helped so far; the
 * next source goes on from there. A round never goes back: what was proved is final.
 *
 * | way | headers that are checked | for |
 * | --- | --- | --- |
 * | `headers` | every one, each after its parent | any shard |
 * | `epochs` | the last of each epoch and the head, each by its seal | the beacon; a shard beside a client of the beacon |
 *
 * Not here: fetching, time and storage, which are ports; what a rule is (`rules.ts`).
 */
import type { Header } from '@polyphony/chain';
import { blockPeriodMs, epochOfBlock, lastBlockOfEpoch } from '@polyphony/networks';
import { type SealingCommittee, sealingCommittee } from './committee.js';
import { assertValidEpochChange, type EpochCommittees } from './epoch-change.js';
import { LightClientError, type SourceFailure } from './errors.js';
import {
  assertCount,
  assertOptions,
  DEFAULTS,
  type LightClient,
  type LightClientOptions,
} from './options.js';
import type { HeaderSource, SealedHeaderBytes } from './ports.js';
import { verifyReceipt, verifyStakingTransaction, verifyTransaction } from './proofs.js';
import { assertValidHeader, BEACON_SHARD_ID, epochAfter, readHeader } from './rules.js';
import type { VerifiedHeader } from './seal.js';
import { sourcePool } from './sources.js';
import { clientStore } from './store.js';
import { type OpenedCheckpoint, openCheckpoint } from './trust.js';

/** Prepared committees kept in memory. */
const PREPARED = 4;
/** A poll after failures comes at most this many times later. */
const MAX_BACKOFF = 16;

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Errors that say nothing against the source: time will tell. */
function isWait(error: LightClientError): boolean {
  const { code } = error.details;
  return code === 'light-client/future-header' || code === 'light-client/unknown-committee';
}

/** Errors about what the user gave or did, whatever source was asked. */
const OURS: ReadonlySet<LightClientError['code']> = new Set([
  'light-client/invalid-checkpoint',
  'light-client/invalid-store',
  'light-client/closed',
]);

/**
 * Opens a client: from its store if that has a head, else from the checkpoint, whose header the
 * sources are asked for.
 *
 * @throws {@link LightClientError} `light-client/invalid-option`; `light-client/invalid-store` when the
 *   store is damaged or began at another checkpoint; `light-client/invalid-checkpoint`;
 *   `light-client/no-source` when no source has the checkpoint's header.
 * @example
 * const client = await createLightClient({ network: mainnet, bls, checkpoint, sources, store, clock })
 * const { header } = await client.sync()
 */
export async function createLightClient(options: LightClientOptions): Promise<LightClient> {
  assertOptions(options);
  const { network, bls, checkpoint, clock, beacon, hasher } = options;
  const { way = 'headers', rules = 'strict', onEvent = () => {} } = options;
  const { batchSize, requestTimeoutMs, keepHeaders, keepEpochs } = { ...DEFAULTS, ...options };
  const { shardId } = checkpoint;
  const hashing = hasher === undefined ? {} : { hasher };
  const retention = { keepHeaders: BigInt(keepHeaders), keepEpochs: BigInt(keepEpochs) };
  const kept = clientStore(options.store, network, retention, hasher);
  const pool = sourcePool(options.sources, clock, requestTimeoutMs);
  const prepared = new Map<bigint, SealingCommittee>();
  const followers = new Set<() => void>();
  let closed = false;
  let round: Promise<VerifiedHeader> | undefined;

  function assertOpen(): void {
    if (closed) throw new LightClientError({ code: 'light-client/closed' });
  }

  /** Notes what a source did. What is no source's fault goes on to the caller. */
  function blame(source: HeaderSource, error: unknown, failures: SourceFailure[]): void {
    if (!(error instanceof LightClientError) || OURS.has(error.code)) throw error;
    failures.push({ source: source.name, error });
    if (closed || isWait(error)) return;
    pool.penalise(source);
    onEvent({ type: 'source-failed', source: source.name, error });
  }

  /** Asks source after source until one gives what holds. */
  async function firstThat<T>(check: (source: HeaderSource) => Promise<T>): Promise<T> {
    const failures: SourceFailure[] = [];
    for (const source of pool.ranked()) {
      assertOpen();
      try {
        return await check(source);
      } catch (error) {
        blame(source, error, failures);
      }
    }
    throw new LightClientError({ code: 'light-client/no-source', failures });
  }

  async function begin(): Promise<VerifiedHeader> {
    const stored = await kept.open(checkpoint);
    if (stored !== undefined) return stored;
    const opened = await firstThat<OpenedCheckpoint>(async (source) => {
      const [item] = await pool.getHeaders(source, checkpoint.blockNumber, 1);
      return openCheckpoint(network, checkpoint, item!.header, { rules, ...hashing });
    });
    if (opened.committees.length === 0 && beacon === undefined) {
      const reason = 'the block carries no committees, so the checkpoint must name its own';
      throw new LightClientError({ code: 'light-client/invalid-checkpoint', reason });
    }
    await kept.write(checkpoint, { headers: [opened.head], committees: opened.committees });
    return opened.head;
  }

  let head = await begin();

  /** The committee of an epoch: of the batch at hand, prepared before, or from the store. */
  async function committeeAt(
    epoch: bigint,
    fresh: ReadonlyMap<bigint, SealingCommittee> = new Map(),
  ): Promise<SealingCommittee> {
    const known = fresh.get(epoch) ?? prepared.get(epoch);
    if (known !== undefined) return known;
    const state = (await kept.getCommittees(epoch)) ?? (await beacon?.getCommittees(epoch));
    const own = state?.committees.find((committee) => committee.shardId === shardId);
    if (own === undefined) {
      throw new LightClientError({ code: 'light-client/unknown-committee', epoch, shardId });
    }
    const committee = sealingCommittee(network, epoch, own);
    const [oldest] = prepared.keys();
    if (prepared.size >= PREPARED && oldest !== undefined) prepared.delete(oldest);
    prepared.set(epoch, committee);
    return committee;
  }

  /** The epoch a block must be of; of a lone block of another shard only its header says it. */
  function epochOf(header: Header, parent: VerifiedHeader | undefined): bigint {
    if (parent !== undefined) return epochAfter(network, parent.header);
    return shardId === BEACON_SHARD_ID ? epochOfBlock(network, header.number) : header.epoch;
  }

  /** Checks one item of an answer, after `parent` if that is the block before. */
  async function verifyItem(
    item: SealedHeaderBytes,
    number: bigint,
    parent: VerifiedHeader | undefined,
    fresh?: ReadonlyMap<bigint, SealingCommittee>,
  ): Promise<VerifiedHeader> {
    const header = readHeader(item.header);
    if (header.number !== number || header.shardId !== shardId) {
      throw new LightClientError({
        code: 'light-client/invalid-answer',
        reason: `asked for block ${number} of shard ${shardId}, got ${header.number} of ${header.shardId}`,
      });
    }
    const committee = await committeeAt(epochOf(header, parent), fresh);
    const seal = { signature: item.signature, bitmap: item.bitmap };
    const context = { network, bls, rules, committee, nowMs: clock.now(), ...hashing };
    return assertValidHeader(
      { header, seal },
      parent === undefined ? context : { ...context, parent },
    );
  }

  /** The committees that a verified header announces, compared with the beacon's. */
  async function announcedBy({ header }: VerifiedHeader): Promise<EpochCommittees | undefined> {
    if (header.shardState.length === 0) return undefined;
    if (beacon === undefined) return assertValidEpochChange(header, { network, rules });
    const epoch = epochAfter(network, header);
    const beaconCommittees = await beacon.getCommittees(epoch);
    if (beaconCommittees === undefined) {
      throw new LightClientError({ code: 'light-client/unknown-committee', epoch, shardId });
    }
    return assertValidEpochChange(header, { network, rules, beaconCommittees });
  }

  /** Proves what holds of an answer, writes it, and then says what did not. */
  async function accept(items: readonly SealedHeaderBytes[], first: bigint): Promise<void> {
    const headers: VerifiedHeader[] = [];
    const committees: EpochCommittees[] = [];
    const fresh = new Map<bigint, SealingCommittee>();
    let failed: { readonly error: unknown } | undefined;
    try {
      for (const [i, item] of items.entries()) {
        const number = first + BigInt(i);
        const before = headers.at(-1) ?? head;
        const parent = before.header.number + 1n === number ? before : undefined;
        const verified = await verifyItem(item, number, parent, fresh);
        const announced = await announcedBy(verified);
        if (announced !== undefined) {
          const own = announced.committees.find((committee) => committee.shardId === shardId)!;
          fresh.set(announced.epoch, sealingCommittee(network, announced.epoch, own));
          committees.push(announced);
        }
        headers.push(verified);
      }
    } catch (error) {
      failed = { error };
    }
    const last = headers.at(-1);
    if (last !== undefined) {
      await kept.write(checkpoint, { headers, committees });
      head = last;
      for (const { epoch } of committees) onEvent({ type: 'epoch', epoch });
      onEvent({ type: 'head', number: last.header.number, hash: last.hash });
    }
    if (failed !== undefined) throw failed.error;
  }

  /** What to ask for next on the way to a target. */
  function nextRequest(target: bigint): { readonly first: bigint; readonly count: number } {
    const next = head.header.number + 1n;
    if (way === 'headers') {
      const left = target - head.header.number;
      return { first: next, count: left < BigInt(batchSize) ? Number(left) : batchSize };
    }
    if (shardId !== BEACON_SHARD_ID) return { first: target, count: 1 };
    const last = lastBlockOfEpoch(network, epochOfBlock(network, next));
    return { first: last < target ? last : target, count: 1 };
  }

  /** Goes on with one source, up to its target or an answer shorter than asked. */
  async function takeTurn(source: HeaderSource, target: bigint): Promise<void> {
    const from = head.header.number;
    while (head.header.number < target) {
      assertOpen();
      const { first, count } = nextRequest(target);
      const items = await pool.getHeaders(source, first, count);
      assertOpen();
      await accept(items, first);
      if (items.length < count) break;
    }
    if (head.header.number > from) pool.forgive(source);
  }

  /** Asks some sources for their heads and goes to the highest that can be proved. */
  async function runGroup(
    group: readonly HeaderSource[],
    failures: SourceFailure[],
  ): Promise<readonly bigint[]> {
    const claims = await Promise.all(
      group.map(async (source) => {
        try {
          return [{ source, target: await pool.getHead(source) }];
        } catch (error) {
          blame(source, error, failures);
          return [];
        }
      }),
    );
    const candidates = claims.flat().sort((a, b) => compare(b.target, a.target));
    let able = candidates;
    let from: bigint;
    // In turns, so that a source which gives little at a time does not hold up the others.
    do {
      from = head.header.number;
      for (const candidate of able) {
        try {
          await takeTurn(candidate.source, candidate.target);
        } catch (error) {
          able = able.filter((other) => other !== candidate);
          blame(candidate.source, error, failures);
        }
      }
    } while (head.header.number > from);
    return candidates.map(({ target }) => target);
  }

  async function runRound(): Promise<VerifiedHeader> {
    const before = head.header.number;
    const failures: SourceFailure[] = [];
    const ranked = pool.ranked();
    const late = new Set(ranked.filter((source) => pool.isPenalised(source)));
    for (const group of [ranked.filter((source) => !late.has(source)), [...late]]) {
      const targets = await runGroup(group, failures);
      // Sources in bad standing may be slow to fail: they are asked only when the others are no help.
      if (head.header.number > before || targets.some((target) => target <= before)) return head;
    }
    if (failures.some(({ error }) => !isWait(error))) {
      throw new LightClientError({ code: 'light-client/no-source', failures });
    }
    return head;
  }

  async function sync(): Promise<VerifiedHeader> {
    assertOpen();
    round ??= runRound().finally(() => {
      round = undefined;
    });
    return await round;
  }

  function follow({ pollMs }: { readonly pollMs?: number } = {}): () => void {
    assertOpen();
    if (pollMs !== undefined) assertCount('pollMs', pollMs, 1);
    let stopped = false;
    let failures = 0;
    let cancel: () => void = () => {};
    const turn = async (): Promise<void> => {
      try {
        await sync();
        failures = 0;
      } catch (error) {
        if (stopped) return;
        failures++;
        onEvent({ type: 'sync-failed', error });
      }
      if (stopped) return;
      const period = pollMs ?? blockPeriodMs(network, head.header.epoch);
      cancel = clock.setTimer(period * Math.min(2 ** failures, MAX_BACKOFF), () => void turn());
    };
    const stop = (): void => {
      stopped = true;
      followers.delete(stop);
      cancel();
    };
    followers.add(stop);
    void turn();
    return stop;
  }

  async function getVerifiedHeader(number: bigint): Promise<VerifiedHeader> {
    assertOpen();
    if (number < 0n || number > head.header.number) {
      throw new LightClientError({
        code: 'light-client/not-proven',
        number,
        head: head.header.number,
      });
    }
    if (number === head.header.number) return head;
    const stored = await kept.getHeader(number);
    if (stored !== undefined) return stored;
    return await firstThat(async (source) => {
      const [item] = await pool.getHeaders(source, number, 1);
      return await verifyItem(item!, number, undefined);
    });
  }

  return {
    shardId,
    get head() {
      return head;
    },
    sync,
    follow,
    getVerifiedHeader,
    async getCommittees(epoch) {
      assertOpen();
      return await kept.getCommittees(epoch);
    },
    async verifyReceipt({ blockNumber, index, receipt, proof }) {
      const { header } = await getVerifiedHeader(blockNumber);
      return verifyReceipt(header, index, receipt, proof, hasher);
    },
    async verifyTransaction({ blockNumber, index, transaction, proof }) {
      const { header } = await getVerifiedHeader(blockNumber);
      return 'directive' in transaction
        ? verifyStakingTransaction(header, index, transaction, proof, hasher)
        : verifyTransaction(header, index, transaction, proof, hasher);
    },
    async close() {
      closed = true;
      for (const stop of followers) stop();
      await round?.catch(() => {});
    },
  };
}
