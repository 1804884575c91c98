/**
 * Final blocks and their seals, in order, in one file that only grows.
 *
 * A record is `length (4 bytes) | keccak-256 of the body | body`, the body RLP of
 * `[block, signature, bitmap, view]`. A record counts when it is whole: what a crash left unfinished at
 * the end is cut off when the file is opened, and the block comes again from the others.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Seal } from '@polyphony/fbft/seal';
import {
  concatBytes,
  encodeRlp,
  equalBytes,
  isProtocolError,
  keccak256,
  openRlpList,
  uint32ToBytes,
} from '@polyphony/primitives';
import { syncFolder } from './mark-store.js';

/** A final block with the proof that it is. */
export interface SealedBlock {
  readonly block: Uint8Array;
  readonly seal: Seal;
  /** The view in which the votes of the seal were cast, which they sign; not below the block's. */
  readonly votedIn: bigint;
}

const HEADER_LENGTH = 4 + 32;

/** RLP of `[block, signature, bitmap, view]`. */
export function encodeSealedBlock({ block, seal, votedIn }: SealedBlock): Uint8Array {
  return encodeRlp([block, seal.signature, seal.bitmap, votedIn]);
}

/** Reads what {@link encodeSealedBlock} wrote; throws a `PrimitivesError` for anything else. */
export function decodeSealedBlock(bytes: Uint8Array): SealedBlock {
  const fields = openRlpList(bytes);
  const block = fields.readBytes();
  const seal = { signature: fields.readFixed(96), bitmap: fields.readBytes() };
  const votedIn = fields.readBigInt(64);
  fields.assertDone('sealed block');
  return { block, seal, votedIn };
}

/** Blocks from height 1 on. */
export interface BlockStore {
  /** How many there are: the height of the newest. */
  readonly count: number;
  /** The block of a height, from 1. */
  read(height: number): Promise<SealedBlock>;
  /** Adds the next one; durable when it resolves. One call at a time. */
  append(sealed: SealedBlock): Promise<void>;
  close(): Promise<void>;
}

/** Opens or creates the file, and cuts off an unfinished record. */
export async function openBlockStore(path: string): Promise<BlockStore> {
  const file = await open(path, 'a+', 0o600);
  await syncFolder(dirname(path));
  const offsets: number[] = [];
  let end = 0;
  for (let body = await readRecord(file, end); body !== undefined; ) {
    offsets.push(end);
    end += HEADER_LENGTH + body.length;
    body = await readRecord(file, end);
  }
  if ((await file.stat()).size > end) {
    await file.truncate(end);
    await file.sync();
  }

  return {
    get count() {
      return offsets.length;
    },
    read: async (height) => {
      const offset = offsets[height - 1];
      const body = offset === undefined ? undefined : await readRecord(file, offset);
      if (body === undefined) throw new RangeError(`there is no block ${height}`);
      return decodeSealedBlock(body);
    },
    append: async (sealed) => {
      const body = encodeSealedBlock(sealed);
      const record = concatBytes(uint32ToBytes(body.length), keccak256(body), body);
      await file.appendFile(record);
      await file.datasync();
      offsets.push(end);
      end += record.length;
    },
    close: () => file.close(),
  };
}

/** The body of a whole record; undefined when it is unfinished or flipped. */
async function readRecord(file: FileHandle, offset: number): Promise<Uint8Array | undefined> {
  const header = await readAt(file, offset, HEADER_LENGTH);
  if (header === undefined) return undefined;
  const length = new DataView(header.buffer).getUint32(0);
  if (offset + HEADER_LENGTH + length > (await file.stat()).size) return undefined;
  const body = await readAt(file, offset + HEADER_LENGTH, length);
  if (body === undefined || !equalBytes(keccak256(body), header.subarray(4))) return undefined;
  try {
    decodeSealedBlock(body);
    return body;
  } catch (error) {
    if (isProtocolError(error)) return undefined;
    throw error;
  }
}

async function readAt(
  file: FileHandle,
  offset: number,
  length: number,
): Promise<Uint8Array | undefined> {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
    if (bytesRead === 0) return undefined;
    done += bytesRead;
  }
  return bytes;
}
