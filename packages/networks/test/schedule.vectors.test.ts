import { formatDec } from '@polyphony/primitives';
import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { epochOfBlock, isLastBlockOfEpoch, lastBlockOfEpoch } from '../src/schedule.js';
import { shardingAt } from '../src/sharding.js';
import { networkOf } from './networks.js';

const schedule = loadVectors<
  { readonly network: string; readonly block?: string; readonly epoch?: string },
  { readonly epoch?: string; readonly isLastBlock?: boolean; readonly lastBlock?: string }
>(import.meta.url, 'schedule', {
  in: ['network', 'block', 'epoch'],
  out: ['epoch', 'isLastBlock', 'lastBlock'],
});

describe('blocks and epochs', () => {
  test.each(schedule)('$name', ({ in: given, out }) => {
    const network = networkOf(given.network);
    const { epoch, isLastBlock, lastBlock } = out!;
    expect.hasAssertions();
    if (epoch !== undefined)
      expect(epochOfBlock(network, BigInt(given.block!))).toBe(BigInt(epoch));
    if (isLastBlock !== undefined)
      expect(isLastBlockOfEpoch(network, BigInt(given.block!))).toBe(isLastBlock);
    if (lastBlock !== undefined)
      expect(lastBlockOfEpoch(network, BigInt(given.epoch!))).toBe(BigInt(lastBlock));
  });
});

const sharding = loadVectors<
  { readonly network: string; readonly epoch: string },
  Readonly<Record<string, unknown>>
>(import.meta.url, 'sharding', {
  in: ['network', 'epoch'],
  out: [
    'shardCount',
    'slotsPerShard',
    'harmonySlotsPerShard',
    'harmonyVoteShare',
    'externalSlots',
    'slotLimit',
    'feeCollectors',
    'recovery',
  ],
});

describe('shape of the committees', () => {
  test.each(sharding)('$name', ({ in: { network, epoch }, out }) => {
    const at = shardingAt(networkOf(network), BigInt(epoch));
    expect({
      shardCount: at.shardCount,
      slotsPerShard: at.slotsPerShard,
      harmonySlotsPerShard: at.harmonySlotsPerShard,
      harmonyVoteShare: formatDec(at.harmonyVoteShare),
      externalSlots: at.externalSlots,
      slotLimit: at.slotLimit,
      feeCollectors: Object.fromEntries(
        at.feeCollectors.map(({ address, share }) => [address, formatDec(share)]),
      ),
      recovery: at.recovery
        ? { address: at.recovery.address, share: formatDec(at.recovery.share) }
        : null,
    }).toEqual(out);
  });

  test('every era of every network has a case on both sides of its first epoch', () => {
    const known = new Set(sharding.map((entry) => `${entry.in.network} ${entry.in.epoch}`));
    for (const name of ['mainnet', 'testnet', 'partner', 'pangaea', 'stressnet', 'localnet']) {
      for (const { fromEpoch } of networkOf(name).sharding) {
        expect(known).toContain(`${name} ${fromEpoch}`);
        if (fromEpoch > 0n) expect(known).toContain(`${name} ${fromEpoch - 1n}`);
      }
    }
  });
});
