import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import {
  ACTIVATIONS,
  type Activation,
  activationEpoch,
  BLOOM_BUNDLE,
  isActive,
} from '../src/activations.js';
import { networkOf } from './networks.js';

const cases = loadVectors<
  { readonly network: string; readonly activation: Activation },
  { readonly epoch: string | null }
>(import.meta.url, 'activations', { in: ['network', 'activation'], out: ['epoch'] });

const UINT64_MAX = 2n ** 64n - 1n;

describe('activation epochs', () => {
  test.each(cases)('$name', ({ in: { network: name, activation }, out }) => {
    const network = networkOf(name);
    const epoch = out!.epoch === null ? undefined : BigInt(out!.epoch);
    expect(activationEpoch(network, activation)).toBe(epoch);
    if (epoch === undefined) {
      expect(isActive(network, activation, 0n)).toBe(false);
      expect(isActive(network, activation, 10_000_000n)).toBe(false);
      expect(isActive(network, activation, UINT64_MAX)).toBe(false);
      return;
    }
    expect(isActive(network, activation, epoch - 1n)).toBe(false);
    expect(isActive(network, activation, epoch)).toBe(true);
    expect(isActive(network, activation, epoch + 1n)).toBe(true);
    expect(isActive(network, activation, UINT64_MAX)).toBe(true);
  });

  test('the file has every rule of every Harmony network', () => {
    const names = new Set(cases.map((entry) => `${entry.in.network} ${entry.in.activation}`));
    for (const network of ['mainnet', 'testnet', 'partner', 'pangaea', 'stressnet', 'localnet'])
      for (const activation of ACTIVATIONS) expect(names).toContain(`${network} ${activation}`);
  });
});

describe('the Bloom rule', () => {
  test('23 rules are bundled', () => {
    expect(BLOOM_BUNDLE.size).toBe(23);
  });

  const withEpochs = (bloom: bigint | undefined, own: bigint | undefined) => ({
    activations: {
      ...networkOf('mainnet').activations,
      bloom,
      leaderRotationV2: own,
      doubleSignSlash: own,
    },
  });

  test.each([
    [5n, 9n, 5n],
    [9n, 5n, 5n],
    [5n, 5n, 5n],
    [5n, undefined, 5n],
    [undefined, 5n, 5n],
    [undefined, undefined, undefined],
    [0n, 7n, 0n],
  ])('Bloom %s, own %s: a bundled rule is active from %s', (bloom, own, epoch) => {
    expect(activationEpoch(withEpochs(bloom, own), 'leaderRotationV2')).toBe(epoch);
  });

  test('a rule outside the bundle has its own epoch only', () => {
    expect(activationEpoch(withEpochs(5n, 9n), 'doubleSignSlash')).toBe(9n);
    expect(activationEpoch(withEpochs(5n, undefined), 'doubleSignSlash')).toBeUndefined();
  });
});
