/**
 * Members that lie. Each hole that the specification lists for the network's own node has a story
 * here that shows it closed; random liars and twins follow. The simulator checks agreement, votes
 * and evidence of all honest nodes after every step.
 */
import { concatBytes, type Hash, hexToBytes } from '@polyphony/primitives';
import { hostileBytes, mutateBytes, propertyRuns, seededRandom } from '@polyphony/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { uniformCommittee } from '../src/committee.js';
import { MAX_EARLY_MESSAGES, MAX_EARLY_PER_PEER } from '../src/limits.js';
import { step } from '../src/machine.js';
import type { LeaderSchedule } from '../src/ports.js';
import { encodePreparedClaim, preparePayload } from '../src/seal.js';
import { createSimulation } from '../src/simulator/simulation.js';
import type { SimNode, Simulation, SimulationOptions } from '../src/simulator/world.js';
import type { IgnoreReason } from '../src/types.js';
import {
  announceOf,
  blockOn,
  corrupt,
  emptyClaim,
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
import { testKey } from './support/test-only-bls.js';

const sim = (options: Partial<SimulationOptions> = {}): Simulation =>
  createSimulation({ seed: 5, nodes: 4, timing: fastTiming, ...options });

const eventsOf = (node: SimNode, type: string): unknown[] =>
  node.events.filter(({ event }) => event.type === type).map(({ event }) => event);

/** Gives a node one payload and returns why it was ignored, if it was. */
function ignored(net: Simulation, node: SimNode, payload: Uint8Array): IgnoreReason | undefined {
  const input = { type: 'message', now: net.clock(node), from: 'liar', payload } as const;
  const { state, effects } = step(node.state, input);
  const reasons = effects.flatMap((effect) => (effect.type === 'ignore' ? [effect.reason] : []));
  if (reasons.length === effects.length && !['repeated'].includes(reasons[0] ?? ''))
    expect([reasons, state === node.state]).toEqual([reasons, true]);
  return reasons[0];
}

/** Runs to the middle of a height: everybody in view `viewId` of height 1, nothing announced. */
function stopped(options: Partial<SimulationOptions> = {}): Simulation {
  const net = sim(options);
  net.filter = (_, effect) => effect.type !== 'propose';
  net.start();
  return net;
}

describe('the known holes, closed', () => {
  // Slot 1 leads views 1, 3 and 4, slot 2 leads view 2, slot 0 the others.
  const leaders: LeaderSchedule = {
    leaderAt: ({ viewId }) => (viewId === 2n ? 2 : viewId === 1n || viewId === 3n ? 1 : 0),
  };

  /**
   * View 1: only slot 1 knows that B1 is prepared. View 2: 0, 2 and 3 commit B2, which is final at
   * slot 2; COMMITTED is lost.
   */
  function delayed(): { net: Simulation; first: Hash; second: Hash } {
    const net = sim({ leaders });
    net.filter = (node, effect) =>
      !(
        (effect.type === 'broadcast' && effect.message === 'prepared' && node.id === 1) ||
        (effect.type === 'broadcast' && effect.message === 'committed')
      );
    net.start();
    net.runUntil(() => net.nodes[1]!.state.mark.lock !== undefined, 2000);
    const first = net.nodes[1]!.state.mark.lock!.blockHash;
    net.link = (from, to) => from !== 1 && to !== 1;
    net.runUntil(() => net.nodes[2]!.chain.length > 0, 5000);
    const second = net.nodes[2]!.chain[0]!.hash;
    expect(second).not.toBe(first);
    // Now slot 2 is away and slot 1 is back.
    net.link = (from, to) => from !== 2 && to !== 2;
    return { net, first, second };
  }

  test('H1, H2: an honest new leader with an old certificate carries the newest one', () => {
    const { net, second } = delayed();
    const done = () => [0, 1, 3].every((id) => net.nodes[id]!.chain.length > 0);
    net.filter = () => true;
    expect(net.runUntil(done, 20_000), net.describe()).toBe(true);
    expect(net.nodes.map((node) => node.chain[0]!.hash)).toEqual(Array(4).fill(second));
  });

  test('H2: a lying leader that carries the old certificate gets no vote', () => {
    const { net, first } = delayed();
    net.liars.add(1);
    const liar = net.nodes[1]!;
    const certificate = liar.state.certificate!;
    const payload = encodePreparedClaim(first, certificate.seal);
    // It has all M3 for view 3 and leaves the M1 of others out.
    net.filter = (node, effect) => !(node.id === 1 && effect.type === 'broadcast');
    const changing = () => [0, 3].every((id) => net.nodes[id]!.state.viewChangingId === 3n);
    net.runUntil(changing, 20_000);
    const claim = { payload, block: certificate.block };
    const message = newViewOf(1, 4, 1n, 3n, [0, 1, 3], [], claim);
    for (const id of [0, 3]) net.send(1, net.nodes[id]!, message);
    net.run(200);
    for (const id of [0, 3]) {
      expect(eventsOf(net.nodes[id]!, 'vote-refused')).toEqual([
        {
          type: 'vote-refused',
          phase: 'commit',
          height: 1n,
          blockHash: first,
          rule: 'prepared-later',
        },
      ]);
      expect(net.nodes[id]!.chain.length).toBe(0);
    }
    net.run(3000);
  });

  test('H3, H6: a leader that hides every M1 behind old M2 cannot fork', () => {
    const net = sim({ leaders });
    net.filter = (_, effect) => !(effect.type === 'broadcast' && effect.message === 'committed');
    net.start();
    // View 1: the block is final at its leader, slot 1, and locked everywhere.
    net.runUntil(() => net.nodes[1]!.chain.length > 0, 2000);
    net.run(100);
    net.liars.add(2);
    net.link = (from, to) => from !== 1 && to !== 1;
    net.filter = (node, effect) => !(node.id === 2 && effect.type === 'broadcast');
    const changing = () => [0, 3].every((id) => net.nodes[id]!.state.viewChangingId === 2n);
    net.runUntil(changing, 5000);
    // M2 covers one constant byte, so anyone's M2 of any height will do.
    const message = newViewOf(2, 4, 1n, 2n, [0, 2, 3], [0, 2, 3]);
    const other = blockOn(net, net.nodes[2]!, { viewId: 2n, nonce: 99n });
    for (const id of [0, 3]) {
      net.send(2, net.nodes[id]!, message);
      net.at(60, () => net.send(2, net.nodes[id]!, announceOf(2, 1n, 2n, other)));
    }
    net.run(300);
    for (const id of [0, 3]) {
      expect(net.nodes[id]!.state.viewId).toBe(2n);
      expect(eventsOf(net.nodes[id]!, 'vote-refused')).toEqual([
        {
          type: 'vote-refused',
          phase: 'prepare',
          height: 1n,
          blockHash: other.hash,
          rule: 'locked',
        },
      ]);
    }
    net.run(3000);
  });

  test('H4: a crash forgets nothing: no second vote, and the block is still carried', () => {
    const net = sim({ leaders });
    net.filter = (_, effect) => !(effect.type === 'broadcast' && effect.message === 'committed');
    net.start();
    net.runUntil(() => net.nodes[1]!.chain.length > 0, 2000);
    net.run(100);
    const final = net.nodes[1]!.chain[0]!.hash;
    net.filter = () => true;
    net.crash(0, 1, 2, 3).start(0, 2, 3);
    expect(net.runUntil(() => net.reached(1), 20_000)).toBe(true);
    for (const id of [0, 2, 3]) expect(net.nodes[id]!.chain[0]!.hash).toBe(final);
  });

  test('H5: a prepared claim of nobody', () => {
    const net = stopped();
    const node = net.nodes[0]!;
    net.runUntil(() => node.state.mode === 'view-changing', 5000);
    const block = blockOn(net, node, { viewId: 1n });
    const claim = { payload: emptyClaim(block.hash, 4), block: block.bytes };
    expect(ignored(net, node, newViewOf(2, 4, 1n, 2n, [1, 2, 3], [], claim))).toBe('bad-claim');
    const one = encodePreparedClaim(block.hash, sealBy([2], 4, preparePayload(block.hash)));
    const thin = newViewOf(2, 4, 1n, 2n, [1, 2, 3], [], { ...claim, payload: one });
    expect(ignored(net, node, thin)).toBe('bad-claim');
  });

  test('H6: NEWVIEW of another member than the leader of its view', () => {
    const net = stopped();
    const node = net.nodes[0]!;
    net.runUntil(() => node.state.mode === 'view-changing', 5000);
    const foreign = newViewOf(3, 4, 1n, 2n, [1, 2, 3], [1, 2, 3]);
    expect(ignored(net, node, foreign)).toBe('not-the-leader');
  });

  test('H7: NEWVIEW without M2 and with a short payload, or with none', () => {
    const net = stopped();
    const node = net.nodes[0]!;
    net.runUntil(() => node.state.mode === 'view-changing', 5000);
    for (const payload of [new Uint8Array(0), new Uint8Array(5), new Uint8Array(31)]) {
      const claim = { payload, block: new Uint8Array(payload.length) };
      expect(ignored(net, node, newViewOf(2, 4, 1n, 2n, [1, 2, 3], [], claim))).toBe('bad-claim');
    }
    const fewer = newViewOf(2, 4, 1n, 2n, [1, 2, 3], [2]);
    expect(ignored(net, node, fewer)).toBe('bad-claim');
    const outside = newViewOf(2, 4, 1n, 2n, [1, 2, 3], [0, 1, 2, 3]);
    expect(ignored(net, node, outside)).toBe('bad-bitmap');
    expect(ignored(net, node, newViewOf(2, 4, 1n, 2n, [1, 2], [1, 2]))).toBe('no-quorum');
  });

  test('H8: payloads without content', () => {
    const net = stopped();
    const head = Uint8Array.of(0x11, 0, 0, 0, 0);
    for (const payload of [head, head.subarray(0, 4), concatBytes(head, Uint8Array.of(0))])
      expect(ignored(net, net.nodes[0]!, payload)).toBe('malformed');
  });

  test('H9: a commit vote for the block before spoils nothing', () => {
    const net = sim().start();
    net.liars.add(3);
    net.filter = (node, effect) => {
      if (node.id !== 3 || effect.type !== 'broadcast' || effect.message !== 'commit') return true;
      const { state } = node;
      if (state.height < 2n) return true;
      const before = node.chain.at(-1)!;
      const vote = voteOf('commit', 3, state.height, state.viewId, before.hash, before.viewId);
      for (const other of net.nodes) if (other !== node) net.send(3, other, vote);
      return false;
    };
    expect(
      net.runUntil(() => net.reached(8), 20_000),
      net.describe(),
    ).toBe(true);
    for (const node of net.nodes)
      for (const event of eventsOf(node, 'height-decided'))
        expect((event as { signers: number }).signers).toBeGreaterThanOrEqual(3);
  });

  test('H9: a vote for another block of the height is not counted', () => {
    const net = stopped();
    const leader = net.nodes[1]!;
    net.filter = () => true;
    net.crash(1).start(1);
    net.runUntil(
      () => leader.state.phase === 'prepare' && leader.state.prepareVotes !== undefined,
      2000,
    );
    const other = blockOn(net, leader, { viewId: 1n, nonce: 7n });
    expect(ignored(net, leader, voteOf('prepare', 3, 1n, 1n, other.hash))).toBe('wrong-block');
  });

  test('H11: M3 of a lower height do not open a view that was passed', () => {
    const net = sim().start();
    net.runUntil(() => net.reached(3), 5000);
    const node = net.nodes[0]!;
    const { height, viewId } = node.state;
    const old = newViewOf(Number(viewId % 4n), 4, height, viewId, [1, 2, 3], [1, 2, 3]);
    expect(ignored(net, node, old)).toBe('old-view');
  });

  test('H14: a leader message in the name of a bitmap, with a signature of nobody', () => {
    const net = stopped();
    const node = net.nodes[0]!;
    for (const changing of [false, true]) {
      if (changing) net.runUntil(() => node.state.mode === 'view-changing', 5000);
      const block = blockOn(net, node, { viewId: 1n });
      for (const height of [1n, 500n]) {
        const message = phase('prepared', {
          height,
          viewId: node.state.viewId,
          signature: new Uint8Array(96),
          blockHash: hexToBytes(block.hash),
          block: block.bytes,
          payload: concatBytes(new Uint8Array(96), Uint8Array.of(0)),
          senderBitmap: Uint8Array.of(0x0f),
        });
        const reason = ignored(net, node, wrapped(message));
        expect(['malformed', 'not-a-member', 'bad-signature']).toContain(reason);
      }
    }
  });

  test('H15: nobody prepares a bad block; counted views do not wait for the timer', () => {
    const net = sim();
    net.liars.add(1);
    net.filter = (node, effect) => {
      if (node.id !== 1 || effect.type !== 'broadcast' || effect.message !== 'announce')
        return true;
      const block = blockOn(net, node, { viewId: node.state.viewId, bad: true });
      const message = announceOf(1, node.state.height, node.state.viewId, block);
      for (const other of net.nodes) if (other !== node) net.send(1, other, message);
      return false;
    };
    net.start();
    const start = net.now;
    expect(net.runUntil(() => net.reached(1, [0, 2, 3]), 20_000)).toBe(true);
    expect(net.now - start).toBeLessThan(fastTiming.phaseTimeoutMs);
    expect(net.nodes[0]!.state.mark.height).toBeGreaterThan(1n);
  });

  test('H16: a block whose header names another view is not prepared', () => {
    const net = sim();
    net.liars.add(1);
    net.filter = (node, effect) => {
      if (node.id !== 1 || effect.type !== 'broadcast' || effect.message !== 'announce')
        return true;
      const block = blockOn(net, node, { viewId: node.state.viewId + 1n });
      const message = announceOf(1, node.state.height, node.state.viewId, block);
      for (const other of net.nodes) if (other !== node) net.send(1, other, message);
      return false;
    };
    net.start();
    net.run(300);
    for (const id of [0, 2, 3])
      expect(eventsOf(net.nodes[id]!, 'vote-refused')).toMatchObject([{ rule: 'wrong-view' }]);
    expect(net.runUntil(() => net.reached(1, [0, 2, 3]), 20_000)).toBe(true);
  });

  test('H19: claims of great heights are hints and stop nothing', () => {
    const net = sim();
    net.liars.add(3);
    const hints: bigint[] = [];
    net.filter = (node, effect) => {
      if (node.id === 0 && effect.type === 'sync') hints.push(effect.hint.height);
      if (node.id !== 3 || effect.type !== 'broadcast') return true;
      const block = blockOn(net, node, { viewId: 1n });
      for (const height of [3n, 50n, 1_000_000n, (1n << 64n) - 1n]) {
        const seal = sealBy([3], 4, preparePayload(block.hash));
        const claim = preparedOf(3, height, 1n, block, seal);
        for (const other of net.nodes) if (other !== node) net.send(3, other, claim);
      }
      return false;
    };
    net.start();
    expect(
      net.runUntil(() => net.reached(5, [0, 1, 2]), 20_000),
      net.describe(),
    ).toBe(true);
    expect(hints.length).toBeGreaterThan(0);
    for (const height of hints) expect(height).toBeLessThan(300n);
  });

  test('H20: sign-power messages change nothing', () => {
    const net = stopped();
    const message = sealed({
      type: 'last-sign-power',
      signature: new Uint8Array(0),
      prepare: 1n,
      commit: 1n,
      change: 1n,
      senderKey: testKey(3),
      shardId: 0,
    });
    expect(ignored(net, net.nodes[0]!, message)).toBe('metric');
  });
});

describe('liars in office', () => {
  test('two blocks announced at once: no fork, and the next leader goes on', () => {
    const net = sim();
    net.liars.add(1);
    let sent = false;
    net.filter = (node, effect) => {
      if (node.id !== 1 || effect.type !== 'broadcast' || effect.message !== 'announce')
        return true;
      if (sent) return true;
      sent = true;
      const { height, viewId } = node.state;
      const other = announceOf(1, height, viewId, blockOn(net, node, { viewId, nonce: 5n }));
      net.send(1, net.nodes[0]!, effect.payload);
      net.send(1, net.nodes[2]!, other);
      net.send(1, net.nodes[3]!, effect.payload);
      net.at(60, () => {
        for (const id of [0, 3]) net.send(1, net.nodes[id]!, other);
      });
      return false;
    };
    net.start();
    net.run(150);
    expect(eventsOf(net.nodes[0]!, 'leader-equivocated').length).toBe(1);
    expect(
      net.runUntil(() => net.reached(4, [0, 2, 3]), 20_000),
      net.describe(),
    ).toBe(true);
  });

  test('another block under the hash of a good one does not shut the good one out', () => {
    const net = sim();
    net.liars.add(1);
    net.filter = (node, effect) => {
      if (node.id !== 1 || effect.type !== 'broadcast' || effect.message !== 'announce')
        return true;
      const good = unwrapped(effect.payload);
      if (good.type !== 'announce') return true;
      const bad = blockOn(net, node, { viewId: node.state.viewId, bad: true });
      const forged = sealed({ ...good, block: bad.bytes });
      net.send(1, net.nodes[0]!, forged);
      for (const id of [2, 3]) net.send(1, net.nodes[id]!, effect.payload);
      return false;
    };
    net.start();
    // 1, 2 and 3 are a quorum; 0 gets the good block with PREPARED.
    expect(
      net.runUntil(() => net.reached(1), 400),
      net.describe(),
    ).toBe(true);
    expect(eventsOf(net.nodes[0]!, 'block-refused').length).toBe(1);
  });

  test('COMMITTED kept from most, block final at the liar and one other', () => {
    const net = sim();
    net.liars.add(1);
    net.filter = (node, effect) => {
      if (node.id !== 1 || effect.type !== 'broadcast' || effect.message !== 'committed')
        return true;
      net.send(1, net.nodes[0]!, effect.payload);
      net.crash(1);
      return false;
    };
    net.start();
    expect(
      net.runUntil(() => net.reached(3, [0, 2, 3]), 20_000),
      net.describe(),
    ).toBe(true);
  });

  test('commit votes for two blocks of one view are reported by every node that sees both', () => {
    const net = sim();
    net.liars.add(3);
    net.filter = (node, effect) => {
      if (node.id !== 3 || effect.type !== 'broadcast' || effect.message !== 'commit') return true;
      const { height, viewId } = node.state;
      const other = blockOn(net, node, { viewId, nonce: 4n });
      for (const id of [0, 1, 2]) {
        net.send(3, net.nodes[id]!, effect.payload);
        net.send(3, net.nodes[id]!, voteOf('commit', 3, height, viewId, other.hash));
        net.send(3, net.nodes[id]!, voteOf('commit', 3, height, viewId, other.hash));
      }
      return false;
    };
    net.start();
    net.runUntil(() => net.reached(1), 5000);
    const reporters = net.evidence.filter(({ evidence }) => evidence.height === 1n);
    expect(reporters.map(({ node }) => node).sort()).toEqual([0, 1, 2]);
    expect(reporters[0]!.evidence.key).toEqual(testKey(3));
  });

  test('a forged vote in the name of an honest member is no evidence and hides none', () => {
    const net = stopped();
    const node = net.nodes[0]!;
    const feed = (payload: Uint8Array): void =>
      net.input(node, { type: 'message', now: net.now, from: 'liar', payload });
    net.liars.add(3);
    const hash = (nonce: bigint): Hash => blockOn(net, node, { viewId: 1n, nonce }).hash;
    const forged = unwrapped(voteOf('commit', 3, 1n, 1n, hash(1n)));
    if (forged.type !== 'commit') throw new Error('not a vote');
    feed(wrapped({ ...forged, payload: new Uint8Array(96).fill(9) }));
    feed(voteOf('commit', 3, 1n, 1n, hash(2n)));
    net.run(10);
    expect(net.evidence).toEqual([]);
    feed(voteOf('commit', 3, 1n, 1n, hash(3n)));
    net.run(10);
    expect(net.evidence.map(({ evidence }) => evidence.first.blockHash)).toEqual([hash(2n)]);
    // Once is enough.
    feed(voteOf('commit', 3, 1n, 1n, hash(4n)));
    net.run(10);
    expect(net.evidence.length).toBe(1);
  });

  test('reports of a view by a third or less move nobody, whatever they ask for', () => {
    const net = sim();
    net.start();
    net.liars.add(3);
    const pester = (): void => {
      for (const node of net.nodes.slice(0, 3)) {
        const { height, viewId } = node.state;
        for (const ahead of [1n, 7n, 200n])
          net.send(3, node, viewChangeOf(3, height, viewId + ahead, Number((viewId + ahead) % 4n)));
      }
      net.at(20, pester);
    };
    pester();
    expect(
      net.runUntil(() => net.reached(9, [0, 1, 2]), 20_000),
      net.describe(),
    ).toBe(true);
    for (const id of [0, 1, 2]) expect(eventsOf(net.nodes[id]!, 'view-change-started')).toEqual([]);
  });
});

describe('floods and nonsense', () => {
  test('early messages are bounded for each peer and in all, and a quiet peer keeps its place', () => {
    const net = stopped();
    const node = net.nodes[0]!;
    const early = (from: string, nonce: number): void => {
      const block = blockOn(net, node, { viewId: 2n, height: 2n, nonce: BigInt(nonce) });
      const payload = announceOf(2, 2n, 2n, block);
      net.input(node, { type: 'message', now: net.now, from, payload });
    };
    early('quiet', 0);
    for (let i = 1; i < 100; i++) early('loud', i);
    expect(node.state.early.filter(({ from }) => from === 'loud').length).toBe(MAX_EARLY_PER_PEER);
    for (let peer = 0; peer < 40; peer++)
      for (let i = 0; i < 20; i++) early(`peer-${peer}`, 1000 + peer * 100 + i);
    expect(node.state.early.length).toBe(MAX_EARLY_MESSAGES);
    expect(node.state.early[0]!.from).toBe('quiet');
  });

  test('hostile and mutated bytes leave the state as it was', () => {
    const net = sim();
    const seen: Uint8Array[] = [];
    net.filter = (_, effect) => {
      if (effect.type === 'broadcast') seen.push(effect.payload);
      return true;
    };
    net.start();
    net.runUntil(() => net.reached(2), 5000);
    net.crash(2);
    net.run(700);
    const random = seededRandom(11);
    const inputs = [...hostileBytes.map(([, bytes]) => bytes), ...seen];
    for (let i = 0; i < 1500; i++) inputs.push(mutateBytes(random.pick(seen), random));
    const unchanged = new Set<IgnoreReason>([
      'malformed',
      'not-consensus',
      'wrong-shard',
      'old-height',
      'far-height',
      'old-view',
      'far-view',
      'not-a-member',
      'not-the-leader',
      'bad-bitmap',
      'no-quorum',
      'bad-claim',
      'bad-signature',
      'mixed-operators',
    ]);
    for (const node of net.nodes) {
      for (const payload of inputs) {
        const before = node.state;
        const input = { type: 'message', now: net.now, from: 'liar', payload } as const;
        const { state, effects } = step(before, input);
        const only = effects.length === 1 && effects[0]!.type === 'ignore' ? effects[0] : undefined;
        if (only?.type === 'ignore' && unchanged.has(only.reason))
          expect([only.reason, state === before]).toEqual([only.reason, true]);
        for (const effect of effects)
          expect(['verify', 'ignore', 'broadcast', 'sync']).toContain(effect.type);
      }
    }
  });
});

describe('random liars', () => {
  const run = (seed: number, nodes: number, liars: number): Simulation => {
    const net = createSimulation({
      seed,
      nodes,
      timing: fastTiming,
      faults: {
        delay: [2, 30],
        loss: 0.02,
        repeat: 0.05,
        disk: [1, 3],
        validate: [1, 5],
        propose: [1, 5],
      },
    });
    const random = seededRandom(seed ^ 0x5eed);
    const ids = Array.from({ length: liars }, (_, i) => (seed + i) % nodes);
    corrupt(net, ids, random);
    net.start();
    for (let i = 0; i < 12; i++) {
      net.run(150);
      const node = net.nodes[random.below(nodes)]!;
      if (random.below(4) === 0 && node.alive) net.crash(node.id);
      for (const other of net.nodes) if (!other.alive && random.below(2) === 0) net.start(other.id);
    }
    return net;
  };

  test('one of four', () => {
    fc.assert(
      fc.property(fc.nat(0xffffff), (seed) => {
        run(seed, 4, 1);
      }),
      propertyRuns(25),
    );
  });

  test('two of seven', () => {
    fc.assert(
      fc.property(fc.nat(0xffffff), (seed) => {
        run(seed, 7, 2);
      }),
      propertyRuns(8),
    );
  });
});

test('twins: two honest copies of one key, cut apart in all ways, do not fork the others', () => {
  fc.assert(
    fc.property(fc.nat(0xffffff), (seed) => {
      // Five nodes, four keys: nodes 0 and 4 share one.
      const net = createSimulation({
        seed,
        nodes: 5,
        timing: fastTiming,
        keysOf: (node) => [node === 4 ? 0 : node],
        committeeAt: () => uniformCommittee([0, 1, 2, 3].map(testKey)),
      });
      net.liars.add(0).add(4);
      const random = seededRandom(seed);
      net.start();
      for (let i = 0; i < 8; i++) {
        const side = net.nodes.map(() => random.below(2));
        net.link = (from, to) => side[from] === side[to];
        net.run(100 + random.below(500));
      }
    }),
    propertyRuns(25),
  );
});
