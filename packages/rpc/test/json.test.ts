import { codeOf, propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatJson, isJsonObject, type JsonInput, parseJson, RpcError } from '../src/index.js';

/** Values without fractions: those are compared by the platform's own reader below. */
const value: fc.Arbitrary<JsonInput> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, false),
    fc.bigInt({ min: -(1n << 256n), max: 1n << 256n }),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 5 }),
  ),
})).value as fc.Arbitrary<JsonInput>;

/** A value as the platform's reader has it, with one zero. */
function plain(read: unknown): unknown {
  if (typeof read === 'bigint' || typeof read === 'number') return Number(read) || 0;
  if (Array.isArray(read)) return read.map(plain);
  if (typeof read !== 'object' || read === null) return read;
  return Object.fromEntries(Object.entries(read).map(([name, member]) => [name, plain(member)]));
}

describe('reading and writing', () => {
  test('round trip', () => {
    fc.assert(
      fc.property(value, (input) => {
        const text = formatJson(input);
        expect(formatJson(parseJson(text) as JsonInput)).toBe(text);
      }),
      propertyRuns(300),
    );
  });

  test('whatever it takes, the platform takes, and reads the same but for large integers', () => {
    const token = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"a"',
      '"b"',
      '1',
      '-0',
      '2.5',
      '1e2',
      'null',
      ' ',
      '\\',
      '"',
      '.',
    );
    let taken = 0;
    fc.assert(
      fc.property(fc.array(token, { maxLength: 9 }), (tokens) => {
        const text = tokens.join('');
        let read: unknown;
        try {
          read = parseJson(text);
        } catch (error) {
          expect(error).toBeInstanceOf(RpcError);
          // Stricter only about names that occur twice.
          if ((error as Error).message.endsWith('a member name occurs twice')) return;
          expect(() => JSON.parse(text)).toThrow();
          return;
        }
        taken++;
        expect(plain(read)).toEqual(plain(JSON.parse(text)));
      }),
      propertyRuns(2000),
    );
    expect(taken).toBeGreaterThan(50);
  });

  test('any text is read or refused with a code', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        try {
          parseJson(text);
        } catch (error) {
          expect((error as RpcError).code).toBe('rpc/invalid-json');
        }
      }),
      propertyRuns(500),
    );
  });

  test('what a cut text was part of is refused', () => {
    const text = '{"a":[1,2,{"b":"c\\n"}],"d":-1.5e3,"e":true}';
    parseJson(text);
    for (let end = 0; end < text.length; end++)
      expect(codeOf(() => parseJson(text.slice(0, end)))).toBe('rpc/invalid-json');
  });

  test('an offset names the place', () => {
    try {
      parseJson('{"a":1,"a":2}');
    } catch (error) {
      expect((error as RpcError).details).toMatchObject({ offset: 7 });
    }
    expect(() => parseJson('[1,x]')).toThrow('invalid JSON at character 3: a number needs a digit');
  });
});

describe('objects', () => {
  test('have no prototype', () => {
    const object = parseJson('{"__proto__":{"polluted":true}}') as Record<string, unknown>;
    expect(Object.getPrototypeOf(object)).toBeNull();
    expect(object.polluted).toBeUndefined();
    expect('toString' in object).toBe(false);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
  test('are told from lists and null', () => {
    expect(isJsonObject(parseJson('{}'))).toBe(true);
    for (const text of ['[]', 'null', '1', '"x"'])
      expect(isJsonObject(parseJson(text))).toBe(false);
    expect(isJsonObject(undefined)).toBe(false);
  });
});

describe('bounds', () => {
  test('length, depth, values and digits', () => {
    expect(codeOf(() => parseJson('[1,2,3]', { maxLength: 6 }))).toBe('rpc/invalid-json');
    expect(codeOf(() => parseJson('[[]]', { maxDepth: 1 }))).toBe('rpc/invalid-json');
    expect(codeOf(() => parseJson('[1,2,3]', { maxValues: 3 }))).toBe('rpc/invalid-json');
    expect(codeOf(() => parseJson('1234', { maxDigits: 3 }))).toBe('rpc/invalid-json');
    expect(parseJson('[1,2,3]', { maxLength: 7, maxDepth: 1, maxValues: 4, maxDigits: 1 })).toEqual(
      [1n, 2n, 3n],
    );
  });

  test('a large reply is read in a time that grows with its length', () => {
    const entry = '{"hash":"0x1234567890abcdef","amount":10000000000000000000001,"list":[1,2,3]}';
    const time = (count: number): number => {
      const text = `[${Array.from({ length: count }, () => entry).join(',')}]`;
      const started = performance.now();
      parseJson(text);
      return performance.now() - started;
    };
    time(1_000);
    const best = (count: number): number => Math.min(time(count), time(count), time(count));
    const [small, large] = [Math.max(best(2_000), 1), best(40_000)];
    // Twenty times the text; a quadratic reader would need four hundred times as long.
    expect(large / small).toBeLessThan(120);
  });
});

describe('writing', () => {
  test('leaves undefined members out and refuses what JSON has not', () => {
    expect(formatJson({ a: undefined, b: 1n, c: [null, true] })).toBe('{"b":1,"c":[null,true]}');
    expect(codeOf(() => formatJson(Number.NaN))).toBe('rpc/invalid-option');
    expect(() => formatJson((() => 1) as never)).toThrow(TypeError);
    expect(() => parseJson(1 as never)).toThrow(TypeError);
  });
});
