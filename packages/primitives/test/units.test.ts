import { loadVectors, propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ATTO_PER_NANO,
  ATTO_PER_ONE,
  formatNano,
  formatOne,
  formatUnits,
  parseNano,
  parseOne,
  parseUnits,
} from '../src/units.js';
import { codeOf } from './caught.js';

describe('amounts', () => {
  const forms = { one: [parseOne, formatOne], nano: [parseNano, formatNano] } as const;
  type In = { unit: keyof typeof forms; text: string };
  for (const { name, in: given, out, error } of loadVectors<In, { value: string; text: string }>(
    import.meta.url,
    'units',
    { in: ['unit', 'text'], out: ['value', 'text'] },
  )) {
    test(name, () => {
      const [parse, format] = forms[given.unit];
      if (error !== undefined) {
        expect(codeOf(() => parse(given.text))).toBe(error);
      } else {
        expect(parse(given.text)).toBe(BigInt(out!.value));
        expect(format(BigInt(out!.value))).toBe(out!.text);
      }
    });
  }
});

test('any amount in any unit comes back', () => {
  fc.assert(
    fc.property(fc.bigInt(), fc.integer({ min: 0, max: 255 }), (value, decimals) => {
      const text = formatUnits(value, decimals);
      expect(parseUnits(text, decimals)).toBe(value);
      expect(text).toMatch(/^-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?$/);
    }),
    propertyRuns(500),
  );
});

test('constants and decimals out of range', () => {
  expect(parseOne('1')).toBe(ATTO_PER_ONE);
  expect(parseNano('1')).toBe(ATTO_PER_NANO);
  expect(formatUnits(15n, 0)).toBe('15');
  expect(parseUnits('15', 0)).toBe(15n);
  for (const decimals of [-1, 256, 1.5, Number.NaN]) {
    expect(codeOf(() => parseUnits('1', decimals))).toBe('primitives/out-of-range');
    expect(codeOf(() => formatUnits(1n, decimals))).toBe('primitives/out-of-range');
  }
});

test('a number is not text', () => {
  expect(codeOf(() => parseOne(1 as unknown as string))).toBe('TypeError');
});
