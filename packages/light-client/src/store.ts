/**
 * What a light client keeps between runs, as entries of a key-value store.
 *
 * | key | value |
 * | --- | --- |
 * | `m` | RLP of format, shard, number and hash of the checkpoint, number and hash of the head |
 * | `h`, number (8 bytes) | header bytes |
 * | `c`, epoch (8 bytes) | committees in the staking form |
 *
 * A batch moves everything at once or nothing. The store is the user's and is believed; what was torn
 * or belongs to another chain is told from what is whole, no more. Give each client a store, or a part
 * of one, of its own.
 */
import { decodeHeader, encodeHeader, type Hasher } from '@polyphony/chain';
import type { Network } from '@polyphony/networks';
import {
  bigIntToBytes,
  bytesToHex,
  encodeRlp,
  type Hash,
  hexToBytes,
  openRlpList,
} from '@polyphony/primitives';
import { decodeShardState, encodeShardState } from '@polyphony/sharding';
import type { BatchOperation, KeyValueStore } from '@polyphony/storage';
import type { EpochCommittees } from './epoch-change.js';
import { LightClientError, within } from './errors.js';
import { hashOf } from './rules.js';
import type { VerifiedHeader } from './seal.js';
import { assertUsable, type Checkpoint } from './trust.js';

const FORMAT = 1;
const META = Uint8Array.of(0x6d);
const HEADERS = 0x68;
const COMMITTEES = 0x63;
/** Old entries removed with one batch at most. */
const PRUNED_PER_WRITE = 256;

/** What a batch adds. */
export interface Progress {
  /** The last one becomes the head. */
  readonly headers: readonly VerifiedHeader[];
  readonly committees: readonly EpochCommittees[];
}

/** Reads and writes of one client. */
export interface ClientStore {
  /** The head, or undefined for an empty store. */
  open(checkpoint: Checkpoint): Promise<VerifiedHeader | undefined>;
  getHeader(number: bigint): Promise<VerifiedHeader | undefined>;
  getCommittees(epoch: bigint): Promise<EpochCommittees | undefined>;
  write(checkpoint: Checkpoint, progress: Progress): Promise<void>;
}

/** How much is kept. */
export interface Retention {
  /** Heights below the head whose headers stay. */
  readonly keepHeaders: bigint;
  /** Epochs, counted from the head's, whose committees stay. */
  readonly keepEpochs: bigint;
}

function keyOf(kind: number, number: bigint): Uint8Array {
  const key = new Uint8Array(9);
  key[0] = kind;
  const bytes = bigIntToBytes(number);
  key.set(bytes, 9 - bytes.length);
  return key;
}

function refuse(reason: string, options?: ErrorOptions): never {
  throw new LightClientError({ code: 'light-client/invalid-store', reason }, options);
}

function reading<T>(what: string, read: () => T): T {
  return within(
    (reason) => ({ code: 'light-client/invalid-store', reason: `${what}: ${reason}` }),
    read,
  );
}

/** The record of the head. @internal */
export interface Meta {
  readonly shardId: number;
  readonly checkpointNumber: bigint;
  readonly checkpointHash: Hash;
  readonly headNumber: bigint;
  readonly headHash: Hash;
}

function encodeMeta(checkpoint: Checkpoint, head: VerifiedHeader): Uint8Array {
  return encodeRlp([
    FORMAT,
    checkpoint.shardId,
    checkpoint.blockNumber,
    hexToBytes(checkpoint.blockHash),
    head.header.number,
    hexToBytes(head.hash),
  ]);
}

/** @internal */
export function decodeMeta(bytes: Uint8Array): Meta {
  return reading('the record of the head', () => {
    const list = openRlpList(bytes);
    const format = list.readUint32();
    if (format !== FORMAT) refuse(`the store has format ${format}, this version reads ${FORMAT}`);
    const meta = {
      shardId: list.readUint32(),
      checkpointNumber: list.readBigInt(64),
      checkpointHash: bytesToHex(list.readFixed(32)),
      headNumber: list.readBigInt(64),
      headHash: bytesToHex(list.readFixed(32)),
    };
    list.assertDone('record of the head');
    return meta;
  });
}

/** @internal */
export function clientStore(
  store: KeyValueStore,
  network: Network,
  retention: Retention,
  hasher: Hasher | undefined,
): ClientStore {
  async function getHeader(number: bigint): Promise<VerifiedHeader | undefined> {
    const bytes = await store.get(keyOf(HEADERS, number));
    if (bytes === undefined) return undefined;
    return reading(`header ${number}`, () => {
      const header = decodeHeader(bytes);
      if (header.number !== number) refuse(`header ${number} is that of block ${header.number}`);
      return { header, hash: hashOf(header, hasher) };
    });
  }

  /** Deletions of what lies below a number. */
  async function below(kind: number, number: bigint): Promise<BatchOperation[]> {
    if (number <= 0n) return [];
    const range = { gte: keyOf(kind, 0n), lt: keyOf(kind, number), limit: PRUNED_PER_WRITE };
    const operations: BatchOperation[] = [];
    for await (const [key] of store.iterate(range)) operations.push({ type: 'delete', key });
    return operations;
  }

  return {
    getHeader,

    async open(checkpoint) {
      const bytes = await store.get(META);
      if (bytes === undefined) return undefined;
      const meta = decodeMeta(bytes);
      if (meta.shardId !== checkpoint.shardId) {
        refuse(`the store is of shard ${meta.shardId}, not ${checkpoint.shardId}`);
      }
      if (meta.checkpointHash !== checkpoint.blockHash) {
        const known = await getHeader(checkpoint.blockNumber);
        if (known?.hash !== checkpoint.blockHash) {
          refuse(`the store began at block ${meta.checkpointNumber} (${meta.checkpointHash})`);
        }
      }
      const head = await getHeader(meta.headNumber);
      if (head === undefined) return refuse(`the header of the head ${meta.headNumber} is missing`);
      if (head.hash !== meta.headHash || head.header.shardId !== meta.shardId) {
        refuse(`the header of the head ${meta.headNumber} is another`);
      }
      return head;
    },

    async getCommittees(epoch) {
      if (epoch < 0n || epoch >> 64n !== 0n) return undefined;
      const bytes = await store.get(keyOf(COMMITTEES, epoch));
      if (bytes === undefined) return undefined;
      return reading(`committees of epoch ${epoch}`, () => {
        const { epoch: named, committees } = decodeShardState(bytes);
        if (named !== epoch) refuse(`committees of epoch ${epoch} are those of ${named}`);
        const state = { epoch, committees };
        for (const { shardId } of committees) assertUsable(network, state, shardId);
        return state;
      });
    },

    async write(checkpoint, { headers, committees }) {
      const head = headers.at(-1)!;
      const { number, epoch } = head.header;
      const pruned = [
        ...(await below(HEADERS, number - retention.keepHeaders)),
        ...(await below(COMMITTEES, epoch - retention.keepEpochs + 1n)),
      ];
      await store.write(
        [
          ...pruned,
          ...committees.map((state) => ({
            type: 'put' as const,
            key: keyOf(COMMITTEES, state.epoch),
            value: encodeShardState(state, 'staking'),
          })),
          ...headers.map(({ header }) => ({
            type: 'put' as const,
            key: keyOf(HEADERS, header.number),
            value: encodeHeader(header),
          })),
          { type: 'put', key: META, value: encodeMeta(checkpoint, head) },
        ],
        { durable: true },
      );
    },
  };
}
