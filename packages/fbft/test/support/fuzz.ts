/**
 * Damaged messages for decoders and for the machine: what a network of the profile really said, with
 * bytes flipped, cut, doubled and swapped, now and then with two messages spliced.
 */
import { isProtocolError } from '@polyphony/primitives';
import { mutateBytes, type SeededRandom, seededRandom } from '@polyphony/testkit';
import { step } from '../../src/machine.js';
import type { Profile } from '../../src/profile.js';
import { checkState } from '../../src/simulator/checks.js';
import { createSimulation } from '../../src/simulator/simulation.js';
import type { State } from '../../src/types.js';
import { fastTiming } from './schedules.js';

/** What a network said through blocks, a dead leader and a view change, and some of its states. */
export function overhear(profile: Profile): { payloads: Uint8Array[]; states: State[] } {
  const net = createSimulation({
    seed: 11,
    nodes: 4,
    timing: fastTiming,
    profile,
    keysOf: (id) => [id, 100 + id],
  });
  const payloads: Uint8Array[] = [];
  const states: State[] = [];
  net.filter = (_, effect) => {
    if (effect.type === 'broadcast') payloads.push(effect.payload);
    return true;
  };
  net.start();
  net.runUntil(() => net.reached(2), 5000);
  states.push(net.nodes[0]!.state, net.nodes[1]!.state);
  net.crash(net.leaderOf(net.nodes[0]!) === 0 ? 0 : 1);
  for (let i = 0; i < 12; i++) {
    net.run(90);
    for (const node of net.nodes) if (node.alive && i % 3 === 0) states.push(node.state);
  }
  return { payloads: payloads.slice(-160), states };
}

/** A payload of the pool, damaged. */
export function damaged(pool: readonly Uint8Array[], random: SeededRandom): Uint8Array {
  const payload = random.pick(pool);
  if (random.below(8) > 0) return mutateBytes(payload, random);
  const other = random.pick(pool);
  const cut = random.below(payload.length);
  const spliced = new Uint8Array(cut + Math.max(0, other.length - cut));
  spliced.set(payload.subarray(0, cut));
  spliced.set(other.subarray(cut), cut);
  // The envelope's length fits again, so that what is inside gets looked at.
  if (spliced.length > 5) new DataView(spliced.buffer).setUint32(1, spliced.length - 5);
  return spliced;
}

/** Decodes damaged bytes; only the project's own errors may come out. Returns how many decoded. */
export function fuzzDecoder(
  decode: (bytes: Uint8Array) => unknown,
  pool: readonly Uint8Array[],
  runs: number,
  seed: number,
): number {
  const random = seededRandom(seed);
  let decoded = 0;
  for (let i = 0; i < runs; i++) {
    const bytes = damaged(pool, random);
    try {
      decode(bytes);
      decoded++;
    } catch (error) {
      if (!isProtocolError(error)) throw new Error(`seed ${seed}, run ${i}`, { cause: error });
    }
  }
  return decoded;
}

/**
 * Gives a machine damaged messages, and says that all their signatures are right, which no peer can
 * make so. Nothing may throw or be kept beyond the bounds. Returns how many led anywhere.
 */
export function fuzzStep(profile: Profile, runs: number, seed: number): number {
  const { payloads, states } = overhear(profile);
  const random = seededRandom(seed);
  let state = states[0]!;
  let mattered = 0;
  for (let i = 0; i < runs; i++) {
    if (i % 500 === 0) state = states[(i / 500) % states.length]!;
    const now = state.head!.timestampMs + 1000 + i;
    const payload = random.below(12) === 0 ? random.pick(payloads) : damaged(payloads, random);
    const queue = [
      { type: 'message', now, from: `p${random.below(40)}`, payload } as const,
    ] as Parameters<typeof step>[1][];
    for (let input = queue.shift(), depth = 0; input && depth < 6; input = queue.shift(), depth++) {
      const before = state;
      let effects: ReturnType<typeof step>['effects'];
      try {
        ({ state, effects } = step(before, input));
      } catch (error) {
        throw new Error(`${profile.name}: seed ${seed}, run ${i} threw`, { cause: error });
      }
      checkState(0, before, state);
      for (const effect of effects) {
        if (effect.type !== 'ignore') mattered++;
        if (effect.type === 'verify')
          queue.push({
            type: 'verified',
            now,
            item: effect.item,
            results: effect.checks.map(() => true),
          });
      }
    }
  }
  return mattered;
}
