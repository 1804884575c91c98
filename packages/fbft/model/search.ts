/**
 * An exhaustive search over a network of four: three honest members and one faulty.
 *
 * The faulty member signs whatever helps, and the adversary chooses leaders, proposals, carried
 * blocks, what is delivered to whom, and when. So an honest member may do anything that its rules
 * let it do, as soon as the facts that the act rests on have a quorum; and as three of four are a
 * quorum and the fourth helps, a fact has one when two honest members share it. Facts (votes,
 * reports) are never taken back. A member's own state is what it keeps on disk and the facts it
 * made true.
 *
 * States that differ only in the names of the honest members, or in the names of the two blocks
 * that may be proposed in a view, are one state. Local states get numbers, a state is three of
 * them in order, packed into one number.
 */

/** A vote, as a schedule needs it. */
export interface Deed {
  readonly kind: 'prepare' | 'commit';
  /** Number of the block. */
  readonly block: number;
  readonly view: number;
  /** View of the certificate that justifies a prepare vote of `strict`; 0 for none. */
  readonly justifiedBy?: number;
}

/** Something that an honest member may do. */
export interface Act<Local> {
  readonly label: string;
  /** What it signs. */
  readonly does?: Deed;
  readonly next: Local;
  /** Facts that must each have a quorum. */
  readonly needs: readonly number[];
}

/** One member's part in an act of all; the parts of an act stand at the same place of the lists. */
export type JointPart<Local> = Omit<Act<Local>, 'needs'> | undefined;

/** The rules of one network, as the search sees them. */
export interface Network<Local> {
  readonly start: Local;
  /** Equal texts for equal states. */
  keyOf(local: Local): string;
  actsOf(local: Local): readonly Act<Local>[];
  /** Facts this member has made true, below `factCount`. */
  factsOf(local: Local): readonly number[];
  readonly factCount: number;
  /** Whether what a vote rests on has a quorum, apart from the rules of who casts it. */
  isProven(deed: Deed, hasQuorum: (fact: number) => boolean): boolean;
  /** For each block, the facts of which one with a quorum makes it final. */
  readonly finalBy: readonly (readonly number[])[];
  /** Renamings of blocks that change nothing else, the identity first. */
  readonly renamings: readonly ((local: Local) => Local)[];
  /** What the operators of all honest members may do at once, when the height is stuck. */
  together?(local: Local): readonly JointPart<Local>[];
  /** Whether the honest members alone, the faulty one silent, could still make a block final. */
  canDecide?(members: readonly Local[], hasQuorum: (fact: number) => boolean): boolean;
}

/** What a search found. */
export interface Found<Local> {
  /** A way to two final blocks, the shortest there is; undefined when there is none. */
  readonly fork: readonly Step<Local>[] | undefined;
  /** States seen: all there are, unless a fork ended the search. */
  readonly states: number;
  /** Acts on the longest of the shortest ways to a state. */
  readonly depth: number;
  /** Local states of one member. */
  readonly locals: number;
  /** States in which a block is final. */
  readonly decided: number;
  /** States without a final block from which the honest members alone cannot get one. */
  readonly stuck: number;
  /** The shortest way to one of them. */
  readonly stuckAfter: readonly Step<Local>[] | undefined;
}

/** One act on a way, with the members as they are after it. */
export interface Step<Local> {
  /** -1 for all of them. */
  readonly member: number;
  readonly label: string;
  readonly does?: Deed;
  readonly members: readonly Local[];
}

/** How far to search. */
export interface SearchLimits {
  /** Fails when there are more states. */
  readonly maxStates?: number;
  /** Called every half a million states. */
  readonly onProgress?: (states: number) => void;
}

const HONEST = 3;
/** Local states are numbered below this, so three of them fit a safe integer. */
const RADIX = 2 ** 17;
const DEFAULT_MAX_STATES = 60_000_000;
const PROGRESS_EVERY = 500_000;

/** An act between numbered local states. */
interface NumberedAct {
  readonly label: string;
  readonly does?: Deed;
  readonly next: number;
  readonly needs: readonly number[];
}

/** Local states by number, with everything that is asked about them again and again. */
class Locals<Local> {
  readonly values: Local[] = [];
  /** Facts as bits, a fixed number of words for each local state. */
  readonly facts: number[] = [];
  readonly words: number;
  readonly #network: Network<Local>;
  readonly #numbers = new Map<string, number>();
  readonly #acts: (readonly NumberedAct[] | undefined)[] = [];
  readonly #renamed: (readonly number[] | undefined)[] = [];

