/** Times and view ids against the network's figures. */
import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { MAX_FAR_HEIGHT, MAX_FAR_VIEW } from '../src/limits.js';
import { MIN_CLAIM_LENGTH } from '../src/seal.js';
import {
  assertValidTiming,
  commitGrace,
  firstView,
  harmonyTiming,
  nextViewByClock,
  nextViewByCount,
  ownNetworkTiming,
  phaseTimeout,
} from '../src/timing.js';
import { MAX_GOSSIP_BYTES, MAX_NODE_CONTENT_BYTES } from '../src/wire.js';

describe('view ids by the clock', () => {
  for (const { name, in: given, out } of loadVectors<
    {
      headViewId: string;
      headTimeSec: number;
      nowSec: number;
      viewId: string;
      viewChangingId: string;
    },
    { viewId: string; timeoutMs: number }
  >(import.meta.url, 'next-view', {
    in: ['headViewId', 'headTimeSec', 'nowSec', 'viewId', 'viewChangingId'],
    out: ['viewId', 'timeoutMs'],
  })) {
    test(name, () => {
      for (const offset of [0, 1, 999]) {
        const answer = nextViewByClock(
          {
            headViewId: BigInt(given.headViewId),
            firstViewId: BigInt(given.headViewId) + 1n,
            headTimestampMs: given.headTimeSec * 1000,
            nowMs: given.nowSec * 1000 + offset,
            viewId: BigInt(given.viewId),
            viewChangingId: BigInt(given.viewChangingId),
          },
          harmonyTiming,
        );
        expect(answer).toEqual({ viewId: BigInt(out!.viewId), timeoutMs: out!.timeoutMs });
      }
    });
  }
});

describe('grace', () => {
  for (const { name, in: given, out } of loadVectors<
    { dueMs: number; quorumAtMs: number },
    { waitMs: number }
  >(import.meta.url, 'commit-grace', { in: ['dueMs', 'quorumAtMs'] })) {
    test(name, () => {
      expect(commitGrace(given.dueMs - given.quorumAtMs, harmonyTiming)).toBe(out!.waitMs);
    });
  }
});

describe('first view', () => {
  for (const { name, in: given, out } of loadVectors<
    { headViewId: string; decidedInView?: string; floor?: string },
    { viewId: string }
  >(import.meta.url, 'first-view', { in: ['headViewId', 'decidedInView', 'floor'] })) {
    test(name, () => {
      const optional = (value?: string) => (value === undefined ? undefined : BigInt(value));
      const view = firstView(
        BigInt(given.headViewId),
        optional(given.decidedInView),
        optional(given.floor),
      );
      expect(view).toBe(BigInt(out!.viewId));
    });
  }
});

describe('figures', () => {
  const figures: Record<string, number> = {
    ...harmonyTiming,
    viewIds: 0,
    lastResendMs: harmonyTiming.resendMs * harmonyTiming.resendTimes,
    maxFarHeight: Number(MAX_FAR_HEIGHT),
    maxFarView: Number(MAX_FAR_VIEW),
    minM1Length: MIN_CLAIM_LENGTH,
    maxGossipBytes: MAX_GOSSIP_BYTES,
    maxNodeContentBytes: MAX_NODE_CONTENT_BYTES,
  };
  for (const { name, in: given, out } of loadVectors<{ name: string }, { value: number }>(
    import.meta.url,
    'constants',
    { in: ['name'], out: ['value'] },
  )) {
    test(name, () => expect(figures[given.name]).toBe(out!.value));
  }
});

test('counted views grow their waits up to the bound', () => {
  const at = (viewChangingId: bigint) =>
    nextViewByCount(
      {
        headViewId: 9n,
        firstViewId: 10n,
        headTimestampMs: 0,
        nowMs: 0,
        viewId: 10n,
        viewChangingId,
      },
      ownNetworkTiming,
    );
  expect(at(10n)).toEqual({ viewId: 11n, timeoutMs: 4000 });
  expect(at(11n)).toEqual({ viewId: 12n, timeoutMs: 8000 });
  expect(at(1000n)).toEqual({ viewId: 1001n, timeoutMs: ownNetworkTiming.maxTimeoutMs });
  expect(phaseTimeout(10n, 10n, ownNetworkTiming)).toBe(4000);
  expect(phaseTimeout(10n, 12n, ownNetworkTiming)).toBe(12_000);
  expect(phaseTimeout(10n, 1_000_000n, ownNetworkTiming)).toBe(ownNetworkTiming.maxTimeoutMs);
  expect(phaseTimeout(10n, 12n, harmonyTiming)).toBe(27_000);
});

test('timing is checked', () => {
  assertValidTiming(harmonyTiming);
  assertValidTiming(ownNetworkTiming);
  expect(() => assertValidTiming({ ...harmonyTiming, resendMs: 0 })).toThrow(/resendMs/);
  expect(() => assertValidTiming({ ...harmonyTiming, gracePeriodMs: -1 })).toThrow(/gracePeriodMs/);
  expect(() => assertValidTiming({ ...harmonyTiming, gracePeriodMs: 0 })).not.toThrow();
});
