/**
 * The profile `compat` does what the Go node does, so the known ways to fork and to halt it work
 * here; the same stories under `guarded` end well. If one of these tests fails because nothing
 * diverges, `compat` has stopped to be what it is for.
 */
import { hexToBytes } from '@polyphony/primitives';
import { describe, expect, test } from 'vitest';
import { createState, step } from '../src/machine.js';
import type { LeaderSchedule } from '../src/ports.js';
import { compat, compat2026, guarded, type Profile } from '../src/profile.js';
import { commitPayload, encodePreparedClaim, encodeSeal, preparePayload } from '../src/seal.js';
import { Diverged } from '../src/simulator/checks.js';
import { createSimulation } from '../src/simulator/simulation.js';
import type { Simulation } from '../src/simulator/world.js';
import type { IgnoreReason } from '../src/types.js';
import {
  announceOf,
  blockOn,
  newViewOf,
  phase,
  preparedOf,
  sealBy,
  sealed,
  unwrapped,
  wrapped,
} from './support/adversary.js';
import { fastTiming } from './support/schedules.js';
import { testKey, testSign } from './support/test-only-bls.js';

// Slot 1 leads views 1 and 3, slot 2 view 2, slot 0 the others.
const leaders: LeaderSchedule = {
  leaderAt: ({ viewId }) => (viewId === 2n ? 2 : viewId === 1n || viewId === 3n ? 1 : 0),
};
const world = (profile: Profile): Simulation =>
  createSimulation({ seed: 5, nodes: 4, timing: fastTiming, leaders, profile });

/** The invariant that broke, or undefined. */
function outcome(story: () => void): string | undefined {
  try {
    story();
    return undefined;
  } catch (error) {
    if (error instanceof Diverged) return error.message.slice(0, 2);
    throw error;
  }
}

/** H2. View 1: only slot 1 learns that B1 is prepared. View 2: B2 is final at slot 2 alone. */
function forkByDelay(profile: Profile): void {
  const net = world(profile);
  net.filter = (node, effect) =>
    effect.type !== 'broadcast' ||
    !(effect.message === 'committed' || (effect.message === 'prepared' && node.id === 1));
  net.start();
  net.runUntil(() => net.nodes[1]!.state.mark.lock !== undefined, 2000);
  net.link = (from, to) => from !== 1 && to !== 1;
  expect(net.runUntil(() => net.nodes[2]!.chain.length > 0, 5000)).toBe(true);
  net.link = (from, to) => from !== 2 && to !== 2;
  net.filter = () => true;
  const done = () => [0, 1, 3].every((id) => net.nodes[id]!.chain.length > 0);
  expect(net.runUntil(done, 20_000), net.describe()).toBe(true);
}

/**
 * H3 and H6. View 1 brings no block, so everybody sends M2. In view 2 the block of slot 2 is final
 * there, and slot 2 is cut off. Slot 3 does not lead view 3: it shows the M3 of the others with the
 * M2 they once sent, opens the view and proposes another block.
 */
function forkByOneMember(profile: Profile): void {
  const net = world(profile);
  const m2 = new Set<string>();
  net.filter = (node, effect) => {
    if (effect.type === 'broadcast' && effect.message === 'view-change') {
      const message = unwrapped(effect.payload);
      if (message.type === 'view-change' && message.payload.length === 0)
        m2.add(message.senderKey.join());
    }
    if (effect.type === 'broadcast' && effect.message === 'committed') return false;
    return effect.type !== 'propose' || node.id === 2;
  };
  net.start();
  expect(net.runUntil(() => net.nodes[2]!.chain.length > 0, 5000)).toBe(true);
  expect([0, 1, 3].every((slot) => m2.has(testKey(slot).join()))).toBe(true);
  net.run(30);
  const liar = net.nodes[3]!;
  const honest = [net.nodes[0]!, net.nodes[1]!];
  net.liars.add(3);
  net.link = (from, to) => from !== 2 && to !== 2;
  const cast = { prepare: new Set<number>(), commit: new Set<number>() };
  net.filter = (node, effect) => {
    if (effect.type !== 'broadcast') return true;
    if (effect.message === 'prepare' || effect.message === 'commit')
      cast[effect.message].add(node.id);
    return node !== liar;
  };
  const changing = () => honest.every(({ state }) => state.viewChangingId === 3n);
  expect(net.runUntil(changing, 5000)).toBe(true);
  const signers = [0, 1, 3];
  const other = blockOn(net, liar, { viewId: 3n, nonce: 99n });
  const tell = (payload: Uint8Array): void => {
    for (const node of honest) net.send(3, node, payload);
  };
  cast.prepare.clear();
  cast.commit.clear();
  tell(newViewOf(3, 4, 1n, 3n, signers, signers));
  net.run(60);
  tell(announceOf(3, 1n, 3n, other));
  net.run(120);
  if (cast.prepare.size < 2) return;
  tell(preparedOf(3, 1n, 3n, other, sealBy(signers, 4, preparePayload(other.hash))));
  net.run(120);
  if (cast.commit.size < 2) return;
  const seal = sealBy(signers, 4, commitPayload(1n, other.hash, 3n, true));
  const fields = { height: 1n, viewId: 3n, blockHash: hexToBytes(other.hash) };
  tell(sealed(phase('committed', { ...fields, payload: encodeSeal(seal), senderKey: testKey(3) })));
  net.run(120);
}

