/** A client over honest and lying sources: it starts, follows, switches, restarts and answers. */

import {
  computeHeaderHash,
  computeListRoot,
  encodeReceipt,
  encodeStakingTransaction,
  encodeTransaction,
  type Header,
  proveListItem,
  type Receipt,
  type SignedStakingTransaction,
  type SignedTransaction,
} from '@polyphony/chain';
import type { Network } from '@polyphony/networks';
import { type KeyValueStore, memoryStore, StorageError } from '@polyphony/storage';
import { rejectedCode } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import {
  type Checkpoint,
  createLightClient,
  type HeaderSource,
  type LightClient,
  type LightClientError,
  type LightClientEvent,
  type LightClientOptions,
  listHeaderSource,
  type SealedHeaderBytes,
  trustCheckpoint,
} from '../src/index.js';
import {
  harmony as bls,
  bytesOf,
  flipBit,
  type ManualClock,
  mainnetHeaders,
  makeChain,
  manualClock,
  settle,
  shortNetwork,
  type TestChain,
} from './support.js';

/** 18 blocks: two ends of epochs (7, 15). */
const chain = makeChain({ blocks: 18 });
const strangers = makeChain({ blocks: 18, salt: 1 });
const HEAD = 18n;

function hashAt(number: number, from: TestChain = chain): `0x${string}` {
  return computeHeaderHash(from.headers[number]!.header);
}

function checkpointAt(number: number, from: TestChain = chain): Checkpoint {
  const { header } = from.headers[number]!;
  const place = { shardId: header.shardId, blockNumber: header.number };
  const ends = header.shardState.length > 0;
  return trustCheckpoint(from.network, {
    ...place,
    blockHash: hashAt(number, from),
    ...(ends ? {} : { committees: from.committeesAt(header.epoch) }),
  });
}

/** An honest source that has blocks up to a number. */
function honest(name = 'honest', upTo = 18, from: TestChain = chain): HeaderSource {
  return listHeaderSource(name, from.bytes.slice(0, upTo + 1));
}

/** A source that changes what an honest one says. */
function lying(
  name: string,
  change: (items: readonly SealedHeaderBytes[], first: bigint) => readonly SealedHeaderBytes[],
  head = HEAD,
): HeaderSource {
  const truth = honest();
  return {
    name,
    getHead: async () => head,
    getHeaders: async (first, count, options) =>
      change(await truth.getHeaders(first, count, options), first),
  };
}

interface Setup {
  readonly client: LightClient;
  readonly clock: ManualClock;
  readonly store: KeyValueStore;
  readonly events: LightClientEvent[];
}

type Change = Partial<LightClientOptions> & { readonly sources: readonly HeaderSource[] };

async function open(change: Change): Promise<Setup> {
  const clock = manualClock();
  const store = change.store ?? memoryStore();
  const events: LightClientEvent[] = [];
  const client = await createLightClient({
    network: shortNetwork,
    bls,
    checkpoint: checkpointAt(7),
    store,
    clock,
    onEvent: (event) => events.push(event),
    ...change,
  });
  return { client, clock: (change.clock as ManualClock | undefined) ?? clock, store, events };
}

function failuresOf(events: readonly LightClientEvent[]): readonly (readonly [string, string])[] {
  return events.flatMap((event) =>
    event.type === 'source-failed' ? [[event.source, event.error.code] as const] : [],
  );
}

