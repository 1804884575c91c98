import {
  codeOf,
  loadVectors,
  packageFolder,
  rejectedCode,
  seededRandom,
  unreadVectorFiles,
} from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import * as rpc from '../src/index.js';
import { formatJson, type JsonValue, parseJson, type Rpc, RpcError } from '../src/index.js';
import { recorded, rpcOver, spell, unspell } from './helpers.js';

interface Given {
  namespace: 'hmyv2' | 'hmy';
  call: string;
  options: object;
  reply: string;
}

type Method = (client: Rpc, options: object) => Promise<unknown>;

const cases = loadVectors<Given, { request: string; result: unknown }>(import.meta.url, 'replies', {
  in: ['namespace', 'call', 'options', 'reply'],
  out: ['request', 'result'],
});

function call(given: Given, reply: string): { calls: () => string; result: Promise<unknown> } {
  const transport = recorded(reply);
  const method = (rpc as unknown as Record<string, Method>)[given.call]!;
  const result = method(rpcOver(transport, given.namespace), unspell(given.options) as object);
  return {
    calls: () =>
      transport.calls
        .map(({ method: name, params }) => formatJson({ method: name, params }))
        .join('\n'),
    result,
  };
}

describe('replies', () => {
  for (const { name, in: given, out } of cases) {
    test(name, async () => {
      const { calls, result } = call(given, given.reply);
      expect(spell(await result) ?? null).toEqual(out!.result);
      expect(parseJson(calls())).toEqual(parseJson(out!.request));
    });
  }
});

