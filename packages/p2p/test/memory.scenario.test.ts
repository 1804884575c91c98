import { propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { P2pError } from '../src/errors.js';
import {
  type Faults,
  type MemoryNetwork,
  type MemoryNetworkOptions,
  type MemoryPeer,
  memoryNetwork,
  type NetworkEvent,
  type VirtualScheduler,
  virtualScheduler,
} from '../src/memory.js';

interface World {
  readonly network: MemoryNetwork;
  readonly scheduler: VirtualScheduler;
  readonly events: NetworkEvent[];
  readonly peers: readonly MemoryPeer[];
  /** What each peer received on the topic, in order: `from:number@time`. */
  readonly inboxes: readonly string[][];
  send(from: number, number: number): void;
}

const TOPIC = 'numbers';
const number = (n: number): Uint8Array => Uint8Array.of(n >> 8, n & 255);

function world(count: number, options: Partial<MemoryNetworkOptions> = {}): World {
  const scheduler = virtualScheduler();
  const events: NetworkEvent[] = [];
  const network = memoryNetwork({
    seed: 7,
    scheduler,
    onEvent: (event) => events.push(event),
    ...options,
  });
  const peers = Array.from({ length: count }, (_, i) => network.join(`p${i}`));
  const inboxes = peers.map((peer) => {
    const inbox: string[] = [];
    peer.subscribe(TOPIC, ({ from, data }) => {
      inbox.push(`${from}:${data[0]! * 256 + data[1]!}@${scheduler.now().toFixed(1)}`);
    });
    return inbox;
  });
  const send = (from: number, n: number): void => peers[from]!.publish(TOPIC, number(n));
  return { network, scheduler, events, peers, inboxes, send };
}

const numbersIn = (inbox: readonly string[]): number[] =>
  inbox.map((entry) => Number(entry.split(':')[1]!.split('@')[0]));
const dropsOf = (events: readonly NetworkEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'dropped' ? [event.reason] : []));

describe('delay', () => {
  test('a message takes its time', async () => {
    const { scheduler, inboxes, send } = world(2, {
      faults: { delay: { kind: 'constant', ms: 30 } },
    });
    send(0, 1);
    await scheduler.advance(29);
    expect(inboxes[1]).toEqual([]);
    await scheduler.advance(1);
    expect(inboxes[1]).toEqual(['p0:1@30.0']);
  });

  test('even without delay a message does not arrive inside publish', async () => {
    const { scheduler, inboxes, send } = world(2);
    send(0, 1);
    expect(inboxes[1]).toEqual([]);
    await scheduler.advance(0);
    expect(inboxes[1]).toEqual(['p0:1@0.0']);
  });

  test('a link keeps order whatever the delays', async () => {
    const delay = { kind: 'uniform', minMs: 0, maxMs: 100 } as const;
    const { scheduler, inboxes, send } = world(3, { faults: { delay } });
    for (let i = 0; i < 200; i++) {
      send(0, i);
      await scheduler.advance(3);
    }
    await scheduler.advance(100);
    for (const inbox of inboxes.slice(1)) {
      expect(numbersIn(inbox)).toEqual(Array.from({ length: 200 }, (_, i) => i));
    }
  });

  test('a message that waits for an earlier one arrives with it, not before', async () => {
    const { network, scheduler, inboxes, send } = world(2);
    network.setFaults({ delay: { kind: 'constant', ms: 100 } });
    send(0, 1);
    network.setFaults({ delay: { kind: 'constant', ms: 10 } });
    send(0, 2);
    await scheduler.advance(200);
    expect(inboxes[1]).toEqual(['p0:1@100.0', 'p0:2@100.0']);
  });

  test('reordered messages overtake each other, all of them arrive', async () => {
    const { scheduler, inboxes, send } = world(2, {
      faults: { reorder: 0.5, delay: { kind: 'constant', ms: 10 } },
    });
    for (let i = 0; i < 200; i++) {
      send(0, i);
      await scheduler.advance(2);
    }
    await scheduler.advance(100);
    const got = numbersIn(inboxes[1]!);
    const sorted = got.slice().sort((a, b) => a - b);
    expect(sorted).toEqual(Array.from({ length: 200 }, (_, i) => i));
    expect(got).not.toEqual(sorted);
  });

  test('an exponential delay stays in its bounds and has its mean', async () => {
    const delay = { kind: 'exponential', minMs: 20, meanMs: 30, maxMs: 400 } as const;
    const { scheduler, inboxes, send } = world(2, { faults: { delay, reorder: 0 } });
    const times: number[] = [];
    for (let i = 0; i < 2000; i++) {
      const start = scheduler.now();
      send(0, i);
      await scheduler.advance(400);
      times.push(Number(inboxes[1]!.at(-1)!.split('@')[1]) - start);
    }
    expect(Math.min(...times)).toBeGreaterThanOrEqual(20);
    expect(Math.max(...times)).toBeLessThanOrEqual(400.1);
    const mean = times.reduce((sum, ms) => sum + ms, 0) / times.length;
    expect(mean).toBeGreaterThan(47);
    expect(mean).toBeLessThan(53);
  });
});

