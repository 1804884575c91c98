/**
 * The table at the head of `machine.ts`, row by row, and crashes around each effect.
 *
 * A small harness brings one node to the place of a row by verified inputs and compares the kinds of
 * effects. Timers, events and resends are left out of the comparison unless a row is about them.
 */
import { type Hash, hexToBytes } from '@polyphony/primitives';
import { describe, expect, test } from 'vitest';
import { uniformCommittee } from '../src/committee.js';
import { createState, step } from '../src/machine.js';
import type { MessageType } from '../src/messages.js';
import type { HeadInfo } from '../src/ports.js';
import { commitPayload, encodePreparedClaim, encodeSeal, preparePayload } from '../src/seal.js';
import { encodeSimBlock, validateSimBlock } from '../src/simulator/application.js';
import { createSimulation } from '../src/simulator/simulation.js';
import type { Effect, Input, State } from '../src/types.js';
import {
  announceOf,
  newViewOf,
  phase,
  preparedOf,
  sealBy,
  sealed,
  unwrapped,
  viewChangeOf,
  voteOf,
  wrapped,
} from './support/adversary.js';
import { fastTiming } from './support/schedules.js';
import { testKey, testOnlyBls, testSign } from './support/test-only-bls.js';

const bls = testOnlyBls();
const MEMBERS = 4;
const committee = uniformCommittee([0, 1, 2, 3].map(testKey));
const genesis: HeadInfo = {
  height: 0n,
  hash: `0x${'11'.repeat(32)}`,
  viewId: 0n,
  timestampMs: 0,
  epoch: 7n,
  committee,
};
type Block = { bytes: Uint8Array; hash: Hash };
const blockAt = (viewId: bigint, nonce = 1n, height = 1n, parentHash = genesis.hash): Block =>
  encodeSimBlock({ height, viewId, parentHash, nonce, bad: false });

/** One node and everything around it answering at once; what it sends is kept. */
class Bench {
  state: State;
  sent: { type: MessageType; payload: Uint8Array }[] = [];
  now = 1000;
  /** Kinds of effects of the last `give`, without timers and events; broadcasts by message type. */
  seen: string[] = [];
  all: Effect[] = [];
  /** Effects that are not answered. */
  hold = new Set<Effect['type']>();

  constructor(slot: number, options: { listen?: boolean; head?: HeadInfo } = {}) {
    this.state = createState({
      shardId: 0,
      publicKeys: options.listen ? [] : [testKey(slot)],
      leaders: { leaderAt: ({ viewId }) => Number(viewId % 4n) },
      timing: fastTiming,
      decoding: 'strict',
      aggregateVotes: true,
    });
    this.give({ type: 'start', now: this.now, head: options.head ?? genesis });
  }

  give(input: Input): this {
    this.seen = [];
    this.all = [];
    this.take(input);
    return this;
  }

  message(...payloads: Uint8Array[]): this {
    this.seen = [];
    this.all = [];
    for (const payload of payloads)
      this.take({ type: 'message', now: this.now, from: 'peer', payload });
    return this;
  }

  timer(name: keyof State['timers']): this {
    const id = this.state.timers[name];
    if (id === undefined) throw new Error(`timer ${name} does not run`);
    return this.give({ type: 'timer', now: this.now, timer: name, id });
  }

  private take(input: Input): undefined {
    const { state, effects } = step(this.state, input);
    this.state = state;
    for (const effect of effects) {
      this.all.push(effect);
      if (effect.type === 'broadcast') {
        this.sent.push({ type: effect.message, payload: effect.payload });
        this.seen.push(effect.message.toUpperCase());
      } else if (!['set-timer', 'cancel-timer', 'event', 'verify'].includes(effect.type)) {
        this.seen.push(effect.type === 'ignore' ? `ignore ${effect.reason}` : effect.type);
      }
      if (!this.hold.has(effect.type)) this.answer(effect);
    }
  }

