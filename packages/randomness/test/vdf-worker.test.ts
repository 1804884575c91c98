import { afterAll, expect, test } from 'vitest';
import type { RandomnessError } from '../src/errors.js';
import { deriveDiscriminant, evaluateVdf, type VdfProgress } from '../src/vdf/index.js';
import { startVdfWorker } from '../src/vdf-worker.js';

// The thread runs the sources.
const loader = new URL('../../../scripts/typescript-thread.mjs', import.meta.url).href;
const execArgv = ['--import', loader, '--conditions=@polyphony/source'];
const worker = startVdfWorker({ execArgv });
afterAll(() => worker.close());

const input = { seed: Uint8Array.of(1, 2, 3), iterations: 3000, discriminantBits: 512 };
const discriminant = deriveDiscriminant(input.seed, 512);
const long = { ...input, iterations: 5_000_000 };
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: RandomnessError) => error.code,
  );

test('a thread gives the same bytes while this one goes on', async () => {
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  const seen: VdfProgress[] = [];
  const result = await worker.evaluate(input, {
    onProgress: (progress) => seen.push(progress),
    checkpointEvery: 1000,
  });
  clearInterval(timer);
  expect(result).toEqual(evaluateVdf(input, { discriminant }));
  expect(turns).toBeGreaterThan(3);
  expect(seen.at(-1)!.phase).toBe('proving');
  expect(seen.filter(({ checkpoint }) => checkpoint !== undefined)).toHaveLength(2);

  const { checkpoint } = seen.find((progress) => progress.checkpoint !== undefined)!;
  expect(await worker.evaluate(input, { discriminant, checkpoint: checkpoint! })).toEqual(result);
  expect(await worker.verify(input, result)).toBe(true);
  expect(await worker.verify(input, result, { discriminant })).toBe(true);
  expect(await worker.verify({ ...input, iterations: 2999 }, result)).toBe(false);
  expect(await worker.deriveDiscriminant(input.seed, 512)).toBe(discriminant);
});

test('a thread may compute with GMP', async () => {
  const withGmp = startVdfWorker({ execArgv, arithmetic: 'gmp' });
  try {
    expect(await withGmp.evaluate(input)).toEqual(evaluateVdf(input, { discriminant }));
  } finally {
    await withGmp.close();
  }
});

test('jobs wait in line; a signal stops the one that runs and takes out one that waits', async () => {
  const running = new AbortController();
  const waiting = new AbortController();
  const first = codeOf(
    worker.evaluate(long, {
      signal: running.signal,
      onProgress: ({ done }) => done >= 640 && running.abort(),
    }),
  );
  const second = codeOf(worker.evaluate(long, { signal: waiting.signal }));
  const third = worker.evaluate(input, { discriminant });
  waiting.abort();
  expect(await second).toBe('randomness/aborted');
  expect(await first).toBe('randomness/aborted');
  expect(await third).toEqual(evaluateVdf(input, { discriminant }));
  expect(await codeOf(worker.evaluate(long, { signal: running.signal }))).toBe(
    'randomness/aborted',
  );
});

test('refusals arrive as the errors they are, and the thread goes on', async () => {
  expect(await codeOf(worker.evaluate({ ...input, iterations: 0 }))).toBe(
    'randomness/out-of-range',
  );
  expect(await codeOf(worker.evaluate(input, { checkpoint: new Uint8Array(3) }))).toBe(
    'randomness/invalid-checkpoint',
  );
  const notBytes = { ...input, seed: null } as never;
  expect(await codeOf(worker.evaluate(notBytes))).toBe('randomness/worker-failed');
  expect(await worker.deriveDiscriminant(input.seed, 512)).toBe(discriminant);
});

test('a thread that cannot run, and a closed worker, reject', async () => {
  const broken = startVdfWorker({ execArgv: ['--import', 'data:text/javascript,throw 1'] });
  expect(await codeOf(broken.deriveDiscriminant(input.seed, 64))).toBe('randomness/worker-failed');
  await broken.close();

  const closed = startVdfWorker({ execArgv });
  const running = codeOf(closed.evaluate(long));
  const waiting = codeOf(closed.evaluate(long));
  await closed.close();
  await closed.close();
  expect([await running, await waiting]).toEqual([
    'randomness/worker-failed',
    'randomness/worker-failed',
  ]);
  expect(await codeOf(closed.verify(input, new Uint8Array(132)))).toBe('randomness/worker-failed');
});

test('without threads there is no worker', () => {
  const { process: kept } = globalThis;
  try {
    Reflect.deleteProperty(globalThis, 'process');
    expect(() => startVdfWorker()).toThrow('this platform has no node:worker_threads');
  } finally {
    globalThis.process = kept;
  }
});