describe('following', () => {
  test.each(['headers', 'epochs'] as const)(
    'from the end of an epoch to the head, by %s',
    async (way) => {
      const { client, events } = await open({ sources: [honest()], way });
      expect(client.head.header.number).toBe(7n);
      const head = await client.sync();
      expect(head).toEqual({ header: chain.headers[18]!.header, hash: hashAt(18) });
      expect(client.head).toBe(head);
      expect(events.filter(({ type }) => type === 'epoch')).toEqual([{ type: 'epoch', epoch: 2n }]);
      expect(events.at(-1)).toEqual({ type: 'head', number: HEAD, hash: hashAt(18) });
      expect(await client.getCommittees(2n)).toEqual(chain.committeesAt(2n));
      expect(await client.getCommittees(3n)).toBe(undefined);
      expect(await client.sync()).toBe(head);
    },
  );

  test('from genesis, and from the middle of an epoch with its committees', async () => {
    for (const start of [0, 10]) {
      const { client } = await open({
        sources: [honest()],
        checkpoint: checkpointAt(start),
        batchSize: 5,
      });
      expect((await client.sync()).hash).toBe(hashAt(18));
    }
  });

  test('a chain that grows, by polls that stop when told', async () => {
    let upTo = 10;
    const growing: HeaderSource = {
      name: 'growing',
      getHead: async () => BigInt(upTo),
      getHeaders: (first, count, options) => honest('all', upTo).getHeaders(first, count, options),
    };
    const { client, clock } = await open({ sources: [growing] });
    const stop = client.follow({ pollMs: 1000 });
    await settle();
    expect(client.head.header.number).toBe(10n);
    upTo = 12;
    await clock.advance(1000);
    expect(client.head.header.number).toBe(12n);
    stop();
    upTo = 18;
    await clock.advance(10_000);
    expect(client.head.header.number).toBe(12n);
    expect(clock.timers).toBe(0);
  });

  test('polls come less often while they fail', async () => {
    let asked = 0;
    const dead: HeaderSource = {
      name: 'dead',
      getHead: async () => {
        asked++;
        throw new Error('no route');
      },
      getHeaders: honest().getHeaders,
    };
    const { client, clock, events } = await open({ sources: [dead] });
    client.follow({ pollMs: 1000 });
    await settle();
    expect(asked).toBe(1);
    await clock.advance(2000);
    expect(asked).toBe(2);
    await clock.advance(3999);
    expect(asked).toBe(2);
    await clock.advance(1);
    expect(asked).toBe(3);
    expect(events.filter(({ type }) => type === 'sync-failed')).toHaveLength(3);
    await client.close();
    expect(clock.timers).toBe(0);
    expect(await rejectedCode(client.sync())).toBe('light-client/closed');
  });

  test('rounds that overlap are one', async () => {
    const { client } = await open({ sources: [honest()] });
    const [a, b] = await Promise.all([client.sync(), client.sync()]);
    expect(a).toBe(b);
  });

  test('another shard beside a client of the beacon', async () => {
    const other = makeChain({ blocks: 18, shardId: 1 });
    const { client: beacon } = await open({ sources: [honest()] });
    for (const way of ['headers', 'epochs'] as const) {
      const { client } = await open({
        sources: [honest('shard 1', 18, other)],
        checkpoint: trustCheckpoint(shortNetwork, {
          shardId: 1,
          blockNumber: 10n,
          blockHash: hashAt(10, other),
        }),
        beacon,
        way,
      });
      // The beacon's client has not proved epoch 2 yet: no fault of the source.
      if (beacon.head.header.number === 7n) {
        expect((await client.sync()).header.number).toBeLessThan(HEAD);
        await beacon.sync();
      }
      expect((await client.sync()).hash).toBe(hashAt(18, other));
    }
  });

  test("another shard whose committees are not the beacon's is refused", async () => {
    const others = makeChain({ blocks: 18, shardId: 1, salt: 1 });
    const { client: beacon } = await open({ sources: [honest()] });
    await beacon.sync();
    const { client, events } = await open({
      sources: [honest('strangers', 18, others)],
      checkpoint: checkpointAt(10, others),
      beacon,
    });
    await rejectedCode(client.sync());
    expect(client.head.header.number).toBe(14n);
    expect(failuresOf(events)).toEqual([['strangers', 'light-client/invalid-committees']]);
  });
});

