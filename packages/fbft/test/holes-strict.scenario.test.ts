/**
 * The stories that fork or halt `compat` (`compat.scenario.test.ts`), told to `strict` with the
 * strongest that its members can say; and the deadlock that `guarded` knows, with the way out.
 */
import { bitmapFromIndices } from '@polyphony/bls/bitmap';
import { hexToBytes } from '@polyphony/primitives';
import { describe, expect, test } from 'vitest';
import type { LeaderSchedule } from '../src/ports.js';
import { guarded, type Profile, strict } from '../src/profile.js';
import { isDeadlocked } from '../src/simulator/run.js';
import { createSimulation } from '../src/simulator/simulation.js';
import { sumTags } from '../src/simulator/tag-bls.js';
import type { Simulation } from '../src/simulator/world.js';
import type { StrictMessage } from '../src/strict/messages.js';
import { strictPayload } from '../src/strict/statements.js';
import { decodeStrictMessage, encodeStrictMessage, hashUnsigned } from '../src/strict/wire.js';
import { decodeGossip, encodeGossip, MESSAGE_TYPES } from '../src/wire.js';
import { fastTiming } from './support/schedules.js';
import { testKey, testSign } from './support/test-only-bls.js';

// Slot 1 leads views 1 and 3, slot 2 view 2, slot 0 the others.
const leaders: LeaderSchedule = {
  leaderAt: ({ viewId }) => (viewId === 2n ? 2 : viewId === 1n || viewId === 3n ? 1 : 0),
};
const world = (profile: Profile, options: { leaders?: LeaderSchedule } = {}): Simulation =>
  createSimulation({ seed: 5, nodes: 4, timing: fastTiming, profile, ...options });
const reach = (net: Simulation, ids: readonly number[], height = 1): void =>
  expect(
    net.runUntil(() => net.reached(height, ids), 30_000),
    net.describe(),
  ).toBe(true);
const gossip = (message: StrictMessage): Uint8Array =>
  encodeGossip({ category: 'consensus-2', message: encodeStrictMessage(message) });
const domain = { chainId: 1n, shardId: 0, epoch: 0n };

