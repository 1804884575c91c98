/** The driver over its ports: real signatures, batches, bounds, and ports that fail. */

import { type Bls, harmonyBls, ietfBls } from '@polyphony/bls';
import { bitmapIndices } from '@polyphony/bls/bitmap';
import { hexToBytes } from '@polyphony/primitives';
import { describe, expect, test } from 'vitest';
import { createBlsSigner, createDriver, memoryMarkStore, type Signer } from '../src/driver.js';
import { FbftError } from '../src/errors.js';
import { decodeSignedMark, emptyMark, encodeSignedMark } from '../src/mark.js';
import type { SignatureCheck } from '../src/signature-check.js';
import { createSimulation } from '../src/simulator/simulation.js';

import { createVerifier, verifyChecks } from '../src/verifier.js';
import { announceOf, blockOn, voteOf } from './support/adversary.js';
import { fastTiming } from './support/schedules.js';
import { testKey, testOnlyBls, testSign } from './support/test-only-bls.js';
import { driverNetwork, type Member } from './support/virtual-world.js';

const testSigner = (...identities: number[]): Signer => ({
  publicKeys: identities.map(testKey),
  sign: (key, payload) => testSign(key, payload.bytes),
});
const testSigners = (count: number): Signer[] =>
  Array.from({ length: count }, (_, id) => testSigner(id));
const types = (member: Member): string[] => member.events.map((event) => event.type);

describe('real signatures', () => {
  const networkOf = (bls: Bls) => {
    const secrets = [1, 2, 3, 4].map((n) => new Uint8Array(32).fill(n));
    return driverNetwork(
      bls,
      secrets.map((secret) => createBlsSigner(bls, [secret])),
    );
  };

  test('harmony: one height', async () => {
    const net = networkOf(harmonyBls({ cachedPublicKeys: 16 }));
    for (const { driver } of net.members) await driver.start(net.genesis);
    await net.clock.advance(60);
    expect(net.members.map(({ chain }) => chain.length)).toEqual([1, 1, 1, 1]);
    for (const { driver } of net.members) await driver.stop();
  });

  test('ietf: a dead leader, then a height with a prepared block carried over', async () => {
    const net = networkOf(ietfBls({ cachedPublicKeys: 16 }));
    // The first leader is cut off once its block is prepared.
    net.send = (from, _to, payload) => {
      if (from === 1 && payload[7] === 5) net.down.add(1);
      return !net.down.has(1) || from !== 1;
    };
    for (const { driver } of net.members) await driver.start(net.genesis);
    await net.clock.advance(800);
    const chains = [0, 2, 3].map((id) => net.members[id]!.chain[0]!.head);
    expect(chains[0]).toMatchObject({ height: 1n, viewId: 1n });
    expect(chains.map(({ hash }) => hash)).toEqual(Array(3).fill(chains[0]!.hash));
    const entered = net.members[0]!.events.find((event) => event.type === 'view-entered');
    expect(entered).toMatchObject({ viewId: 2n, carried: chains[0]!.hash });
    for (const { driver } of net.members) await driver.stop();
  });

  test('a signer of several keys, and one asked for a key it has not', () => {
    const bls = ietfBls();
    const signer = createBlsSigner(
      bls,
      [1, 2].map((n) => new Uint8Array(32).fill(n)),
    );
    expect(signer.publicKeys.length).toBe(2);
    const bytes = Uint8Array.of(1, 2, 3);
    const payload = { kind: 'sender', bytes, height: 1n, viewId: 1n } as const;
    const signature = signer.sign(signer.publicKeys[1]!, payload) as Uint8Array;
    expect(bls.verify(signature, bytes, signer.publicKeys[1]!)).toBe(true);
    expect(() => signer.sign(testKey(1), payload)).toThrow(FbftError);
  });
});

describe('operators of several keys', () => {
  for (const aggregateVotes of [true, false]) {
    test(
      aggregateVotes ? 'one vote message for all keys' : 'one vote message for each key',
      async () => {
        const bls = testOnlyBls();
        const signers = [testSigner(0, 4), testSigner(1, 5, 7), testSigner(2), testSigner(3, 6)];
        const net = driverNetwork(bls, signers, () => ({ aggregateVotes }));
        const votes = new Map<number, number>();
        net.send = (from, to, payload) => {
          if (to === (from + 1) % 4 && payload[7] === 2)
            votes.set(from, (votes.get(from) ?? 0) + 1);
          return true;
        };
        for (const { driver } of net.members) await driver.start(net.genesis);
        await net.clock.advance(70);
        for (const { chain } of net.members) {
          expect(chain.length).toBe(1);
        }
        // The leader of the first view is the owner of slot 1, key 4: node 0.
        expect([1, 2, 3].map((id) => votes.get(id))).toEqual(
          aggregateVotes ? [1, 1, 1] : [3, 1, 2],
        );
        await net.clock.advance(400);
        const seal = net.members[0]!.improved[0]?.seal ?? net.members[0]!.chain[0]!.seal;
        expect(bitmapIndices(seal.bitmap, 8).length).toBeGreaterThan(5);
      },
    );
  }
});

