import { describe, expect, test } from 'vitest';
import { checkSources } from '../src/source-rules.js';

const HEADER = '/** What this file decides. */\n';

/** Messages for one source, without its first line. */
function messages(text: string, path = 'packages/chain/src/block.ts'): string[] {
  return checkSources(new Map([[path, HEADER + text]])).map(({ message }) => message);
}

describe('globals of the world', () => {
  test.each([
    ['Date.now()', 'Date'],
    ['new Date()', 'Date'],
    ['setTimeout(() => 1, 2)', 'setTimeout'],
    ['process.env.HOME', 'process'],
    ['Buffer.from("")', 'Buffer'],
    ['fetch("/")', 'fetch'],
    ['console.log(1)', 'console'],
    ['globalThis.crypto', 'globalThis'],
    ['crypto.getRandomValues(bytes)', 'crypto'],
    ['{ fetch }', 'fetch'],
    ['{ now: Date.now }', 'Date'],
    ['typeof process', 'process'],
    ['(clock = Date) => clock', 'Date'],
  ])('%s is found', (expression, name) => {
    const found = messages(`export const x: unknown = ${expression};`);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(new RegExp(`^${name}: `));
  });

  test('Math.random is found, Math.min is not', () => {
    expect(messages('export const x: number = Math.random();')).toEqual([
      'Math.random: random bytes enter as an argument',
    ]);
    expect(messages('export const x: number = Math.min(1, 2);')).toEqual([]);
  });

  test.each([
    'export function f(process: number): number { return process; }',
    'export function f(value: { fetch: number }): number { return value.fetch; }',
    'export function f(at: Date): unknown { return { Date: at }; }',
    'import { crypto } from "x"; export const y: unknown = crypto;',
    'export interface Clock { setTimeout(ms: number): void; }',
    'export function f({ process }: { process: number }): number { return process; }',
  ])('a name of our own is left alone: %s', (text) => {
    expect(messages(text)).toEqual([]);
  });

  test('adapters may touch the world, their neighbours may not', () => {
    const text = 'export const x: unknown = process;';
    expect(messages(text, 'packages/storage/src/level.ts')).toEqual([]);
    expect(messages(text, 'packages/storage/src/memory.ts')).toHaveLength(1);
  });

  test('a folder has only the globals it was given', () => {
    expect(messages('export const x: unknown = crypto;', 'packages/bls/src/keys.ts')).toEqual([]);
    expect(messages('export const x: unknown = fetch;', 'packages/bls/src/keys.ts')).toHaveLength(
      1,
    );
    expect(
      messages('export const x: unknown = fetch;', 'packages/rpc/src/transports/http.ts'),
    ).toEqual([]);
    expect(messages('export const x: unknown = fetch;', 'packages/rpc/src/client.ts')).toHaveLength(
      1,
    );
  });
});

describe('state of a module', () => {
  test.each([
    'let count = 0;',
    'var count = 0;',
    'const cache = new Map();',
    'const seen = new Set<string>();',
    'const memo = new WeakMap();',
    'const queue: number[] = [];',
    'const registry: Record<string, number> = {};',
  ])('%s is found', (text) => {
    expect(messages(text)).toEqual([expect.stringContaining('a module holds no state')]);
  });

  test.each([
    'const NONE: readonly number[] = [];',
    'const EMPTY: ReadonlyMap<string, number> = new Map();',
    'const TABLE = new Map([["a", 1]]);',
    'export function f(): number { let n = 0; n += 1; return n; }',
    'const SIZES = [20, 32];',
  ])('%s is a constant', (text) => {
    expect(messages(text)).toEqual([]);
  });
});

test('star exports are found, except in the front door', () => {
  expect(messages('export * from "./a.js";')).toHaveLength(1);
  expect(messages('export * from "./a.js";', 'packages/sdk/src/index.ts')).toEqual([]);
  expect(messages('export { a } from "./a.js";')).toEqual([]);
});

test('a file without a comment on top and an unfinished mark are found, with their lines', () => {
  const mark = ['TO', 'DO'].join('');
  const problems = checkSources(
    new Map([['packages/x/src/a.ts', `export const a = 1;\n// ${mark} later\n`]]),
  );
  expect(problems.map(({ line }) => line)).toEqual([1, 2]);
});
