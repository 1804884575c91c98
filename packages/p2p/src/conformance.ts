/**
 * The checks every network must pass, as data: any test framework can run them.
 *
 * They decide what the two ports promise on a network without faults; loss, delay and order are no
 * part of it. A check that fails throws {@link P2pError} `p2p/conformance-failed`.
 */
import { bytesToHex, equalBytes } from '@polyphony/primitives';
import { P2pError, type P2pErrorDetails } from './errors.js';
import type { Gossip, GossipMessage, PeerRequests } from './ports.js';

/** How the checks get a network. */
export interface NetworkHarness<N> {
  /** Connects this many fresh nodes to one another. */
  readonly connect: (count: number) => Promise<readonly N[]>;
  /** Lets that much time pass; after 1000 ms all that was sent before must have arrived. */
  readonly pass: (ms: number) => Promise<void>;
  /** Ends the nodes of one `connect`. */
  readonly close: (nodes: readonly N[]) => Promise<void>;
  /** Largest message of the network in bytes. */
  readonly maxMessageBytes: number;
}

/** One check. */
export interface NetworkCheck {
  readonly name: string;
  /** Resolves when the network behaves; rejects with what was expected and what came. */
  readonly run: () => Promise<void>;
}

class Mismatch extends Error {}

function fail(reason: string): never {
  throw new Mismatch(reason);
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

const ARRIVAL_MS = 1000;
const TOPIC = 'conformance/topic';
const OTHER_TOPIC = 'conformance/other';
const PROTOCOL = '/conformance/1';
const TIMEOUT = { timeoutMs: 5000 };

type GossipCheck = (
  nodes: readonly Gossip[],
  pass: () => Promise<void>,
  maxMessageBytes: number,
) => Promise<void>;
type Node = Gossip & PeerRequests;
type RequestCheck = (
  nodes: readonly Node[],
  harness: { readonly pass: (ms: number) => Promise<void>; readonly maxMessageBytes: number },
) => Promise<void>;

function listen(node: Gossip, topic: string): GossipMessage[] {
  const messages: GossipMessage[] = [];
  node.subscribe(topic, (message) => messages.push(message));
  return messages;
}

function expectMessages(
  who: string,
  messages: readonly GossipMessage[],
  expected: readonly (readonly [from: string, data: Uint8Array])[],
): void {
  const show = (from: string, data: Uint8Array): string =>
    `${from}:${data.length > 20 ? `${data.length} bytes` : bytesToHex(data)}`;
  // Networks may deliver in any order.
  const actual = messages.map(({ from, data }) => show(from, data)).sort();
  const wanted = expected.map(([from, data]) => show(from, data)).sort();
  if (actual.join() !== wanted.join()) {
    fail(`${who} expected the messages [${wanted.join(' ')}], got [${actual.join(' ')}]`);
  }
}

async function expectCode(
  what: string,
  action: () => unknown,
  code: P2pErrorDetails['code'],
): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (error instanceof P2pError && error.code === code) return;
    fail(`${what}: expected ${code}, got ${String(error)}`);
  }
  fail(`${what}: expected ${code}, nothing was thrown`);
}