describe('seals', () => {
  test('late votes enter the seal that the next proposer gets', async () => {
    const net = driverNetwork(testOnlyBls(), testSigners(4), () => ({
      leaders: { leaderAt: () => 0 },
    }));
    // Member 3's votes are slow.
    net.send = (from, to, payload) => {
      if (from !== 3) return true;
      net.clock.setTimer(25, () => net.members[to]!.driver.receive('member-3', payload));
      return false;
    };
    for (const { driver } of net.members) await driver.start(net.genesis);
    await net.clock.advance(250);
    const { chain, parentSeals, improved } = net.members[0]!;
    expect(chain.length).toBeGreaterThan(1);
    expect(bitmapIndices(chain[0]!.seal.bitmap, 4)).toEqual([0, 1, 2]);
    expect(parentSeals[0]).toBeUndefined();
    expect(parentSeals[1]!.decidedInView).toBe(chain[0]!.head.viewId);
    expect(bitmapIndices(parentSeals[1]!.bitmap, 4)).toEqual([0, 1, 2, 3]);
    expect(improved[0]).toEqual({ height: 1n, seal: parentSeals[1] });
  });

  test('a leader that stops leading publishes the full seal', async () => {
    const net = driverNetwork(testOnlyBls(), testSigners(4));
    net.send = (from, to, payload) => {
      if (from !== 3) return true;
      net.clock.setTimer(25, () => net.members[to]!.driver.receive('member-3', payload));
      return false;
    };
    for (const { driver } of net.members) await driver.start(net.genesis);
    await net.clock.advance(200);
    for (const { improved } of net.members)
      expect(improved.filter(({ height }) => height === 1n).length).toBe(1);
    expect(bitmapIndices(net.members[2]!.parentSeals[0]!.bitmap, 4)).toEqual([0, 1, 2, 3]);
  });
});

describe('ports that fail', () => {
  test('a mark that cannot be saved stops the node before anything is signed', async () => {
    let signed = 0;
    const net = driverNetwork(testOnlyBls(), testSigners(4), (id) =>
      id === 0
        ? {
            marks: {
              load: async () => undefined,
              save: async () => {
                throw new Error('disk full');
              },
            },
            signer: {
              publicKeys: [testKey(0)],
              sign: (key, payload) => {
                if (payload.kind !== 'sender') signed++;
                return testSign(key, payload.bytes);
              },
            },
          }
        : {},
    );
    for (const { driver } of net.members) await driver.start(net.genesis);
    await net.clock.advance(300);
    const [first, second] = net.members;
    expect(types(first!)).toContain('port-failed');
    expect(first!.driver.status().running).toBe(false);
    expect(signed).toBe(0);
    expect(second!.chain.length).toBeGreaterThan(0);
  });

  test('a commit that is not durable stops the node', async () => {
    const net = driverNetwork(testOnlyBls(), testSigners(4), (id) =>
      id === 2
        ? {
            app: {
              commit: async () => {
                throw new Error('no space');
              },
            },
          }
        : {},
    );
    for (const { driver } of net.members) await driver.start(net.genesis);
    await net.clock.advance(300);
    expect(net.members[2]!.driver.status().running).toBe(false);
    expect(net.members[2]!.events.find((event) => event.type === 'port-failed')).toMatchObject({
      port: 'commit',
    });
    expect(net.members[0]!.chain.length).toBeGreaterThan(0);
  });

  test('a signer that refuses or answers nonsense costs its votes only', async () => {
    const net = driverNetwork(testOnlyBls(), testSigners(4), (id) =>
      id === 3
        ? {
            signer: {
              publicKeys: [testKey(3)],
              sign: (_key, { kind }) => {
                if (kind === 'prepare') throw new Error('not today');
                return new Uint8Array(3);
              },
            },
          }
        : {},
    );
    for (const { driver } of net.members) await driver.start(net.genesis);
    await net.clock.advance(150);
    expect(net.members.map(({ chain }) => chain.length)).toEqual([2, 2, 2, 2]);
    expect(types(net.members[3]!)).toContain('port-failed');
  });

  test('validation that throws is a refusal; a proposer that throws or has nothing is asked again', async () => {
    let asked = 0;
    const net = driverNetwork(testOnlyBls(), testSigners(4), (id) => {
      if (id === 3)
        return {
          app: {
            validate: async () => {
              throw new Error('out of memory');
            },
          },
        };
      const inner = encodeBlock;
      return id === 1
        ? {
            app: {
              propose: async ({ height, viewId, head }) => {
                asked++;
                if (asked === 1) throw new Error('not yet');
                if (asked === 2) return undefined;
                return inner(height, viewId, head.hash);
              },
            },
          }
        : {};
    });
    for (const { driver } of net.members) await driver.start(net.genesis);
    await net.clock.advance(250);
    expect(asked).toBe(3);
    expect(net.members[0]!.chain.length).toBeGreaterThan(0);
    const failed = net.members[3]!.events.filter((event) => event.type === 'port-failed');
    expect(failed[0]).toMatchObject({ port: 'validate' });
    expect(types(net.members[3]!)).toContain('block-refused');
  });

  test('a block that is too long is not announced', async () => {
    const net = driverNetwork(testOnlyBls(), testSigners(4), () => ({
      app: {
        propose: async () => ({
          block: new Uint8Array(3 << 20),
          blockHash: `0x${'aa'.repeat(32)}`,
        }),
      },
    }));
    for (const { driver } of net.members) await driver.start(net.genesis);
    await net.clock.advance(100);
    expect(types(net.members[1]!)).toContain('block-refused');
    expect(net.members[0]!.events.filter((event) => event.type === 'ignored')).toEqual([]);
  });
});