describe('loss and duplicates', () => {
  test('messages are lost and doubled at the given rates', async () => {
    const { scheduler, inboxes, events, send } = world(2, {
      faults: { drop: 0.2, duplicate: 0.1 },
    });
    for (let i = 0; i < 5000; i++) {
      send(0, i);
      await scheduler.advance(1);
    }
    const got = numbersIn(inboxes[1]!);
    const distinct = new Set(got).size;
    expect(distinct).toBeGreaterThan(3900);
    expect(distinct).toBeLessThan(4100);
    expect(got.length / distinct).toBeGreaterThan(1.08);
    expect(got.length / distinct).toBeLessThan(1.12);
    expect(dropsOf(events)).toEqual(new Array(5000 - distinct).fill('fault'));
  });

  test('faults of one direction do not touch the other', async () => {
    const { network, scheduler, inboxes, send } = world(3);
    network.setLinkFaults('p0', 'p1', { drop: 1 });
    send(0, 1);
    send(1, 2);
    await scheduler.advance(1);
    expect(numbersIn(inboxes[0]!)).toEqual([2]);
    expect(numbersIn(inboxes[1]!)).toEqual([]);
    expect(numbersIn(inboxes[2]!)).toEqual([1, 2]);
    network.setLinkFaults('p0', 'p1', undefined);
    network.setFaults({ duplicate: 1 });
    send(0, 3);
    await scheduler.advance(1);
    expect(numbersIn(inboxes[1]!)).toEqual([3, 3]);
  });

  test('a lost request times out; requests are never doubled', async () => {
    const { network, scheduler, peers } = world(2, { faults: { duplicate: 1 } });
    let served = 0;
    peers[1]!.handle('count', async () => Uint8Array.of(++served));
    const answer = peers[0]!.request('p1', 'count', number(0), { timeoutMs: 100 });
    await scheduler.advance(10);
    expect(await answer).toEqual(Uint8Array.of(1));
    network.setFaults({ drop: 1 });
    const lost = peers[0]!.request('p1', 'count', number(0), { timeoutMs: 100 });
    const refused = expect(lost).rejects.toMatchObject({
      details: { code: 'p2p/timeout', peer: 'p1', timeoutMs: 100 },
    });
    await scheduler.advance(100);
    await refused;
    expect(served).toBe(1);
    expect(scheduler.pending).toBe(0);
  });
});

