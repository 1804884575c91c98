/** What the tests of this package share: JSON values of vector files as the package's types. */

import { bytesToHex, type Hash, hexToBytes } from '@polyphony/primitives';
import { loadVectors } from '@polyphony/testkit';
import { type Directive, emptyHeader, type Header, type HeaderVersion } from '../src/index.js';

/** Field values of a header in a vector file. */
export type HeaderFields = Readonly<
  Record<string, string | { readonly file: string; readonly committee?: number }>
>;

const INTEGERS = ['number', 'gasLimit', 'gasUsed', 'timestamp', 'viewId', 'epoch'];
const TEXTS = [
  'parentHash',
  'coinbase',
  'stateRoot',
  'transactionsRoot',
  'receiptsRoot',
  'outgoingReceiptsRoot',
  'incomingReceiptsRoot',
  'mixDigest',
  'shardStateHash',
];

/** The long shard state of a name. */
export function shardStateBytes(name: string): Uint8Array {
  const found = loadVectors<object, { rlp: string }>(import.meta.url, 'shard-state-bytes').find(
    (entry) => entry.name === name,
  );
  if (found?.out === undefined) throw new Error(`no shard state ${name}`);
  return hexToBytes(found.out.rlp);
}

/** A header from the fields of a vector. */
export function headerOf(version: number, fields: HeaderFields): Header {
  const header: Record<string, unknown> = { ...emptyHeader(version as HeaderVersion) };
  for (const [name, value] of Object.entries(fields)) {
    if (!(name in header)) throw new Error(`unknown header field ${name}`);
    if (typeof value !== 'string') header[name] = shardStateBytes(value.file);
    else if (INTEGERS.includes(name)) header[name] = BigInt(value);
    else if (name === 'shardId') header[name] = Number(value);
    else header[name] = TEXTS.includes(name) ? value : hexToBytes(value);
  }
  return header as unknown as Header;
}

/** A staking message in the form of the vector files: text for integers and bytes. */
export function directiveJson(directive: Directive): unknown {
  const { type: _, ...fields } = directive;
  return JSON.parse(
    JSON.stringify(fields, (_key, value: unknown) => {
      if (typeof value === 'bigint') return value.toString();
      return value instanceof Uint8Array ? bytesToHex(value) : value;
    }),
  );
}

/** A 32-byte hash of one repeated byte. */
export function hashOf(byte: number): Hash {
  return bytesToHex(new Uint8Array(32).fill(byte));
}
