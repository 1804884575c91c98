/**
 * Slots of a committee by key.
 *
 * Looked up for every message of a leader and every vote, so keys are not turned into text: a few of
 * their bytes choose a short list, and the whole key is compared with the keys in it.
 */
import { equalBytes } from '@polyphony/primitives';
import type { VotingCommittee } from './seal.js';

/** Finds the slots of keys. */
export interface KeySlots {
  /** The slot of a key, or undefined for a key of nobody here. */
  slotOf(key: Uint8Array): number | undefined;
}

/** An index of keys. */
export class KeyIndex implements KeySlots {
  readonly #keys: readonly Uint8Array[];
  readonly #slots = new Map<number, number[]>();

  /** @param keys - 48 bytes each, distinct, in slot order. */
  constructor(keys: readonly Uint8Array[]) {
    this.#keys = keys;
    keys.forEach((key, slot) => {
      const tag = tagOf(key);
      const known = this.#slots.get(tag);
      if (known === undefined) this.#slots.set(tag, [slot]);
      else known.push(slot);
    });
  }

  /** The slot of a key, or undefined for a key of nobody here. */
  slotOf(key: Uint8Array): number | undefined {
    const slots = this.#slots.get(tagOf(key));
    if (slots === undefined) return undefined;
    for (const slot of slots) if (equalBytes(this.#keys[slot]!, key)) return slot;
    return undefined;
  }
}

/** The slots of a committee by key: its own index, or one made here. */
export function slotsOf(committee: VotingCommittee): KeySlots {
  return 'slotOf' in committee && committee.slotOf !== undefined
    ? (committee as KeySlots)
    : new KeyIndex(committee.keys);
}

/** 30 bits of a key: a small integer to JavaScript. */
function tagOf(key: Uint8Array): number {
  let tag = 0;
  for (let i = 0; i < key.length; i += 3) tag = (Math.imul(tag, 31) + key[i]!) & 0x3fffffff;
  return tag;
}
