import { sha256 } from '@noble/hashes/sha2.js';
import { uint32ToBytes } from '@polyphony/primitives';
import {
  applyBeaconBlock,
  type BeaconState,
  composeBeaconField,
  contribute,
  nextBeaconEpoch,
  pendingDelay,
  startBeacon,
} from '../../src/beacon/index.js';
import {
  bigintArithmetic,
  deriveDiscriminant,
  encodeForm,
  evaluateVdf,
} from '../../src/vdf/index.js';
import { hashBls } from './hash-bls.js';
import { committee } from './network.js';

/**
 * What the last contributor can do in its turn. It likes seeds whose first bit is 0, knows what all
 * before it contributed, and holds its block back when it dislikes what would come of it; then the
 * member after it, whose contribution it cannot know, takes the turn.
 */
export type Strategy =
  /** Contributes. */
  | 'honest'
  /** Looks at the combined value, as if that were the seed: a beacon without a delay. */
  | 'no delay'
  /** Squares for a quarter of the delay, and guesses from what it has. */
  | 'a quarter of the delay'
  /** Squares to the end: a machine so fast that the delay fits its turn. */
  | 'the whole delay'
  /** With a third of the members silent, chooses the fallback when it likes that better. */
  | 'a third silent';

/** Share of epochs whose seed the attacker liked. Equal numbers give equal histories. */
export function likedShare(strategy: Strategy, epochs: number, seed: number): number {
  const network = committee(hashBls(), 4, { iterations: 40 });
  const { context, secretKeys } = network;
  const { parameters } = context;
  const likes = (value: Uint8Array): boolean => value[0]! < 128;

  const contributed = (state: BeaconState, member: number): BeaconState => {
    const contributions = [contribute(state, context, member, secretKeys[member]!)];
    const field = composeBeaconField(state, context, member, { contributions });
    return applyBeaconBlock(state, { leader: member, field }, context);
  };

  /** Lets the beacon run on after the collection. */
  const finish = (combining: BeaconState): BeaconState => {
    const leader = 0;
    const sealed = composeBeaconField(combining, context, leader);
    const delaying = applyBeaconBlock(combining, { leader, field: sealed }, context);
    const delay = pendingDelay(delaying, parameters)!;
    const vdf = { discriminant: deriveDiscriminant(delay.seed, 64) };
    const field = composeBeaconField(delaying, context, leader, {
      result: evaluateVdf(delay, vdf),
    });
    return applyBeaconBlock(delaying, { leader, field }, { ...context, vdf });
  };

  /** The seed if nobody contributes any more. */
  const giveUp = (state: BeaconState): BeaconState => {
    let silent = state;
    while (silent.stage.phase === 'collecting') {
      silent = applyBeaconBlock(silent, { leader: 0, field: new Uint8Array(0) }, context);
    }
    return silent;
  };

  const seedOf = ({ stage }: BeaconState): Uint8Array =>
    stage.phase === 'settled'
      ? stage.nextSeed
      : stage.phase === 'combining'
        ? stage.combined
        : new Uint8Array(0);

  const guess = (combining: BeaconState, squarings: number): Uint8Array => {
    const discriminant = deriveDiscriminant(seedOf(combining), 64);
    const reached = bigintArithmetic.openGroup(discriminant).square({ a: 2n, b: 1n }, squarings);
    return sha256(encodeForm(reached, discriminant));
  };

  const isLiked = (before: BeaconState, after: BeaconState): boolean => {
    switch (strategy) {
      case 'honest':
        return true;
      case 'no delay':
        return likes(seedOf(after));
      case 'a quarter of the delay':
        return likes(guess(after, parameters.iterations / 4));
      case 'the whole delay':
        return likes(seedOf(finish(after)));
      case 'a third silent':
        return !likes(seedOf(giveUp(before)));
    }
  };

  let liked = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const start = startBeacon(parameters, sha256(uint32ToBytes(seed + epoch)));
    const before = contributed(contributed(start, 0), 1);
    const after = contributed(before, 2);
    const closed = isLiked(before, after)
      ? after
      : strategy === 'a third silent'
        ? giveUp(before)
        : contributed(before, 3);
    const end =
      strategy === 'no delay' || closed.stage.phase === 'settled' ? closed : finish(closed);
    if (strategy !== 'no delay') nextBeaconEpoch(end);
    if (likes(seedOf(end))) liked += 1;
  }
  return liked / epochs;
}

/** Shares that theory gives. */
export const EXPECTED: Readonly<Record<Strategy, number>> = {
  honest: 0.5,
  'no delay': 0.75,
  'a quarter of the delay': 0.5,
  'the whole delay': 0.75,
  'a third silent': 0.75,
};

/** Standard deviation of a share over a number of epochs. */
export function deviation(share: number, epochs: number): number {
  return Math.sqrt((share * (1 - share)) / epochs);
}
