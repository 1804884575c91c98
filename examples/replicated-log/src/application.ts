/** What is replicated: a list of texts, each under an id of its own. Consensus shows only as a port. */
import type { Application, HeadInfo } from '@polyphony/fbft/driver';
import type { Seal } from '@polyphony/fbft/seal';
import * as bytes from '@polyphony/primitives';

export const MAX_TEXT_BYTES = 4096;
const MAX_ENTRIES_PER_BLOCK = 100;
const MAX_WAITING = 10_000;

export interface Entry {
  readonly id: string; // 16 bytes of hex, drawn by whoever appends; no id enters the log twice
  readonly text: string;
}

export interface Block {
  readonly height: bigint;
  readonly viewId: bigint;
  readonly parentHash: bytes.Hash;
  readonly hash: bytes.Hash;
  readonly entries: readonly Entry[];
}

/** A block is `[height, view id, parent, [[id, text], …]]`; anything else throws. */
export function decodeBlock(encoded: Uint8Array): Block {
  const fields = bytes.openRlpList(encoded);
  const [height, viewId] = [fields.readBigInt(64), fields.readBigInt(64)];
  const parentHash = bytes.bytesToHex(fields.readFixed(32));
  const list = fields.readList();
  const entries: Entry[] = [];
  while (!list.done) {
    if (entries.length === MAX_ENTRIES_PER_BLOCK) throw new RangeError('too many entries');
    const pair = list.readList();
    const [id, text] = [bytes.bytesToPlainHex(pair.readFixed(16)), pair.readBytes()];
    pair.assertDone('entry');
    if (text.length === 0 || text.length > MAX_TEXT_BYTES) throw new RangeError('text length');
    entries.push({ id, text: new TextDecoder('utf-8', { fatal: true }).decode(text) });
  }
  fields.assertDone('block');
  const hash = bytes.bytesToHex(bytes.keccak256(encoded));
  return { height, viewId, parentHash, hash, entries };
}

/** What the log needs of its surroundings. */
export interface LogSurroundings {
  /** Keeps a final block; durable when it resolves. One that is there already is no error. */
  append(encoded: Uint8Array, block: Block, seal: Seal, votedIn: bigint): Promise<HeadInfo>;
  /** Resolves when an entry waits, or after a while: then an empty block shows life. */
  somethingToDo(waiting: ReadonlyMap<string, Entry>): Promise<void>;
}

export interface LogApplication extends Application {
  readonly log: readonly Entry[];
  readonly waiting: ReadonlyMap<string, Entry>;
  submit(entry: Entry): boolean; // false: no room, or in the log already
  apply(block: Block): void; // a final block, by consensus, by sync or from disk
}

export function createLogApplication(around: LogSurroundings): LogApplication {
  const log: Entry[] = [];
  const known = new Set<string>();
  const waiting = new Map<string, Entry>();
  return {
    log,
    waiting,
    submit(entry) {
      if (known.has(entry.id) || waiting.size >= MAX_WAITING) return false;
      waiting.set(entry.id, entry);
      return true;
    },
    apply({ entries }) {
      for (const entry of entries) {
        log.push(entry);
        known.add(entry.id);
        waiting.delete(entry.id);
      }
    },
    async propose({ height, viewId, head }) {
      await around.somethingToDo(waiting);
      const entries = [...waiting.values()].slice(0, MAX_ENTRIES_PER_BLOCK);
      const pairs = entries.map(({ id, text }) => [Buffer.from(id, 'hex'), Buffer.from(text)]);
      const block = bytes.encodeRlp([height, viewId, bytes.hexToBytes(head.hash), pairs]);
      return { block, blockHash: bytes.bytesToHex(bytes.keccak256(block)) };
    },
    async validate(encoded, context) {
      try {
        const { height, viewId, parentHash, hash, entries } = decodeBlock(encoded);
        if (parentHash !== context.head.hash) return { valid: false, reason: 'another parent' };
        const fresh = new Set(entries.map(({ id }) => id).filter((id) => !known.has(id)));
        if (fresh.size < entries.length) return { valid: false, reason: 'an entry twice' };
        return { valid: true, blockHash: hash, height, viewId, parentHash };
      } catch (error) {
        return { valid: false, reason: (error as Error).message };
      }
    },
    commit: (encoded, seal, { decidedInView }) =>
      around.append(encoded, decodeBlock(encoded), seal, decidedInView),
  };
}