const GOSSIP_CHECKS: readonly (readonly [name: string, nodes: number, check: GossipCheck])[] = [
  [
    'a message reaches all subscribers but its publisher, with the publisher named',
    4,
    async (nodes, pass) => {
      const [alice, bob] = nodes as [Gossip, Gossip];
      const inboxes = nodes.map((node) => listen(node, TOPIC));
      await pass();
      alice.publish(TOPIC, bytes(1, 2));
      bob.publish(TOPIC, bytes(3));
      await pass();
      for (const [i, node] of nodes.entries()) {
        const expected = [
          [alice.self, bytes(1, 2)],
          [bob.self, bytes(3)],
        ] as const;
        expectMessages(
          node.self,
          inboxes[i]!,
          expected.filter(([from]) => from !== node.self),
        );
      }
    },
  ],
  [
    'peer ids differ',
    3,
    async (nodes) => {
      if (new Set(nodes.map(({ self }) => self)).size !== 3) fail('expected three peer ids');
    },
  ],
  [
    'topics are apart',
    3,
    async (nodes, pass) => {
      const [alice, bob, carol] = nodes as [Gossip, Gossip, Gossip];
      const bobs = listen(bob, TOPIC);
      const carols = listen(carol, OTHER_TOPIC);
      await pass();
      alice.publish(TOPIC, bytes(1));
      alice.publish(OTHER_TOPIC, bytes(2));
      await pass();
      expectMessages('the subscriber of one topic', bobs, [[alice.self, bytes(1)]]);
      expectMessages('the subscriber of the other', carols, [[alice.self, bytes(2)]]);
    },
  ],
  [
    'publishing needs no subscription and no subscriber',
    2,
    async (nodes, pass) => {
      const [alice, bob] = nodes as [Gossip, Gossip];
      alice.publish(OTHER_TOPIC, bytes(1));
      const bobs = listen(bob, TOPIC);
      await pass();
      alice.publish(TOPIC, bytes(2));
      await pass();
      expectMessages('the subscriber', bobs, [[alice.self, bytes(2)]]);
    },
  ],
  [
    'every handler of a topic is called until its subscription ends',
    2,
    async (nodes, pass) => {
      const [alice, bob] = nodes as [Gossip, Gossip];
      const first: GossipMessage[] = [];
      const handler = (message: GossipMessage): void => void first.push(message);
      const end = bob.subscribe(TOPIC, handler);
      bob.subscribe(TOPIC, handler);
      const second = listen(bob, TOPIC);
      await pass();
      alice.publish(TOPIC, bytes(1));
      await pass();
      end();
      end();
      alice.publish(TOPIC, bytes(2));
      await pass();
      const one = [alice.self, bytes(1)] as const;
      const two = [alice.self, bytes(2)] as const;
      expectMessages('the handler subscribed twice', first, [one, one, two]);
      expectMessages('the other handler', second, [one, two]);
    },
  ],
  [
    'the bytes may be changed by the publisher and by each receiver',
    3,
    async (nodes, pass) => {
      const [alice, bob, carol] = nodes as [Gossip, Gossip, Gossip];
      const seen: Uint8Array[] = [];
      for (const node of [bob, bob, carol]) {
        node.subscribe(TOPIC, ({ data }) => {
          seen.push(new Uint8Array(data));
          data.fill(9);
        });
      }
      await pass();
      const data = bytes(1, 2, 3);
      alice.publish(TOPIC, data);
      data.fill(8);
      await pass();
      if (seen.length !== 3 || !seen.every((copy) => equalBytes(copy, bytes(1, 2, 3)))) {
        fail(`expected 0x010203 three times, got ${seen.map(bytesToHex).join(' ')}`);
      }
    },
  ],
  [
    'a handler that throws stops neither the others nor the network',
    3,
    async (nodes, pass) => {
      const [alice, bob, carol] = nodes as [Gossip, Gossip, Gossip];
      bob.subscribe(TOPIC, () => {
        throw new Error('from a handler');
      });
      const bobs = listen(bob, TOPIC);
      const carols = listen(carol, TOPIC);
      await pass();
      alice.publish(TOPIC, bytes(1));
      await pass();
      alice.publish(TOPIC, bytes(2));
      await pass();
      const expected = [
        [alice.self, bytes(1)],
        [alice.self, bytes(2)],
      ] as const;
      expectMessages('the handler after the one that throws', bobs, expected);
      expectMessages('the other peer', carols, expected);
    },
  ],
  [
    'a handler may publish',
    2,
    async (nodes, pass) => {
      const [alice, bob] = nodes as [Gossip, Gossip];
      const alices = listen(alice, TOPIC);
      bob.subscribe(TOPIC, ({ data }) => bob.publish(TOPIC, bytes(...data, 7)));
      await pass();
      alice.publish(TOPIC, bytes(1));
      await pass();
      expectMessages('the first publisher', alices, [[bob.self, bytes(1, 7)]]);
    },
  ],
  [
    'empty messages and the largest arrive, a larger one is refused',
    2,
    async (nodes, pass, maxMessageBytes) => {
      const [alice, bob] = nodes as [Gossip, Gossip];
      const bobs = listen(bob, TOPIC);
      await pass();
      const large = new Uint8Array(maxMessageBytes).fill(5);
      alice.publish(TOPIC, bytes());
      alice.publish(TOPIC, large);
      await expectCode(
        'one byte more',
        () => alice.publish(TOPIC, new Uint8Array(maxMessageBytes + 1)),
        'p2p/message-too-large',
      );
      await pass();
      expectMessages('the subscriber', bobs, [
        [alice.self, bytes()],
        [alice.self, large],
      ]);
    },
  ],
];

