import { ietfBls } from '@polyphony/bls';
import { bytesToPlainHex } from '@polyphony/primitives';
import { codeOf, seededRandom } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import {
  applyBeaconBlock,
  type BeaconParameters,
  type BeaconState,
  beaconWindows,
  composeBeaconField,
  contribute,
  contributionMessage,
  decodeBeaconState,
  encodeBeaconField,
  encodeBeaconState,
  nextBeaconEpoch,
  pendingDelay,
  requiredIterations,
  startBeacon,
  verifyContribution,
  wantsContribution,
} from '../src/beacon/index.js';
import { deriveDiscriminant, evaluateVdf } from '../src/vdf/index.js';
import { hashBls } from './support/hash-bls.js';
import { type Committee, committee, honestBlock } from './support/network.js';

const bls = hashBls();
const phaseOf = ({ stage }: BeaconState): string => stage.phase;

/** Runs to the end of the epoch with leaders in turn; skipped ones lose their turn to the next. */
function runEpoch(
  network: Committee,
  start: BeaconState,
  blocks: number,
  rules: {
    readonly silent?: readonly number[];
    readonly delayBlocks?: number;
    readonly onState?: (state: BeaconState) => BeaconState;
  } = {},
): BeaconState {
  const { silent = [], delayBlocks = 2, onState = (state) => state } = rules;
  const leaders = network.secretKeys.map((_, i) => i).filter((i) => !silent.includes(i));
  let state = start;
  let waited = 0;
  for (let block = 0; block < blocks; block++) {
    if (phaseOf(state) === 'delaying') waited += 1;
    state = onState(
      honestBlock(state, network, leaders[block % leaders.length]!, waited > delayBlocks),
    );
  }
  return state;
}