  constructor(network: Network<Local>) {
    this.#network = network;
    this.words = Math.ceil(network.factCount / 32);
  }

  numberOf(local: Local): number {
    const key = this.#network.keyOf(local);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.values.length;
    if (number >= RADIX) throw new RangeError(`more than ${RADIX} local states`);
    this.#numbers.set(key, number);
    this.values.push(local);
    const bits = new Array<number>(this.words).fill(0);
    for (const fact of this.#network.factsOf(local)) bits[fact >> 5]! |= 1 << (fact & 31);
    this.facts.push(...bits);
    return number;
  }

  actsOf(number: number): readonly NumberedAct[] {
    this.#acts[number] ??= this.#network
      .actsOf(this.values[number]!)
      .map((act) => ({ ...act, next: this.numberOf(act.next) }))
      .filter(({ next }) => next !== number);
    return this.#acts[number];
  }

  /** What all members may do at once. */
  jointActs(members: readonly number[]): { readonly label: string; readonly next: number[] }[] {
    const { together } = this.#network;
    if (together === undefined) return [];
    const parts = members.map((number) => together(this.values[number]!));
    return parts[0]!.flatMap((_, at) => {
      const act = parts.map((part) => part[at]);
      if (!act.every((part) => part !== undefined)) return [];
      return [{ label: act[0]!.label, next: act.map(({ next }) => this.numberOf(next)) }];
    });
  }

  /** The same state under every renaming. */
  renamed(number: number): readonly number[] {
    this.#renamed[number] ??= this.#network.renamings.map((rename, i) =>
      i === 0 ? number : this.numberOf(rename(this.values[number]!)),
    );
    return this.#renamed[number];
  }
}

/** A growing set of states that keeps the order in which they came and who led to whom. */
class StateSet {
  size = 0;
  #keys = new Float64Array(1 << 12);
  #parents = new Int32Array(1 << 12);
  #slots = new Int32Array(1 << 13).fill(-1);

  keyAt(index: number): number {
    return this.#keys[index]!;
  }

  parentOf(index: number): number {
    return this.#parents[index]!;
  }