  private answer(effect: Effect): undefined {
    const { now } = this;
    switch (effect.type) {
      case 'verify': {
        const results = effect.checks.map((check) =>
          bls.verifyAggregate(check.signature, check.message, check.keys),
        );
        return this.take({ type: 'verified', now, item: effect.item, results });
      }
      case 'validate': {
        const result = validateSimBlock(effect.block, this.state.head!.hash);
        const { height, candidate } = effect;
        return this.take({ type: 'validated', now, height, candidate, result });
      }
      case 'persist':
        return this.take({ type: 'persisted', now, plan: effect.plan });
      case 'sign': {
        const { plan } = effect;
        const signatures = plan.requests.map(({ key, payload }) => testSign(key, payload.bytes));
        return this.take({ type: 'signed', now, plan, signatures });
      }
      case 'aggregate': {
        const signatures = effect.groups.map((group) => bls.aggregateSignatures(group));
        return this.take({ type: 'aggregated', now, item: effect.item, signatures });
      }
      default:
        return;
    }
  }
}

const BLOCK = blockAt(1n);
const announce = announceOf(1, 1n, 1n, BLOCK);
const prepareSeal = sealBy([0, 1, 2], MEMBERS, preparePayload(BLOCK.hash));
const prepared = preparedOf(1, 1n, 1n, BLOCK, prepareSeal);
const commitSeal = sealBy([1, 2, 3], MEMBERS, commitPayload(1n, BLOCK.hash, 1n, true));
const committed = sealed(
  phase('committed', {
    height: 1n,
    viewId: 1n,
    blockHash: hexToBytes(BLOCK.hash),
    payload: encodeSeal(commitSeal),
    senderKey: testKey(1),
  }),
);
const nextHead = (head = genesis, block = BLOCK, viewId = 1n): HeadInfo => ({
  ...head,
  height: head.height + 1n,
  hash: block.hash,
  viewId,
});
const propose = (bench: Bench, block = BLOCK, viewId = bench.state.viewId): Bench =>
  bench.give({
    type: 'proposed',
    now: bench.now,
    height: bench.state.height,
    viewId,
    proposal: { block: block.bytes, blockHash: block.hash },
  });
const sees = (bench: Bench, ...seen: string[]): Bench => {
  expect(bench.seen).toEqual(seen);
  return bench;
};