describe('walls', () => {
  test('a partition stops messages both ways, also those under way, until it is healed', async () => {
    const faults: Faults = { delay: { kind: 'constant', ms: 10 } };
    const { network, scheduler, inboxes, events, send } = world(4, { faults });
    send(0, 1);
    await scheduler.advance(5);
    network.partition([['p0', 'p1']]);
    send(2, 2);
    await scheduler.advance(20);
    // p2 and p3 were not named and form a group.
    expect(inboxes.map(numbersIn)).toEqual([[], [1], [], [2]]);
    expect(dropsOf(events)).toEqual(new Array(4).fill('separated'));
    network.partition([['p0'], ['p1', 'p2', 'p3']]);
    send(1, 3);
    await scheduler.advance(20);
    expect(inboxes.map(numbersIn)).toEqual([[], [1], [3], [2, 3]]);
    network.heal();
    send(0, 4);
    await scheduler.advance(20);
    expect(inboxes.map(numbersIn)).toEqual([[], [1, 4], [3, 4], [2, 3, 4]]);
  });

  test('an isolated peer hears nobody and is heard by nobody', async () => {
    const { network, scheduler, inboxes, peers, send } = world(3);
    peers[0]!.handle('ping', async () => number(1));
    network.isolate('p0');
    send(0, 1);
    send(1, 2);
    const ask = peers[1]!.request('p0', 'ping', number(0), { timeoutMs: 50 });
    const refused = expect(ask).rejects.toMatchObject({ code: 'p2p/timeout' });
    await scheduler.advance(50);
    await refused;
    expect(inboxes.map(numbersIn)).toEqual([[], [], [2]]);
    network.reconnect('p0');
    send(0, 3);
    await scheduler.advance(1);
    expect(inboxes.map(numbersIn)).toEqual([[], [3], [2, 3]]);
    network.isolate('p1');
    network.heal();
    send(0, 4);
    await scheduler.advance(1);
    expect(numbersIn(inboxes[1]!)).toEqual([3, 4]);
  });

  test('a partition names a peer once', () => {
    const { network } = world(2);
    expect(() => network.partition([['p0'], ['p0', 'p1']])).toThrow(P2pError);
  });
});

describe('queues', () => {
  test('a clogged peer gets everything in order when it is unclogged', async () => {
    const { network, scheduler, inboxes, peers, send } = world(3);
    peers[1]!.handle('ping', async () => number(1));
    network.clog('p1');
    for (let i = 0; i < 5; i++) send(0, i);
    const ask = peers[0]!.request('p1', 'ping', number(0), { timeoutMs: 500 });
    await scheduler.advance(100);
    expect(numbersIn(inboxes[1]!)).toEqual([]);
    expect(numbersIn(inboxes[2]!)).toEqual([0, 1, 2, 3, 4]);
    network.unclog('p1');
    expect(numbersIn(inboxes[1]!)).toEqual([0, 1, 2, 3, 4]);
    await scheduler.advance(1);
    expect(await ask).toEqual(number(1));
  });

  test('a handler may clog its own peer again', async () => {
    const { network, scheduler, peers } = world(2);
    const got: number[] = [];
    peers[1]!.subscribe('slow', ({ data }) => {
      got.push(data[0]!);
      network.clog('p1');
    });
    for (let i = 0; i < 3; i++) peers[0]!.publish('slow', Uint8Array.of(i));
    await scheduler.advance(1);
    expect(got).toEqual([0]);
    network.unclog('p1');
    expect(got).toEqual([0, 1]);
    network.unclog('p1');
    network.unclog('p1');
    expect(got).toEqual([0, 1, 2]);
  });

  test('more messages than fit are dropped, and the queue is free again afterwards', async () => {
    const { network, scheduler, inboxes, events, send } = world(2, { maxQueuedMessages: 10 });
    network.clog('p1');
    for (let i = 0; i < 15; i++) send(0, i);
    await scheduler.advance(1);
    for (let i = 15; i < 20; i++) send(0, i);
    await scheduler.advance(1);
    expect(dropsOf(events)).toEqual(new Array(10).fill('queue-full'));
    network.unclog('p1');
    expect(numbersIn(inboxes[1]!)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (let i = 20; i < 30; i++) send(0, i);
    await scheduler.advance(1);
    expect(numbersIn(inboxes[1]!)).toHaveLength(20);
  });

  test('more bytes than fit are dropped, whichever way messages go', async () => {
    const { network, scheduler, events, peers } = world(2, { maxQueuedBytes: 100 });
    let received = 0;
    peers[1]!.subscribe('big', ({ data }) => {
      received += data.length;
    });
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 4; i++) peers[0]!.publish('big', new Uint8Array(40));
      if (round === 1) network.partition([['p0'], ['p1']]);
      await scheduler.advance(1);
      network.heal();
    }
    expect(received).toBe(160);
    expect(dropsOf(events).filter((reason) => reason === 'queue-full')).toHaveLength(6);
    expect(dropsOf(events).filter((reason) => reason === 'separated')).toHaveLength(2);
  });

  test('a peer serves a bounded number of requests, and given-up ones free their place', async () => {
    const { scheduler, peers } = world(2, { maxOpenRequests: 3 });
    let started = 0;
    peers[1]!.handle('stuck', () => {
      started++;
      return new Promise(() => {});
    });
    const ask = (): Promise<string> =>
      peers[0]!.request('p1', 'stuck', number(0), { timeoutMs: 100 }).then(
        () => 'answer',
        (error) => error.code,
      );
    const first = Promise.all(Array.from({ length: 5 }, ask));
    await scheduler.advance(100);
    expect(await first).toEqual([
      ...new Array(3).fill('p2p/timeout'),
      ...new Array(2).fill('p2p/overloaded'),
    ]);
    const second = Promise.all(Array.from({ length: 3 }, ask));
    await scheduler.advance(100);
    expect(await second).toEqual(new Array(3).fill('p2p/timeout'));
    expect(started).toBe(6);
  });

  test('a request given up on its way is not served', async () => {
    const { network, scheduler, peers } = world(2);
    let served = 0;
    peers[1]!.handle('ping', async () => number(++served));
    network.clog('p1');
    const ask = peers[0]!.request('p1', 'ping', number(0), { timeoutMs: 10 });
    const refused = expect(ask).rejects.toMatchObject({ code: 'p2p/timeout' });
    await scheduler.advance(10);
    await refused;
    network.unclog('p1');
    await scheduler.advance(10);
    expect(served).toBe(0);
  });
});

