/** RLP and hexadecimal text: signed transactions of Harmony's 11 fields, each and as one list. */
import { hexToBytes as nobleFromHex, bytesToHex as nobleToHex } from '@noble/hashes/utils.js';
import {
  bytesToHex,
  bytesToPlainHex,
  decodeRlp,
  encodeRlp,
  hexToBytes,
  type RlpItem,
} from '@polyphony/primitives';
import * as ethers from 'ethers';
import * as OxRlp from 'ox/Rlp';
import peerRlp from 'rlp';
import { fromRlp, toRlp, bytesToHex as viemToHex } from 'viem';
import { type BenchOutput, type BenchRow, row } from './harness.js';

const COUNT = 1000;

/** A deterministic byte string; the first byte is never zero, so it can stand for an integer. */
function filled(length: number, salt: number): Uint8Array {
  return Uint8Array.from(
    { length },
    (_, i) => ((salt * 31 + i * 7 + 13) & 255) | (i === 0 ? 1 : 0),
  );
}

function integer(value: bigint): Uint8Array {
  if (value === 0n) return new Uint8Array(0);
  const digits = value.toString(16);
  return hexToBytes(digits.length % 2 === 0 ? digits : `0${digits}`);
}

/** Fields of a signed transfer or contract call between shards, about 183 bytes as RLP. */
function transaction(index: number): readonly Uint8Array[] {
  return [
    integer(BigInt(index)),
    integer(100n * 10n ** 9n),
    integer(21_000n + BigInt(index % 4) * 40_000n),
    integer(BigInt(index % 2)),
    integer(BigInt((index >> 1) % 2)),
    filled(20, index),
    integer(10n ** 18n * BigInt(index + 1)),
    index % 3 === 0 ? new Uint8Array(0) : filled(68, index),
    integer(27n + BigInt(index % 2)),
    filled(32, index + 1),
    filled(32, index + 2),
  ];
}

const asBytes = (item: unknown): BenchOutput =>
  item instanceof Uint8Array
    ? item
    : typeof item === 'string'
      ? hexToBytes(item)
      : (item as readonly unknown[]).map(asBytes);

/**
 * Contenders stand from the heaviest to the lightest: each batch begins with the garbage of the one
 * before, and so none of the fast ones pays for a slow one's.
 */
export async function rows(): Promise<readonly BenchRow[]> {
  const transactions = Array.from({ length: COUNT }, (_, i) => transaction(i));
  const inHex = transactions.map((fields) => fields.map((field) => bytesToHex(field)));
  const encoded = transactions.map((fields) => encodeRlp(fields));
  const encodedHex = encoded.map((bytes) => bytesToHex(bytes));
  const plainHex = encoded.map((bytes) => bytesToPlainHex(bytes));
  const list = encodeRlp(encoded.map((rlp) => ({ rlp })));

  const each = <In>(name: string, inputs: readonly In[], work: (input: In) => unknown) => ({
    name,
    run: () => {
      for (const input of inputs) work(input);
    },
    output: () => asBytes(inputs.map(work)),
  });
  const whole = (name: string, work: (bytes: Uint8Array) => unknown) => ({
    name,
    run: () => work(list),
    output: () => asBytes(work(list)),
  });
  const texts = (name: string, work: (bytes: Uint8Array) => string) => ({
    name,
    run: () => {
      // A text is only made when someone looks at it: read one character.
      for (const bytes of encoded) work(bytes).charCodeAt(9);
    },
    output: () => encoded.map((bytes) => work(bytes).replace(/^0x/, '')),
  });

  return [
    row({
      name: 'RLP encode, signed transaction',
      unit: 'tx',
      perRun: COUNT,
      contenders: [
        each('ethers (hex)', inHex, (fields) => ethers.encodeRlp(fields)),
        each('rlp', transactions, (fields) => peerRlp.encode(fields as Uint8Array[])),
        each('viem', transactions, (fields) => toRlp(fields, 'bytes')),
        each('ox', transactions, (fields) => OxRlp.fromBytes(fields, { as: 'Bytes' })),
        each('polyphony', transactions, (fields) => encodeRlp(fields)),
      ],
      baseline: 'ox',
      targets: [{ contender: 'polyphony', perSecond: 750_000, ratio: 1, to: 'ox' }],
    }),
    row({
      name: 'RLP decode, signed transaction',
      unit: 'tx',
      perRun: COUNT,
      contenders: [
        each('ethers (hex)', encodedHex, (text) => ethers.decodeRlp(text)),
        each('rlp', encoded, (bytes) => peerRlp.decode(bytes)),
        each('viem', encoded, (bytes) => fromRlp(bytes, 'bytes')),
        each('ox', encoded, (bytes) => OxRlp.toBytes(bytes)),
        each('polyphony', encoded, decodeRlp),
      ],
      baseline: 'ox',
      targets: [{ contender: 'polyphony', perSecond: 1_000_000, ratio: 1, to: 'ox' }],
    }),
    row({
      name: 'RLP decode, one list of 1,000 transactions',
      unit: 'tx',
      perRun: COUNT,
      contenders: [
        whole('rlp', (bytes) => peerRlp.decode(bytes)),
        whole('viem', (bytes) => fromRlp(bytes, 'bytes')),
        whole('ox', (bytes) => OxRlp.toBytes(bytes)),
        whole('polyphony', (bytes): RlpItem => decodeRlp(bytes)),
      ],
      baseline: 'ox',
      targets: [{ contender: 'polyphony', perSecond: 1_000_000, ratio: 1, to: 'ox' }],
    }),
    row({
      name: 'hexadecimal text of a transaction',
      unit: 'texts',
      perRun: COUNT,
      contenders: [
        texts('noble', nobleToHex),
        texts('viem', (bytes) => viemToHex(bytes)),
        texts('polyphony', bytesToHex),
      ],
      baseline: 'viem',
    }),
    row({
      name: 'bytes of a transaction in hexadecimal text',
      unit: 'texts',
      perRun: COUNT,
      contenders: [
        each('ethers', encodedHex, (text) => ethers.getBytes(text)),
        each('noble', plainHex, nobleFromHex),
        each('polyphony', plainHex, (text) => hexToBytes(text)),
      ],
      baseline: 'noble',
    }),
  ];
}