describe('the table', () => {
  test('start: the leader of the first view is asked for a block', () => {
    sees(new Bench(1), 'propose', 'parent-seal');
    sees(new Bench(0));
    sees(new Bench(0, { listen: true }));
  });

  test('announce, leader: proposed → ANNOUNCE', () => {
    const bench = propose(new Bench(1));
    sees(bench, 'persist', 'sign', 'ANNOUNCE');
    expect(bench.state.phase).toBe('prepare');
    expect(bench.state.prepareVotes!.signers).toEqual([1]);
  });

  test('announce, leader: a second proposal, or one for another view, is stale', () => {
    sees(propose(propose(new Bench(1)), blockAt(1n, 2n)), 'ignore stale');
    sees(propose(new Bench(1), BLOCK, 2n), 'ignore stale');
    sees(propose(new Bench(2)), 'ignore stale');
  });

  test('announce, validator: ANNOUNCE → validate, PREPARE', () => {
    const bench = new Bench(0).message(announce);
    sees(bench, 'validate', 'persist', 'sign', 'PREPARE');
    expect(bench.state.phase).toBe('prepare');
    expect(unwrapped(bench.sent[0]!.payload)).toEqual(
      unwrapped(voteOf('prepare', 0, 1n, 1n, BLOCK.hash)),
    );
  });

  test('nothing is signed before the mark is durable, and nothing sent before it is signed', () => {
    const bench = new Bench(0);
    bench.hold.add('persist');
    sees(bench.message(announce), 'validate', 'persist');
    const persist = bench.all.find((effect) => effect.type === 'persist');
    if (persist?.type !== 'persist') throw new Error('no persist');
    expect(persist.mark).toEqual(bench.state.mark);
    expect(persist.mark.prepared?.blockHash).toBe(BLOCK.hash);
    bench.hold.add('sign');
    sees(bench.give({ type: 'persisted', now: 1, plan: persist.plan }), 'sign');
    expect(bench.sent).toEqual([]);
  });

  test('a mark that came too late signs nothing', () => {
    const bench = new Bench(0);
    bench.hold.add('persist');
    bench.message(announce);
    const persist = bench.all.find((effect) => effect.type === 'persist');
    if (persist?.type !== 'persist') throw new Error('no persist');
    bench.timer('phase');
    sees(bench.give({ type: 'persisted', now: 1, plan: persist.plan }), 'ignore stale');
    // Nor a plan whose vote is not in the mark.
    const other = blockAt(1n, 9n).hash;
    const requests = persist.plan.requests.map((request) => ({
      ...request,
      payload: { ...request.payload, blockHash: other },
    })) as typeof persist.plan.requests;
    const fresh = new Bench(0).message(announce);
    const forged = { ...persist.plan, requests };
    sees(fresh.give({ type: 'persisted', now: 1, plan: forged }), 'ignore stale');
  });

  test('prepare, validator: an invalid block gets no vote, and counted views move on', () => {
    const bad = encodeSimBlock({
      height: 1n,
      viewId: 1n,
      parentHash: genesis.hash,
      nonce: 1n,
      bad: true,
    });
    const bench = new Bench(3).message(announceOf(1, 1n, 1n, bad));
    sees(bench, 'validate', 'persist', 'sign', 'sign', 'VIEW-CHANGE');
    expect(bench.state.mode).toBe('view-changing');
  });

  test('prepare, validator: another ANNOUNCE of the same view → view change', () => {
    const bench = new Bench(3).message(announce, announceOf(1, 1n, 1n, blockAt(1n, 2n)));
    expect(bench.seen.slice(-1)).toEqual(['VIEW-CHANGE']);
    expect(bench.state.viewChangingId).toBe(2n);
  });

  test('ANNOUNCE again: the vote is repeated a few times', () => {
    const bench = new Bench(0).message(announce);
    for (let i = 0; i < fastTiming.resendTimes; i++)
      sees(bench.message(announce), 'PREPARE', 'ignore repeated');
    sees(bench.message(announce), 'ignore repeated');
  });

  test('prepare, leader: votes, then a quorum → PREPARED', () => {
    const bench = propose(new Bench(1));
    sees(bench.message(voteOf('prepare', 0, 1n, 1n, BLOCK.hash)));
    sees(bench.message(voteOf('prepare', 0, 1n, 1n, BLOCK.hash)), 'ignore repeated');
    sees(
      bench.message(voteOf('prepare', 2, 1n, 1n, BLOCK.hash)),
      'aggregate',
      'persist',
      'sign',
      'PREPARED',
    );
    expect(bench.sent.at(-1)!.payload).toEqual(prepared);
    expect(bench.state.mark.lock?.blockHash).toBe(BLOCK.hash);
    sees(bench.message(voteOf('prepare', 3, 1n, 1n, BLOCK.hash)), 'ignore repeated');
    expect(bench.sent.filter(({ type }) => type === 'prepared').length).toBe(1);
  });

  test('a wrong vote is not counted', () => {
    const bench = propose(new Bench(1));
    const vote = unwrapped(voteOf('prepare', 0, 1n, 1n, BLOCK.hash));
    if (vote.type !== 'prepare') throw new Error('not a vote');
    const payload = voteOf('prepare', 0, 1n, 1n, blockAt(1n, 3n).hash);
    sees(bench.message(payload), 'ignore wrong-block');
    const forged = wrapped({ ...vote, senderKey: testKey(2) });
    sees(bench.message(forged), 'ignore bad-signature');
    expect(bench.state.prepareVotes!.signers).toEqual([1]);
  });

  test('≤ prepare, validator: PREPARED → COMMIT, with or without ANNOUNCE before', () => {
    for (const before of [[], [announce]]) {
      const bench = new Bench(0).message(...before);
      bench.message(prepared);
      expect(bench.seen.filter((kind) => kind !== 'validate')).toEqual([
        'persist',
        'sign',
        'COMMIT',
      ]);
      expect(bench.sent.at(-1)!.payload).toEqual(voteOf('commit', 0, 1n, 1n, BLOCK.hash));
      expect(bench.state.certificate?.seal).toEqual(prepareSeal);
      expect(bench.state.mark.certificate?.block).toEqual(BLOCK.bytes);
      sees(bench.message(prepared), 'COMMIT', 'ignore repeated');
    }
  });

  test('PREPARED with too few, or with a sum that does not verify', () => {
    const few = sealBy([1, 2], MEMBERS, preparePayload(BLOCK.hash));
    sees(new Bench(0).message(preparedOf(1, 1n, 1n, BLOCK, few)), 'ignore no-quorum');
    const lie = { ...few, bitmap: Uint8Array.of(0b0111) };
    sees(new Bench(0).message(preparedOf(1, 1n, 1n, BLOCK, lie)), 'ignore bad-signature');
    const padded = { ...few, bitmap: Uint8Array.of(0b1111_0111) };
    sees(new Bench(0).message(preparedOf(1, 1n, 1n, BLOCK, padded)), 'ignore bad-bitmap');
  });

  test('commit, leader: a quorum → COMMITTED and commit', () => {
    const bench = propose(new Bench(1)).message(
      voteOf('prepare', 0, 1n, 1n, BLOCK.hash),
      voteOf('prepare', 2, 1n, 1n, BLOCK.hash),
    );
    sees(bench.message(voteOf('commit', 2, 1n, 1n, BLOCK.hash)));
    sees(
      bench.message(voteOf('commit', 3, 1n, 1n, BLOCK.hash)),
      'aggregate',
      'sign',
      'COMMITTED',
      'commit',
    );
    expect(bench.sent.at(-1)!.payload).toEqual(committed);
    expect(bench.state.phase).toBe('deciding');
    expect(bench.state.timers.grace).toBeDefined();
  });

  test('COMMITTED of a known block → commit; of an unknown one → sync', () => {
    const bench = new Bench(0).message(announce);
    sees(bench.message(committed), 'commit');
    expect(bench.state.decision).toMatchObject({ decidedInView: 1n, viewSure: true });
    sees(bench.message(committed), 'ignore deciding');
    const unknown = new Bench(0);
    sees(unknown.message(committed), 'sync');
    // The block comes late: then the height is finished all the same.
    unknown.message(prepared);
    expect(unknown.seen).toContain('commit');
  });

  test('COMMITTED by a member that does not lead finishes the height, its view is not believed', () => {
    const message = unwrapped(committed);
    if (message.type !== 'committed') throw new Error('not COMMITTED');
    const relayed = sealed({ ...message, senderKey: testKey(3), viewId: 40n });
    const bench = new Bench(0).message(announce);
    sees(bench.message(relayed), 'commit');
    expect(bench.state.decision).toMatchObject({ decidedInView: 1n, viewSure: false });
  });

  test('a certified block that is refused here is not committed', () => {
    const bad = encodeSimBlock({
      height: 1n,
      viewId: 1n,
      parentHash: genesis.hash,
      nonce: 1n,
      bad: true,
    });
    const seal = sealBy([1, 2, 3], MEMBERS, commitPayload(1n, bad.hash, 1n, true));
    const message = sealed(
      phase('committed', {
        height: 1n,
        viewId: 1n,
        blockHash: hexToBytes(bad.hash),
        payload: encodeSeal(seal),
        senderKey: testKey(1),
      }),
    );
    const bench = new Bench(0).message(message).message(announceOf(1, 1n, 1n, bad));
    expect(bench.seen).toContain('sync');
    expect(bench.seen).not.toContain('commit');
  });

  test('deciding: head → next height', () => {
    const bench = new Bench(2).message(announce, committed);
    bench.give({ type: 'head', now: bench.now, head: nextHead() });
    expect(bench.state).toMatchObject({
      height: 2n,
      viewId: 2n,
      viewSure: true,
      phase: 'announce',
    });
    sees(bench, 'propose');
    // The proposer gets the seal when the block is due.
    sees(bench.timer('grace'), 'parent-seal');
    const given = bench.all.find((effect) => effect.type === 'parent-seal');
    expect(given).toMatchObject({ height: 1n, seal: commitSeal });
  });

  test('a head from elsewhere moves the height, and the view is not sure', () => {
    const bench = new Bench(2).message(announce);
    bench.give({ type: 'head', now: bench.now, head: { ...nextHead(), height: 9n, viewId: 30n } });
    expect(bench.state).toMatchObject({ height: 10n, viewId: 31n, viewSure: false });
    sees(bench.give({ type: 'head', now: bench.now, head: genesis }), 'ignore stale');
  });

  test('next height, leader: late COMMIT → a better seal at the end of the grace period', () => {
    const bench = propose(new Bench(1)).message(
      voteOf('prepare', 0, 1n, 1n, BLOCK.hash),
      voteOf('prepare', 2, 1n, 1n, BLOCK.hash),
      voteOf('commit', 2, 1n, 1n, BLOCK.hash),
      voteOf('commit', 3, 1n, 1n, BLOCK.hash),
    );
    bench.give({ type: 'head', now: bench.now, head: nextHead() });
    sees(bench.message(voteOf('commit', 0, 1n, 1n, BLOCK.hash)));
    sees(bench.timer('grace'), 'aggregate', 'improve-seal', 'parent-seal', 'sign', 'COMMITTED');
    expect(bench.state.last?.seal.seal.bitmap).toEqual(Uint8Array.of(0b1111));
    sees(bench.message(voteOf('commit', 0, 1n, 1n, BLOCK.hash)), 'ignore old-height');
  });

  test('COMMITTED of the head with more signers → improve-seal; with fewer or as many, nothing', () => {
    const bench = new Bench(0).message(announce, committed);
    bench.give({ type: 'head', now: bench.now, head: nextHead() });
    const message = unwrapped(committed);
    if (message.type !== 'committed') throw new Error('not COMMITTED');
    const by = (slots: number[]) =>
      sealed({
        ...message,
        payload: encodeSeal(sealBy(slots, MEMBERS, commitPayload(1n, BLOCK.hash, 1n, true))),
      });
    sees(bench.message(by([0, 1, 2])), 'ignore repeated');
    sees(bench.message(by([0, 1, 2, 3])), 'improve-seal');
    sees(bench.message(by([0, 1, 2, 3])), 'ignore repeated');
    sees(bench.message(by([0, 1])), 'ignore bad-bitmap');
    const lie = { ...message, payload: encodeSeal({ ...commitSeal, bitmap: Uint8Array.of(15) }) };
    const fresh = new Bench(0).message(announce, committed);
    fresh.give({ type: 'head', now: fresh.now, head: nextHead() });
    sees(fresh.message(sealed(lie)), 'ignore bad-signature');
  });

  test('normal: timer phase → VIEWCHANGE; view-changing: timer view-change → the next', () => {
    const bench = new Bench(0).timer('phase');
    sees(bench, 'persist', 'sign', 'sign', 'VIEW-CHANGE');
    expect(bench.sent[0]!.payload).toEqual(viewChangeOf(0, 1n, 2n, 2));
    expect(bench.state).toMatchObject({ mode: 'view-changing', viewId: 1n, viewChangingId: 2n });
    // Alone it repeats its report, and asks whether the others went on.
    sees(bench.timer('view-change'), 'sync', 'persist', 'sign', 'sign', 'VIEW-CHANGE');
    expect(bench.state.viewChangingId).toBe(2n);
    bench.message(viewChangeOf(1, 1n, 2n, 2), viewChangeOf(3, 1n, 2n, 2));
    sees(bench.timer('view-change'), 'sync', 'persist', 'sign', 'sign', 'VIEW-CHANGE');
    expect(bench.state.viewChangingId).toBe(3n);
    sees(bench.message(announce), 'ignore old-view');
  });

  test('VIEWCHANGE carries the best certificate', () => {
    const bench = new Bench(0).message(announce, prepared).timer('phase');
    const claim = { hash: BLOCK.hash, seal: prepareSeal, block: BLOCK.bytes };
    expect(bench.sent.at(-1)!.payload).toEqual(viewChangeOf(0, 1n, 2n, 2, claim));
  });

  test('VIEWCHANGE of more than a third → joined', () => {
    const bench = new Bench(0).message(viewChangeOf(3, 1n, 5n, 1));
    expect(bench.state.mode).toBe('normal');
    bench.message(viewChangeOf(1, 1n, 3n, 3));
    expect(bench.state).toMatchObject({ mode: 'view-changing', viewChangingId: 3n });
  });

  test('changing, candidate: reports without M1 → NEWVIEW after a wait, then a proposal', () => {
    const bench = new Bench(2).timer('phase');
    sees(bench.message(viewChangeOf(0, 1n, 2n, 2)));
    sees(bench.message(viewChangeOf(3, 1n, 2n, 2)));
    expect(bench.state.timers['new-view']).toBeDefined();
    sees(bench.timer('new-view'), 'aggregate', 'sign', 'NEW-VIEW', 'propose', 'parent-seal');
    expect(bench.sent.at(-1)!.payload).toEqual(newViewOf(2, MEMBERS, 1n, 2n, [0, 2, 3], [0, 2, 3]));
    expect(bench.state).toMatchObject({ mode: 'normal', viewId: 2n });
  });

  test('changing, candidate: all reports there → no wait', () => {
    const bench = new Bench(2).timer('phase');
    bench.message(...[0, 1, 3].map((slot) => viewChangeOf(slot, 1n, 2n, 2)));
    expect(bench.seen).toEqual(['aggregate', 'sign', 'NEW-VIEW', 'propose', 'parent-seal']);
  });

  test('changing, candidate: a report with M1 → NEWVIEW with the block, own commit vote', () => {
    const claim = { hash: BLOCK.hash, seal: prepareSeal, block: BLOCK.bytes };
    const bench = new Bench(2).timer('phase');
    bench.message(viewChangeOf(0, 1n, 2n, 2, claim), viewChangeOf(3, 1n, 2n, 2));
    sees(bench, 'validate', 'aggregate', 'persist', 'sign', 'NEW-VIEW');
    const payload = encodePreparedClaim(BLOCK.hash, prepareSeal);
    expect(bench.sent.at(-1)!.payload).toEqual(
      newViewOf(2, MEMBERS, 1n, 2n, [0, 2, 3], [2, 3], { payload, block: BLOCK.bytes }),
    );
    expect(bench.state.commitVotes?.signers).toEqual([2]);
    // Its header keeps view 1, so do the commit votes.
    bench.message(
      voteOf('commit', 0, 1n, 2n, BLOCK.hash, 1n),
      voteOf('commit', 3, 1n, 2n, BLOCK.hash, 1n),
    );
    expect(bench.seen).toContain('commit');
    expect(bench.state.decision).toMatchObject({ viewId: 1n, decidedInView: 2n });
    bench.give({ type: 'head', now: bench.now, head: nextHead() });
    expect(bench.state.viewId).toBe(3n);
  });

  test('changing, candidate: a report whose block is bad does not count', () => {
    const bad = encodeSimBlock({
      height: 1n,
      viewId: 1n,
      parentHash: genesis.hash,
      nonce: 1n,
      bad: true,
    });
    const seal = sealBy([0, 1, 3], MEMBERS, preparePayload(bad.hash));
    const claim = { hash: bad.hash, seal, block: bad.bytes };
    const bench = new Bench(2).timer('phase');
    bench.message(viewChangeOf(0, 1n, 2n, 2, claim), viewChangeOf(3, 1n, 2n, 2));
    expect(bench.state.timers['new-view']).toBeUndefined();
    bench.message(viewChangeOf(1, 1n, 2n, 2));
    sees(bench.timer('new-view'), 'aggregate', 'sign', 'NEW-VIEW', 'propose', 'parent-seal');
  });

  test('NEWVIEW without M1 → normal; with M1 → COMMIT', () => {
    const bench = new Bench(0).timer('phase');
    sees(bench.message(newViewOf(2, MEMBERS, 1n, 2n, [1, 2, 3], [1, 2, 3])));
    expect(bench.state).toMatchObject({ mode: 'normal', viewId: 2n, phase: 'announce' });
    const carried = new Bench(0).timer('phase');
    const payload = encodePreparedClaim(BLOCK.hash, prepareSeal);
    const claim = { payload, block: BLOCK.bytes };
    carried.message(newViewOf(2, MEMBERS, 1n, 2n, [1, 2, 3], [3], claim));
    sees(carried, 'validate', 'persist', 'sign', 'COMMIT');
    expect(carried.sent.at(-1)!.payload).toEqual(voteOf('commit', 0, 1n, 2n, BLOCK.hash, 1n));
  });

  test('NEWVIEW reaches also who has not timed out', () => {
    const bench = new Bench(0).message(announce);
    bench.message(newViewOf(2, MEMBERS, 1n, 2n, [1, 2, 3], [1, 2, 3]));
    expect(bench.state).toMatchObject({ mode: 'normal', viewId: 2n });
  });

  test('ANNOUNCE before its NEWVIEW waits', () => {
    const bench = new Bench(0).message(announce).timer('phase');
    const second = blockAt(2n);
    sees(bench.message(announceOf(2, 1n, 2n, second)));
    expect(bench.state.early.length).toBe(1);
    bench.message(newViewOf(2, MEMBERS, 1n, 2n, [1, 2, 3], [1, 2, 3]));
    sees(bench, 'validate', 'persist', 'sign', 'PREPARE');
    expect(bench.state.early).toEqual([]);
  });

  test('after a start, the leader of a later view is followed without NEWVIEW', () => {
    const bench = new Bench(0).message(announceOf(3, 1n, 3n, blockAt(3n)));
    sees(bench, 'validate', 'persist', 'sign', 'PREPARE');
    expect(bench.state).toMatchObject({ viewId: 3n, viewSure: true });
    // But only once.
    sees(bench.message(announceOf(1, 1n, 5n, blockAt(5n))));
    expect(bench.state.viewId).toBe(3n);
  });

  test('messages of the next height wait for it; of later ones give a hint', () => {
    const bench = new Bench(0).message(announce, committed);
    const second = blockAt(2n, 1n, 2n, BLOCK.hash);
    sees(bench.message(announceOf(2, 2n, 2n, second)));
    bench.hold.add('validate');
    bench.give({ type: 'head', now: bench.now, head: nextHead() });
    sees(bench, 'validate');
    const seal = sealBy([0, 1, 2], MEMBERS, preparePayload(second.hash));
    sees(bench.message(preparedOf(2, 50n, 2n, second, seal)), 'sync');
    sees(bench.message(preparedOf(2, 50n, 2n, second, seal)), 'ignore repeated');
  });

  test('a listener stores blocks and follows COMMITTED, and says nothing', () => {
    const bench = new Bench(0, { listen: true });
    expect(bench.state.mode).toBe('listening');
    sees(bench.message(announce), 'validate');
    sees(bench.message(prepared));
    sees(bench.message(viewChangeOf(3, 1n, 2n, 2)), 'ignore not-leading');
    sees(bench.message(committed), 'commit');
    expect(bench.sent).toEqual([]);
    expect(bench.state.timers.phase).toBeUndefined();
  });

  test('release: no vote for an old block, a vote for a later one', () => {
    // It prepared a later block, so it may not commit the carried one.
    const bench = new Bench(0).message(announceOf(3, 1n, 3n, blockAt(3n)));
    const payload = encodePreparedClaim(BLOCK.hash, prepareSeal);
    const claim = { payload, block: BLOCK.bytes };
    bench.message(newViewOf(0, MEMBERS, 1n, 4n, [1, 2, 3], [3], claim));
    bench.timer('phase').timer('view-change');
    bench.message(newViewOf(1, MEMBERS, 1n, 5n, [1, 2, 3], [3], claim));
    expect(bench.seen).not.toContain('COMMIT');
    const release = { type: 'release', now: bench.now, height: 1n, viewId: 5n } as const;
    sees(bench.give({ ...release, height: 9n }), 'ignore stale');
    sees(bench.give({ ...release, viewId: 4n }), 'ignore old-view');
    bench.give(release);
    expect(bench.state.mark).toMatchObject({ floor: 5n, viewId: 6n });
    expect(bench.state.certificate).toBeUndefined();
    expect(bench.state).toMatchObject({ mode: 'view-changing', viewChangingId: 6n });
    // A leader that carries the old block gets no vote.
    bench.message(newViewOf(2, MEMBERS, 1n, 6n, [1, 2, 3], [3], claim));
    expect(bench.seen).not.toContain('COMMIT');
    expect(bench.state.certificate).toBeUndefined();
    bench.timer('phase');
    bench.message(newViewOf(3, MEMBERS, 1n, 7n, [1, 2, 3], [1, 2, 3]));
    bench.message(announceOf(3, 1n, 7n, blockAt(7n)));
    expect(bench.seen).toContain('PREPARE');
  });

  test('before the start, and starting twice', () => {
    const idle = createState(new Bench(0).state.config);
    const input = { type: 'message', now: 1, from: 'x', payload: announce } as const;
    expect(step(idle, input)).toEqual({
      state: idle,
      effects: [{ type: 'ignore', reason: 'idle' }],
    });
    const started = new Bench(0).state;
    expect(() => step(started, { type: 'start', now: 1, head: genesis })).toThrow(TypeError);
    const mark = { ...started.mark, shardId: 2 };
    expect(() => step(idle, { type: 'start', now: 1, head: genesis, mark })).toThrow(TypeError);
  });

  test('configurations are checked', () => {
    const { config } = new Bench(0).state;
    expect(() => createState({ ...config, shardId: -1 })).toThrow(/shardId/);
    expect(() => createState({ ...config, publicKeys: [new Uint8Array(3)] })).toThrow(/48 bytes/);
  });
});

describe('crash points', () => {
  // One node dies right before or right after each of its first effects, and comes back.
  const kinds: Effect['type'][] = [
    'persist',
    'sign',
    'broadcast',
    'aggregate',
    'validate',
    'commit',
  ];
  for (const when of ['before', 'after'] as const) {
    test(`${when} each effect: no second vote, no fork, and the network goes on`, () => {
      let points = 0;
      for (const victim of [0, 1]) {
        for (let at = 1; at <= 24; at++) {
          const net = createSimulation({ seed: at, nodes: 4, timing: fastTiming });
          let count = 0;
          net.filter = (node, effect) => {
            if (node.id !== victim || !kinds.includes(effect.type) || ++count !== at) return true;
            points++;
            if (when === 'before') net.crash(victim);
            else net.at(0, () => net.crash(victim));
            net.at(40, () => net.start(victim));
            return when === 'after';
          };
          net.start();
          expect(
            net.runUntil(() => net.reached(4), 30_000),
            `${victim} ${at} ${net.describe()}`,
          ).toBe(true);
        }
      }
      expect(points).toBe(48);
    });
  }
});
