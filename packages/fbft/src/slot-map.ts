/**
 * A map from small whole numbers that is never changed in place and cheap to extend.
 *
 * A tree of blocks of 32: setting an entry copies one block for each level, two for a thousand
 * entries, instead of the whole map. So a state can keep one for each vote it hears of.
 */

const BITS = 5;
const WIDTH = 1 << BITS;
const MASK = WIDTH - 1;

type Node<T> = readonly (Node<T> | T | undefined)[];

/** An immutable map from slots to values. */
export class SlotMap<T> {
  /** How many slots have a value. */
  readonly size: number;
  readonly #root: Node<T>;
  /** Levels of blocks above the values. */
  readonly #depth: number;

  private constructor(root: Node<T>, depth: number, size: number) {
    this.#root = root;
    this.#depth = depth;
    this.size = size;
  }

  /** A map without entries. */
  static empty<T>(): SlotMap<T> {
    return new SlotMap<T>([], 0, 0);
  }

  /** The value of a slot. */
  get(slot: number): T | undefined {
    if (slot >>> (BITS * (this.#depth + 1)) > 0) return undefined;
    let node: Node<T> | undefined = this.#root;
    for (let level = this.#depth; level > 0; level--) {
      node = node[(slot >>> (BITS * level)) & MASK] as Node<T> | undefined;
      if (node === undefined) return undefined;
    }
    return node[slot & MASK] as T | undefined;
  }

  /** The map with a slot set. @param slot - From 0 to 2^25. */
  set(slot: number, value: T): SlotMap<T> {
    let root = this.#root;
    let depth = this.#depth;
    while (slot >>> (BITS * (depth + 1)) > 0) {
      root = [root];
      depth++;
    }
    const added = this.get(slot) === undefined ? 1 : 0;
    return new SlotMap(withValue(root, depth, slot, value), depth, this.size + added);
  }

  /** The map without a slot. */
  delete(slot: number): SlotMap<T> {
    if (this.get(slot) === undefined) return this;
    return new SlotMap(
      withValue(this.#root, this.#depth, slot, undefined),
      this.#depth,
      this.size - 1,
    );
  }

  /** The entries by rising slot. */
  entries(): [slot: number, value: T][] {
    const found: [number, T][] = [];
    collect(this.#root, this.#depth, 0, found);
    return found;
  }
}

function withValue<T>(node: Node<T>, level: number, slot: number, value: T | undefined): Node<T> {
  const copy = node.slice();
  const index = (slot >>> (BITS * level)) & MASK;
  while (copy.length < index) copy.push(undefined);
  copy[index] =
    level === 0
      ? value
      : withValue((copy[index] as Node<T> | undefined) ?? [], level - 1, slot, value);
  return copy;
}

function collect<T>(node: Node<T>, level: number, base: number, found: [number, T][]): void {
  node.forEach((part, i) => {
    if (part === undefined) return;
    const at = base + (i << (BITS * level));
    if (level === 0) found.push([at, part as T]);
    else collect(part as Node<T>, level - 1, at, found);
  });
}
