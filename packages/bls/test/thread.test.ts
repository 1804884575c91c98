/** An engine in a thread: the same bytes and answers as here, refusals as the errors they are, and its end. */
import { type BlsError, ietfBls } from '@polyphony/bls';
import { createBlstBls } from '@polyphony/bls/blst';
import { startBlsThread } from '@polyphony/bls/thread';
import { createWasmBls } from '@polyphony/bls/wasm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

// The thread runs the sources.
const loader = new URL('../../../scripts/typescript-thread.mjs', import.meta.url).href;
const execArgv = ['--import', loader, '--conditions=@polyphony/source'];
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: BlsError) => error.code,
  );
const secrets = Array.from({ length: 70 }, (_, i) => new Uint8Array(32).fill(i + 1));
const message = new Uint8Array(32).fill(77);

describe.each([
  ['blst', 'ietf', () => createBlstBls()],
  ['mcl-wasm', 'harmony', () => createWasmBls()],
] as const)('%s', (engine, suite, create) => {
  const thread = startBlsThread({ engine, cachedPublicKeys: 80, cachedSignatures: 80, execArgv });
  afterAll(() => thread.close());
  let signatures: readonly Uint8Array[];
  let publicKeys: readonly Uint8Array[];

  beforeAll(async () => {
    publicKeys = await Promise.all(secrets.map((secret) => thread.holdKey(secret)));
    signatures = await Promise.all(publicKeys.map((key) => thread.sign(key, message)));
  });

  test('signs, verifies and adds up as here', async () => {
    const bls = await create();
    expect(thread.suite).toBe(suite);
    expect(publicKeys[69]).toEqual(bls.getPublicKey(secrets[69]!));
    expect(signatures[69]).toEqual(bls.sign(message, secrets[69]!));
    expect(await thread.aggregateSignatures(signatures)).toEqual(
      bls.aggregateSignatures(signatures),
    );
    const entries = publicKeys.map((publicKey, i) => ({ publicKey, signature: signatures[i]! }));
    const weights = new Uint8Array(8 * entries.length).fill(5);
    expect(await thread.findInvalid(message, entries, weights)).toEqual([]);
    entries[66] = { ...entries[66]!, signature: signatures[65]! };
    entries[3] = { ...entries[3]!, signature: signatures[3]!.slice(1) };
    entries[9] = { ...entries[9]!, publicKey: new Uint8Array(48).fill(0xff) };
    expect(await thread.findInvalid(message, entries, weights)).toEqual([3, 9, 66]);
  });

  test('refuses with the same errors, and goes on', async () => {
    const other = new Uint8Array(48).fill(1);
    const zero = { publicKey: publicKeys[0]!, signature: signatures[0]! };
    const codes = await Promise.all(
      [
        thread.sign(other, message),
        thread.holdKey(new Uint8Array(32)),
        thread.aggregateSignatures([]),
        thread.aggregateSignatures([new Uint8Array(95)]),
        thread.aggregateSignatures([new Uint8Array(96).fill(0xff)]),
        thread.findInvalid(message, [], new Uint8Array(8)),
        thread.findInvalid(message, [zero], new Uint8Array(8)),
        thread.sign(null as never, message),
        thread.sign(publicKeys[1]!, message),
      ].map(codeOf),
    );
    expect(codes).toEqual([
      'bls/out-of-range',
      'bls/invalid-secret-key',
      'bls/nothing-to-aggregate',
      'bls/invalid-length',
      'bls/invalid-encoding',
      'bls/invalid-length',
      'bls/invalid-weights',
      'bls/out-of-range',
      'done',
    ]);
  });
});

test('noble in a thread; a closed thread refuses what waits and what comes', async () => {
  const thread = startBlsThread({ engine: 'noble', suite: 'ietf', execArgv });
  const publicKey = await thread.holdKey(secrets[0]!);
  expect(publicKey).toEqual(ietfBls().getPublicKey(secrets[0]!));
  const waiting = codeOf(thread.sign(publicKey, message));
  await thread.close();
  expect(await waiting).toBe('bls/thread-failed');
  expect(await codeOf(thread.sign(publicKey, message))).toBe('bls/thread-failed');
  await thread.close();
});

test('a thread that cannot start refuses; blst has one suite', async () => {
  const broken = startBlsThread({
    engine: 'noble',
    execArgv: ['--import', 'data:text/javascript,throw 1'],
  });
  expect(await codeOf(broken.holdKey(secrets[0]!))).toBe('bls/thread-failed');
  const tooMuch = startBlsThread({ engine: 'noble', cachedPublicKeys: -1, execArgv });
  expect(await codeOf(tooMuch.holdKey(secrets[0]!))).toBe('bls/thread-failed');
  expect(() => startBlsThread({ engine: 'blst', suite: 'harmony' })).toThrow('suite must be ietf');
});