describe('sources that lie', () => {
  const lies: readonly (readonly [string, HeaderSource, string])[] = [
    [
      'another height than asked',
      lying('liar', (_items, first) => [bytesOf(chain.headers[Number(first) - 1]!)]),
      'light-client/invalid-answer',
    ],
    [
      'the right number in the header of another block',
      lying('liar', (items) =>
        items.map(({ header, ...seal }, i) => ({
          ...seal,
          header: i === 0 ? header : items[0]!.header,
        })),
      ),
      'light-client/invalid-answer',
    ],
    [
      'garbage after true headers',
      lying('liar', (items) =>
        items.map((item, i) => (i < 3 ? item : { ...item, header: Uint8Array.of(1, 2, 3) })),
      ),
      'light-client/invalid-answer',
    ],
    [
      'a bitmap that names others',
      lying('liar', (items) =>
        items.map((item, i) => (i < 2 ? item : { ...item, bitmap: Uint8Array.of(0b0111) })),
      ),
      'light-client/invalid-seal',
    ],
    [
      'an empty bitmap and the signature at infinity',
      lying('liar', (items) =>
        items.map((item) => ({
          ...item,
          bitmap: new Uint8Array(1),
          signature: new Uint8Array(96),
        })),
      ),
      'light-client/invalid-seal',
    ],
    [
      'a changed signature',
      lying('liar', (items) =>
        items.map((item) => ({ ...item, signature: flipBit(item.signature, 9) })),
      ),
      'light-client/invalid-seal',
    ],
    ['no headers', lying('liar', () => []), 'light-client/invalid-answer'],
    [
      'more headers than asked',
      lying('liar', (items) => [...items, ...items]),
      'light-client/invalid-answer',
    ],
    [
      'a header of a megabyte',
      lying('liar', (items) => [{ ...items[0]!, header: new Uint8Array((1 << 20) + 1) }]),
      'light-client/invalid-answer',
    ],
    ['what is no list', lying('liar', () => 'headers' as never), 'light-client/invalid-answer'],
    [
      'a list of nothing',
      lying('liar', () => [undefined, null, {}] as never),
      'light-client/invalid-answer',
    ],
    [
      'a head that is no number',
      { ...honest('liar'), getHead: async () => '18' as never },
      'light-client/invalid-answer',
    ],
    [
      'a head beyond 64 bits',
      { ...honest('liar'), getHead: async () => 1n << 64n },
      'light-client/invalid-answer',
    ],
    [
      'a head far above the chain',
      lying('liar', (items) => items, 1n << 60n),
      'light-client/invalid-answer',
    ],
    [
      'an error',
      { ...honest('liar'), getHeaders: () => Promise.reject(new Error('gone')) },
      'light-client/source-failed',
    ],
    [
      'an error thrown at once',
      {
        ...honest('liar'),
        getHead: () => {
          throw new Error('gone');
        },
      },
      'light-client/source-failed',
    ],
    [
      'another chain with other committees',
      honest('liar', 18, strangers),
      'light-client/invalid-header',
    ],
  ];

  test.each(lies)('%s: the next source goes on', async (_name, liar, code) => {
    const { client, events } = await open({ sources: [liar, honest()], store: await seeded() });
    expect((await client.sync()).hash).toBe(hashAt(18));
    expect(failuresOf(events)).toEqual([['liar', code]]);
  });

  test.each(lies)('%s: alone, it gains nothing but what is true', async (_name, liar) => {
    const { client } = await open({ sources: [honest('first', 7), liar], store: await seeded() });
    await rejectedCode(client.sync());
    const { number } = client.head.header;
    expect(client.head.hash).toBe(hashAt(Number(number)));
  });

  test('what was true before the lie is kept', async () => {
    const liar = lying('liar', (items) =>
      items.map((item, i) => (i < 3 ? item : { ...item, header: Uint8Array.of(0xc0) })),
    );
    const { client } = await open({ sources: [liar] });
    expect((await client.sync()).header.number).toBe(10n);
    expect((await client.sync()).header.number).toBe(13n);
  });

  test('a silent source is left after the time limit, and stands back', async () => {
    let asked = 0;
    const silent: HeaderSource = {
      name: 'silent',
      getHead: async () => HEAD,
      getHeaders: () => {
        asked++;
        return new Promise(() => {});
      },
    };
    const { client, clock, events } = await open({
      sources: [silent, honest('honest', 12)],
      checkpoint: checkpointAt(0),
      store: await seeded(),
    });
    const first = client.sync();
    await clock.advance(9_999);
    expect(client.head.header.number).toBe(7n);
    await clock.advance(1);
    expect((await first).header.number).toBe(12n);
    expect(failuresOf(events)).toEqual([['silent', 'light-client/timeout']]);
    // For five seconds the honest source is asked alone.
    await client.sync();
    expect(asked).toBe(1);
    await clock.advance(5_000);
    const later = client.sync();
    await clock.advance(10_000);
    await later;
    expect(asked).toBe(2);
    expect(clock.timers).toBe(0);
  });

  test('an answer after the time limit changes nothing', async () => {
    let answer: (items: readonly SealedHeaderBytes[]) => void = () => {};
    const late: HeaderSource = {
      name: 'late',
      getHead: async () => HEAD,
      getHeaders: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    };
    const { client, clock } = await open({ sources: [late], store: await seeded() });
    const round = rejectedCode(client.sync());
    await clock.advance(10_000);
    expect(await round).toBe('light-client/no-source');
    answer(chain.bytes.slice(8, 12));
    await settle();
    expect(client.head.header.number).toBe(7n);
  });

  test('one that gives a header at a time does not hold up the others', async () => {
    const asked: string[] = [];
    const count = (source: HeaderSource): HeaderSource => ({
      ...source,
      getHeaders: (first, most, options) => {
        asked.push(source.name);
        return source.getHeaders(first, most, options);
      },
    });
    const slow = count(lying('slow', (items) => items.slice(0, 1), 19n));
    const { client } = await open({ sources: [slow, count(honest())], store: await seeded() });
    expect((await client.sync()).hash).toBe(hashAt(18));
    expect(asked.slice(0, 2)).toEqual(['slow', 'honest']);
    expect(asked.length).toBeLessThan(5);
  });

  test('one that hides new blocks does not hide them', async () => {
    const { client } = await open({ sources: [honest('hides', 8), honest()] });
    expect((await client.sync()).header.number).toBe(HEAD);
  });

  test('all lie: the error names each, and the head stays', async () => {
    const wrong = lying('wrong', (items) =>
      items.map((item) => ({ ...item, bitmap: Uint8Array.of(0) })),
    );
    const dead = { ...honest('dead'), getHead: () => Promise.reject('no route') };
    const { client } = await open({ sources: [wrong, dead], store: await seeded() });
    const error = (await client.sync().catch((cause: unknown) => cause)) as LightClientError;
    expect(error.code).toBe('light-client/no-source');
    expect(error.message).toMatch(/dead: no route; wrong: the seal of block 8 .* not a quorum/);
    expect(client.head.header.number).toBe(7n);
  });

  test('a header ahead of the clock is waited for, not blamed', async () => {
    const start = Number(chain.headers[14]!.header.timestamp) * 1000 - 14_000;
    const clock = manualClock(start);
    const { client, events } = await open({ sources: [honest()], clock });
    await client.sync();
    const at = client.head.header.number;
    expect(at).toBeLessThan(HEAD);
    expect(failuresOf(events)).toEqual([]);
    await clock.advance(60_000);
    expect((await client.sync()).header.number).toBe(HEAD);
  });
});