function encodeBlock(height: bigint, viewId: bigint, parentHash: `0x${string}`) {
  const net = createSimulation({ seed: 1, nodes: 4 });
  const { bytes, hash } = blockOn(net, net.nodes[0]!, { height, viewId, parentHash });
  return { block: bytes, blockHash: hash };
}

describe('marks', () => {
  test('are loaded before anything is done, and survive a restart', async () => {
    const marks = memoryMarkStore();
    const net = driverNetwork(testOnlyBls(), testSigners(4), (id) => (id === 0 ? { marks } : {}));
    net.send = (_from, _to, payload) => payload[7] !== 3; // no PREPARED
    for (const { driver } of net.members) await driver.start(net.genesis);
    await net.clock.advance(60);
    const mark = decodeSignedMark((await marks.load())!);
    expect(mark).toMatchObject({ height: 1n, prepared: { viewId: 1n } });
    await net.members[0]!.driver.stop();
    // Another block in the same view finds no vote.
    const events: string[] = [];
    const sent: number[] = [];
    const again = createDriver({
      ...net.members[0]!.options,
      broadcast: { publish: (payload) => sent.push(payload[7]!) },
      onEvent: (event) => events.push(event.type),
    });
    await again.start(net.genesis);
    const sim = createSimulation({ seed: 1, nodes: 4 });
    const parentHash = net.genesis.hash;
    const other = blockOn(sim, sim.nodes[0]!, { viewId: 1n, nonce: 77n, parentHash });
    again.receive('member-1', announceOf(1, 1n, 1n, other));
    await net.clock.advance(30);
    expect(events).toContain('vote-refused');
    expect(sent).toEqual([]);
  });

  test('a mark of another shard, a broken one, and a second start are refused', async () => {
    const start = async (bytes: Uint8Array): Promise<unknown> => {
      const net = driverNetwork(testOnlyBls(), testSigners(4), () => ({
        marks: { load: async () => bytes, save: async () => undefined },
      }));
      return net.members[0]!.driver.start(net.genesis).catch((error: unknown) => error);
    };
    expect(await start(encodeSignedMark(emptyMark(3, 9n)))).toMatchObject({
      code: 'fbft/invalid-mark',
    });
    const whole = encodeSignedMark(emptyMark(0, 9n));
    for (const broken of [
      new Uint8Array(0),
      whole.slice(1),
      whole.slice(0, -1),
      hexToBytes('0xc0'),
    ])
      expect(await start(broken)).toMatchObject({ code: 'fbft/invalid-mark' });
    const net = driverNetwork(testOnlyBls(), testSigners(4));
    await net.members[0]!.driver.start(net.genesis);
    await expect(net.members[0]!.driver.start(net.genesis)).rejects.toThrow(TypeError);
  });
});

