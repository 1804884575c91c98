import { describe, expect, test } from 'vitest';
import { equalBytes } from '../src/bytes.js';
import { PrimitivesError } from '../src/errors.js';
import { bytesToHex, hexToBytes } from '../src/hex.js';
import { decodeRlp, encodeRlp, openRlpList, type RlpInput, RlpReader } from '../src/rlp.js';
import { caught, codeOf } from './caught.js';

const reader = (hex: string): RlpReader => new RlpReader(hexToBytes(hex));

describe('encodeRlp', () => {
  test('integers as bigint and as number are the same bytes', () => {
    const values = [
      0,
      1,
      0x7f,
      0x80,
      0xff,
      0x100,
      0xffff,
      0x10000,
      2 ** 31,
      2 ** 32,
      2 ** 40 + 5,
      2 ** 48 - 1,
      2 ** 48,
      Number.MAX_SAFE_INTEGER,
    ];
    for (const value of values) {
      expect(bytesToHex(encodeRlp(value)), String(value)).toBe(
        bytesToHex(encodeRlp(BigInt(value))),
      );
      expect(new RlpReader(encodeRlp(value)).readBigInt(64)).toBe(BigInt(value));
    }
    expect(bytesToHex(encodeRlp([0, 0n]))).toBe('0xc28080');
  });

  test('an encoded item goes in as it is', () => {
    const inner = encodeRlp([1n, 2n]);
    expect(encodeRlp([{ rlp: inner }, { rlp: inner }])).toEqual(
      encodeRlp([
        [1, 2],
        [1, 2],
      ]),
    );
    expect(encodeRlp({ rlp: inner })).toEqual(inner);
  });

  test('lists and long integers mixed keep their own lengths', () => {
    const big = (1n << 500n) - 3n;
    const input: RlpInput = [big, [big, [], [1n << 255n, 7n]], 1n << 60n, [[]], new Uint8Array(60)];
    const fields = openRlpList(encodeRlp(input));
    expect(fields.readBigInt(512)).toBe(big);
    const inner = fields.readList();
    expect(inner.readBigInt(512)).toBe(big);
    inner.readList().assertDone();
    const innermost = inner.readList();
    expect([innermost.readBigInt(), innermost.readBigInt()]).toEqual([1n << 255n, 7n]);
    inner.assertDone();
    expect(fields.readBigInt(64)).toBe(1n << 60n);
    expect(fields.readItem()).toEqual([[]]);
    expect(fields.readFixed(60)).toEqual(new Uint8Array(60));
    fields.assertDone();
  });

  test('a view over a larger buffer is written alone', () => {
    const view = Uint8Array.of(9, 9, 1, 2, 3, 9).subarray(2, 5);
    expect(bytesToHex(encodeRlp(view))).toBe('0x83010203');
    expect(bytesToHex(encodeRlp(Buffer.from([1, 2, 3])))).toBe('0x83010203');
  });

  test('what cannot be encoded', () => {
    for (const value of [-1n, -1, 1.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY]) {
      expect(
        codeOf(() => encodeRlp([value])),
        String(value),
      ).toBe('primitives/out-of-range');
    }
    let deep: RlpInput = [];
    for (let i = 0; i < 64; i++) deep = [deep];
    expect(codeOf(() => encodeRlp(deep))).toBe('primitives/out-of-range');
    const cyclic: RlpInput[] = [];
    cyclic.push(cyclic);
    expect(codeOf(() => encodeRlp(cyclic))).toBe('primitives/out-of-range');
  });

  test('a wrong type is a TypeError', () => {
    for (const value of ['0x01', true, null, undefined, {}, { rlp: [1] }, [['a']]]) {
      expect(codeOf(() => encodeRlp(value as unknown as RlpInput))).toBe('TypeError');
    }
  });
});