/** A store in which a client stopped at block 7. */
async function seeded(): Promise<KeyValueStore> {
  const store = memoryStore();
  await open({ sources: [honest('first', 7)], store, checkpoint: checkpointAt(0) }).then(
    ({ client }) => client.sync(),
  );
  const { client } = await open({
    sources: [honest('none', 0)],
    store,
    checkpoint: checkpointAt(7),
  });
  expect(client.head.header.number).toBe(7n);
  return store;
}

describe('restart', () => {
  test('goes on from the store, without any source', async () => {
    const store = memoryStore();
    const first = await open({ sources: [honest('first', 16)], store });
    await first.client.sync();
    await first.client.close();
    const dead = {
      ...honest('dead'),
      getHead: () => Promise.reject(new Error()),
      getHeaders: () => Promise.reject(new Error()),
    };
    const second = await open({ sources: [dead], store });
    expect(second.client.head).toEqual(first.client.head);
    expect((await second.client.getVerifiedHeader(15n)).hash).toBe(hashAt(15));
    const third = await open({ sources: [honest()], store });
    expect((await third.client.sync()).hash).toBe(hashAt(18));
  });

  test('after a crash in the middle of a write the store is as before', async () => {
    const store = memoryStore();
    await open({ sources: [honest('first', 9)], store }).then(({ client }) => client.sync());
    const failing: KeyValueStore = {
      get: (key) => store.get(key),
      getSync: (key) => store.getSync(key),
      iterate: (range) => store.iterate(range),
      close: () => store.close(),
      write: () => Promise.reject(new StorageError({ code: 'storage/closed' })),
    };
    const { client } = await open({ sources: [honest()], store: failing });
    expect(await rejectedCode(client.sync())).toBe('storage/closed');
    expect(client.head.header.number).toBe(9n);
    const again = await open({ sources: [honest()], store });
    expect(again.client.head.header.number).toBe(9n);
    expect((await again.client.sync()).hash).toBe(hashAt(18));
  });

  test('old headers and committees leave the store', async () => {
    const { client, store } = await open({
      sources: [honest()],
      checkpoint: checkpointAt(0),
      keepHeaders: 5,
      keepEpochs: 2,
      batchSize: 4,
    });
    await client.sync();
    const keys: string[] = [];
    for await (const [key] of store.iterate())
      keys.push(`${String.fromCharCode(key[0]!)}${key.at(-1)}`);
    expect(keys).toEqual(['c1', 'c2', ...[13, 14, 15, 16, 17, 18].map((n) => `h${n}`), 'm109']);
  });
});