describe('an epoch', () => {
  const network = committee(bls, 4);
  const { parameters } = network.context;
  const start = startBeacon(parameters);

  test('collects from more than two thirds, combines, waits, settles', () => {
    const phases: string[] = [];
    const end = runEpoch(network, start, 16, {
      onState(state) {
        phases.push(phaseOf(state));
        return state;
      },
    });
    expect(phases).toEqual([
      'collecting',
      'collecting',
      'combining',
      'delaying',
      'delaying',
      'delaying',
      ...new Array(10).fill('settled'),
    ]);
    expect(end.stage).toMatchObject({ phase: 'settled', origin: 'delay' });
    const next = nextBeaconEpoch(end);
    expect(next).toMatchObject({ epoch: 1n, origin: 'delay', blocks: 0 });
    expect(next.seed).not.toEqual(start.seed);
  });

  test('epochs chain; the same history gives the same seeds, after a restart at any block too', () => {
    const run = (onState: (state: BeaconState) => BeaconState): string[] => {
      let state = start;
      return Array.from({ length: 5 }, () => {
        state = nextBeaconEpoch(runEpoch(network, state, 16, { onState }));
        return bytesToPlainHex(state.seed);
      });
    };
    const seeds = run((state) => state);
    expect(new Set(seeds).size).toBe(5);
    expect(run((state) => decodeBeaconState(encodeBeaconState(state)))).toEqual(seeds);
  });

  test('a leader without its contribution cannot propose; one that contributed needs nothing', () => {
    expect(codeOf(() => composeBeaconField(start, network.context, 0))).toBe(
      'randomness/invalid-beacon-field',
    );
    const nothing = { leader: 0, field: new Uint8Array(0) };
    expect(() => applyBeaconBlock(start, nothing, network.context)).toThrow(
      'leader 0 has not contributed',
    );
    const first = honestBlock(start, network, 0);
    expect(phaseOf(applyBeaconBlock(first, nothing, network.context))).toBe('collecting');
  });

  test('members may pass theirs to a leader, so one block can be enough', () => {
    const contributions = network.secretKeys.map((key, i) =>
      contribute(start, network.context, i, key),
    );
    for (const contribution of contributions) {
      expect(verifyContribution(start, network.context, contribution)).toBe(true);
    }
    const field = composeBeaconField(start, network.context, 1, {
      contributions: contributions.toReversed(),
    });
    expect(field).toHaveLength(1 + 4 * 98);
    const after = applyBeaconBlock(start, { leader: 1, field }, network.context);
    expect(phaseOf(after)).toBe('combining');
    expect(wantsContribution(after, 0)).toBe(false);
  });

  test('a signer that keeps its key signs the message', () => {
    const message = contributionMessage(start, network.context, network.context.keys[2]!);
    expect(bls.sign(message, network.secretKeys[2]!)).toEqual(
      contribute(start, network.context, 2, network.secretKeys[2]!).proof,
    );
  });

  test('no trust: what a leader makes up is refused', () => {
    const { context } = network;
    const refused = (state: BeaconState, field: Uint8Array, leader = 0): string => {
      expect(codeOf(() => applyBeaconBlock(state, { leader, field }, context))).toBe(
        'randomness/invalid-beacon-field',
      );
      try {
        applyBeaconBlock(state, { leader, field }, context);
      } catch (error) {
        return (error as Error).message.replace('the beacon does not take the block’s field: ', '');
      }
      return '';
    };
    const own = contribute(start, context, 0, network.secretKeys[0]!);
    const entry = (...contributions: (typeof own)[]): Uint8Array =>
      encodeBeaconField({ type: 'contributions', contributions });

    // Collecting.
    expect(refused(start, entry({ ...own, member: 1 }))).toMatch('member 1 does not verify');
    expect(refused(start, entry(own, { ...own, member: 9 }))).toMatch('member 9 does not verify');
    expect(refused(start, entry(own), 1)).toMatch('leader 1 has not contributed');
    const otherEpoch = contribute({ ...start, epoch: 1n }, context, 0, network.secretKeys[0]!);
    expect(refused(start, entry(otherEpoch))).toMatch('does not verify');
    const otherSeed = contribute(
      { ...start, seed: new Uint8Array(32) },
      context,
      0,
      network.secretKeys[0]!,
    );
    expect(refused(start, entry(otherSeed))).toMatch('does not verify');
    const otherChain = { ...context, parameters: { ...parameters, chainId: 7n } };
    const foreign = contribute(start, otherChain, 0, network.secretKeys[0]!);
    expect(refused(start, entry(foreign))).toMatch('does not verify');
    const combined = encodeBeaconField({ type: 'combined', combined: new Uint8Array(32) });
    expect(refused(start, combined)).toMatch('combined while contributions are collected');
    const first = applyBeaconBlock(start, { leader: 0, field: entry(own) }, context);
    expect(refused(first, entry(own))).toMatch('member 0 contributes again');

    // Combining: the value is due, and only it.
    const combining = honestBlock(honestBlock(first, network, 1), network, 2);
    expect(phaseOf(combining)).toBe('combining');
    for (const field of [new Uint8Array(0), combined, entry(own)]) {
      expect(refused(combining, field)).toMatch('the combined contributions are due');
    }

    // Delaying: a true result, or nothing.
    const delaying = honestBlock(combining, network, 3);
    const delay = pendingDelay(delaying, parameters)!;
    const result = evaluateVdf(delay);
    const bits = parameters.discriminantBits;
    const delayed = (bytes: Uint8Array): Uint8Array =>
      encodeBeaconField({ type: 'delayed', result: bytes }, bits);
    for (let at = 0; at < result.length; at++) {
      const changed = Uint8Array.from(result);
      changed[at]! ^= 1;
      refused(delaying, delayed(changed));
    }
    const shorter = evaluateVdf({ ...delay, iterations: delay.iterations - 1 });
    expect(refused(delaying, delayed(shorter))).toMatch('do not belong to the input');
    expect(refused(delaying, entry(own))).toMatch('contributions during the delay');
    expect(refused(delaying, new Uint8Array([3, 1, 2]))).toMatch('must be 20 bytes, got 2');

    // Settled: nothing more.
    const settled = applyBeaconBlock(delaying, { leader: 0, field: delayed(result) }, context);
    expect(refused(settled, delayed(result))).toMatch('the next seed is settled');
    expect(refused(settled, entry(own))).toMatch('the next seed is settled');
  });

  test('a kept discriminant serves; a wrong one is the verifier’s mistake, not the block’s', () => {
    const state = runEpoch(network, start, 4);
    const delay = pendingDelay(state, parameters)!;
    const discriminant = deriveDiscriminant(delay.seed, 64);
    const field = composeBeaconField(state, network.context, 0, { result: evaluateVdf(delay) });
    const apply = (known: bigint): BeaconState =>
      applyBeaconBlock(
        state,
        { leader: 0, field },
        { ...network.context, vdf: { discriminant: known } },
      );
    expect(phaseOf(apply(discriminant))).toBe('settled');
    expect(codeOf(() => apply(discriminant >> 1n))).toBe('randomness/invalid-discriminant');
  });
});

