import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import {
  absDec,
  addDec,
  ceilDec,
  type Dec,
  decFromRaw,
  decRlp,
  formatDec,
  isIntegerDec,
  mulDec,
  mulIntDec,
  mulTruncateDec,
  negDec,
  parseDec,
  quoDec,
  quoIntDec,
  quoRoundUpDec,
  quoTruncateDec,
  readDec,
  roundIntDec,
  subDec,
  truncateDec,
  truncateIntDec,
} from '../src/dec.js';
import { PrimitivesError } from '../src/errors.js';
import { bytesToPlainHex, hexToBytes } from '../src/hex.js';
import { encodeRlp, RlpReader } from '../src/rlp.js';
import { caught, codeOf } from './caught.js';

describe('parseDec', () => {
  type Out = { raw: string; text: string } | { refusal: string };
  for (const { name, in: given, out } of loadVectors<{ text: string }, Out>(
    import.meta.url,
    'dec-parse',
    { in: ['text'], out: ['raw', 'text', 'refusal'] },
  )) {
    test(name, () => {
      if ('refusal' in out!) {
        const error = caught(() => parseDec(given.text));
        expect(error).toBeInstanceOf(PrimitivesError);
        expect((error as PrimitivesError).code).toBe('primitives/invalid-decimal');
        expect((error as PrimitivesError).message).toBe(out.refusal);
      } else {
        const dec = parseDec(given.text);
        expect(dec).toBe(BigInt(out!.raw));
        expect(formatDec(dec)).toBe(out!.text);
      }
    });
  }
});

describe('two decimals', () => {
  const operations = {
    add: addDec,
    sub: subDec,
    mul: mulDec,
    mulTruncate: mulTruncateDec,
    quo: quoDec,
    quoRoundUp: quoRoundUpDec,
    quoTruncate: quoTruncateDec,
  };
  const panics: Readonly<Record<string, string>> = {
    'division-by-zero': 'primitives/division-by-zero',
    overflow: 'primitives/decimal-overflow',
  };
  type Out = Record<keyof typeof operations, string> & { cmp: number };
  for (const { name, in: given, out } of loadVectors<{ a: string; b: string }, Out>(
    import.meta.url,
    'dec-arith',
    { in: ['a', 'b'], out: [...Object.keys(operations), 'cmp'] },
  )) {
    test(name, () => {
      const a = parseDec(given.a);
      const b = parseDec(given.b);
      for (const [key, operation] of Object.entries(operations)) {
        const expected = out![key as keyof typeof operations];
        const code = panics[expected];
        if (code === undefined) expect(formatDec(operation(a, b)), key).toBe(expected);
        else
          expect(
            codeOf(() => operation(a, b)),
            key,
          ).toBe(code);
      }
      expect(a < b ? -1 : a > b ? 1 : 0).toBe(out!.cmp);
    });
  }
});

describe('one decimal', () => {
  type Out = {
    ceil: string;
    isInteger: boolean;
    roundInt: string;
    truncateDec: string;
    truncateInt: string;
  };
  for (const { name, in: given, out } of loadVectors<{ d: string }, Out>(
    import.meta.url,
    'dec-round',
    { in: ['d'], out: ['ceil', 'isInteger', 'roundInt', 'truncateDec', 'truncateInt'] },
  )) {
    test(name, () => {
      const dec = parseDec(given.d);
      expect({
        ceil: formatDec(ceilDec(dec)),
        isInteger: isIntegerDec(dec),
        roundInt: String(roundIntDec(dec)),
        truncateDec: formatDec(truncateDec(dec)),
        truncateInt: String(truncateIntDec(dec)),
      }).toEqual(out);
    });
  }
  for (const { name, in: given, out } of loadVectors<{ d: string }, { roundInt: string }>(
    import.meta.url,
    'dec-bankers',
    { in: ['d'], out: ['roundInt'] },
  )) {
    test(`half to even: ${name}`, () => {
      expect(String(roundIntDec(parseDec(given.d)))).toBe(out!.roundInt);
      expect(roundIntDec(negDec(parseDec(given.d)))).toBe(-BigInt(out!.roundInt));
    });
  }
});

describe('whole numbers', () => {
  type Out = { mulInt: string; quoInt: string };
  for (const { name, in: given, out } of loadVectors<{ d: string; n: string }, Out>(
    import.meta.url,
    'dec-int-ops',
    { in: ['d', 'n'], out: ['mulInt', 'quoInt'] },
  )) {
    test(name, () => {
      const dec = parseDec(given.d);
      expect(formatDec(mulIntDec(dec, BigInt(given.n)))).toBe(out!.mulInt);
      expect(formatDec(quoIntDec(dec, BigInt(given.n)))).toBe(out!.quoInt);
    });
  }
});

describe('text, JSON and RLP', () => {
  type Out = { text: string; json: string; rlp: string };
  for (const { name, in: given, out } of loadVectors<{ raw: string }, Out>(
    import.meta.url,
    'dec-text',
    { in: ['raw'], out: ['text', 'json', 'rlp'] },
  )) {
    test(name, () => {
      const dec: Dec = decFromRaw(BigInt(given.raw));
      expect(formatDec(dec)).toBe(out!.text);
      expect(JSON.stringify(formatDec(dec))).toBe(out!.json);
      expect(parseDec(JSON.parse(out!.json))).toBe(dec);
      if (out!.rlp === 'negative') {
        expect(codeOf(() => encodeRlp(decRlp(dec)))).toBe('primitives/out-of-range');
        expect(formatDec(absDec(dec))).toBe(out!.text.slice(1));
      } else {
        expect(bytesToPlainHex(encodeRlp(decRlp(dec)))).toBe(out!.rlp);
        expect(readDec(new RlpReader(hexToBytes(out!.rlp)))).toBe(dec);
      }
    });
  }
});
