/** `getNodeMetadata`: what a node says of itself. */
import { type CallOptions, type Rpc, read } from '../client.js';
import {
  isPresent,
  readBoolean,
  readBytes,
  readList,
  readObject,
  readQuantity,
  readText,
  readUint32,
} from '../decode.js';
import { invalidReply } from '../errors.js';
import type { JsonObject, JsonValue } from '../json.js';

/** What a node says of itself. */
export interface RpcNodeMetadata {
  /** BLS public keys the node signs with, 48 bytes each. */
  readonly blsPublicKeys: readonly Uint8Array[];
  readonly version: string;
  readonly network: string;
  readonly isLeader: boolean;
  readonly shardId: number;
  readonly currentBlockNumber: bigint;
  readonly currentEpoch: bigint;
  readonly blocksPerEpoch: bigint | undefined;
  /** `Validator`, `ExplorerNode` and so on. */
  readonly role: string;
  readonly isArchival: boolean;
  /** Seconds since 1970. */
  readonly startTime: bigint | undefined;
  readonly peerId: string | undefined;
  readonly consensus: RpcConsensusMetadata | undefined;
  /** Every field as the node told it, lossless; activation epochs are under `chain-config`. */
  readonly fields: JsonObject;
}

/** The state of a node's consensus. */
export interface RpcConsensusMetadata {
  readonly viewId: bigint;
  /** View that a view change is about; not from every node. */
  readonly viewChangeId: bigint | undefined;
  readonly mode: string;
  readonly phase: string;
  readonly blockNumber: bigint;
  /** Time from proposal to commit of the last block, in milliseconds. */
  readonly finalityMs: number | undefined;
}

function readPublicKey(item: JsonValue, what: string): Uint8Array {
  return readBytes(item, what, { length: 48, prefix: 'optional' });
}

function readMilliseconds(value: JsonValue, what: string): number {
  const ms = typeof value === 'bigint' ? Number(value) : value;
  if (typeof ms !== 'number' || !(ms >= 0)) throw invalidReply(what, 'must be milliseconds');
  return ms;
}

function readConsensus(value: JsonValue | undefined): RpcConsensusMetadata | undefined {
  if (!isPresent(value)) return undefined;
  const what = 'node metadata.consensus';
  const fields = readObject(value, what);
  return {
    viewId: readQuantity(fields.viewId, `${what}.viewId`),
    viewChangeId: isPresent(fields.viewChangeId)
      ? readQuantity(fields.viewChangeId, `${what}.viewChangeId`)
      : undefined,
    mode: readText(fields.mode, `${what}.mode`),
    phase: readText(fields.phase, `${what}.phase`),
    blockNumber: readQuantity(fields.blocknum, `${what}.blocknum`),
    finalityMs: isPresent(fields.finality)
      ? readMilliseconds(fields.finality, `${what}.finality`)
      : undefined,
  };
}

/**
 * What the node says of itself: keys, version, shard, height, role.
 *
 * @throws {@link RpcError}
 * @source harmony/rpc/harmony/harmony.go: GetNodeMetadata
 */
export async function getNodeMetadata(
  rpc: Rpc,
  options: CallOptions = {},
): Promise<RpcNodeMetadata> {
  const what = 'node metadata';
  const fields = readObject(await read(rpc, 'getNodeMetadata', [], options), what);
  const at = (name: string): string => `${what}.${name}`;
  const optional = <T>(
    name: string,
    decode: (value: JsonValue, what: string) => T,
  ): T | undefined => {
    const value = fields[name];
    return isPresent(value) ? decode(value, at(name)) : undefined;
  };
  return {
    blsPublicKeys:
      optional('blskey', (value, where) => readList(value, where, readPublicKey)) ?? [],
    version: readText(fields.version, at('version')),
    network: readText(fields.network, at('network')),
    isLeader: readBoolean(fields['is-leader'], at('is-leader')),
    shardId: readUint32(fields['shard-id'], at('shard-id')),
    currentBlockNumber: readQuantity(fields['current-block-number'], at('current-block-number')),
    currentEpoch: readQuantity(fields['current-epoch'], at('current-epoch')),
    blocksPerEpoch: optional('blocks-per-epoch', readQuantity),
    role: readText(fields.role, at('role')),
    isArchival: optional('is-archival', readBoolean) ?? false,
    startTime: optional('node-unix-start-time', readQuantity),
    peerId: optional('peerid', readText),
    consensus: readConsensus(fields.consensus),
    fields,
  };
}
