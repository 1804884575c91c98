import { propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { P2pError, type P2pErrorDetails } from '../src/errors.js';
import { virtualScheduler } from '../src/memory.js';

test('actions run in order of time, then of scheduling; cancelled ones do not', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ delay: fc.nat(20), cancel: fc.boolean() }), { maxLength: 60 }),
      fc.array(fc.nat(8), { minLength: 1, maxLength: 8 }),
      async (tasks, advances) => {
        const scheduler = virtualScheduler({ startMs: 1000 });
        const ran: [number, number][] = [];
        const cancels = tasks.map(({ delay }, i) =>
          scheduler.schedule(delay, () => ran.push([scheduler.now(), i])),
        );
        for (const [i, { cancel }] of tasks.entries()) if (cancel) cancels[i]!();
        for (const [i, { cancel }] of tasks.entries()) if (cancel) cancels[i]!();
        let end = 0;
        for (const ms of advances) {
          await scheduler.advance(ms);
          end += ms;
        }
        const due = tasks
          .map(({ delay, cancel }, i) => ({ delay, cancel, i }))
          .filter(({ cancel }) => !cancel)
          .sort((a, b) => a.delay - b.delay || a.i - b.i);
        const expected = due.filter(({ delay }) => delay <= end);
        expect(ran).toEqual(expected.map(({ delay, i }) => [1000 + delay, i]));
        expect(scheduler.now()).toBe(1000 + end);
        expect(scheduler.pending).toBe(due.length - expected.length);
        while (scheduler.step());
        expect(ran).toHaveLength(due.length);
        expect(scheduler.pending).toBe(0);
      },
    ),
    propertyRuns(200),
  );
});

test('promises started by an action go on before the next action', async () => {
  const scheduler = virtualScheduler();
  const order: string[] = [];
  const chain = async (name: string): Promise<void> => {
    for (let i = 0; i < 5; i++) await undefined;
    order.push(name);
    scheduler.schedule(0, () => order.push(`${name} again`));
  };
  scheduler.schedule(1, () => void chain('a'));
  scheduler.schedule(2, () => void chain('b'));
  await scheduler.advance(5);
  expect(order).toEqual(['a', 'a again', 'b', 'b again']);
});

test('a caller may wait for longer chains', async () => {
  const scheduler = virtualScheduler({ settle: () => new Promise((go) => setImmediate(go)) });
  let reached = 0;
  scheduler.schedule(1, async () => {
    for (let i = 0; i < 1000; i++) await undefined;
    reached = scheduler.now();
  });
  scheduler.schedule(2, () => {});
  await scheduler.advance(5);
  expect(reached).toBe(1);
});

test('delays are numbers of milliseconds', () => {
  const scheduler = virtualScheduler();
  for (const delay of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => scheduler.schedule(delay, () => {})).toThrow(P2pError);
  }
});

test('each error says what happened', () => {
  const peer = 'p';
  const protocol = 'x';
  const messages: [P2pErrorDetails, string][] = [
    [{ code: 'p2p/left' }, 'this peer has left the network'],
    [{ code: 'p2p/unknown-peer', peer }, 'there is no peer p'],
    [{ code: 'p2p/peer-exists', peer }, 'a peer p has joined already'],
    [{ code: 'p2p/disconnected', peer }, 'peer p left before it answered'],
    [{ code: 'p2p/timeout', peer, timeoutMs: 5 }, 'peer p did not answer within 5 ms'],
    [{ code: 'p2p/unsupported-protocol', peer, protocol }, 'peer p does not serve x'],
    [{ code: 'p2p/protocol-taken', protocol }, 'this peer serves x already'],
    [{ code: 'p2p/request-failed', peer, protocol }, 'peer p failed to answer x'],
    [{ code: 'p2p/overloaded', peer, limit: 3 }, 'more than 3 requests are open at peer p'],
    [{ code: 'p2p/message-too-large', limit: 3, actual: 4 }, 'a message may have 3 bytes, got 4'],
    [{ code: 'p2p/invalid-argument', what: 'shard id', reason: 'is odd' }, 'shard id is odd'],
    [{ code: 'p2p/conformance-failed', check: 'c', reason: 'r' }, 'c: r'],
  ];
  for (const [details, message] of messages) expect(new P2pError(details).message).toBe(message);
});
