/** Figures recomputed with ethers and the `rlp` package: RLP, addresses, amounts, signed transactions. */
import {
  decodeRlp,
  encodeRlp,
  getAddress,
  keccak256,
  parseUnits,
  type RlpStructuredData,
  recoverAddress,
  toBeHex,
} from 'ethers';
import rlp from 'rlp';
import { addressOfBech32, bech32Address } from './bech32.js';
import type { VectorCase } from './form.js';
import { expectEqual, type Oracle, outOf, refuses } from './oracle.js';

/** Chain id of Ethereum-form transactions on shard 0 of mainnet; those of other networks are above. */
const LEAST_ETHEREUM_CHAIN_ID = 1_666_600_000n;

type Nested = string | readonly Nested[];

const withPrefix = (item: Nested): RlpStructuredData =>
  typeof item === 'string' ? `0x${item}` : item.map(withPrefix);
const bytesOf = (hex: string): Buffer => Buffer.from(hex.replace(/^0x/, ''), 'hex');

/** Items and their RLP, in both libraries. */
export const rlpItems: Oracle = {
  against: 'rlp and ethers',
  check: (entry: VectorCase) => {
    const { item } = entry.in as { item: Nested };
    const expected = outOf<{ rlp: string }>(entry).rlp;
    const nested = (value: Nested): rlp.Input =>
      typeof value === 'string' ? bytesOf(value) : value.map(nested);
    return (
      expectEqual(encodeRlp(withPrefix(item)), `0x${expected}`) ??
      expectEqual(Buffer.from(rlp.encode(nested(item))).toString('hex'), expected) ??
      expectEqual(decodeRlp(`0x${expected}`), withPrefix(item))
    );
  },
};

/** A signed transaction of any kind: all items but the last three are what was signed. */
export const signedTransaction: Oracle = {
  against: 'ethers',
  check: (entry: VectorCase) => {
    if (entry.error !== undefined) return null;
    const raw = (entry.in as { rlp: string }).rlp;
    const out = outOf<Record<string, string | null>>(entry);
    const items = decodeRlp(raw) as readonly RlpStructuredData[];
    const [v, r, s] = items.slice(-3).map((item) => BigInt(item === '0x' ? 0 : (item as string)));
    const replay = v! >= 35n;
    const chainId = replay ? (v! - 35n) / 2n : undefined;
    const minimal = (value: bigint): string => (value === 0n ? '0x' : toBeHex(value));
    // With an Ethereum chain id the Ethereum form is signed: both shard ids are left out.
    const unsigned = items.slice(0, -3);
    if (unsigned.length === 8 && (chainId ?? 0n) >= LEAST_ETHEREUM_CHAIN_ID) unsigned.splice(3, 2);
    const payload = encodeRlp([
      ...unsigned,
      ...(chainId === undefined ? [] : [minimal(chainId), '0x', '0x']),
    ]);
    const digest = keccak256(payload);
    const found: Record<string, string | null> = {
      signingPayload: payload,
      digest,
      sender: recoverAddress(digest, {
        r: toBeHex(r!, 32),
        s: toBeHex(s!, 32),
        v: replay ? 27n + ((v! - 35n) % 2n) : v!,
      }).toLowerCase(),
      hash: keccak256(raw),
      v: String(v),
      chainId: chainId === undefined ? null : String(chainId),
    };
    const differing = Object.keys(found).find((key) => key in out && out[key] !== found[key]);
    return differing && `${differing} is ${found[differing]}, the file says ${out[differing]}`;
  },
};

/** Addresses as text. */
export const addressText: Oracle = {
  against: 'ethers (EIP-55) and the text of BIP-173',
  check: (entry: VectorCase) => {
    const { address } = entry.in as { address: string };
    const out = outOf<{ one?: string; tone?: string; eip55?: string }>(entry);
    return (
      (out.one && expectEqual(bech32Address('one', address), out.one)) ||
      (out.tone && expectEqual(bech32Address('tone', address), out.tone)) ||
      (out.eip55 && expectEqual(getAddress(address), out.eip55)) ||
      undefined
    );
  },
};

/** Text as addresses: bech32 by BIP-173, `0x` by ethers, which accepts one case only with its checksum. */
export const addressParse: Oracle = {
  against: 'ethers (EIP-55) and the text of BIP-173',
  check: (entry: VectorCase) => {
    const { text } = entry.in as { text: string };
    const parsed = /^0x[0-9a-f]{40}$/i.test(text)
      ? hexAddress(text)
      : addressOfBech32(text, ['one']);
    if (entry.error !== undefined) return parsed && `reads as ${parsed}, the file refuses it`;
    return expectEqual(parsed, outOf<{ address: string }>(entry).address);
  },
};

function hexAddress(text: string): string | undefined {
  const digits = text.slice(2);
  // All upper case carries no checksum; ethers wants it as lower case.
  const plain = digits === digits.toUpperCase() ? `0x${digits.toLowerCase()}` : text;
  return refuses(() => getAddress(plain)) ? undefined : getAddress(plain).toLowerCase();
}

/** Amounts in ONE and nano. ethers reads more forms than we do, so refusals are not compared. */
export const units: Oracle = {
  against: 'ethers',
  check: (entry: VectorCase) => {
    if (entry.error !== undefined) return null;
    const { unit, text } = entry.in as { unit: 'one' | 'nano'; text: string };
    const value = parseUnits(text, unit === 'one' ? 18 : 9);
    return expectEqual(String(value), outOf<{ value: string }>(entry).value);
  },
};
