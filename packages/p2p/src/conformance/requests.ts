/** What requests promise: answers, concurrency, ownership of bytes, failures, timeouts, sizes. */
import { bytesToHex, equalBytes } from '@polyphony/primitives';
import type { Gossip, PeerRequests } from '../ports.js';
import { ARRIVAL_MS, bytes, expectCode, fail } from './expectations.js';

const PROTOCOL = '/conformance/1';
const TIMEOUT = { timeoutMs: 5000 };

type Node = Gossip & PeerRequests;

/** Runs on fresh nodes. */
export type RequestCheck = (
  nodes: readonly Node[],
  harness: { readonly pass: (ms: number) => Promise<void>; readonly maxMessageBytes: number },
) => Promise<void>;

/** The checks, each with the nodes it takes. */
export const REQUEST_CHECKS: readonly (readonly [
  name: string,
  nodes: number,
  check: RequestCheck,
])[] = [
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