const REQUEST_CHECKS: readonly (readonly [name: string, nodes: number, check: RequestCheck])[] = [
  [
    'peers names all others',
    3,
    async (nodes) => {
      for (const node of nodes) {
        const expected = nodes.map(({ self }) => self).filter((id) => id !== node.self);
        const actual = [...node.peers()].sort();
        if (actual.join() !== expected.sort().join()) {
          fail(`expected the peers [${expected.join(' ')}], got [${actual.join(' ')}]`);
        }
      }
    },
  ],
  [
    'a request is answered, and the server knows who asks',
    3,
    async (nodes, { pass }) => {
      const [alice, bob, carol] = nodes as [Node, Node, Node];
      const askers: string[] = [];
      bob.handle(PROTOCOL, async (from, request) => {
        askers.push(from);
        return bytes(...request, 7);
      });
      carol.handle(PROTOCOL, async () => bytes(99));
      const answer = alice.request(bob.self, PROTOCOL, bytes(1, 2), TIMEOUT);
      await pass(ARRIVAL_MS);
      const got = await answer;
      if (!equalBytes(got, bytes(1, 2, 7))) fail(`expected 0x010207, got ${bytesToHex(got)}`);
      if (askers.join() !== alice.self) fail(`expected the asker ${alice.self}, got ${askers}`);
    },
  ],
  [
    'requests under way at once get their own answers',
    2,
    async (nodes, { pass }) => {
      const [alice, bob] = nodes as [Node, Node];
      bob.handle(PROTOCOL, async (_, request) => bytes(request[0]! + 100));
      const answers = Promise.all(
        Array.from({ length: 20 }, (_, i) => alice.request(bob.self, PROTOCOL, bytes(i), TIMEOUT)),
      );
      await pass(ARRIVAL_MS);
      for (const [i, answer] of (await answers).entries()) {
        if (!equalBytes(answer, bytes(i + 100))) fail(`request ${i} got ${bytesToHex(answer)}`);
      }
    },
  ],
  [
    'the bytes may be changed on both sides',
    2,
    async (nodes, { pass }) => {
      const [alice, bob] = nodes as [Node, Node];
      const kept = bytes(4, 5);
      const seen: Uint8Array[] = [];
      bob.handle(PROTOCOL, async (_, request) => {
        seen.push(new Uint8Array(request));
        request.fill(9);
        return kept;
      });
      const data = bytes(1, 2);
      const answer = alice.request(bob.self, PROTOCOL, data, TIMEOUT);
      data.fill(8);
      await pass(ARRIVAL_MS);
      (await answer).fill(7);
      if (!equalBytes(seen[0] ?? bytes(), bytes(1, 2))) fail('the request changed on the way');
      if (!equalBytes(kept, bytes(4, 5))) fail('the answer is shared with the server');
    },
  ],
  [
    'a handler that fails answers with an error, and goes on serving',
    2,
    async (nodes, { pass }) => {
      const [alice, bob] = nodes as [Node, Node];
      bob.handle(PROTOCOL, (_, request) => {
        if (request[0] === 1) throw new Error('at once');
        if (request[0] === 2) return Promise.reject(new Error('later'));
        if (request[0] === 3) return Promise.resolve('text' as unknown as Uint8Array);
        return Promise.resolve(bytes(7));
      });
      for (const kind of [1, 2, 3]) {
        const refused = expectCode(
          `failure ${kind}`,
          () => alice.request(bob.self, PROTOCOL, bytes(kind), TIMEOUT),
          'p2p/request-failed',
        );
        await pass(ARRIVAL_MS);
        await refused;
      }
      const answer = alice.request(bob.self, PROTOCOL, bytes(0), TIMEOUT);
      await pass(ARRIVAL_MS);
      if (!equalBytes(await answer, bytes(7))) fail('no answer after the failures');
    },
  ],
  [
    'a request without an answer times out, and a late answer changes nothing',
    2,
    async (nodes, { pass }) => {
      const [alice, bob] = nodes as [Node, Node];
      const late: ((answer: Uint8Array) => void)[] = [];
      bob.handle(PROTOCOL, () => new Promise((resolve) => late.push(resolve)));
      const refused = expectCode(
        'silence',
        () => alice.request(bob.self, PROTOCOL, bytes(1), { timeoutMs: 200 }),
        'p2p/timeout',
      );
      await pass(ARRIVAL_MS);
      await refused;
      for (const resolve of late) resolve(bytes(1));
      await pass(ARRIVAL_MS);
    },
  ],
  [
    'unknown peers, unserved protocols and impossible timeouts are refused',
    2,
    async (nodes, { pass }) => {
      const [alice, bob] = nodes as [Node, Node];
      const ask = (peer: string, timeoutMs: number) => () =>
        alice.request(peer, PROTOCOL, bytes(1), { timeoutMs });
      await expectCode('unknown peer', ask('nobody', 1000), 'p2p/unknown-peer');
      await expectCode('oneself', ask(alice.self, 1000), 'p2p/unknown-peer');
      for (const timeoutMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
        const what = `timeout ${timeoutMs}`;
        await expectCode(what, ask(bob.self, timeoutMs), 'p2p/invalid-argument');
      }
      const refused = expectCode('unserved', ask(bob.self, 5000), 'p2p/unsupported-protocol');
      await pass(ARRIVAL_MS);
      await refused;
    },
  ],
  [
    'a protocol has one handler until its service ends',
    2,
    async (nodes, { pass }) => {
      const [alice, bob] = nodes as [Node, Node];
      const end = bob.handle(PROTOCOL, async () => bytes(1));
      await expectCode(
        'a second handler',
        () => bob.handle(PROTOCOL, async () => bytes(2)),
        'p2p/protocol-taken',
      );
      end();
      bob.handle(PROTOCOL, async () => bytes(3));
      end();
      const answer = alice.request(bob.self, PROTOCOL, bytes(), TIMEOUT);
      await pass(ARRIVAL_MS);
      if (!equalBytes(await answer, bytes(3))) fail('expected the answer of the later handler');
    },
  ],
  [
    'empty and the largest requests and answers arrive, larger ones are refused',
    2,
    async (nodes, { pass, maxMessageBytes }) => {
      const [alice, bob] = nodes as [Node, Node];
      bob.handle(PROTOCOL, async (_, request) =>
        request.length === 1 ? new Uint8Array(maxMessageBytes + 1) : request,
      );
      for (const size of [0, maxMessageBytes]) {
        const answer = alice.request(bob.self, PROTOCOL, new Uint8Array(size), TIMEOUT);
        await pass(ARRIVAL_MS);
        if ((await answer).length !== size) fail(`expected ${size} bytes back`);
      }
      const tooLarge = new Uint8Array(maxMessageBytes + 1);
      await expectCode(
        'a larger request',
        () => alice.request(bob.self, PROTOCOL, tooLarge, TIMEOUT),
        'p2p/message-too-large',
      );
      const refused = expectCode(
        'a larger answer',
        () => alice.request(bob.self, PROTOCOL, bytes(1), TIMEOUT),
        'p2p/request-failed',
      );
      await pass(ARRIVAL_MS);
      await refused;
    },
  ],
];

