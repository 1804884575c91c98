/** Messages taken in together lead to what they lead to one by one, and change nothing that others hold. */
import { propertyRuns, seededRandom } from '@polyphony/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodePayload } from '../src/decoded.js';
import { step } from '../src/machine.js';
import { compat, guarded, type Profile, strict } from '../src/profile.js';
import type { Effect, PeerMessage, State } from '../src/types.js';
import { damaged, overhear } from './support/fuzz.js';

/** Votes for another block, by whoever cast these. */
function contradicting(payloads: readonly Uint8Array[], profile: Profile): Uint8Array[] {
  return payloads.flatMap((payload) => {
    const decoded = decodePayload(payload, { profile, decoding: 'strict' });
    if (decoded.problem !== undefined) return [];
    const { message } = decoded;
    if (message.type !== 'prepare' && message.type !== 'commit') return [];
    const other = Uint8Array.from(payload);
    other[message.blockHash.byteOffset - payload.byteOffset]! ^= 1;
    return [other];
  });
}

/** What a state holds, with what its maps and tallies see. */
function contentOf(state: State): unknown {
  const { watch, prepareVotes, commitVotes, ...rest } = state;
  const seen = [prepareVotes, commitVotes].map((tally) => [tally?.signers, tally?.ballots]);
  return { ...rest, config: 0, watch: watch.entries(), size: watch.size, seen };
}

test.each([compat, guarded, strict])('$name: together as one by one', (profile) => {
  const { payloads: said, states } = overhear(profile);
  const decoding = 'strict';
  const all = [...said, ...contradicting(said, profile)];
  const heightOf = (payload: Uint8Array): bigint | undefined => {
    const decoded = decodePayload(payload, { profile, decoding });
    return decoded.problem === undefined && 'height' in decoded.message
      ? decoded.message.height
      : undefined;
  };
  const heights = all.map(heightOf);
  let watched = 0;
  let contradictions = 0;
  let mattered = 0;
  fc.assert(
    fc.property(
      fc.nat(states.length - 1),
      fc.nat(),
      fc.integer({ min: 1, max: 40 }),
      (at, seed, length) => {
        const random = seededRandom(seed);
        const before = states[at]!;
        // Mostly what is said at the height of this state, whole or with bytes changed; now and then twice.
        const near = all.filter((_, i) => heights[i] === before.height);
        const payloads = near.length > 0 && random.below(4) > 0 ? near : all;
        const messages = Array.from({ length }, (): PeerMessage => {
          const payload = random.below(3) > 0 ? random.pick(payloads) : damaged(payloads, random);
          const from = `p${random.below(5)}`;
          if (random.below(2) === 0) return { from, payload };
          return { from, payload, decoded: decodePayload(payload, { profile, decoding }) };
        });
        const now = before.head!.timestampMs + 1000;
        const held = contentOf(before);
        const together = step(before, { type: 'messages', now, messages });
        expect(contentOf(before)).toEqual(held);
        let state = before;
        const effects: Effect[] = [];
        for (const message of messages) {
          const one = step(state, { type: 'message', now, ...message });
          state = one.state;
          effects.push(...one.effects);
        }
        expect(together.effects).toEqual(effects);
        expect(contentOf(together.state)).toEqual(contentOf(state));
        watched += together.state.watch.size - before.watch.size;
        for (const effect of effects)
          if (effect.type === 'verify' && effect.item.type === 'double-sign') contradictions++;
        mattered += effects.filter(({ type }) => type !== 'ignore').length;
      },
    ),
    propertyRuns(150),
  );
  expect(mattered).toBeGreaterThan(0);
  if (profile.watchesDoubleSigns === 'everybody') {
    expect(watched).toBeGreaterThan(0);
    expect(contradictions).toBeGreaterThan(0);
  }
});

test('no messages lead to nothing', () => {
  const { states } = overhear(guarded);
  const result = step(states[0]!, { type: 'messages', now: 1, messages: [] });
  expect(result).toEqual({ state: states[0]!, effects: [] });
  expect(result.state).toBe(states[0]);
});