describe('faults', () => {
  const network = committee(bls, 7);
  const { parameters } = network.context;
  const start = startBeacon(parameters);

  test('less than a third withhold: the others are enough', () => {
    const end = runEpoch(network, start, 16, { silent: [1, 4] });
    expect(end.stage).toMatchObject({ origin: 'delay' });
  });

  test('a third or more withhold: the seed before is chained, marked, and all agree on it', () => {
    const end = runEpoch(network, start, 16, { silent: [1, 4, 6] });
    expect(end.stage).toMatchObject({ origin: 'too-few-contributions' });
    expect(end.stage).toEqual(runEpoch(network, start, 8, { silent: [0, 2, 3] }).stage);
    const next = nextBeaconEpoch(end);
    expect(next.origin).toBe('too-few-contributions');
    // The epoch after recovers.
    expect(runEpoch(network, next, 16).stage).toMatchObject({ origin: 'delay' });
  });

  test('the last block for contributions still counts', () => {
    let state = start;
    // Six blocks of two leaders, then the other three in the last two.
    for (let block = 0; block < 6; block++) state = honestBlock(state, network, block % 2);
    state = honestBlock(state, network, 2);
    expect(state.blocks).toBe(7);
    const contributions = [3, 4].map((i) =>
      contribute(state, network.context, i, network.secretKeys[i]!),
    );
    const field = composeBeaconField(state, network.context, 3, { contributions });
    const last = applyBeaconBlock(state, { leader: 3, field }, network.context);
    expect(phaseOf(last)).toBe('combining');
    expect(phaseOf(honestBlock(state, network, 3))).toBe('settled');
  });

  test('a delay that is late: the seed before is chained and marked; the result comes to nothing', () => {
    const end = runEpoch(network, start, 15, { delayBlocks: 99 });
    expect(end.stage).toMatchObject({ origin: 'late-delay' });
    // Both fallbacks give one seed: which of them it is cannot be chosen for its value.
    const few = runEpoch(network, start, 16, { silent: [1, 4, 6] });
    expect(end.stage.phase === 'settled' && end.stage.nextSeed).toEqual(
      few.stage.phase === 'settled' && few.stage.nextSeed,
    );
    expect(pendingDelay(end, parameters)).toBeUndefined();
    expect(runEpoch(network, start, 16, { delayBlocks: 99 }).stage).toEqual(end.stage);
  });

  test('a result in the last block for it counts', () => {
    const before = runEpoch(network, start, 14, { delayBlocks: 99 });
    expect(phaseOf(before)).toBe('delaying');
    expect(honestBlock(before, network, 0).stage).toMatchObject({ origin: 'delay' });
    expect(honestBlock(before, network, 0, false).stage).toMatchObject({ origin: 'late-delay' });
  });

  test('leaders that hold the result back only wait for an honest one', () => {
    let state = runEpoch(network, start, 6);
    for (const leader of [5, 6, 5, 6]) state = honestBlock(state, network, leader, false);
    expect(phaseOf(state)).toBe('delaying');
    expect(honestBlock(state, network, 0).stage).toMatchObject({ origin: 'delay' });
  });

  test('histories with random silence and slowness always settle, with the same seed for all', () => {
    const random = seededRandom(11);
    let state = start;
    let other = start;
    const origins = new Set<string>();
    for (let epoch = 0; epoch < 40; epoch++) {
      const silent = [0, 1, 2, 3, 4, 5, 6].filter(() => random.below(4) === 0);
      const rules = { silent: silent.slice(0, 6), delayBlocks: random.below(12) };
      state = nextBeaconEpoch(runEpoch(network, state, 16, rules));
      other = nextBeaconEpoch(
        runEpoch(network, other, 16, {
          ...rules,
          onState: (reached) => decodeBeaconState(encodeBeaconState(reached)),
        }),
      );
      expect(other).toEqual(state);
      origins.add(state.origin);
    }
    expect([...origins].sort()).toEqual(['delay', 'late-delay', 'too-few-contributions']);
  });
});

test('real keys, and a short epoch of eight blocks', () => {
  const network = committee(ietfBls(), 3, {
    ...beaconWindows(8),
    iterations: 300,
    discriminantBits: 512,
  });
  const end = runEpoch(network, startBeacon(network.context.parameters), 7);
  expect(end.stage).toMatchObject({ phase: 'settled', origin: 'delay' });
});

test('constants that make no sense are refused', () => {
  expect(beaconWindows(16)).toEqual({ contributionBlocks: 8, resultBlocks: 15 });
  expect(beaconWindows(5)).toEqual({ contributionBlocks: 2, resultBlocks: 4 });
  expect(codeOf(() => beaconWindows(4))).toBe('randomness/out-of-range');
  const { parameters } = committee(bls, 4).context;
  const wrong: readonly Partial<BeaconParameters>[] = [
    { contributionBlocks: 0 },
    { contributionBlocks: 14 },
    { resultBlocks: 9 },
    { iterations: 0 },
    { shardId: -1 },
    { chainId: -1n },
    { discriminantBits: 32 },
  ];
  for (const part of wrong) {
    expect(codeOf(() => startBeacon({ ...parameters, ...part }))).toBe('randomness/out-of-range');
  }
  // Ten turns of five seconds, twenty thousand squarings a second, a machine ten times as fast.
  expect(requiredIterations(50_000, 20_000, 10)).toBe(10_000_000);
  expect(codeOf(() => requiredIterations(500_000, 20_000, 10))).toBe('randomness/out-of-range');
});

test('calls that come too early or for nobody', () => {
  const network = committee(bls, 4);
  const state = startBeacon(network.context.parameters);
  expect(() => nextBeaconEpoch(state)).toThrow('collecting, but the epoch ends');
  const block = { leader: 4, field: new Uint8Array(0) };
  expect(codeOf(() => applyBeaconBlock(state, block, network.context))).toBe(
    'randomness/out-of-range',
  );
  const last = { ...runEpoch(network, state, 16), epoch: 2n ** 64n - 1n };
  expect(codeOf(() => nextBeaconEpoch(last))).toBe('randomness/out-of-range');
});