describe('answers', () => {
  const receipt: Receipt = {
    status: 'success',
    cumulativeGasUsed: 21_000n,
    logsBloom: new Uint8Array(256),
    logs: [],
  };
  const transaction: SignedTransaction = {
    nonce: 1n,
    gasPrice: 100n,
    gasLimit: 21_000n,
    shardId: 0,
    toShardId: 0,
    to: `0x${'11'.repeat(20)}`,
    value: 5n,
    data: new Uint8Array(0),
    v: 27n,
    r: 1n,
    s: 1n,
  };
  const staking: SignedStakingTransaction = {
    directive: { type: 'collect-rewards', delegatorAddress: `0x${'22'.repeat(20)}` },
    nonce: 2n,
    gasPrice: 100n,
    gasLimit: 21_000n,
    v: 27n,
    r: 1n,
    s: 1n,
  };
  const items = [encodeTransaction(transaction), encodeStakingTransaction(staking)];
  const receipts = [
    receipt,
    { ...receipt, status: 'failure', cumulativeGasUsed: 42_000n } as Receipt,
  ];
  const full = makeChain({
    blocks: 12,
    change: (header: Header) =>
      header.number === 9n
        ? {
            ...header,
            transactionsRoot: computeListRoot(items),
            receiptsRoot: computeListRoot(receipts.map(encodeReceipt)),
          }
        : header,
  });
  const question = { blockNumber: 9n, index: 0, proof: proveListItem(items, 0) };

  test('receipts and transactions of a proved block', async () => {
    const { client } = await open({
      sources: [honest('full', 12, full)],
      checkpoint: checkpointAt(7, full),
    });
    expect(await rejectedCode(client.verifyTransaction({ ...question, transaction }))).toBe(
      'light-client/not-proven',
    );
    await client.sync();
    expect(await client.verifyTransaction({ ...question, transaction })).toBe(true);
    const second = { blockNumber: 9n, index: 1, proof: proveListItem(items, 1) };
    expect(await client.verifyTransaction({ ...second, transaction: staking })).toBe(true);
    expect(await client.verifyTransaction({ ...second, transaction })).toBe(false);
    expect(await client.verifyTransaction({ ...question, blockNumber: 8n, transaction })).toBe(
      false,
    );
    const encoded = receipts.map(encodeReceipt);
    for (const index of [0, 1]) {
      const proof = proveListItem(encoded, index);
      const asked = { blockNumber: 9n, index, receipt: receipts[index]!, proof };
      expect(await client.verifyReceipt(asked)).toBe(true);
      expect(await client.verifyReceipt({ ...asked, index: 1 - index })).toBe(false);
      expect(await client.verifyReceipt({ ...asked, proof: [] })).toBe(false);
    }
  });

  test('a header that is not kept is fetched and checked by its seal', async () => {
    const liar = lying('liar', (items) =>
      items.map((item) => ({ ...item, bitmap: Uint8Array.of(0b0111) })),
    );
    const { client, events } = await open({
      sources: [honest('first')],
      way: 'epochs',
      checkpoint: checkpointAt(7),
    });
    await client.sync();
    expect((await client.getVerifiedHeader(13n)).hash).toBe(hashAt(13));
    const store = memoryStore();
    await open({ sources: [honest()], way: 'epochs', store }).then((setup) => setup.client.sync());
    const second = await open({ sources: [liar, honest()], way: 'epochs', store });
    expect((await second.client.getVerifiedHeader(13n)).hash).toBe(hashAt(13));
    expect(failuresOf(second.events)).toEqual([['liar', 'light-client/invalid-seal']]);
    expect(failuresOf(events)).toEqual([]);
    // Before the checkpoint's epoch no committee is known.
    const early = (await client
      .getVerifiedHeader(5n)
      .catch((cause: unknown) => cause)) as LightClientError;
    expect(early.message).toMatch(/the committee of shard 0 in epoch 0 is not known/);
    expect(await rejectedCode(client.getVerifiedHeader(19n))).toBe('light-client/not-proven');
    expect(await rejectedCode(client.getVerifiedHeader(-1n))).toBe('light-client/not-proven');
  });
});