describe('joining and leaving', () => {
  test('who leaves hears and says nothing more', async () => {
    const { network, scheduler, inboxes, events, peers, send } = world(3);
    send(0, 1);
    network.clog('p1');
    send(2, 2);
    await scheduler.advance(1);
    send(2, 3);
    peers[1]!.leave();
    peers[1]!.leave();
    await scheduler.advance(1);
    expect(numbersIn(inboxes[1]!)).toEqual([]);
    expect(dropsOf(events)).toEqual(['left', 'left', 'left']);
    expect(network.peers()).toEqual(['p0', 'p2']);
    expect(peers[0]!.peers()).toEqual(['p2']);
    expect(peers[1]!.peers()).toEqual([]);
    for (const action of [
      () => peers[1]!.publish(TOPIC, number(1)),
      () => peers[1]!.subscribe(TOPIC, () => {}),
      () => peers[1]!.handle('x', async () => number(1)),
    ]) {
      expect(action).toThrow(expect.objectContaining({ code: 'p2p/left' }));
    }
    await expect(peers[1]!.request('p0', 'x', number(1), { timeoutMs: 1 })).rejects.toMatchObject({
      code: 'p2p/left',
    });
  });

  test('what was sent before leaving still arrives; open requests end', async () => {
    const { scheduler, inboxes, peers, send } = world(3);
    peers[1]!.handle('stuck', () => new Promise(() => {}));
    const fromLeaver = peers[0]!.request('p1', 'stuck', number(0), { timeoutMs: 100 });
    const toLeaver = peers[2]!.request('p0', 'stuck', number(0), { timeoutMs: 100 });
    const ended = [
      expect(fromLeaver).rejects.toMatchObject({ code: 'p2p/left' }),
      expect(toLeaver).rejects.toMatchObject({
        details: { code: 'p2p/disconnected', peer: 'p0' },
      }),
    ];
    send(0, 1);
    peers[0]!.leave();
    await Promise.all(ended);
    await scheduler.advance(1);
    expect(numbersIn(inboxes[1]!)).toEqual([1]);
    expect(scheduler.pending).toBe(0);
  });

  test('a peer that joins again starts afresh', async () => {
    const { network, scheduler, inboxes, peers, send } = world(2, {
      faults: { delay: { kind: 'constant', ms: 10 } },
    });
    expect(() => network.join('p1')).toThrow(
      expect.objectContaining({ details: { code: 'p2p/peer-exists', peer: 'p1' } }),
    );
    send(0, 1);
    peers[1]!.leave();
    const again = network.join('p1');
    const fresh: number[] = [];
    again.subscribe(TOPIC, ({ data }) => fresh.push(data[1]!));
    await scheduler.advance(20);
    send(0, 2);
    await scheduler.advance(20);
    expect(numbersIn(inboxes[1]!)).toEqual([]);
    expect(fresh).toEqual([2]);
  });
});

