import { codeOf } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import {
  type AccountsError,
  hashTypedData,
  type TypedData,
  type TypedDataValue,
} from '../src/index.js';

/** Typed data with one field of a type. */
function single(type: string, value: TypedDataValue): TypedData {
  return {
    types: { Root: [{ name: 'x', type }] },
    primaryType: 'Root',
    domain: { name: 'test' },
    message: { x: value },
  };
}

const accepted: [string, TypedDataValue][] = [
  ['uint8', 255],
  ['uint8', '255'],
  ['uint8', '0xff'],
  ['uint8', 255n],
  ['int8', -128],
  ['int8', 127],
  ['uint256', (1n << 256n) - 1n],
  ['int256', -(1n << 255n)],
  ['bytes3', '0x010203'],
  ['bytes3', Uint8Array.of(1, 2, 3)],
  ['bytes', new Uint8Array(0)],
  ['address', 'one1a50tun737ulcvwy0yvve0pvu5skq0kjargvhwe'],
  ['bool', false],
  ['string', ''],
  ['uint8[]', []],
  ['uint8[2]', [1, 2]],
];

const refused: [string, unknown][] = [
  ['uint8', 256],
  ['uint8', -1],
  ['uint8', 1.5],
  ['uint8', '1.5'],
  ['uint8', ''],
  ['uint8', '0x'],
  ['uint8', true],
  ['uint8', null],
  ['uint8', undefined],
  ['uint8', 2 ** 60],
  ['int8', 128],
  ['int8', -129],
  ['uint256', 1n << 256n],
  ['int256', 1n << 255n],
  ['bytes3', '0x0102'],
  ['bytes3', '010203'],
  ['bytes3', '0x01020'],
  ['bytes', 'text'],
  ['address', '0x00'],
  ['address', '0xFB6916095ca1df60bB79Ce92cE3Ea74c37c5d359'],
  ['bool', 'true'],
  ['bool', 1],
  ['string', 1],
  ['uint8[]', 1],
  ['uint8[]', { 0: 1 }],
  ['uint8[2]', [1]],
  ['uint8[2]', [1, 2, 3]],
  ['uint8[][]', [1]],
];

describe('values', () => {
  test.each(accepted)('%s takes %s', (type, value) => {
    expect(hashTypedData(single(type, value))).toHaveLength(32);
  });
  test.each(refused)('%s refuses %s', (type, value) => {
    expect(codeOf(() => hashTypedData(single(type, value as never)))).toBe(
      'accounts/invalid-typed-data',
    );
  });
  test('spellings of one value are one digest', () => {
    const digest = hashTypedData(single('uint8', 255));
    for (const value of ['255', '0xff', 255n])
      expect(hashTypedData(single('uint8', value))).toEqual(digest);
  });
});

