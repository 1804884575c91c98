/**
 * Identifiers of stream protocols: `harmony/<service>/<network>/<shard>/<version>`, without a slash in
 * front, and whether a peer that speaks one of them is a peer for us.
 *
 * Versions are compared as the Go node compares them (`hashicorp/go-version`): numbers first, then a
 * pre-release comes before its release. Its spellings are taken too: `1.0` and `v1.0.0` are one version.
 *
 * @source harmony/p2p/stream/types/utils.go; harmony/p2p/stream/protocols/sync/protocol.go: Match
 */
import { P2pError } from './errors.js';

/** Longest identifier that is looked at, in characters. Own bound; the network's have fewer than 64. */
export const MAX_PROTOCOL_ID_LENGTH = 256;

/** Version of the stream protocols, and the least that a peer must have. */
export const STREAM_VERSION = '1.0.0';

const PREFIX = 'harmony';
const MAX_INT64 = (1n << 63n) - 1n;

/** What an identifier says. */
export interface StreamProtocol {
  /** `sync`: blocks of a shard; `epochsync`: the last blocks of the beacon shard's epochs. */
  readonly service: string;
  /** As nodes name it: `mainnet`, `testnet`, `localnet`. */
  readonly network: string;
  readonly shardId: number;
  /** Numbers with dots, and a pre-release and build if it has them: `1.0.0`, `1.2.0-alpha`. */
  readonly version: string;
}

/** Which peers are wanted. */
export interface StreamProtocolQuery {
  readonly service: string;
  readonly network: string;
  readonly shardId: number;
  /** Least version. Default {@link STREAM_VERSION}. */
  readonly minVersion?: string;
}

interface Version {
  /** At least three. */
  readonly numbers: readonly bigint[];
  readonly preRelease: string;
  readonly build: string;
}

function invalid(reason: string): P2pError {
  return new P2pError({ code: 'p2p/invalid-protocol-id', reason });
}

const VERSION =
  /^v?([0-9]+(?:\.[0-9]+)*)(?:-([0-9][0-9A-Za-z~-]*(?:\.[0-9A-Za-z~-]+)*)|-?([A-Za-z~-][0-9A-Za-z~-]*(?:\.[0-9A-Za-z~-]+)*))?(?:\+([0-9A-Za-z~-]+(?:\.[0-9A-Za-z~-]+)*))?$/;

function parseVersion(text: string): Version {
  if (typeof text !== 'string') throw new TypeError('a version must be a string');
  if (text.length > MAX_PROTOCOL_ID_LENGTH) throw invalid('the version is too long');
  const match = VERSION.exec(text);
  if (match === null) throw invalid(`${JSON.stringify(text)} is not a version`);
  const numbers = match[1]!.split('.').map((digits) => BigInt(digits));
  if (numbers.some((number) => number > MAX_INT64)) {
    throw invalid('a number of the version does not fit into 63 bits');
  }
  while (numbers.length < 3) numbers.push(0n);
  return { numbers, preRelease: match[2] ?? match[3] ?? '', build: match[4] ?? '' };
}

function formatVersion({ numbers, preRelease, build }: Version): string {
  return `${numbers.join('.')}${preRelease && `-${preRelease}`}${build && `+${build}`}`;
}

/** A part of a pre-release as a number, held to 64 bits; `exact` if it is one that fits. */
function readNumber(part: string): { readonly value: bigint; readonly exact: boolean } {
  if (!/^[+-]?[0-9]+$/.test(part)) return { value: 0n, exact: false };
  const value = BigInt(part.startsWith('+') ? part.slice(1) : part);
  const held = value > MAX_INT64 ? MAX_INT64 : value < -MAX_INT64 - 1n ? -MAX_INT64 - 1n : value;
  return { value: held, exact: held === value };
}

function comparePart(a: string, b: string): number {
  if (a === b) return 0;
  const left = readNumber(a);
  const right = readNumber(b);
  // A part that is missing comes before a number and after a word.
  if (a === '') return right.exact ? -1 : 1;
  if (b === '') return left.exact ? 1 : -1;
  if (left.exact !== right.exact) return left.exact ? -1 : 1;
  if (!left.exact && a > b) return 1;
  return left.value > right.value ? 1 : -1;
}

