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
  readonly values: (T | undefined)[];
  /** Place of the slot's change before one that was not its first; most slots change once. */
  readonly before: Map<number, number>;
  /** Place of each slot's newest change. */
  readonly newest: number[];
}

/** More changes than this beyond two for each entry, and the list is made anew. */
const SLACK = 64;

/** An immutable map from slots to values. */
export class SlotMap<T> {
  /** How many slots have a value. */
  readonly size: number;
  readonly #log: Log<T>;
  /** How many changes this version sees. */
  readonly #length: number;

  private constructor(log: Log<T>, length: number, size: number) {
    this.#log = log;
    this.#length = length;
    this.size = size;
  }

  /** A map without entries. */
  static empty<T>(): SlotMap<T> {
    return new SlotMap<T>({ values: [], before: new Map(), newest: [] }, 0, 0);
  }

  /** The value of a slot. */
  get(slot: number): T | undefined {
    const { newest, before, values } = this.#log;
    if (slot >= newest.length) return undefined;
    let place = newest[slot]!;
    while (place >= this.#length) place = before.get(place) ?? -1;
    return place < 0 ? undefined : values[place];
  }

  /** The map with a slot set. @param slot - From 0 to 2^25. */
  set(slot: number, value: T): SlotMap<T> {
    return this.#with(slot, value, this.get(slot) === undefined ? this.size + 1 : this.size);
  }

  /** The map without a slot. */
  delete(slot: number): SlotMap<T> {
    if (this.get(slot) === undefined) return this;
    return this.#with(slot, undefined, this.size - 1);
  }

  #with(slot: number, value: T | undefined, size: number): SlotMap<T> {
    const { values } = this.#log;
    const isNewest = values.length === this.#length;
    const log = isNewest && values.length < 2 * this.size + SLACK ? this.#log : this.#copy();
    while (log.newest.length <= slot) log.newest.push(-1);
    const place = log.values.length;
    const last = log.newest[slot]!;
    if (last >= 0) log.before.set(place, last);
    log.newest[slot] = place;
    log.values.push(value);
    return new SlotMap(log, log.values.length, size);
  }

  #copy(): Log<T> {
    const log: Log<T> = { values: [], before: new Map(), newest: [] };
    for (const [slot, value] of this.entries()) {
      while (log.newest.length < slot) log.newest.push(-1);
      log.newest.push(log.values.length);
      log.values.push(value);
    }
    return log;
  }

  /** How many changes the list holds that this version sees. */
  get changes(): number {
    return this.#log.values.length;
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
