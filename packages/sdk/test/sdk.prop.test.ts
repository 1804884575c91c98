import { propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  accountFromSecretKey,
  createClient,
  localnet,
  parseOne,
  SdkError,
  sendTransfer,
} from '../src/index.js';
import { type Fault, TestNode, testClock } from './node.js';

const TO = '0x14791697260e4c9a71f18484c9f997b308e59325';
const alice = accountFromSecretKey(new Uint8Array(32).fill(7));

interface Step {
  readonly fault: Fault | undefined;
  readonly tooMuch: boolean;
  readonly mineBefore: boolean;
  readonly waitForOthers: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  fault: fc.option(fc.constantFrom<Fault>('lose request', 'lose reply', 'busy', 'garbage'), {
    nil: undefined,
    freq: 3,
  }),
  tooMuch: fc.boolean(),
  mineBefore: fc.boolean(),
  waitForOthers: fc.boolean(),
});

test('whatever is lost, a transfer is made once or not at all, and nonces have no gaps', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const node = new TestNode(localnet, 0);
      node.balances.set(alice.address, parseOne('1000'));
      const transport = node.transport();
      const client = createClient({
        network: localnet,
        shards: { 0: transport },
        clock: testClock(),
      });
      // A fault strikes the broadcast of its own step, whenever that comes.
      const order: Step[] = [];
      node.onCall = (method) => {
        if (!method.endsWith('sendRawTransaction')) return;
        const { fault, mineBefore } = order.shift()!;
        if (mineBefore) node.mine();
        if (fault !== undefined) node.faults.push({ method, fault });
      };
      const sends: Promise<'taken' | 'refused' | 'uncertain'>[] = [];
      for (const [index, current] of steps.entries()) {
        order.push(current);
        const value = (current.tooMuch ? parseOne('5000') : 0n) + BigInt(index + 1);
        sends.push(
          sendTransfer(client, alice, { to: TO, value }).then(
            () => 'taken',
            (error) =>
              error instanceof SdkError && error.code === 'sdk/broadcast-uncertain'
                ? 'uncertain'
                : 'refused',
          ),
        );
        if (current.waitForOthers) await Promise.all(sends);
      }
      const outcomes = await Promise.all(sends);
      node.mine();
      const transactions = [...node.mined.values()].map(({ tx }) => tx);
      for (const [index, outcome] of outcomes.entries()) {
        const made = transactions.filter(
          ({ value }) => value % parseOne('1') === BigInt(index + 1),
        );
        if (outcome === 'taken') expect(made).toHaveLength(1);
        if (outcome === 'refused') expect(made).toHaveLength(0);
        if (outcome === 'uncertain') expect(made.length).toBeLessThanOrEqual(1);
      }
      const nonces = transactions.map(({ nonce }) => nonce);
      expect(nonces).toEqual(nonces.map((_, i) => BigInt(i)));
    }),
    propertyRuns(60),
  );
});
