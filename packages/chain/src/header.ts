/**
 * Block headers, versions 0 to 3: what a committee signs by its hash.
 *
 * The four versions are four field lists and one codec. The hash covers the version envelope. The
 * byte strings that hold RLP themselves (shard state, cross-links, slash records) stay opaque here.
 * Not here: whether a header is valid after its parent, and the seal.
 *
 * @source harmony/block/header.go, block/v0 to v3/header.go: headerFields; block/factory/factory.go
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { isActive, type Network } from '@polyphony/networks';
import {
  type Address,
  addressFromBytes,
  bytesToHex,
  encodeRlp,
  type Hash,
  openRlpList,
  type RlpInput,
  type RlpReader,
  ZERO_ADDRESS,
} from '@polyphony/primitives';
import { ChainError, decoding } from './errors.js';
import {
  bytesField,
  EMPTY_BYTES,
  fixedField,
  hexField,
  readAddress,
  readHash,
  readOwnBytes,
  uint32Field,
  uintField,
} from './fields.js';
import { defaultHasher, type Hasher } from './hasher.js';
import { decodeTaggedRlp, encodeTaggedRlp } from './tagged-rlp.js';

/** Versions of the header layout. */
export type HeaderVersion = 0 | 1 | 2 | 3;

/**
 * A block header. A field that its version lacks is zero or empty: version 0 has no receipt roots of
 * its own for other shards, no `vrf` and `vdf`; `crossLinks` exist from version 2; version 3 has
 * `slashes` and no `shardStateHash`.
 */
export interface Header {
  readonly version: HeaderVersion;
  /** Hash of the block before. */
  readonly parentHash: Hash;
  /** Before staking the leader's account; from staking the first 20 bytes of SHA-256 of its BLS key. */
  readonly coinbase: Address;
  readonly stateRoot: Hash;
  readonly transactionsRoot: Hash;
  readonly receiptsRoot: Hash;
  /** From version 1. */
  readonly outgoingReceiptsRoot: Hash;
  /** From version 1. */
  readonly incomingReceiptsRoot: Hash;
  /** 256 bytes. */
  readonly logsBloom: Uint8Array;
  readonly number: bigint;
  readonly gasLimit: bigint;
  readonly gasUsed: bigint;
  /** Unix time in seconds. */
  readonly timestamp: bigint;
  readonly extraData: Uint8Array;
  readonly mixDigest: Hash;
  readonly viewId: bigint;
  readonly epoch: bigint;
  readonly shardId: number;
  /** 96 bytes: aggregate signature over the parent block. */
  readonly lastCommitSignature: Uint8Array;
  /** Who signed the parent block. */
  readonly lastCommitBitmap: Uint8Array;
  /** Up to version 2. */
  readonly shardStateHash: Hash;
  /** From version 1: nothing, or 32 bytes of output and 96 bytes of proof. */
  readonly vrf: Uint8Array;
  /** From version 1; unused on Harmony's networks. */
  readonly vdf: Uint8Array;
  /** RLP of the next epoch's committees in the last block of an epoch and in genesis, else empty. */
  readonly shardState: Uint8Array;
  /** From version 2: RLP list of cross-links, or empty. */
  readonly crossLinks: Uint8Array;
  /** Version 3: RLP list of slash records, or empty. */
  readonly slashes: Uint8Array;
}

/** 32 zero bytes. */
export const ZERO_HASH: Hash = `0x${'00'.repeat(32)}`;

type FieldName = Exclude<keyof Header, 'version'>;

interface FieldCodec<T> {
  readonly empty: T;
  write(value: T, what: string): RlpInput;
  read(reader: RlpReader): T;
  isEmpty(value: T): boolean;
}

