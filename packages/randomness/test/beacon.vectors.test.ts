import { type BlsSuite, harmonyBls, ietfBls } from '@polyphony/bls';
import { bytesToPlainHex, hexToBytes } from '@polyphony/primitives';
import { loadVectors } from '@polyphony/testkit';
import { expect, test } from 'vitest';
import {
  applyBeaconBlock,
  type BeaconState,
  composeBeaconField,
  contribute,
  contributionInput,
  pendingDelay,
  startBeacon,
} from '../src/beacon/index.js';
import { evaluateVdf } from '../src/vdf/index.js';

interface In {
  readonly suite: BlsSuite;
  readonly chainId: string;
  readonly shardId: number;
  readonly epoch: string;
  readonly seed: string;
  readonly iterations: number;
  readonly discriminantBits: number;
  readonly secretKeys: readonly string[];
  readonly leaders: readonly number[];
  readonly fields: readonly string[];
}
interface Out {
  readonly input: string;
  readonly combined: string;
  readonly nextSeed: string;
  readonly fallbackSeed: string;
}

test.each(
  loadVectors<In, Out>(import.meta.url, 'beacon-epoch', {
    in: [
      'suite',
      'chainId',
      'shardId',
      'epoch',
      'seed',
      'iterations',
      'discriminantBits',
      'secretKeys',
      'leaders',
      'fields',
    ],
    out: ['input', 'combined', 'nextSeed', 'fallbackSeed'],
  }),
)('$name', ({ in: given, out }) => {
  const bls = given.suite === 'ietf' ? ietfBls() : harmonyBls();
  const secretKeys = given.secretKeys.map((key) => hexToBytes(key));
  const { shardId, iterations, discriminantBits } = given;
  const context = {
    bls,
    keys: secretKeys.map((key) => bls.getPublicKey(key)),
    parameters: {
      chainId: BigInt(given.chainId),
      shardId,
      iterations,
      discriminantBits,
      contributionBlocks: 8,
      resultBlocks: 15,
    },
  };
  const start: BeaconState = {
    ...startBeacon(context.parameters),
    ...(given.epoch === '0' ? {} : { epoch: BigInt(given.epoch), seed: hexToBytes(given.seed) }),
  };
  expect(bytesToPlainHex(start.seed)).toBe(given.seed);
  expect(bytesToPlainHex(contributionInput(start, context.parameters))).toBe(out!.input);

  let state = start;
  for (const [i, field] of given.fields.entries()) {
    const leader = given.leaders[i]!;
    const bytes = hexToBytes(field);
    // The same field is composed from what its leader has.
    const members = new Set<number>();
    if (bytes[0] === 1) {
      for (let at = 1; at < bytes.length; at += 98) members.add(bytes[at]! * 256 + bytes[at + 1]!);
    }
    const delay = pendingDelay(state, context.parameters);
    const offer = {
      contributions: [...members].map((member) =>
        contribute(start, context, member, secretKeys[member]!),
      ),
      ...(delay === undefined ? {} : { result: evaluateVdf(delay) }),
    };
    expect(bytesToPlainHex(composeBeaconField(state, context, leader, offer))).toBe(field);
    state = applyBeaconBlock(state, { leader, field: bytes }, context);
    if (state.stage.phase === 'combining') {
      expect(bytesToPlainHex(state.stage.combined)).toBe(out!.combined);
    }
  }
  expect(state.stage).toMatchObject({ phase: 'settled', origin: 'delay' });
  expect(state.stage.phase === 'settled' && bytesToPlainHex(state.stage.nextSeed)).toBe(
    out!.nextSeed,
  );

  // The same epoch in which only the first leader contributes.
  let alone = start;
  const leader = given.leaders[0]!;
  const own = contribute(start, context, leader, secretKeys[leader]!);
  for (let block = 0; block < 8; block++) {
    const field = composeBeaconField(alone, context, leader, { contributions: [own] });
    alone = applyBeaconBlock(alone, { leader, field }, context);
  }
  expect(alone.stage.phase === 'settled' && bytesToPlainHex(alone.stage.nextSeed)).toBe(
    out!.fallbackSeed,
  );
});
