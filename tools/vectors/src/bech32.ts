/** Bech32 straight from the text of BIP-173, to re-check address vectors without our own codec. */

const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

function checksum(values: readonly number[]): number {
  let sum = 1;
  for (const value of values) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    for (const [bit, generator] of GENERATOR.entries()) if ((top >> bit) & 1) sum ^= generator;
  }
  return sum;
}

function expand(prefix: string): number[] {
  const codes = [...prefix].map((letter) => letter.charCodeAt(0));
  return [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
}

function regroup(values: readonly number[], from: number, to: number, pad: boolean): number[] {
  const bits = values.map((value) => value.toString(2).padStart(from, '0')).join('');
  const groups = bits.match(new RegExp(`.{${to}}`, 'g')) ?? [];
  const rest = bits.slice(groups.length * to);
  const whole = groups.map((group) => Number.parseInt(group, 2));
  return pad && rest !== '' ? [...whole, Number.parseInt(rest.padEnd(to, '0'), 2)] : whole;
}

/** Hex of 20 bytes as bech32 text. */
export function bech32Address(prefix: string, hex: string): string {
  const bytes = hex.match(/[0-9a-f]{2}/gi)!.map((pair) => Number.parseInt(pair, 16));
  const data = regroup(bytes, 8, 5, true);
  const sum = checksum([...expand(prefix), ...data, 0, 0, 0, 0, 0, 0]) ^ 1;
  const tail = [25, 20, 15, 10, 5, 0].map((shift) => (sum >>> shift) & 31);
  return `${prefix}1${[...data, ...tail].map((value) => ALPHABET[value]).join('')}`;
}

/** Hex of the 20 bytes that a text names under one of the prefixes, or undefined. */
export function addressOfBech32(text: string, prefixes: readonly string[]): string | undefined {
  if (text !== text.toLowerCase() && text !== text.toUpperCase()) return undefined;
  const lower = text.toLowerCase();
  const split = lower.lastIndexOf('1');
  const prefix = lower.slice(0, split);
  const values = [...lower.slice(split + 1)].map((letter) => ALPHABET.indexOf(letter));
  if (!prefixes.includes(prefix) || values.includes(-1) || values.length !== 38) return undefined;
  if (checksum([...expand(prefix), ...values]) !== 1) return undefined;
  const bytes = regroup(values.slice(0, -6), 5, 8, false);
  return `0x${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