describe('handlers that fail', () => {
  test('are reported', async () => {
    const { scheduler, events, peers, send } = world(2);
    const thrown = new Error('from a handler');
    peers[1]!.subscribe(TOPIC, () => {
      throw thrown;
    });
    peers[1]!.handle('broken', async () => {
      throw thrown;
    });
    send(0, 1);
    const ask = peers[0]!.request('p1', 'broken', number(0), { timeoutMs: 100 });
    const refused = expect(ask).rejects.toMatchObject({
      details: { code: 'p2p/request-failed', peer: 'p1', protocol: 'broken' },
    });
    await scheduler.advance(10);
    await refused;
    expect(events.filter(({ type }) => type === 'handler-failed')).toEqual([
      { type: 'handler-failed', peer: 'p1', channel: TOPIC, error: thrown },
      { type: 'handler-failed', peer: 'p1', channel: 'broken', error: thrown },
    ]);
  });
});

test('bad arguments are refused', async () => {
  const { network, peers } = world(2);
  const bad: Faults[] = [
    { drop: -0.1 },
    { duplicate: 1.1 },
    { reorder: Number.NaN },
    { delay: { kind: 'constant', ms: -1 } },
    { delay: { kind: 'uniform', minMs: 2, maxMs: 1 } },
    { delay: { kind: 'uniform', minMs: 0, maxMs: Number.POSITIVE_INFINITY } },
    { delay: { kind: 'exponential', minMs: 0, meanMs: Number.NaN, maxMs: 1 } },
  ];
  for (const faults of bad) {
    const refused = expect.objectContaining({ code: 'p2p/invalid-argument' });
    expect(() => network.setFaults(faults)).toThrow(refused);
    expect(() => network.setLinkFaults('p0', 'p1', faults)).toThrow(refused);
    expect(() => memoryNetwork({ seed: 1, scheduler: virtualScheduler(), faults })).toThrow(
      refused,
    );
  }
  expect(() => network.join(1 as never)).toThrow(TypeError);
  expect(() => peers[0]!.publish(TOPIC, 'text' as never)).toThrow(TypeError);
  await expect(peers[0]!.request('p1', 'x', 'text' as never, { timeoutMs: 1 })).rejects.toThrow(
    TypeError,
  );
});

test('equal seeds give equal runs, other seeds others', async () => {
  const faults: Faults = {
    drop: 0.1,
    duplicate: 0.1,
    reorder: 0.2,
    delay: { kind: 'exponential', minMs: 5, meanMs: 20, maxMs: 500 },
  };
  const story = async (seed: number): Promise<string> => {
    const { network, scheduler, inboxes, events, send } = world(5, { seed, faults });
    for (let i = 0; i < 50; i++) {
      send(i % 5, i);
      if (i === 10) network.partition([['p0', 'p1']]);
      if (i === 20) network.heal();
      if (i === 25) network.clog('p3');
      if (i === 40) network.unclog('p3');
      await scheduler.advance(7);
    }
    await scheduler.advance(1000);
    return JSON.stringify([inboxes, events]);
  };
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const first = await story(seed);
      expect(await story(seed)).toBe(first);
      expect(await story(seed ^ 1)).not.toBe(first);
    }),
    propertyRuns(5),
  );
});
