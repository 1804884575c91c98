/** Work on many signatures done elsewhere: who gets it, what waits meanwhile, and what happens when it fails. */
import { describe, expect, test } from 'vitest';
import type { SignatureWork, Signer } from '../src/driver.js';
import { sealSigners } from '../src/seal.js';
import type { SignatureCheck } from '../src/signature-check.js';
import { createVerifier, type Verifier } from '../src/verifier.js';
import { testKey, testOnlyBls, testSign } from './support/test-only-bls.js';
import { driverNetwork } from './support/virtual-world.js';

const bls = testOnlyBls();
const randomBytes = (length: number): Uint8Array => new Uint8Array(length).fill(3);

describe('the verifier', () => {
  const message = Uint8Array.of(1, 2, 3);
  const vote = (id: number, right = true): SignatureCheck => ({
    keys: [testKey(id)],
    message,
    signature: testSign(testKey(right ? id : id + 1), message),
  });

  /** A verifier whose port answers when told to. */
  function elsewhere() {
    const asked: { entries: number; done: () => void; fail: () => void }[] = [];
    const answers: (readonly [id: number, right: boolean])[] = [];
    const failures: unknown[] = [];
    let run: () => void = () => undefined;
    const verifier: Verifier = createVerifier({
      bls,
      randomBytes,
      maxQueued: 1000,
      defer: (callback) => {
        run = callback;
      },
      work: {
        findInvalid: (about, entries, weights) =>
          new Promise((resolve, reject) => {
            asked.push({
              entries: entries.length,
              done: () => resolve(bls.findInvalid(about, entries, weights)),
              fail: () => reject(new Error('gone')),
            });
          }),
      },
      answer: (item, [right]) =>
        answers.push([Number(item.type === 'behind' && item.height), right!]),
      onDropped: () => undefined,
      onWorkFailed: (error) => failures.push(error),
      onVerified: () => undefined,
      isOutdated: () => false,
    });
    const add = (from: number, to: number, wrong?: number): void => {
      for (let id = from; id < to; id++)
        verifier.add({ type: 'behind', from: 'x', height: BigInt(id) }, [vote(id, id !== wrong)]);
    };
    const settle = (): Promise<void> => new Promise((done) => setImmediate(done));
    return { asked, answers, failures, verifier, add, settle, run: () => run() };
  }

  test('gives many to the port and few to its own engine', () => {
    const { add, run, asked, answers } = elsewhere();
    add(0, 15);
    run();
    expect([asked.length, answers.length]).toEqual([0, 15]);
    add(20, 36);
    run();
    expect([asked.map(({ entries }) => entries), answers.length]).toEqual([[16], 15]);
  });

  test('lets votes pool while a batch is away, and names the wrong ones', async () => {
    const { add, run, asked, answers, verifier, settle } = elsewhere();
    add(0, 20, 7);
    run();
    add(20, 30);
    run();
    add(30, 50);
    run();
    expect([asked.length, answers.length, verifier.size()]).toEqual([1, 0, 30]);
    asked[0]!.done();
    await settle();
    expect(answers).toEqual(Array.from({ length: 20 }, (_, id) => [id, id !== 7]));
    run();
    expect(asked.map(({ entries }) => entries)).toEqual([20, 30]);
    asked[1]!.done();
    await settle();
    expect(answers.slice(20)).toEqual(Array.from({ length: 30 }, (_, i) => [20 + i, true]));
  });

  test('does the work itself when the port fails', async () => {
    const { add, run, asked, answers, failures, settle } = elsewhere();
    add(0, 20, 7);
    run();
    asked[0]!.fail();
    await settle();
    expect(failures).toEqual([new Error('gone')]);
    expect(answers).toEqual(Array.from({ length: 20 }, (_, id) => [id, id !== 7]));
  });

  test('forgets what is away when it is cleared', async () => {
    const { add, run, asked, answers, failures, verifier, settle } = elsewhere();
    add(0, 20);
    run();
    verifier.clear();
    asked[0]!.done();
    add(20, 40);
    run();
    expect(asked.length).toBe(2);
    verifier.clear();
    asked[1]!.fail();
    await settle();
    expect([answers, failures]).toEqual([[], []]);
  });
});

describe('a network of drivers', () => {
  const signers = Array.from(
    { length: 25 },
    (_, id): Signer => ({
      publicKeys: [testKey(id)],
      sign: (key, { bytes }) => testSign(key, bytes),
    }),
  );

  async function decide(signatureWork: SignatureWork) {
    const net = driverNetwork(bls, signers, () => ({ randomBytes, signatureWork }));
    for (const { driver } of net.members) await driver.start(net.genesis);
    await net.clock.advance(120);
    const { chain } = net.members[0]!;
    expect(chain.length).toBeGreaterThan(0);
    expect(sealSigners(net.genesis.committee, chain[0]!.seal)!.length).toBeGreaterThan(16);
    for (const { driver } of net.members) await driver.stop();
    return net.members.flatMap((member) => member.events);
  }

  test('decides with votes verified and added up by the port', async () => {
    const sums: number[] = [];
    let verified = 0;
    const events = await decide({
      findInvalid: async (message, entries, weights) => {
        verified += entries.length;
        return bls.findInvalid(message, entries, weights);
      },
      aggregateSignatures: async (signatures) => {
        sums.push(signatures.length);
        return bls.aggregateSignatures(signatures);
      },
    });
    expect(verified).toBeGreaterThan(40);
    expect(sums.length).toBeGreaterThanOrEqual(2);
    expect(Math.min(...sums)).toBeGreaterThan(16);
    expect(events.filter(({ type }) => type === 'port-failed')).toEqual([]);
  });

  test('says nothing of work that fails after the stop', async () => {
    const fails: (() => void)[] = [];
    const net = driverNetwork(bls, signers, () => ({
      randomBytes,
      signatureWork: {
        findInvalid: async (...batch) => bls.findInvalid(...batch),
        aggregateSignatures: () =>
          new Promise((_, reject) => {
            fails.push(() => reject(new Error('closed')));
          }),
      },
    }));
    for (const { driver } of net.members) await driver.start(net.genesis);
    await net.clock.advance(120);
    for (const { driver } of net.members) await driver.stop();
    expect(fails.length).toBeGreaterThan(0);
    for (const fail of fails) fail();
    await net.clock.advance(120);
    const events = net.members.flatMap((member) => member.events);
    expect(events.filter(({ type }) => type === 'port-failed')).toEqual([]);
  });

  test('decides, and says so, when the port fails', async () => {
    const events = await decide({
      findInvalid: () => Promise.reject(new Error('gone')),
      aggregateSignatures: () => Promise.reject(new Error('gone')),
    });
    const ports = events.flatMap((event) => (event.type === 'port-failed' ? [event.port] : []));
    expect(new Set(ports)).toEqual(new Set(['signature-work']));
  });
});