describe('strict', () => {
  test('H2: an old certificate after delays: no fork, and the newest block is carried', () => {
    const net = world(strict, { leaders });
    net.filter = (node, effect) =>
      effect.type !== 'broadcast' ||
      !(effect.message === 'committed' || (effect.message === 'prepared' && node.id === 1));
    net.start();
    net.runUntil(() => net.nodes[1]!.state.mark.lock !== undefined, 2000);
    const first = net.nodes[1]!.state.mark.lock!.blockHash;
    net.link = (from, to) => from !== 1 && to !== 1;
    expect(net.runUntil(() => net.nodes[2]!.chain.length > 0, 5000)).toBe(true);
    const second = net.nodes[2]!.chain[0]!.hash;
    expect(second).not.toBe(first);
    net.link = (from, to) => from !== 2 && to !== 2;
    net.filter = () => true;
    reach(net, [0, 1, 3]);
    expect(net.nodes.map((node) => node.chain[0]!.hash)).toEqual(Array(4).fill(second));
  });

  test('H3, H6: reports of another view open none, and only its leader opens a view', () => {
    const net = world(strict, { leaders });
    const reports: StrictMessage[] = [];
    net.filter = (node, effect) => {
      if (effect.type === 'broadcast' && effect.message === 'view-change') {
        const content = decodeGossip(effect.payload);
        if (content.category === 'consensus-2') reports.push(decodeStrictMessage(content.message));
      }
      if (effect.type === 'broadcast' && effect.message === 'committed') return false;
      return effect.type !== 'propose' || node.id === 2;
    };
    net.start();
    // View 1 brings no block; in view 2 the block of slot 2 is final there, and slot 2 is cut off.
    expect(net.runUntil(() => net.nodes[2]!.chain.length > 0, 5000)).toBe(true);
    const final = net.nodes[2]!.chain[0]!.hash;
    const nothing = reports.flatMap((report) =>
      report.type === 'view-change' && report.certificate === undefined ? [report] : [],
    );
    const of = new Map(nothing.map((report) => [report.slot, report.signature]));
    expect([...of.keys()].length).toBeGreaterThanOrEqual(3);
    net.run(30);
    net.link = (from, to) => from !== 2 && to !== 2;
    const changing = () => [0, 1].every((id) => net.nodes[id]!.state.viewChangingId === 3n);
    expect(net.runUntil(changing, 5000)).toBe(true);
    net.liars.add(3).add(1);
    net.filter = (node, effect) => effect.type !== 'broadcast' || node.id === 0;
    const slots = [0, 1, 3].filter((slot) => of.has(slot));
    const seal = {
      signature: sumTags(slots.map((slot) => of.get(slot)!)),
      bitmap: bitmapFromIndices(slots, 4),
    };
    const refused: string[] = [];
    const before = net.filter;
    net.filter = (node, effect) => {
      if (node.id === 0 && effect.type === 'ignore') refused.push(effect.reason);
      return before(node, effect);
    };
    for (const slot of [3, 1]) {
      const unsigned: StrictMessage = {
        wire: 2,
        type: 'new-view',
        shardId: 0,
        epoch: 0n,
        height: 1n,
        viewId: 3n,
        slot,
        signature: new Uint8Array(96),
        groups: [{ certificateView: 0n, blockHash: new Uint8Array(32), seal }],
        certificate: undefined,
        block: new Uint8Array(0),
      };
      const statement = {
        kind: 'sender' as const,
        messageType: MESSAGE_TYPES['new-view'],
        height: 1n,
        viewId: 3n,
        hash: hashUnsigned(unsigned),
        certificateView: 0n,
      };
      const signature = testSign(testKey(slot), strictPayload(domain, statement));
      net.send(slot, net.nodes[0]!, gossip({ ...unsigned, signature }));
      net.run(100);
    }
    expect(refused).toContain('not-the-leader');
    expect(refused).toContain('bad-signature');
    expect(net.nodes[0]!.state.viewId).toBe(2n);
    // Everybody honest again: the final block is carried to all.
    net.filter = () => true;
    net.link = () => true;
    reach(net, [0, 1, 2, 3]);
    expect(net.nodes.map((node) => node.chain[0]!.hash)).toEqual(Array(4).fill(final));
  });

  test('H4: a restart forgets nothing', () => {
    const net = world(strict, { leaders });
    net.filter = (_, effect) => effect.type !== 'broadcast' || effect.message !== 'committed';
    net.start();
    expect(net.runUntil(() => net.nodes[1]!.chain.length > 0, 2000)).toBe(true);
    net.run(100);
    net.filter = () => true;
    net.crash(0, 1, 2, 3).start(0, 2, 3);
    reach(net, [0, 2, 3]);
    expect(net.nodes.map((node) => node.chain[0]!.hash)).toEqual(
      Array(4).fill(net.nodes[1]!.chain[0]!.hash),
    );
  });

  test('H9: a commit vote for the block below spoils nothing', () => {
    const net = world(strict);
    net.start();
    reach(net, [0, 1, 2, 3], 2);
    net.liars.add(3);
    net.filter = (node, effect) => {
      if (effect.type !== 'broadcast') return true;
      if (effect.message === 'prepared') {
        const { height, viewId, last } = node.state;
        const { blockHash } = last!;
        const statement = {
          kind: 'commit' as const,
          height: height - 1n,
          viewId: last!.decidedInView,
          hash: blockHash,
          certificateView: 0n,
        };
        const stale = gossip({
          wire: 2,
          type: 'commit',
          shardId: 0,
          epoch: 0n,
          height,
          viewId,
          blockHash: hexToBytes(blockHash),
          justifiedBy: 0n,
          slot: 3,
          bitmap: new Uint8Array(0),
          signature: testSign(testKey(3), strictPayload(domain, statement)),
        });
        net.at(1, () =>
          net.input(node, { type: 'message', now: net.clock(node), from: 'liar', payload: stale }),
        );
      }
      return node.id !== 3;
    };
    net.run(10_000);
    expect(Math.max(...net.heights())).toBeGreaterThan(20);
  });
});

/**
 * View 1: only slot 1 knows that its block is prepared, and is locked on it. View 2: slots 2 and 3
 * prepare another block, slot 0 does not vote, so no certificate comes about, and then it is gone.
 */
function lockedApart(profile: Profile): Simulation {
  const net = world(profile); // round robin
  net.filter = (node, effect) =>
    effect.type !== 'broadcast' || effect.message !== 'prepared' || node.id !== 1;
  net.start();
  net.runUntil(() => net.nodes[1]!.state.mark.lock !== undefined, 2000);
  net.filter = (node, effect) =>
    effect.type !== 'broadcast' || effect.message !== 'prepare' || node.id !== 0;
  net.link = (from, to) => from !== 1 && to !== 1;
  const prepared = () => [2, 3].every((id) => net.nodes[id]!.state.mark.prepared?.viewId === 2n);
  expect(net.runUntil(prepared, 5000), net.describe()).toBe(true);
  net.run(100);
  net.crash(0);
  net.filter = () => true;
  net.link = () => true;
  return net;
}

describe('members hold on to different blocks', () => {
  test('guarded is stuck, forks nothing, and goes on when operators release the height', () => {
    const net = lockedApart(guarded);
    const height = net.nodes[1]!.state.height;
    net.run(60_000);
    expect(net.heights()).toEqual([0, 0, 0, 0]);
    expect(isDeadlocked(net, [1, 2, 3])).toBe(true);
    net.release(height);
    reach(net, [1, 2, 3], 3);
    net.start(0);
    reach(net, [0, 1, 2, 3], 6);
  });

  test('strict goes on by itself', () => {
    const net = lockedApart(strict);
    reach(net, [1, 2, 3], 3);
    expect(isDeadlocked(net, [1, 2, 3])).toBe(false);
  });
});
