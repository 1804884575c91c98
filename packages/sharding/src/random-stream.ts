/**
 * Unbiased random numbers from a seed, the same on every machine.
 *
 * Block i of the stream is Keccak-256(key ‖ i as 8 bytes big-endian), and the key is Keccak-256(label ‖
 * 0x00 ‖ parts). A block gives eight 32-bit big-endian words. Numbers below a limit come from words by
 * rejection, so each is equally likely; no floats. Where the seed comes from is decided elsewhere.
 */
import { bigIntToBytes, concatBytes, keccak256, utf8ToBytes } from '@polyphony/primitives';

/** A stream of random numbers. */
export interface RandomStream {
  /** An integer from 0 to `limit - 1`; the limit is from 1 to 2^32. */
  below(limit: number): number;
  /**
   * Puts `count` entries, drawn one after the other, to the front of a list: entry i changes places
   * with one from i to the end. For `count` = length - 1 or more this is a shuffle.
   */
  drawToFront<T>(list: T[], count: number): void;
}

const WORDS = 2 ** 32;

/**
 * A stream from a label, which says what the numbers are for, and secret or public bytes.
 *
 * @param label - Without a zero byte, so that no two labels with parts give the same key.
 * @param parts - Fixed lengths for one label.
 */
export function randomStream(label: string, ...parts: readonly Uint8Array[]): RandomStream {
  const input = new Uint8Array(40);
  input.set(keccak256(concatBytes(utf8ToBytes(label), new Uint8Array(1), ...parts)));
  const counter = new DataView(input.buffer, 32);
  let blocks = 0;
  let block: DataView = new DataView(new ArrayBuffer(0));
  let at = 0;

  const word = (): number => {
    if (at === block.byteLength) {
      counter.setUint32(0, Math.floor(blocks / WORDS));
      counter.setUint32(4, blocks % WORDS);
      blocks += 1;
      const bytes = keccak256(input);
      block = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      at = 0;
    }
    const value = block.getUint32(at);
    at += 4;
    return value;
  };
  const below = (limit: number): number => {
    if (limit === 1) return 0;
    const usable = WORDS - (WORDS % limit);
    for (;;) {
      const value = word();
      if (value < usable) return value % limit;
    }
  };
  return {
    below,
    drawToFront(list, count) {
      const last = Math.min(count, list.length - 1);
      for (let index = 0; index < last; index++) {
        const other = index + below(list.length - index);
        const entry = list[index]!;
        list[index] = list[other]!;
        list[other] = entry;
      }
    },
  };
}

/** An epoch as 8 bytes, for the parts of a stream. */
export function epochBytes(epoch: bigint): Uint8Array {
  return bigIntToBytes(epoch, 8);
}