describe('replies that are not in order', () => {
  test('another type in each place is refused with a code, or does not matter', async () => {
    const strange: JsonValue[] = [
      null,
      true,
      -1n,
      1n << 300n,
      1.5,
      'zz',
      '0x',
      [],
      {},
      [1n],
      '0xZZ',
    ];
    let refused = 0;
    for (const { in: given } of cases) {
      for (const path of paths(parseJson(given.reply))) {
        if (path[0] !== 'result' || path.includes('chain-config')) continue;
        for (const value of strange) {
          const reply = formatJson(replaced(parseJson(given.reply), path, value) as never);
          try {
            await call(given, reply).result;
          } catch (error) {
            expect(error).toBeInstanceOf(RpcError);
            expect((error as RpcError).code).toMatch(/^rpc\/(invalid-reply|hash-mismatch)$/);
            refused++;
          }
        }
      }
    }
    expect(refused).toBeGreaterThan(5000);
  }, 120_000);

  test('bytes changed at random are read or refused with a code', async () => {
    const random = seededRandom(7);
    for (let i = 0; i < 600; i++) {
      const { in: given } = random.pick(cases);
      const text = [...given.reply];
      text[random.below(text.length)] = random.pick(['0', '"', '{', '}', ',', 'x', '-', ' ', '1']);
      try {
        await call(given, text.join('')).result;
      } catch (error) {
        expect((error as RpcError).code).toMatch(/^rpc\//);
      }
    }
  });

  test('a block that is not the one that was asked for', async () => {
    const block = cases.find(({ name }) => name === 'hmyv2: block with hashes')!.in;
    const client = rpcOver(recorded(block.reply));
    expect(await rejectedCode(rpc.getBlockByNumber(client, { number: 1n }))).toBe(
      'rpc/invalid-reply',
    );
    const hash = `0x${'11'.repeat(32)}` as const;
    expect(await rejectedCode(rpc.getBlockByHash(client, { hash }))).toBe('rpc/invalid-reply');
  });

  test('a transaction that is not the one that was asked for, or whose fields lie', async () => {
    const { in: given } = cases.find(({ name }) => name === 'hmyv2: transaction in a block')!;
    const hash = `0x${'11'.repeat(32)}` as const;
    expect(
      await rejectedCode(rpc.getTransactionByHash(rpcOver(recorded(given.reply)), { hash })),
    ).toBe('rpc/hash-mismatch');
    const lies = given.reply.replace(
      '"value": 1185703401996508700',
      '"value": 1185703401996508701',
    );
    expect(lies).not.toBe(given.reply);
    expect(await rejectedCode(call(given, lies).result)).toBe('rpc/hash-mismatch');
  });

  test('a hash of a sent transaction that is another', async () => {
    const { in: given } = cases.find(({ name }) => name === 'hmyv2: send in the Harmony form')!;
    const reply = given.reply.replace(/0x[0-9a-f]{64}/, `0x${'11'.repeat(32)}`);
    expect(await rejectedCode(call(given, reply).result)).toBe('rpc/hash-mismatch');
  });
});

describe('sending', () => {
  const send = cases.find(({ name }) => name === 'hmyv2: send in the Harmony form')!.in;
  const answer = (message: string) =>
    formatJson({ jsonrpc: '2.0', id: 1, error: { code: -32000, message } });

  test('a transaction the node knows is a success', async () => {
    const sent = parseJson(send.reply) as { result: string };
    const known = call(send, answer(`transaction hash ${sent.result}: known transaction`));
    expect(await known.result).toBe(sent.result);
  });

  test('a refusal is its code', async () => {
    const refused = call(send, answer('transaction nonce is 1: nonce too low'));
    expect(await rejectedCode(refused.result)).toBe('rpc/nonce-too-low');
  });

  test('bytes that are no transaction are not sent', async () => {
    const transport = recorded(send.reply);
    for (const raw of [new Uint8Array(0), Uint8Array.of(0xc0), new Uint8Array(100)]) {
      const code = await rejectedCode(rpc.sendRawTransaction(rpcOver(transport), { raw }));
      expect(code).toMatch(/^(chain\/invalid-encoding|primitives\/invalid-rlp)$/);
    }
    expect(transport.calls).toEqual([]);
  });

  test('is never marked as repeatable, reads are', async () => {
    const transport = recorded(send.reply);
    const { raw } = unspell(send.options) as { raw: Uint8Array };
    await rpc.sendRawTransaction(rpcOver(transport), { raw });
    expect(transport.calls[0]!.idempotent).toBe(false);
    const reading = recorded('{"jsonrpc":"2.0","id":1,"result":5}');
    await rpc.getBlockNumber(rpcOver(reading));
    await rpc.request(rpcOver(reading), 'hmyv2_getEpoch');
    expect(reading.calls.map(({ idempotent }) => idempotent)).toEqual([true, false]);
  });
});

describe('blocks beyond the chain', () => {
  test.each([
    [
      'an error',
      {
        error: {
          code: -32000,
          message: 'requested block number greater than current block number',
        },
      },
    ],
    ['null', { result: null }],
  ])('told by %s are undefined', async (_, body) => {
    const client = rpcOver(recorded(formatJson({ jsonrpc: '2.0', id: 1, ...body })));
    expect(await rpc.getBlockByNumber(client, { number: 10n ** 9n })).toBeUndefined();
  });
  test('other errors stay errors', async () => {
    const error = { code: -32000, message: 'rate: Wait(n=1) would exceed context deadline' };
    const client = rpcOver(recorded(formatJson({ jsonrpc: '2.0', id: 1, error })));
    expect(await rejectedCode(rpc.getBlockByNumber(client, { number: 1n }))).toBe(
      'rpc/rate-limited',
    );
  });
});

describe('the network of a node', () => {
  const node = (chainId: number, shardId: number) => ({
    request: async ({ method }: { method: string }) =>
      method.endsWith('chainId') ? BigInt(chainId) : BigInt(shardId),
  });
  test('is compared', async () => {
    await rpc.assertNetwork(rpcOver(node(1, 0)));
    expect(await rejectedCode(rpc.assertNetwork(rpcOver(node(2, 0))))).toBe('rpc/wrong-network');
    expect(await rejectedCode(rpc.assertNetwork(rpcOver(node(1, 1))))).toBe('rpc/wrong-network');
  });
});

describe('arguments', () => {
  test('block numbers and shard ids out of range', async () => {
    const client = rpcOver(recorded('{}'));
    for (const number of [-1n, 1n << 63n])
      expect(await rejectedCode(rpc.getBlockByNumber(client, { number }))).toBe(
        'rpc/invalid-option',
      );
    for (const shardId of [-1, 0.5, 2 ** 32, Number.NaN])
      expect(codeOf(() => rpc.createRpc({ ...client, shardId }))).toBe('rpc/invalid-option');
  });
});

test('every vector file is read', () => {
  expect(unreadVectorFiles(packageFolder(import.meta.url))).toEqual([]);
});

/** Paths of every value inside a value. */
function paths(value: JsonValue, at: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [at];
  const inside = Object.entries(value).flatMap(([name, member]) => paths(member, [...at, name]));
  return [at, ...inside];
}

/** A copy with one value replaced. */
function replaced(value: JsonValue, path: readonly string[], by: JsonValue): JsonValue {
  const [first, ...rest] = path;
  if (first === undefined) return by;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<
    string,
    JsonValue
  >;
  copy[first] = replaced(copy[first]!, rest, by);
  return copy as JsonValue;
}