describe('bounds', () => {
  test('a full queue drops with a reason', async () => {
    const net = driverNetwork(testOnlyBls(), testSigners(4), () => ({
      maxQueuedMessages: 5,
      maxQueuedChecks: 3,
    }));
    const { driver, events } = net.members[1]!;
    // Before the start nothing is taken in.
    driver.receive('x', new Uint8Array(9));
    expect(events).toEqual([]);
    await driver.start(net.genesis);
    await net.clock.advance(20);
    const { hash } = encodeHash();
    const state = driver.status();
    expect(state).toMatchObject({ running: true, mode: 'normal', height: 1n, viewId: 1n });
    for (let i = 0; i < 10; i++) driver.receive('x', voteOf('commit', 3, 1n, 1n, hash));
    // Votes for an unknown block need no check; reports of views do.
    expect(driver.status().queuedChecks).toBe(0);
  });

  test('checks beyond the limit are dropped', () => {
    const answered: number[] = [];
    const dropped: number[] = [];
    let run: (() => void) | undefined;
    const verifier = createVerifier({
      bls: testOnlyBls(),
      maxQueued: 3,
      defer: (callback) => {
        run = callback;
      },
      answer: (item) => answered.push(Number(item.type === 'behind' && item.height)),
      onDropped: (item) => dropped.push(Number(item.type === 'behind' && item.height)),
      onVerified: () => undefined,
      onWorkFailed: () => undefined,
      isOutdated: () => false,
    });
    const checkOf = (i: number): SignatureCheck => {
      const message = Uint8Array.of(i);
      return { keys: [testKey(0)], message, signature: testSign(testKey(0), message) };
    };
    for (let i = 0; i < 5; i++)
      verifier.add({ type: 'behind', from: 'x', height: BigInt(i) }, [checkOf(i)]);
    // The same once more costs nothing, and is answered once.
    verifier.add({ type: 'behind', from: 'y', height: 77n }, [checkOf(0)]);
    expect(verifier.size()).toBe(3);
    expect(dropped).toEqual([3, 4]);
    run?.();
    expect(answered).toEqual([0, 1, 2]);
    expect(verifier.size()).toBe(0);
    verifier.add({ type: 'behind', from: 'x', height: 9n }, [checkOf(0)]);
    verifier.clear();
    run?.();
    expect(answered.length).toBe(3);
  });

  test('checks that lost their point while they waited are not computed', () => {
    const answered: bigint[] = [];
    let computed = 0;
    let run: (() => void) | undefined;
    const verifier = createVerifier({
      bls: testOnlyBls(),
      maxQueued: 1000,
      defer: (callback) => {
        run = callback;
      },
      answer: (item) => answered.push(item.type === 'behind' ? item.height : 0n),
      onDropped: () => undefined,
      onWorkFailed: () => undefined,
      onVerified: (checks) => {
        computed += checks;
      },
      isOutdated: (item) => item.type === 'behind' && item.height < 150n,
    });
    for (let i = 0; i < 450; i++) {
      const message = Uint8Array.of(i, i >> 8);
      const signature = testSign(testKey(0), message);
      const check = { keys: [testKey(0)], message, signature };
      verifier.add({ type: 'behind', from: 'x', height: BigInt(i) }, [check]);
    }
    run?.();
    expect([answered.length, answered[0], computed]).toEqual([256, 150n, 256]);
    run?.();
    expect([answered.length, answered.at(-1), computed]).toEqual([300, 449n, 300]);
    expect(verifier.size()).toBe(0);
  });

  test('a node without a signer follows and never speaks', async () => {
    let spoken = 0;
    const net = driverNetwork(testOnlyBls(), [...testSigners(4), undefined]);
    net.send = (from) => {
      if (from === 4) spoken++;
      return true;
    };
    for (const { driver } of net.members) await driver.start(net.genesis);
    await net.clock.advance(350);
    expect(net.members[4]!.chain.length).toBeGreaterThan(1);
    expect(net.members[4]!.driver.status().mode).toBe('listening');
    expect(spoken).toBe(0);
  });

  test('stop ends all timers, and late answers fall away', async () => {
    const net = driverNetwork(testOnlyBls(), testSigners(4));
    for (const { driver } of net.members) await driver.start(net.genesis);
    await net.clock.advance(30);
    for (const { driver } of net.members) await driver.stop();
    await net.clock.advance(2000);
    expect(net.clock.pending()).toBe(0);
    const before = net.members.map(({ events }) => events.length);
    net.members[0]!.driver.receive('x', new Uint8Array(20));
    net.members[0]!.driver.setHead(net.genesis);
    net.members[0]!.driver.release(1n, 9n);
    expect(net.members.map(({ events }) => events.length)).toEqual(before);
  });
});