describe('types', () => {
  test.each([
    'uint',
    'int',
    'uint7',
    'uint264',
    'bytes0',
    'bytes33',
    'function',
    'Other',
    '',
    'uint8[',
    'uint8[]]',
    'uint8[-1]',
    '[]',
  ])('type %j is refused', (type) => {
    expect(codeOf(() => hashTypedData(single(type, 1)))).toBe('accounts/invalid-typed-data');
  });

  const base = single('uint8', 1);
  test.each([
    ['a type with a built-in name', { types: { ...base.types, uint8: [] } }],
    ['a type with a bracket in its name', { types: { ...base.types, 'A[]': [] } }],
    ['a field without a name', { types: { Root: [{ name: '', type: 'uint8' }] } }],
    ['a field twice', { types: { Root: [...base.types.Root!, ...base.types.Root!] } }],
    ['an unknown primary type', { primaryType: 'Other' }],
    ['the prototype as primary type', { primaryType: 'constructor' }],
    ['a domain without members', { domain: {} }],
    ['a domain with a strange member', { domain: { name: 'x', other: 1 } }],
    ['a chain id that is none', { domain: { chainId: -1 } }],
    ['a field that is not in the type', { message: { x: 1, y: 2 } }],
    ['a message that is a list', { message: [1] }],
    ['a message that is missing', { message: undefined }],
    [
      'a domain type with a wrong member',
      { types: { ...base.types, EIP712Domain: [{ name: 'name', type: 'uint8' }] } },
    ],
  ])('%s', (_, change) => {
    expect(codeOf(() => hashTypedData({ ...base, ...change } as never))).toBe(
      'accounts/invalid-typed-data',
    );
  });

  test('__proto__ is a name like any other', () => {
    const types = JSON.parse('{"Root":[{"name":"__proto__","type":"uint8"}]}');
    const message = JSON.parse('{"__proto__":1}');
    expect(hashTypedData({ ...base, types, message })).toHaveLength(32);
    expect(codeOf(() => hashTypedData({ ...base, types, message: {} }))).toBe(
      'accounts/invalid-typed-data',
    );
  });

  test('depth is bounded', () => {
    const types = { Root: [{ name: 'next', type: 'Root[]' }] };
    let message: { next: TypedDataValue } = { next: [] };
    for (let i = 0; i < 10; i++) message = { next: [message] };
    expect(hashTypedData({ ...base, types, message })).toHaveLength(32);
    for (let i = 0; i < 100; i++) message = { next: [message] };
    expect(codeOf(() => hashTypedData({ ...base, types, message }))).toBe(
      'accounts/invalid-typed-data',
    );
    expect(codeOf(() => hashTypedData(single(`uint8${'[]'.repeat(50)}`, [])))).toBe(
      'accounts/invalid-typed-data',
    );
  });

  test('the path of an error names the place', () => {
    const data: TypedData = {
      types: {
        Root: [{ name: 'list', type: 'Item[]' }],
        Item: [{ name: 'amount', type: 'uint8' }],
      },
      primaryType: 'Root',
      domain: { name: 'test' },
      message: { list: [{ amount: 1 }, { amount: 300 }] },
    };
    expect(() => hashTypedData(data)).toThrow(
      'typed data at message.list[1].amount: does not fit uint8',
    );
  });
});

test('a list longer than a call may have arguments, of types with many fields', () => {
  const names = Array.from({ length: 300 }, (_, i) => `f${i}`);
  const data: TypedData = {
    types: {
      Book: [
        { name: 'numbers', type: 'uint8[]' },
        { name: 'pages', type: 'Page[]' },
      ],
      Page: names.map((name) => ({ name, type: 'bool' })),
    },
    primaryType: 'Book',
    domain: { name: 'long' },
    message: {
      numbers: Array.from({ length: 150_000 }, (_, i) => i & 255),
      pages: Array.from({ length: 50 }, () =>
        Object.fromEntries(names.map((name) => [name, true])),
      ),
    },
  };
  expect(hashTypedData(data)).toHaveLength(32);
});

test('JSON of another shape is refused by name', () => {
  const shapes: [unknown, string][] = [
    [null, 'typed data'],
    [[], 'typed data'],
    [{}, 'types'],
    [{ types: [], primaryType: 'A', domain: {}, message: {} }, 'types'],
    [{ types: {}, primaryType: 'A', message: {} }, 'domain'],
    [{ types: {}, primaryType: 'A', domain: {}, message: 'text' }, 'message'],
    [{ types: {}, primaryType: 7, domain: {}, message: {} }, 'primaryType'],
    [{ types: { A: {} }, primaryType: 'A', domain: {}, message: {} }, 'types.A'],
    [{ types: { A: [7] }, primaryType: 'A', domain: {}, message: {} }, 'types.A'],
    [{ types: { A: [{ name: 'a' }] }, primaryType: 'A', domain: {}, message: {} }, 'types.A'],
  ];
  for (const [data, path] of shapes) {
    try {
      hashTypedData(data as TypedData);
      expect.unreachable();
    } catch (error) {
      expect((error as AccountsError).details).toMatchObject({
        code: 'accounts/invalid-typed-data',
        path,
      });
    }
  }
});
