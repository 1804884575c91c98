/** What gossip promises: who receives what, topics, subscriptions, ownership of bytes, sizes. */
import { bytesToHex, equalBytes } from '@polyphony/primitives';
import type { Gossip, GossipMessage } from '../ports.js';
import { bytes, expectCode, fail } from './expectations.js';

const TOPIC = 'conformance/topic';
const OTHER_TOPIC = 'conformance/other';

/** Runs on fresh nodes; `pass` lets everything sent before arrive. */
export type GossipCheck = (
  nodes: readonly Gossip[],
  pass: () => Promise<void>,
  maxMessageBytes: number,
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

/** The checks, each with the nodes it takes. */
export const GOSSIP_CHECKS: readonly (readonly [
  name: string,
  nodes: number,
  check: GossipCheck,
])[] = [
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