async function runOn<N>(
  harness: NetworkHarness<N>,
  name: string,
  count: number,
  check: (nodes: readonly N[]) => Promise<void>,
): Promise<void> {
  const nodes = await harness.connect(count);
  try {
    await check(nodes);
  } catch (error) {
    const reason = error instanceof Mismatch ? error.message : `unexpected ${String(error)}`;
    throw new P2pError({ code: 'p2p/conformance-failed', check: name, reason }, { cause: error });
  } finally {
    await harness.close(nodes);
  }
}

/**
 * The checks of {@link Gossip}: who receives what, topics, subscriptions, ownership of bytes,
 * handlers that throw, sizes.
 */
export function gossipConformance<N extends Gossip>(
  harness: NetworkHarness<N>,
): readonly NetworkCheck[] {
  return GOSSIP_CHECKS.map(([name, count, check]) => ({
    name,
    run: () =>
      runOn(harness, name, count, (nodes) =>
        check(nodes, () => harness.pass(ARRIVAL_MS), harness.maxMessageBytes),
      ),
  }));
}

/**
 * The checks of {@link PeerRequests}: answers, concurrency, ownership of bytes, failures, timeouts,
 * sizes.
 */
export function requestConformance<N extends Gossip & PeerRequests>(
  harness: NetworkHarness<N>,
): readonly NetworkCheck[] {
  return REQUEST_CHECKS.map(([name, count, check]) => ({
    name,
    run: () => runOn(harness, name, count, (nodes) => check(nodes, harness)),
  }));
}