const hash: FieldCodec<Hash> = {
  empty: ZERO_HASH,
  write: (value, what) => hexField(value, 32, what),
  read: readHash,
  isEmpty: (value) => value === ZERO_HASH,
};
const address: FieldCodec<Address> = {
  empty: ZERO_ADDRESS,
  write: (value, what) => hexField(value, 20, what),
  read: readAddress,
  isEmpty: (value) => value === ZERO_ADDRESS,
};
const u64: FieldCodec<bigint> = {
  empty: 0n,
  write: (value, what) => uintField(value, 64, what),
  read: (reader) => reader.readBigInt(64),
  isEmpty: (value) => value === 0n,
};
const u32: FieldCodec<number> = {
  empty: 0,
  write: (value, what) => uint32Field(value, what),
  read: (reader) => reader.readUint32(),
  isEmpty: (value) => value === 0,
};
const bytes: FieldCodec<Uint8Array> = {
  empty: EMPTY_BYTES,
  write: (value, what) => bytesField(value, what),
  read: readOwnBytes,
  isEmpty: (value) => value.length === 0,
};
function fixed(length: number): FieldCodec<Uint8Array> {
  return {
    empty: new Uint8Array(length),
    write: (value, what) => fixedField(value, length, what),
    read: (reader) => reader.readFixed(length).slice(),
    isEmpty: (value) => value.every((byte) => byte === 0),
  };
}

const FIELDS: { readonly [Name in FieldName]: FieldCodec<Header[Name]> } = {
  parentHash: hash,
  coinbase: address,
  stateRoot: hash,
  transactionsRoot: hash,
  receiptsRoot: hash,
  outgoingReceiptsRoot: hash,
  incomingReceiptsRoot: hash,
  logsBloom: fixed(256),
  number: u64,
  gasLimit: u64,
  gasUsed: u64,
  timestamp: u64,
  extraData: bytes,
  mixDigest: hash,
  viewId: u64,
  epoch: u64,
  shardId: u32,
  lastCommitSignature: fixed(96),
  lastCommitBitmap: bytes,
  shardStateHash: hash,
  vrf: bytes,
  vdf: bytes,
  shardState: bytes,
  crossLinks: bytes,
  slashes: bytes,
};

const ROOTS: readonly FieldName[] = [
  'parentHash',
  'coinbase',
  'stateRoot',
  'transactionsRoot',
  'receiptsRoot',
];
const CROSS_SHARD_ROOTS: readonly FieldName[] = ['outgoingReceiptsRoot', 'incomingReceiptsRoot'];
const MIDDLE: readonly FieldName[] = [
  'logsBloom',
  'number',
  'gasLimit',
  'gasUsed',
  'timestamp',
  'extraData',
  'mixDigest',
  'viewId',
  'epoch',
  'shardId',
  'lastCommitSignature',
  'lastCommitBitmap',
];
const RANDOMNESS: readonly FieldName[] = ['vrf', 'vdf'];

/** Fields of each version in their order in the list. */
const LAYOUTS: readonly (readonly FieldName[])[] = [
  [...ROOTS, ...MIDDLE, 'shardStateHash', 'shardState'],
  [...ROOTS, ...CROSS_SHARD_ROOTS, ...MIDDLE, 'shardStateHash', ...RANDOMNESS, 'shardState'],
  [
    ...ROOTS,
    ...CROSS_SHARD_ROOTS,
    ...MIDDLE,
    'shardStateHash',
    ...RANDOMNESS,
    'shardState',
    'crossLinks',
  ],
  [...ROOTS, ...CROSS_SHARD_ROOTS, ...MIDDLE, ...RANDOMNESS, 'shardState', 'crossLinks', 'slashes'],
];
const ABSENT: readonly (readonly FieldName[])[] = LAYOUTS.map((layout) =>
  (Object.keys(FIELDS) as FieldName[]).filter((name) => !layout.includes(name)),
);
const TAGS: readonly string[] = ['', 'v1', 'v2', 'v3'];

/** A header of one version with every field zero or empty: the start of a new one. */
export function emptyHeader(version: HeaderVersion): Header {
  return {
    version,
    parentHash: ZERO_HASH,
    coinbase: ZERO_ADDRESS,
    stateRoot: ZERO_HASH,
    transactionsRoot: ZERO_HASH,
    receiptsRoot: ZERO_HASH,
    outgoingReceiptsRoot: ZERO_HASH,
    incomingReceiptsRoot: ZERO_HASH,
    logsBloom: new Uint8Array(256),
    number: 0n,
    gasLimit: 0n,
    gasUsed: 0n,
    timestamp: 0n,
    extraData: EMPTY_BYTES,
    mixDigest: ZERO_HASH,
    viewId: 0n,
    epoch: 0n,
    shardId: 0,
    lastCommitSignature: new Uint8Array(96),
    lastCommitBitmap: EMPTY_BYTES,
    shardStateHash: ZERO_HASH,
    vrf: EMPTY_BYTES,
    vdf: EMPTY_BYTES,
    shardState: EMPTY_BYTES,
    crossLinks: EMPTY_BYTES,
    slashes: EMPTY_BYTES,
  };
}

