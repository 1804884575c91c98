/**
 * The 2048-bit filter over the logs of a block: three bits for each address and topic.
 *
 * @source go-ethereum 1.11.2 core/types/bloom9.go; yellow paper, section 4.3.1
 */
import { type Hex, hexToBytes } from '@polyphony/primitives';
import { ChainError } from './errors.js';
import { defaultHasher, type Hasher } from './hasher.js';

/** Bytes of a bloom filter. */
export const BLOOM_BYTES = 256;

/** The part of a log that a filter covers. */
export interface BloomLog {
  readonly address: Hex;
  readonly topics: readonly Hex[];
}

function addHash(bloom: Uint8Array, hash: Uint8Array): void {
  for (let i = 0; i < 6; i += 2) {
    const bit = ((hash[i]! << 8) | hash[i + 1]!) & 2047;
    bloom[BLOOM_BYTES - 1 - (bit >> 3)]! |= 1 << (bit & 7);
  }
}

/**
 * Filter over logs: 256 bytes, bit 0 is the lowest bit of the last byte. Log data does not count.
 */
export function computeBloom(logs: Iterable<BloomLog>, hasher: Hasher = defaultHasher): Uint8Array {
  const bloom = new Uint8Array(BLOOM_BYTES);
  const seen = new Set<string>();
  const add = (text: Hex): void => {
    if (seen.has(text)) return;
    seen.add(text);
    addHash(bloom, hasher.keccak256(hexToBytes(text)));
  };
  for (const log of logs) {
    add(log.address);
    for (const topic of log.topics) add(topic);
  }
  return bloom;
}

/**
 * Union of filters: the header's from those of receipts.
 *
 * @throws {@link ChainError} `chain/out-of-range` for a filter that is not 256 bytes.
 */
export function mergeBlooms(blooms: Iterable<Uint8Array>): Uint8Array {
  const merged = new Uint8Array(BLOOM_BYTES);
  for (const bloom of blooms) {
    if (bloom.length !== BLOOM_BYTES) {
      const reason = `must be ${BLOOM_BYTES} bytes, got ${bloom.length}`;
      throw new ChainError({ code: 'chain/out-of-range', what: 'bloom', reason });
    }
    for (let i = 0; i < BLOOM_BYTES; i++) merged[i]! |= bloom[i]!;
  }
  return merged;
}

/** Whether a filter may contain an address or topic; false is certain. */
export function bloomMayContain(
  bloom: Uint8Array,
  value: Hex,
  hasher: Hasher = defaultHasher,
): boolean {
  if (bloom.length !== BLOOM_BYTES) return false;
  const wanted = new Uint8Array(BLOOM_BYTES);
  addHash(wanted, hasher.keccak256(hexToBytes(value)));
  return wanted.every((byte, i) => (bloom[i]! & byte) === byte);
}