function comparePreReleases(a: string, b: string): number {
  const left = a.split('.');
  const right = b.split('.');
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const order = comparePart(left[i] ?? '', right[i] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

function compareParsed(a: Version, b: Version): number {
  const length = Math.max(a.numbers.length, b.numbers.length);
  for (let i = 0; i < length; i++) {
    const left = a.numbers[i] ?? 0n;
    const right = b.numbers[i] ?? 0n;
    if (left !== right) return left < right ? -1 : 1;
  }
  // As in Go: with another count of numbers the pre-releases are not asked.
  if (a.numbers.length !== b.numbers.length || a.preRelease === b.preRelease) return 0;
  if (a.preRelease === '') return 1;
  if (b.preRelease === '') return -1;
  return comparePreReleases(a.preRelease, b.preRelease);
}

/**
 * Compares two versions as Go nodes do: below 0 if `a` comes before `b`, 0 if neither does, above 0 else.
 * A build (`+…`) does not count.
 *
 * @throws {@link P2pError} `p2p/invalid-protocol-id` for a text that is not a version.
 * @source hashicorp/go-version/version.go: Compare
 * @example compareVersions('1.0', '1.0.0')  // 0
 * @example compareVersions('1.2-alpha', '1.2')  // -1
 */
export function compareVersions(a: string, b: string): number {
  return compareParsed(parseVersion(a), parseVersion(b));
}

function assertWord(word: string, what: string): void {
  if (typeof word !== 'string') throw new TypeError(`${what} must be a string`);
  if (!/^[a-z0-9-]{1,64}$/.test(word)) {
    throw invalid(`the ${what} must be 1 to 64 lower-case letters, digits and hyphens`);
  }
}

/**
 * The identifier under which a node serves and advertises a stream protocol. The version is written out:
 * `1.0` becomes `1.0.0`.
 *
 * @throws {@link P2pError} `p2p/invalid-protocol-id` for a service or network that is not made of
 * lower-case letters, digits and hyphens, a text that is not a version, or a result that is too long;
 * `p2p/invalid-argument` for a shard that does not fit into 32 bits.
 * @source harmony/p2p/stream/types/utils.go: ToProtoID
 * @example
 * formatProtocolId({ service: 'sync', network: 'mainnet', shardId: 0, version: '1.0.0' })
 * // 'harmony/sync/mainnet/0/1.0.0'
 */
export function formatProtocolId(protocol: StreamProtocol): string {
  const { service, network, shardId, version } = protocol;
  assertWord(service, 'service');
  assertWord(network, 'network');
  if (!Number.isInteger(shardId) || shardId < 0 || shardId > 0xffffffff) {
    throw new P2pError({
      code: 'p2p/invalid-argument',
      what: 'shard id',
      reason: `must be an unsigned 32-bit integer, got ${shardId}`,
    });
  }
  const id = [PREFIX, service, network, shardId, formatVersion(parseVersion(version))].join('/');
  if (id.length > MAX_PROTOCOL_ID_LENGTH) throw invalid(`${id.length} characters are too many`);
  return id;
}

/**
 * Reads an identifier of a peer. Service and network may be any text, the shard any integer of 64 bits
 * of which 32 count, as in Go; the version comes back as {@link formatProtocolId} writes it.
 *
 * @throws {@link P2pError} `p2p/invalid-protocol-id`.
 * @source harmony/p2p/stream/types/utils.go: ProtoIDToProtoSpec
 */
export function parseProtocolId(id: string): StreamProtocol {
  if (typeof id !== 'string') throw new TypeError('a protocol identifier must be a string');
  if (id.length > MAX_PROTOCOL_ID_LENGTH) throw invalid(`${id.length} characters are too many`);
  const parts = id.split('/');
  const [prefix, service, network, shard, version] = parts;
  if (parts.length !== 5) throw invalid(`expected 5 parts, got ${parts.length}`);
  if (prefix !== PREFIX)
    throw invalid(`expected ${PREFIX} in front, got ${JSON.stringify(prefix)}`);
  const { value, exact } = readNumber(shard!);
  if (!exact) throw invalid(`shard ${JSON.stringify(shard)} is not an integer`);
  return {
    service: service!,
    network: network!,
    shardId: Number(BigInt.asUintN(32, value)),
    version: formatVersion(parseVersion(version!)),
  };
}

/**
 * Whether a peer that speaks this protocol is one to talk to: service, network and shard are the same, and
 * its version is not below the least one. False for any text that is no identifier.
 *
 * @throws {@link P2pError} `p2p/invalid-protocol-id` if `minVersion` is not a version.
 * @source harmony/p2p/stream/protocols/sync/protocol.go: Match
 */
export function matchesProtocol(id: string, query: StreamProtocolQuery): boolean {
  const least = parseVersion(query.minVersion ?? STREAM_VERSION);
  let theirs: StreamProtocol;
  try {
    theirs = parseProtocolId(id);
  } catch (error) {
    if (error instanceof P2pError) return false;
    throw error;
  }
  return (
    theirs.service === query.service &&
    theirs.network === query.network &&
    theirs.shardId === query.shardId &&
    compareParsed(parseVersion(theirs.version), least) >= 0
  );
}