function writeField<Name extends FieldName>(name: Name, header: Header): RlpInput {
  return FIELDS[name].write(header[name], name);
}

function assertAbsent<Name extends FieldName>(name: Name, header: Header): void {
  if (!FIELDS[name].isEmpty(header[name])) {
    throw new ChainError({
      code: 'chain/field-not-in-version',
      field: name,
      version: header.version,
    });
  }
}

type MutableHeader = { -readonly [Name in keyof Header]: Header[Name] };

function readField<Name extends FieldName>(
  name: Name,
  reader: RlpReader,
  header: MutableHeader,
): void {
  header[name] = FIELDS[name].read(reader);
}

/**
 * Bytes of a header: a bare list for version 0, an envelope around a list for the others.
 *
 * @throws {@link ChainError} `chain/field-not-in-version` when a field that the version lacks is
 * set, `chain/out-of-range` for a wrong length or an integer that is too large.
 * @source harmony/block/header.go: Header.EncodeRLP
 */
export function encodeHeader(header: Header): Uint8Array {
  const layout = LAYOUTS[header.version];
  if (layout === undefined) throw new TypeError('header.version must be 0, 1, 2 or 3');
  for (const name of ABSENT[header.version]!) assertAbsent(name, header);
  const value = encodeRlp(layout.map((name) => writeField(name, header)));
  return encodeTaggedRlp({ tag: TAGS[header.version]!, value });
}

/**
 * A header from its bytes. Integers above 64 bits are refused.
 *
 * @throws {@link ChainError} `chain/invalid-encoding`, `chain/unsupported-version` for any tag but
 * v1, v2 and v3.
 * @source harmony/block/header.go: Header.DecodeRLP
 */
export function decodeHeader(input: Uint8Array): Header {
  const { tag, value } = decodeTaggedRlp(input, 'header');
  const version = TAGS.indexOf(tag);
  if (version < 0) throw new ChainError({ code: 'chain/unsupported-version', what: 'header', tag });
  return decoding('header', () => {
    const reader = openRlpList(value);
    const header: MutableHeader = emptyHeader(version as HeaderVersion);
    for (const name of LAYOUTS[version]!) readField(name, reader, header);
    reader.assertDone('header');
    return header;
  });
}

/**
 * Hash of a header, and so of its block: Keccak-256 of {@link encodeHeader}, envelope included.
 *
 * @throws {@link ChainError} as {@link encodeHeader} does.
 * @source harmony/block/header.go: Header.Hash
 */
export function computeHeaderHash(header: Header, hasher: Hasher = defaultHasher): Hash {
  return bytesToHex(hasher.keccak256(encodeHeader(header)));
}

/**
 * Coinbase of headers from the activation `staking` on: the first 20 bytes of SHA-256 of the leader's
 * key. It is not an account; fees and the EVM use the account of the leader's slot.
 *
 * @param blsPublicKey - 48 bytes.
 * @throws {@link ChainError} `chain/out-of-range` for another length.
 * @source harmony/internal/utils: GetAddressFromBLSPubKeyBytes
 */
export function coinbaseOfBlsKey(blsPublicKey: Uint8Array): Address {
  return addressFromBytes(sha256(fixedField(blsPublicKey, 48, 'BLS public key')).subarray(0, 20));
}

/**
 * Version of the headers of an epoch; the first rule that matches wins: 3 from pre-staking or
 * staking, 2 from cross-links, 1 from cross-shard transactions, else 0.
 *
 * @source harmony/block/factory/factory.go: factory.NewHeader
 */
export function headerVersionAt(network: Network, epoch: bigint): HeaderVersion {
  if (isActive(network, 'preStaking', epoch) || isActive(network, 'staking', epoch)) return 3;
  if (isActive(network, 'crossLink', epoch)) return 2;
  return isActive(network, 'crossTx', epoch) ? 1 : 0;
}
