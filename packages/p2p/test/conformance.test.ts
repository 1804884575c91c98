import { describe, expect, test } from 'vitest';
import { gossipConformance, type NetworkHarness, requestConformance } from '../src/conformance.js';
import { type MemoryPeer, memoryNetwork, type Scheduler, virtualScheduler } from '../src/memory.js';

const virtualHarness = (
  change: (peer: MemoryPeer) => MemoryPeer = (peer) => peer,
): NetworkHarness<MemoryPeer> => {
  const scheduler = virtualScheduler();
  return {
    connect: async (count) => {
      const network = memoryNetwork({
        seed: 1,
        scheduler,
        maxMessageBytes: 1000,
        faults: { reorder: 0.3, delay: { kind: 'uniform', minMs: 1, maxMs: 100 } },
      });
      return Array.from({ length: count }, (_, i) => change(network.join(`peer-${i}`)));
    },
    pass: (ms) => scheduler.advance(ms),
    close: async (peers) => {
      for (const peer of peers) peer.leave();
    },
    maxMessageBytes: 1000,
  };
};

const realTime: Scheduler = {
  now: () => performance.now(),
  schedule: (delayMs, action) => {
    // Twenty times as fast, to keep the test short.
    const timer = setTimeout(action, delayMs / 20);
    return () => clearTimeout(timer);
  },
};

const realHarness = (): NetworkHarness<MemoryPeer> => ({
  connect: async (count) => {
    const network = memoryNetwork({
      seed: 1,
      scheduler: realTime,
      maxMessageBytes: 1000,
      faults: { delay: { kind: 'exponential', minMs: 1, meanMs: 10, maxMs: 200 } },
    });
    return Array.from({ length: count }, (_, i) => network.join(`peer-${i}`));
  },
  pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms / 20)),
  close: async (peers) => {
    for (const peer of peers) peer.leave();
  },
  maxMessageBytes: 1000,
});

describe.each([
  ['virtual time', virtualHarness()],
  ['real time', realHarness()],
])('memoryNetwork in %s', (_, harness) => {
  for (const { name, run } of gossipConformance(harness)) test(name, run);
  for (const { name, run } of requestConformance(harness)) test(name, run);
});

const faults: readonly (readonly [string, (peer: MemoryPeer) => Partial<MemoryPeer>])[] = [
  [
    'hears itself',
    (peer) => {
      const own = new Map<string, ((m: { from: string; data: Uint8Array }) => void)[]>();
      return {
        subscribe: (topic, handler) => {
          own.set(topic, [...(own.get(topic) ?? []), handler]);
          return peer.subscribe(topic, handler);
        },
        publish: (topic, data) => {
          peer.publish(topic, data);
          for (const handler of own.get(topic) ?? []) handler({ from: peer.self, data });
        },
      };
    },
  ],
  [
    'publishes bytes it does not own',
    (peer) => ({
      publish: (t, data) =>
        void Promise.resolve()
          .then(() => peer.publish(t, data))
          .catch(() => {}),
    }),
  ],
  [
    'never ends a subscription',
    (peer) => ({
      subscribe: (t, h) => {
        peer.subscribe(t, h);
        return () => {};
      },
    }),
  ],
  ['loses empty messages', (peer) => ({ publish: (t, d) => d.length > 0 && peer.publish(t, d) })],
  [
    'ignores the timeout',
    (peer) => ({ request: (p, q, d) => peer.request(p, q, d, { timeoutMs: 1e6 }) }),
  ],
  ['knows itself as a peer', (peer) => ({ peers: () => [...peer.peers(), peer.self] })],
  [
    'hides failures',
    (peer) => ({ handle: (p, h) => peer.handle(p, async (f, r) => h(f, r).catch(() => r)) }),
  ],
];

test.each(faults)('the checks notice a network that %s', async (_, fault) => {
  const harness = virtualHarness((peer) => ({ ...peer, ...fault(peer) }));
  const failed: string[] = [];
  for (const { name, run } of [...gossipConformance(harness), ...requestConformance(harness)]) {
    const outcome = await Promise.race([run().catch((error) => error), patience()]);
    if (outcome === undefined) continue;
    if (outcome !== 'stuck') expect(outcome).toMatchObject({ code: 'p2p/conformance-failed' });
    failed.push(name);
  }
  expect(failed).not.toEqual([]);
});

function patience(): Promise<'stuck'> {
  return new Promise((resolve) => setTimeout(() => resolve('stuck'), 300));
}