function encodeHash() {
  const net = createSimulation({ seed: 1, nodes: 4 });
  return blockOn(net, net.nodes[0]!, { viewId: 1n });
}

describe('heads from elsewhere', () => {
  test('move the height; lower ones do not', async () => {
    const net = driverNetwork(testOnlyBls(), testSigners(4));
    const { driver } = net.members[0]!;
    await driver.start(net.genesis);
    const later = { ...net.genesis, height: 7n, hash: `0x${'77'.repeat(32)}` as const, viewId: 9n };
    driver.setHead(later);
    expect(driver.status()).toMatchObject({ height: 8n, viewId: 10n });
    driver.setHead(net.genesis);
    expect(driver.status().height).toBe(8n);
  });
});

describe('batches', () => {
  const bls = ietfBls();
  const secrets = Array.from({ length: 6 }, (_, i) => new Uint8Array(32).fill(i + 1));
  const keys = secrets.map((secret) => bls.getPublicKey(secret));
  const message = new Uint8Array(32).fill(7);
  const other = new Uint8Array(32).fill(8);
  const random = (length: number): Uint8Array =>
    Uint8Array.from({ length }, (_, i) => (i * 73 + 5) & 255);
  const signed = (i: number, bytes = message): SignatureCheck => ({
    keys: [keys[i]!],
    message: bytes,
    signature: bls.sign(bytes, secrets[i]!),
  });
  const wrong = (i: number): SignatureCheck => ({ ...signed(i, other), message });
  const sum: SignatureCheck = {
    keys: [keys[4]!, keys[5]!],
    message,
    signature: bls.aggregateSignatures([
      bls.sign(message, secrets[4]!),
      bls.sign(message, secrets[5]!),
    ]),
  };
  const checks: [SignatureCheck, boolean][] = [
    [signed(0), true],
    [wrong(1), false],
    [signed(2), true],
    [sum, true],
    [{ ...sum, keys: [keys[4]!, keys[3]!] }, false],
    [signed(3, other), true],
    [{ ...signed(3), signature: new Uint8Array(96).fill(255) }, false],
    [{ ...signed(3), keys: [new Uint8Array(48)] }, false],
    [{ ...sum, keys: [keys[4]!, new Uint8Array(48)] }, false],
  ];
  const given = checks.map(([check]) => check);
  const expected = checks.map(([, right]) => right);

  test('find exactly the wrong ones, with weights and without', () => {
    expect(verifyChecks(bls, given, random)).toEqual(expected);
    expect(verifyChecks(bls, given, undefined)).toEqual(expected);
    expect(verifyChecks(bls, [], random)).toEqual([]);
  });

  test('two wrong signatures whose errors cancel out do not pass', () => {
    const [a, b] = [bls.sign(message, secrets[0]!), bls.sign(message, secrets[1]!)];
    // Swapped: the sum over both is right, each alone is wrong.
    const swapped: SignatureCheck[] = [
      { keys: [keys[0]!], message, signature: b },
      { keys: [keys[1]!], message, signature: a },
    ];
    expect(bls.verifyAggregate(bls.aggregateSignatures([a, b]), message, keys.slice(0, 2))).toBe(
      true,
    );
    expect(verifyChecks(bls, swapped, random)).toEqual([false, false]);
  });

  test('weights of zero are never used', () => {
    const zeros = (length: number): Uint8Array => new Uint8Array(length);
    expect(verifyChecks(bls, [signed(0), wrong(1)], zeros)).toEqual([true, false]);
  });
});

test('an event for each decided height, with signers and times', async () => {
  const net = driverNetwork(testOnlyBls(), testSigners(4));
  const inputs: string[] = [];
  const { driver, options } = net.members[0]!;
  expect(options.timing).toBe(fastTiming);
  for (const member of net.members) await member.driver.start(net.genesis);
  await net.clock.advance(120);
  const decided = net.members[0]!.events.filter((event) => event.type === 'height-decided');
  expect(decided[0]).toMatchObject({ height: 1n, viewId: 1n, decidedInView: 1n, members: 4 });
  expect(types(net.members[1]!)).toContain('checks-verified');
  expect(driver.status().height).toBeGreaterThan(1n);
  expect(inputs).toEqual([]);
});