describe('starting', () => {
  const codeWith = (change: Partial<LightClientOptions>): Promise<string | undefined> =>
    rejectedCode(open({ sources: [honest()], ...change }));

  test('bad options', async () => {
    const { client: beacon } = await open({ sources: [honest()] });
    const shard1 = trustCheckpoint(shortNetwork, {
      shardId: 1,
      blockNumber: 7n,
      blockHash: hashAt(7),
    });
    const changes: readonly Partial<LightClientOptions>[] = [
      { sources: [] },
      { network: { ...shortNetwork, blsSuite: 'ietf' } as Network },
      { beacon },
      { checkpoint: shard1, way: 'epochs' },
      { batchSize: 0 },
      { keepEpochs: 0.5 },
      { requestTimeoutMs: Number.NaN },
    ];
    for (const change of changes)
      expect(await codeWith(change)).toBe('light-client/invalid-option');
  });

  test('bad checkpoints', async () => {
    const { header } = chain.headers[10]!;
    const place = { shardId: 0, blockNumber: 10n, blockHash: hashAt(10) };
    const bad: readonly Checkpoint[] = [
      // No committees in the middle of an epoch.
      trustCheckpoint(shortNetwork, place),
      // Committees of another epoch.
      trustCheckpoint(shortNetwork, { ...place, committees: chain.committeesAt(2n) }),
      // The hash of another block.
      { ...checkpointAt(10), blockHash: hashAt(11), blockNumber: 11n, shardId: 1 } as Checkpoint,
    ];
    for (const checkpoint of bad.slice(0, 2)) {
      expect(await codeWith({ checkpoint })).toBe('light-client/invalid-checkpoint');
    }
    expect(header.number).toBe(10n);
    const input = { shardId: 0, blockNumber: 10n, blockHash: hashAt(10) } as const;
    const refused: readonly Parameters<typeof trustCheckpoint>[1][] = [
      { ...input, shardId: 2 },
      { ...input, shardId: -1 },
      { ...input, blockNumber: -1n },
      { ...input, blockNumber: 1n << 64n },
      { ...input, blockHash: '0x12' },
      { ...input, blockHash: 'latest' as never },
      { ...input, committees: { epoch: 1n, committees: [] } },
    ];
    for (const given of refused) {
      expect(await rejectedCode((async () => trustCheckpoint(shortNetwork, given))())).toBe(
        'light-client/invalid-checkpoint',
      );
    }
  });

  test('no source has the checkpoint', async () => {
    expect(await codeWith({ sources: [honest('other', 18, strangers), honest('short', 3)] })).toBe(
      'light-client/no-source',
    );
  });

  test('a store that began elsewhere', async () => {
    const store = memoryStore();
    await open({ sources: [honest()], store });
    expect(await codeWith({ store, checkpoint: checkpointAt(15) })).toBe(
      'light-client/invalid-store',
    );
    const other = makeChain({ blocks: 8, shardId: 1 });
    expect(await codeWith({ store, checkpoint: checkpointAt(7, other) })).toBe(
      'light-client/invalid-store',
    );
    // A checkpoint that the store has proved is as good as its own.
    const { client } = await open({ sources: [honest()], store });
    await client.sync();
    expect(await codeWith({ store, checkpoint: checkpointAt(15) })).toBe(undefined);
  });

  test('a damaged store', async () => {
    const damage = async (
      change: (key: Uint8Array, value: Uint8Array) => Uint8Array | undefined,
    ) => {
      const store = memoryStore();
      await open({ sources: [honest('first', 9)], store }).then(({ client }) => client.sync());
      for await (const [key, value] of store.iterate()) {
        const changed = change(key, value);
        await store.write(
          changed === undefined
            ? [{ type: 'delete', key }]
            : [{ type: 'put', key, value: changed }],
        );
      }
      return await rejectedCode(
        open({ sources: [honest()], store }).then(({ client }) => client.sync()),
      );
    };
    const only = (kind: string, change: (value: Uint8Array) => Uint8Array | undefined) =>
      damage((key, value) => (String.fromCharCode(key[0]!) === kind ? change(value) : value));
    expect(await damage((_key, value) => value)).toBe(undefined);
    const cut = (value: Uint8Array): Uint8Array => value.slice(0, -1);
    for (const kind of ['m', 'h', 'c']) {
      expect(await only(kind, cut)).toBe('light-client/invalid-store');
    }
    expect(await only('h', () => undefined)).toBe('light-client/invalid-store');
    expect(await only('h', () => chain.bytes[9]!.header)).toBe(undefined);
    expect(await only('h', () => chain.bytes[8]!.header)).toBe('light-client/invalid-store');
    expect(await only('m', (value) => flipBit(value, 8 * (value.length - 1)))).toBe(
      'light-client/invalid-store',
    );
    expect(await only('m', (value) => flipBit(value, 8))).toBe('light-client/invalid-store');
  });
});

test('the real headers of mainnet, from one end of an epoch to the next', async () => {
  const { mainnet } = await import('@polyphony/networks');
  const real = mainnetHeaders();
  const bundled = listHeaderSource('bundled', real.map(bytesOf));
  const { client } = await open({
    network: mainnet,
    sources: [bundled],
    checkpoint: trustCheckpoint(mainnet, {
      shardId: 0,
      blockNumber: 1753087n,
      blockHash: real[1]!.hash,
    }),
    way: 'epochs',
  });
  expect((await client.sync()).header.number).toBe(1785855n);
  expect((await client.getVerifiedHeader(1769470n)).hash).toBe(real[2]!.hash);
  expect((await client.getCommittees(89n))?.committees).toHaveLength(4);
});
