/** Every decoder of the package with valid inputs: what the hostile-input tests run over. */
import type { FuzzTarget } from '@polyphony/testkit';
import {
  bytesToHex,
  checksumAddress,
  decodeRlp,
  encodeRlp,
  formatDec,
  formatOne,
  formatOneAddress,
  hexToBytes,
  isBech32Address,
  isProtocolError,
  PrimitivesError,
  parseAddress,
  parseDec,
  parseOne,
  parseOneAddress,
  RlpReader,
  utf8ToBytes,
} from '../src/index.js';

/** Bytes as text of one character each. */
function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

const ADDRESS = '0xed1ebe4fd1f73f86388f231997859ca42c07da5d';

/** A reader of text whose values have one spelling, up to what `spell` says. */
function text<T>(
  name: string,
  parse: (text: string) => T,
  format: (value: T) => string,
  samples: readonly string[],
  spell: (text: string) => string = (given) => given,
): FuzzTarget {
  return {
    name,
    samples: samples.map(utf8ToBytes),
    refusal: PrimitivesError,
    run: (bytes) => {
      const given = textOf(bytes);
      const again = format(parse(given));
      return again === spell(given) ? bytes : utf8ToBytes(again);
    },
  };
}

/** Reads a list of anything item by item, each in the first way that fits, and writes it again. */
function readAgain(bytes: Uint8Array): Uint8Array {
  const reader = new RlpReader(bytes);
  const again: Uint8Array[] = [];
  while (!reader.done) again.push(reader.readRaw());
  return Buffer.concat(again);
}

/** All decoders. */
export function decoders(): readonly FuzzTarget[] {
  const trees = [
    encodeRlp([]),
    encodeRlp([1n, [2n, new Uint8Array(60), []], utf8ToBytes('dog'), new Uint8Array(300)]),
    encodeRlp(new Uint8Array(56).fill(9)),
    encodeRlp(Array.from({ length: 70 }, (_, i) => [i, BigInt(i) ** 20n])),
  ];
  return [
    {
      name: 'RLP tree',
      samples: trees,
      refusal: PrimitivesError,
      run: (bytes) => encodeRlp(decodeRlp(bytes)),
    },
    { name: 'RLP items one by one', samples: trees, refusal: PrimitivesError, run: readAgain },
    text('hex text', hexToBytes, bytesToHex, ['0x', '0x00ff', `0x${'ab'.repeat(40)}`], (given) =>
      /^0x/i.test(given) ? given.toLowerCase() : `0x${given.toLowerCase()}`,
    ),
    text(
      'bech32 address',
      (given) => {
        const address = parseOneAddress(given);
        if (!isBech32Address(given)) throw new Error('an address that is none');
        return address;
      },
      (address) => formatOneAddress(address),
      [formatOneAddress(ADDRESS), formatOneAddress(ADDRESS).toUpperCase()],
      (given) => given.toLowerCase(),
    ),
    text(
      'any address',
      (given) => [given, parseAddress(given)] as const,
      ([given, address]) => (/^one1/i.test(given) ? formatOneAddress(address) : address),
      [ADDRESS, checksumAddress(ADDRESS), formatOneAddress(ADDRESS)],
      (given) => given.toLowerCase(),
    ),
    {
      name: 'decimal',
      samples: ['0', '-1.5', '123456.000000000000000001', '0.1'].map(utf8ToBytes),
      refusal: PrimitivesError,
      run: (bytes) => {
        const value = parseDec(textOf(bytes));
        // Signs, leading and trailing zeros may differ; the value may not.
        if (parseDec(formatDec(value)) !== value) throw new Error('another value');
        return undefined;
      },
    },
    {
      name: 'amount in ONE',
      samples: ['0', '1.5', '100000000', '0.000000000000000001'].map(utf8ToBytes),
      refusal: PrimitivesError,
      run: (bytes) => {
        const value = parseOne(textOf(bytes));
        if (parseOne(formatOne(value)) !== value) throw new Error('another value');
        return undefined;
      },
    },
    {
      name: 'whether text is an address, never thrown',
      samples: [utf8ToBytes(formatOneAddress(ADDRESS))],
      refusal: PrimitivesError,
      run: (bytes) => {
        try {
          isBech32Address(textOf(bytes));
        } catch (error) {
          throw new Error(`thrown: ${isProtocolError(error)}`, { cause: error });
        }
        return undefined;
      },
    },
  ];
}