describe('RlpReader', () => {
  test('strings are views into the input', () => {
    const bytes = hexToBytes('c483010203');
    const view = openRlpList(bytes).readBytes();
    bytes[2] = 0xee;
    expect([...view]).toEqual([0xee, 2, 3]);
  });

  test('a view and a Buffer are read within their bounds', () => {
    const outer = hexToBytes('ffffc3010203ffff');
    const fields = openRlpList(outer.subarray(2, 6));
    expect([fields.readUint32(), fields.readBigInt(), fields.readBytes()[0]]).toEqual([1, 2n, 3]);
    expect(fields.done).toBe(true);
    const decoded = decodeRlp(Buffer.from('ca8401020304840506070801', 'hex').subarray(0, 11));
    expect(decoded).toEqual([Uint8Array.of(1, 2, 3, 4), Uint8Array.of(5, 6, 7, 8)]);
    expect((decoded as Uint8Array[])[0]!.constructor).toBe(Uint8Array);
    const late = openRlpList(encodeRlp([new Uint8Array(40), (1n << 100n) + 5n]).slice());
    late.readBytes();
    expect(late.readBigInt()).toBe((1n << 100n) + 5n);
  });

  test('integers', () => {
    expect(reader('80').readBigInt()).toBe(0n);
    expect(reader('88ffffffffffffffff').readBigInt(64)).toBe(2n ** 64n - 1n);
    expect(reader('84ffffffff').readUint32()).toBe(2 ** 32 - 1);
    expect(reader('80').readUint32()).toBe(0);
    const refused: readonly [string, (fields: RlpReader) => unknown][] = [
      ['00', (fields) => fields.readBigInt()],
      ['00', (fields) => fields.readUint32()],
      ['820001', (fields) => fields.readBigInt()],
      ['820001', (fields) => fields.readUint32()],
      ['89ffffffffffffffffff', (fields) => fields.readBigInt(64)],
      ['8501ffffffff', (fields) => fields.readUint32()],
      ['8101', (fields) => fields.readUint32()],
      ['c0', (fields) => fields.readBigInt()],
      ['c0', (fields) => fields.readUint32()],
      [`a1${'01'.repeat(33)}`, (fields) => fields.readBigInt()],
    ];
    for (const [hex, run] of refused) {
      expect(
        codeOf(() => run(reader(hex))),
        hex,
      ).toBe('primitives/invalid-rlp');
    }
  });

  test('fixed strings, lists and raw items', () => {
    expect(reader('820102').readFixed(2)).toEqual(Uint8Array.of(1, 2));
    expect(codeOf(() => reader('820102').readFixed(3))).toBe('primitives/invalid-rlp');
    expect(codeOf(() => reader('c0').readFixed(0))).toBe('primitives/invalid-rlp');
    expect(codeOf(() => reader('80').readList())).toBe('primitives/invalid-rlp');
    expect(codeOf(() => reader('c0').readBytes())).toBe('primitives/invalid-rlp');
    const fields = reader('c2010283010203c105');
    expect(fields.nextIsList).toBe(true);
    expect(bytesToHex(fields.readRaw())).toBe('0xc20102');
    expect([fields.nextIsList, fields.offset]).toEqual([false, 3]);
    expect(bytesToHex(fields.readRaw())).toBe('0x83010203');
    expect(fields.readItem()).toEqual([Uint8Array.of(5)]);
    expect([fields.done, fields.nextIsList]).toEqual([true, false]);
    expect(codeOf(() => fields.readRaw())).toBe('primitives/invalid-rlp');
  });

  test('a refused item is not consumed', () => {
    const fields = reader('c101');
    expect(codeOf(() => fields.readBytes())).toBe('primitives/invalid-rlp');
    expect(codeOf(() => fields.readUint32())).toBe('primitives/invalid-rlp');
    expect(fields.offset).toBe(0);
    expect(fields.readList().readUint32()).toBe(1);
  });

  test('what is left is named', () => {
    const fields = openRlpList(hexToBytes('c20102'));
    fields.readUint32();
    expect(() => fields.assertDone('header')).toThrow('header has 1 bytes after its last item');
    expect(codeOf(() => openRlpList(hexToBytes('c2010203')))).toBe('primitives/invalid-rlp');
  });

  test('the error says where', () => {
    const error = caught(() => decodeRlp(hexToBytes('c3018101'))) as PrimitivesError;
    expect(error).toBeInstanceOf(PrimitivesError);
    expect(error.details).toMatchObject({ code: 'primitives/invalid-rlp', offset: 2 });
    expect(error.message).toBe('invalid RLP at byte 2: single byte below 0x80 has a prefix');
  });

  test('bounds must lie inside the bytes', () => {
    const bytes = new Uint8Array(4);
    for (const [start, end] of [
      [0, 5],
      [3, 2],
      [-1, 2],
      [Number.NaN, 2],
      [0, Number.NaN],
    ] as const) {
      expect(codeOf(() => new RlpReader(bytes, start, end))).toBe('primitives/out-of-range');
    }
    expect(new RlpReader(bytes, 4, 4).done).toBe(true);
    expect(codeOf(() => decodeRlp('0x80' as unknown as Uint8Array))).toBe('TypeError');
  });
});

describe('time grows with the length only', () => {
  const million = 1_000_000;

  test('a list of a million items both ways', () => {
    const list = new Array<Uint8Array>(million).fill(Uint8Array.of(0x81));
    const bytes = encodeRlp(list);
    expect(bytes.length).toBe(2 * million + 4);
    expect(decodeRlp(bytes)).toHaveLength(million);
  });

  test('a list of 200,000 lists both ways', () => {
    const bytes = encodeRlp(new Array<RlpInput>(200_000).fill([[1n], 2]));
    expect(decodeRlp(bytes)).toHaveLength(200_000);
  });

  test('an integer of four megabytes both ways', () => {
    const bytes = encodeRlp(new Uint8Array(4 * million).fill(0xab));
    const value = new RlpReader(bytes).readBigInt(Number.POSITIVE_INFINITY);
    expect(equalBytes(encodeRlp(value), bytes)).toBe(true);
    expect(codeOf(() => new RlpReader(bytes).readBigInt())).toBe('primitives/invalid-rlp');
  });
}, 10_000);
