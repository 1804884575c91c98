/**
 * A map from small whole numbers that is never changed in place and cheap to extend.
 *
 * Its versions share one growing list of changes, of which each sees its own beginning; the newest
 * change of a slot is found at once, an older version follows the chain back to its own. So a state
 * can keep one for each vote it hears of. A version that goes on from an older one than the newest
 * starts a list of its own.
 */

/** The changes that versions share. Grows at its end only. */
interface Log<T> {
  /** The first `length` are changes; room for more may follow. */
  readonly values: (T | undefined)[];
  length: number;
  /** Place of the slot's change before one that was not its first; most slots change once. */
  readonly before: Map<number, number>;
  /** Place of each slot's newest change, from 1; 0 without one. */
  newest: Uint32Array;
}

/** More changes than this beyond two for each entry, and the list is made anew. */
const SLACK = 64;

/** A map from slots to values; immutable but for `extend`. */
export class SlotMap<T> {
  readonly #log: Log<T>;
  /** How many changes this version sees. */
  #length: number;
  #size: number;

  private constructor(log: Log<T>, length: number, size: number) {
    this.#log = log;
    this.#length = length;
    this.#size = size;
  }

  /** How many slots have a value. */
  get size(): number {
    return this.#size;
  }

  /** A map without entries. @param slots - How many there will be, more or less. */
  static empty<T>(slots = 0): SlotMap<T> {
    return new SlotMap<T>(emptyLog(slots), 0, 0);
  }

  /** The value of a slot. */
  get(slot: number): T | undefined {
    const { newest, before, values } = this.#log;
    let place = slot < newest.length ? newest[slot]! : 0;
    while (place > this.#length) place = before.get(place) ?? 0;
    return place === 0 ? undefined : values[place - 1];
  }

  /** The map with a slot set. @param slot - From 0 to 2^25. */
  set(slot: number, value: T): SlotMap<T> {
    return this.#with(slot, value, this.get(slot) === undefined ? this.#size + 1 : this.#size);
  }

  /** The map with a slot set that has no value. @param slot - From 0 to 2^25. */
  add(slot: number, value: T): SlotMap<T> {
    return this.#with(slot, value, this.#size + 1);
  }

  /** Sets a slot that has no value in this very version, which nobody else may have seen yet. */
  extend(slot: number, value: T): void {
    this.#length = put(this.#log, slot, value);
    this.#size++;
  }

  /** The map without a slot. */
  delete(slot: number): SlotMap<T> {
    if (this.get(slot) === undefined) return this;
    return this.#with(slot, undefined, this.#size - 1);
  }

  #with(slot: number, value: T | undefined, size: number): SlotMap<T> {
    const { length } = this.#log;
    const isNewest = length === this.#length;
    const log = isNewest && length < 2 * this.#size + SLACK ? this.#log : this.#copy();
    return new SlotMap(log, put(log, slot, value), size);
  }

  #copy(): Log<T> {
    const log = emptyLog<T>(this.#log.newest.length);
    for (const [slot, value] of this.entries()) put(log, slot, value);
    return log;
  }

  /** How many changes the list holds that this version sees. */
  get changes(): number {
    return this.#log.length;
  }

  /** The entries by rising slot. */
  entries(): [slot: number, value: T][] {
    const found: [number, T][] = [];
    for (let slot = 0; slot < this.#log.newest.length; slot++) {
      const value = this.get(slot);
      if (value !== undefined) found.push([slot, value]);
    }
    return found;
  }
}

/** A list without changes. Most slots will change once, so room for that is made at once. */
function emptyLog<T>(slots: number): Log<T> {
  const values = new Array<T | undefined>(slots);
  return { values, length: 0, before: new Map(), newest: new Uint32Array(slots) };
}

/** Adds a change to the list. @returns How long it is now. */
function put<T>(log: Log<T>, slot: number, value: T | undefined): number {
  if (slot >= log.newest.length) log.newest = grown(log.newest, slot);
  log.values[log.length++] = value;
  const { length } = log;
  const last = log.newest[slot]!;
  if (last > 0) log.before.set(length, last);
  log.newest[slot] = length;
  return length;
}

/** A longer list with room for a slot. */
function grown(list: Uint32Array, slot: number): Uint32Array {
  const longer = new Uint32Array(Math.max(16, 2 * list.length, slot + 1));
  longer.set(list);
  return longer;
}
