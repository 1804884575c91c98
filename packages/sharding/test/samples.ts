/** Committees with keys that are not points of the curve: nothing here checks signatures. */
import { type Address, bytesToHex, decFromBigInt } from '@polyphony/primitives';
import type { Committee } from '../src/committee.js';

export function key(seed: number): Uint8Array {
  const bytes = new Uint8Array(48).fill(7);
  bytes[0] = seed & 255;
  bytes[1] = (seed >> 8) & 255;
  return bytes;
}

export function address(seed: number): Address {
  return bytesToHex(new Uint8Array(20).fill(seed & 255).fill(seed >> 8, 0, 1));
}

/** A committee of Harmony's slots, then staked ones with the given stakes. */
export function committee(
  harmonySlots: number,
  options: { readonly stakes?: readonly bigint[]; readonly shardId?: number } = {},
): Committee {
  const { stakes = [], shardId = 0 } = options;
  return {
    shardId,
    slots: Array.from({ length: harmonySlots + stakes.length }, (_, place) => ({
      address: address(place + 1),
      blsPublicKey: key(place),
      effectiveStake:
        place < harmonySlots ? undefined : decFromBigInt(stakes[place - harmonySlots]!),
    })),
  };
}
