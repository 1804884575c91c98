/** Times of headers, as those who check and those who propose see them. */
import { localnet } from '@polyphony/networks';
import { loadVectors, propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { latestHeaderTime, proposalTime } from '../src/header-time.js';

/** On localnet the rule holds from epoch 5. */
const epochOf = (active: boolean): bigint => (active ? 5n : 4n);

describe('times that a header may state', () => {
  for (const { name, in: given, out } of loadVectors<
    { parent: string; time: string; nowMs: number },
    { valid: boolean }
  >(import.meta.url, 'header-time', { in: ['parent', 'time', 'nowMs'], out: ['valid'] })) {
    test(name, () => {
      const parent = BigInt(given.parent);
      const time = BigInt(given.time);
      for (const offset of [0, 999]) {
        const latest = latestHeaderTime(given.nowMs + offset, parent);
        expect(time > parent && time <= latest).toBe(out!.valid);
      }
    });
  }

  test('without a parent only the clock counts', () => {
    expect(latestHeaderTime(1_000_999)).toBe(1015n);
  });
});

describe('when a proposer proposes', () => {
  for (const { name, in: given, out } of loadVectors<
    { parent: string; nowMs: number; active: boolean },
    { timestamp?: string; waitMs?: number; giveUp?: true }
  >(import.meta.url, 'proposal-time', {
    in: ['parent', 'nowMs', 'active'],
    out: ['timestamp', 'waitMs', 'giveUp'],
  })) {
    test(name, () => {
      const parent = { timestamp: BigInt(given.parent), epoch: epochOf(given.active) };
      const answer = proposalTime(parent, localnet, given.nowMs);
      if (out!.timestamp !== undefined) {
        const expected = { action: 'propose', timestamp: BigInt(out!.timestamp) };
        expect(answer).toEqual(expected);
        expect(proposalTime(parent, localnet, given.nowMs + 999)).toEqual(expected);
      } else if (out!.waitMs !== undefined) {
        expect(answer).toEqual({ action: 'wait', waitMs: out!.waitMs });
        const later = proposalTime(parent, localnet, given.nowMs + out!.waitMs);
        expect(later).toEqual({ action: 'propose', timestamp: parent.timestamp + 1n });
      } else {
        expect(out!.giveUp).toBe(true);
        expect(answer).toEqual({ action: 'give-up' });
      }
    });
  }

  test('a verifier whose clock is behind by up to 12 seconds takes what is proposed', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 4_000_000_000n }),
        fc.integer({ min: -30_000, max: 200_000 }),
        fc.integer({ min: 0, max: 12_000 }),
        fc.boolean(),
        (timestamp, sinceMs, behindMs, active) => {
          const nowMs = Number(timestamp) * 1000 + sinceMs;
          const answer = proposalTime({ timestamp, epoch: epochOf(active) }, localnet, nowMs);
          if (answer.action !== 'propose') {
            expect(sinceMs).toBeLessThan(1000);
            return;
          }
          expect(answer.timestamp).toBeGreaterThan(timestamp);
          expect(answer.timestamp).toBeLessThanOrEqual(BigInt(Math.floor(nowMs / 1000)));
          expect(answer.timestamp).toBeLessThanOrEqual(latestHeaderTime(nowMs, timestamp));
          // Up to 45 seconds after the parent a clock that is wrong does no harm.
          if (active && sinceMs < 46_000) {
            const theirs = latestHeaderTime(nowMs - behindMs, timestamp);
            expect(answer.timestamp).toBeLessThanOrEqual(theirs);
          }
        },
      ),
      propertyRuns(500),
    );
  });
});