  /** False when it was there. */
  add(key: number, parent: number): boolean {
    if (this.size === this.#keys.length) this.#grow();
    const mask = this.#slots.length - 1;
    let slot = hash(key) & mask;
    for (;;) {
      const index = this.#slots[slot]!;
      if (index < 0) break;
      if (this.#keys[index] === key) return false;
      slot = (slot + 1) & mask;
    }
    this.#slots[slot] = this.size;
    this.#keys[this.size] = key;
    this.#parents[this.size] = parent;
    this.size += 1;
    return true;
  }

  #grow(): void {
    const keys = new Float64Array(this.#keys.length * 2);
    keys.set(this.#keys);
    this.#keys = keys;
    const parents = new Int32Array(keys.length);
    parents.set(this.#parents);
    this.#parents = parents;
    this.#slots = new Int32Array(keys.length * 2).fill(-1);
    const mask = this.#slots.length - 1;
    for (let index = 0; index < this.size; index++) {
      let slot = hash(keys[index]!) & mask;
      while (this.#slots[slot]! >= 0) slot = (slot + 1) & mask;
      this.#slots[slot] = index;
    }
  }
}

function hash(key: number): number {
  const high = Math.floor(key / 2 ** 32);
  let mixed = Math.imul((key >>> 0) ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b);
  mixed ^= mixed >>> 15;
  return Math.imul(mixed, 0xc2b2ae35) ^ (mixed >>> 13);
}

/** Searches breadth first, so the ways it gives are the shortest. Stops at the first fork. */
export function search<Local>(network: Network<Local>, limits: SearchLimits = {}): Found<Local> {
  const { maxStates = DEFAULT_MAX_STATES } = limits;
  const locals = new Locals(network);
  const seen = new StateSet();
  let [depth, levelEnd, decided, stuck] = [0, 1, 0, 0];
  let stuckAt = -1;
  const first = locals.numberOf(network.start);
  seen.add(canonical(locals, [first, first, first]), -1);

  const found = (forkAt: number): Found<Local> => ({
    fork: forkAt < 0 ? undefined : way(network, locals, seen, forkAt),
    states: seen.size,
    depth,
    locals: locals.values.length,
    decided,
    stuck,
    stuckAfter: stuckAt < 0 ? undefined : way(network, locals, seen, stuckAt),
  });

  for (let at = 0; at < seen.size; at++) {
    if (at === levelEnd) {
      levelEnd = seen.size;
      depth += 1;
    }
    if (at > 0 && at % PROGRESS_EVERY === 0) limits.onProgress?.(at);
    const members = unpack(seen.keyAt(at));
    const finals = finalBlocks(network, locals, members);
    if (finals > 1) return found(at);
    if (finals === 1) decided += 1;
    const isStuck = finals === 0 && !canDecide(network, locals, members);
    if (isStuck) {
      stuck += 1;
      if (stuckAt < 0) stuckAt = at;
    }
    if (isStuck)
      for (const { next } of locals.jointActs(members)) seen.add(canonical(locals, next), at);
    for (let member = 0; member < HONEST; member++) {
      // Equal members have equal acts.
      if (member > 0 && members[member] === members[member - 1]) continue;
      for (const { next, needs } of locals.actsOf(members[member]!)) {
        if (!needs.every((fact) => hasQuorum(locals, members, fact))) continue;
        const moved = members.slice();
        moved[member] = next;
        seen.add(canonical(locals, moved), at);
        if (seen.size > maxStates) throw new RangeError(`more than ${maxStates} states`);
      }
    }
  }
  return found(-1);
}

/** Whether two honest members share a fact, so that the faulty one's help makes a quorum. */
function hasQuorum<Local>(
  locals: Locals<Local>,
  members: readonly number[],
  fact: number,
): boolean {
  const { facts, words } = locals;
  const [word, bit] = [fact >> 5, fact & 31];
  let count = 0;
  for (const number of members) count += (facts[number * words + word]! >>> bit) & 1;
  return count >= 2;
}

function canDecide<Local>(
  network: Network<Local>,
  locals: Locals<Local>,
  members: readonly number[],
): boolean {
  if (network.canDecide === undefined) return true;
  const values = members.map((number) => locals.values[number]!);
  return network.canDecide(values, (fact) => hasQuorum(locals, members, fact));
}

function finalBlocks<Local>(
  network: Network<Local>,
  locals: Locals<Local>,
  members: readonly number[],
): number {
  let count = 0;
  for (const facts of network.finalBy)
    if (facts.some((fact) => hasQuorum(locals, members, fact))) count += 1;
  return count;
}

/** The smallest of the packed states that differ in names only. */
function canonical<Local>(locals: Locals<Local>, members: readonly number[]): number {
  const [a, b, c] = members.map((number) => locals.renamed(number));
  let smallest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < a!.length; i++) {
    const key = pack(a![i]!, b![i]!, c![i]!);
    if (key < smallest) smallest = key;
  }
  return smallest;
}

/** Packs three numbers, the greatest first. */
function pack(a: number, b: number, c: number): number {
  const high = Math.max(a, b, c);
  const low = Math.min(a, b, c);
  return (high * RADIX + (a + b + c - high - low)) * RADIX + low;
}

function unpack(key: number): number[] {
  const low = key % RADIX;
  const rest = (key - low) / RADIX;
  const middle = rest % RADIX;
  return [(rest - middle) / RADIX, middle, low];
}

/** The acts from the start to a state, with names that stay the same on the way. */
function way<Local>(
  network: Network<Local>,
  locals: Locals<Local>,
  seen: StateSet,
  index: number,
): Step<Local>[] {
  const keys: number[] = [];
  for (let at = index; at > 0; at = seen.parentOf(at)) keys.unshift(seen.keyAt(at));
  const first = locals.numberOf(network.start);
  let members = [first, first, first];
  return keys.map((key) => {
    for (let member = 0; member < HONEST; member++)
      for (const { label, does, next, needs } of locals.actsOf(members[member]!)) {
        const moved = members.slice();
        moved[member] = next;
        if (canonical(locals, moved) !== key) continue;
        if (!needs.every((fact) => hasQuorum(locals, members, fact))) continue;
        members = moved;
        const values = moved.map((number) => locals.values[number]!);
        return { member, label, ...(does && { does }), members: values };
      }
    for (const { label, next } of locals.jointActs(members)) {
      if (canonical(locals, next) !== key) continue;
      members = next;
      return { member: -1, label, members: next.map((number) => locals.values[number]!) };
    }
    throw new Error('a state has no way to it');
  });
}