/** H4. The block is final at slot 1, which is cut off; the others restart and know nothing. */
function forkByRestart(profile: Profile): void {
  const net = world(profile);
  net.filter = (_, effect) => effect.type !== 'broadcast' || effect.message !== 'committed';
  net.start();
  expect(net.runUntil(() => net.nodes[1]!.chain.length > 0, 2000)).toBe(true);
  net.run(100);
  net.filter = () => true;
  net.crash(0, 1, 2, 3).start(0, 2, 3);
  const done = () => [0, 2, 3].every((id) => net.nodes[id]!.chain.length > 0);
  expect(net.runUntil(done, 20_000), net.describe()).toBe(true);
}

/** H9. One member commits the block of the height below, again in each view. */
function haltByStaleCommit(profile: Profile): readonly number[] {
  const net = createSimulation({ seed: 5, nodes: 4, timing: fastTiming, profile });
  net.start();
  expect(net.runUntil(() => net.reached(2), 5000)).toBe(true);
  net.liars.add(3);
  net.filter = (node, effect) => {
    if (effect.type !== 'broadcast') return true;
    if (effect.message === 'prepared' || effect.message === 'new-view') {
      // Its vote is there before those that answer the leader.
      const { height, viewId, last } = node.state;
      const { blockHash } = last!;
      const message = commitPayload(height - 1n, blockHash, last!.viewId, true);
      const stale = wrapped(
        phase('commit', {
          height,
          viewId,
          blockHash: hexToBytes(blockHash),
          payload: testSign(testKey(3), message),
          senderKey: testKey(3),
        }),
      );
      net.at(1, () =>
        net.input(node, { type: 'message', now: net.clock(node), from: 'liar', payload: stale }),
      );
    }
    return node.id !== 3;
  };
  net.run(10_000);
  return net.heights();
}

describe('compat shows what guarded closes', () => {
  test('H2: a fork by delay alone', () => {
    expect(outcome(() => forkByDelay(compat))).toBe('I1');
    expect(outcome(() => forkByDelay(compat2026))).toBe('I1');
    expect(outcome(() => forkByDelay(guarded))).toBeUndefined();
  });

  test('H3, H6: a fork by one member that opens a view it does not lead', () => {
    expect(outcome(() => forkByOneMember(compat))).toBe('I1');
    expect(outcome(() => forkByOneMember(compat2026))).toBe('I1');
    expect(outcome(() => forkByOneMember(guarded))).toBeUndefined();
  });

  test('H4: a fork by a restart', () => {
    expect(outcome(() => forkByRestart(compat))).toBe('I1');
    expect(outcome(() => forkByRestart(guarded))).toBeUndefined();
  });

  test('H9: a halt by a vote for the block below', () => {
    expect(Math.max(...haltByStaleCommit(compat))).toBeLessThanOrEqual(3);
    expect(Math.max(...haltByStaleCommit(guarded))).toBeGreaterThan(20);
  });

  test('H5: a certificate of one member in NEWVIEW, until the releases of 2026', () => {
    const reasons = [compat, compat2026, guarded].map((profile): IgnoreReason | 'taken' => {
      const net = world(profile);
      net.filter = (_, effect) => effect.type !== 'propose';
      net.start();
      const node = net.nodes[0]!;
      net.runUntil(() => node.state.mode === 'view-changing', 5000);
      const block = blockOn(net, node, { viewId: 1n });
      const payload = encodePreparedClaim(block.hash, sealBy([2], 4, preparePayload(block.hash)));
      const message = newViewOf(2, 4, 1n, 2n, [1, 2, 3], [], { payload, block: block.bytes });
      const input = {
        type: 'message',
        now: net.clock(node),
        from: 'liar',
        payload: message,
      } as const;
      const effect = step(node.state, input).effects[0]!;
      return effect.type === 'ignore' ? effect.reason : 'taken';
    });
    expect(reasons).toEqual(['taken', 'bad-claim', 'bad-claim']);
  });
});

describe('profiles', () => {
  const config = {
    shardId: 0,
    publicKeys: [testKey(0)],
    leaders,
    timing: fastTiming,
    decoding: 'strict',
    aggregateVotes: true,
  } as const;

  test('guarded is the default', () => {
    expect(createState(config).config.profile).toBe(guarded);
  });

  test('compat signs only when asked explicitly', () => {
    expect(() => createState({ ...config, profile: compat })).toThrow(
      expect.objectContaining({ code: 'fbft/invalid-config' }),
    );
    expect(createState({ ...config, profile: compat, publicKeys: [] }).mode).toBe('idle');
    expect(createState({ ...config, profile: compat, allowUnsafeSigning: true }).mode).toBe('idle');
  });

  test('a network of compat nodes decides, through view changes as well', () => {
    const net = createSimulation({ seed: 3, nodes: 4, timing: fastTiming, profile: compat });
    net.start();
    expect(net.runUntil(() => net.reached(5), 5000)).toBe(true);
    net.crash(2);
    expect(
      net.runUntil(() => net.reached(12), 20_000),
      net.describe(),
    ).toBe(true);
    expect(net.nodes[0]!.mark).toBeUndefined();
  });
});
