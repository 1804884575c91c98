/**
 * A network of machines in one thread and virtual time, from one seed.
 *
 * Nodes have a disk (signed mark and chain) that survives a crash, and memory that does not. Delays,
 * losses and repeats are drawn from the seed; everything else that goes wrong is the caller's, or a
 * plan's (`plan.ts`). After every step the invariants of `checks.ts` are checked. The world is plain
 * mutable values: `link`, `filter`, `faults` and the methods may be replaced while it stands still.
 * What nodes do with effects is `host.ts`.
 */
import type { Hash } from '@polyphony/primitives';
import { roundRobinLeaders, uniformCommittee } from '../committee.js';
import { FbftError } from '../errors.js';
import { createState, step } from '../machine.js';
import { decodeSignedMark, encodeSignedMark, type SignedMark } from '../mark.js';
import { MESSAGE_TYPES, type MessageType } from '../messages.js';
import type { DoubleSign, HeadInfo, LeaderSchedule, VotingCommittee } from '../ports.js';
import type { Seal } from '../seal.js';
import { ownNetworkTiming, type Timing } from '../timing.js';
import type { DecodedPayload, Effect, Input, MachineEvent, State } from '../types.js';
import { type SimApplication, simBlocks } from './application.js';
import { checkStep, createRecords, Diverged, type Records } from './checks.js';
import { createHost } from './host.js';
import type { Span } from './network.js';
import { createEventQueue } from './queue.js';
import { createRandom, type Random } from './random.js';
import { tagKey } from './tag-bls.js';
import { createTrace } from './trace.js';

/** How the world treats messages and disks. Rates are from 0 to 1. */
export interface Faults {
  readonly delay: Span;
  readonly loss: number;
  /** Loss of some kinds of messages on top, so that members come to know different things. */
  readonly lossOf?: Partial<Record<MessageType, number>>;
  readonly repeat: number;
  /** One-way latency of a link on top of `delay`. */
  readonly latency?: (from: number, to: number) => number;
  /** Rate of messages that take many times as long: a heavy tail. */
  readonly tail?: number;
  /** Time of a durable write. */
  readonly disk: Span;
  readonly validate: Span;
  readonly propose: Span;
}

/** A good network: short delays and nothing lost. */
export const quiet: Faults = {
  delay: [5, 40],
  loss: 0,
  repeat: 0,
  disk: [1, 5],
  validate: [1, 10],
  propose: [1, 10],
};

/** What a simulation is made of. */
export interface SimulationOptions {
  readonly seed: number;
  readonly nodes: number;
  readonly timing?: Timing;
  readonly leaders?: LeaderSchedule;
  /** {@link quiet} by default. */
  readonly faults?: Faults;
  /** Key identities of a node, see `tagKey`; by default node `i` has key `i`. */
  readonly keysOf?: (node: number) => readonly number[];
  /** Committee of a height; by default all keys in order. */
  readonly committeeAt?: (height: bigint) => VotingCommittee;
  readonly epochAt?: (height: bigint) => bigint;
  /** Clock offset of a node in milliseconds. */
  readonly skew?: (node: number) => number;
  readonly aggregateVotes?: boolean;
  /** The application of a node, called again at each start; by default blocks without content. */
  readonly application?: (node: number) => SimApplication;
  /** Keeps every input of every node, for replays. */
  readonly record?: boolean;
}

/** A final block at one node. */
export interface SimFinalBlock {
  readonly bytes: Uint8Array;
  readonly hash: Hash;
  readonly viewId: bigint;
  seal: Seal;
}

/** Where a durable write stands when something can go wrong. */
export type WritePoint =
  | 'mark-issued'
  | 'mark-durable'
  | 'mark-answered'
  | 'block-issued'
  | 'block-durable'
  | 'block-answered';

/** A node: a machine, a disk, and what it told. */
export interface SimNode {
  readonly id: number;
  readonly publicKeys: readonly Uint8Array[];
  alive: boolean;
  /** Counts starts and crashes; work of an earlier life is lost. */
  life: number;
  state: State;
  application: SimApplication;
  /** On disk: what `saved` encodes to, or what was put in its place. */
  mark: Uint8Array | undefined;
  /** The mark on disk before it is encoded, which is put off until somebody reads it. */
  saved: SignedMark | undefined;
  /** A mark on its way to disk: what a crash may tear. */
  writing: SignedMark | undefined;
  /** On disk. */
  readonly chain: SimFinalBlock[];
  diskFreeAt: number;
  /** Clock offset in milliseconds, and how much faster than time it runs. */
  clockOffset: number;
  clockDrift: number;
  /** Nothing happens at the node before. */
  pausedUntil: number;
  /** True after a start with a mark that cannot be read: follows without its keys. */
  mute: boolean;
  /** Height at the last crash: above it, a mark that cannot be read may be thrown away. */
  crashedAt: bigint;
  readonly timers: Map<string, number>;
  readonly inputs: Input[];
  readonly events: { readonly at: number; readonly event: MachineEvent }[];
  /** The parent's seal that its proposer was given last. */
  parentSeal: Seal | undefined;
}

/** A running world. */
export interface Simulation {
  readonly options: SimulationOptions;
  readonly random: Random;
  readonly nodes: readonly SimNode[];
  readonly startedAt: number;
  /** Virtual time, milliseconds since 1970. */
  now: number;
  faults: Faults;
  /** Whether a message may pass; replaced for partitions. Asked when sent and when delivered. */
  link: (from: number, to: number) => boolean;
  /** Sees each effect before it is carried out; false drops it. */
  filter: (node: SimNode, effect: Effect) => boolean;
  /** Hears of every point around a durable write at which a node can crash. */
  atWrite: (node: SimNode, point: WritePoint) => void;
  /** Evidence that nodes reported. */
  readonly evidence: { readonly node: number; readonly evidence: DoubleSign }[];
  /** Nodes whose promises are not checked. */
  readonly liars: Set<number>;
  /** Heights that operators released. */
  readonly released: Set<bigint>;
  readonly records: Records;
  /** Steps and messages so far. */
  readonly counts: { steps: number; messages: number };
  /** A hash over all effects so far, 16 hexadecimal digits: equal for equal runs. */
  readonly trace: string;
  /** Starts nodes, all without arguments, from what is on their disks. */
  start(...ids: readonly number[]): Simulation;
  /** Stops nodes; what is not on disk is gone. */
  crash(...ids: readonly number[]): Simulation;
  /** Lets nothing happen at a node for a while, as when its machine is halted. */
  pause(id: number, forMs: number): void;
  /** Operators release a height on all nodes. */
  release(height: bigint): void;
  /** Does something later. */
  at(delayMs: number, run: () => void): void;
  /** Lets time pass. */
  run(forMs: number): void;
  /** Lets time pass until a condition holds; false when it did not in time. */
  runUntil(done: () => boolean, forMs: number): boolean;
  /** Gives a node one input, checks the invariants and carries out the effects. */
  input(node: SimNode, input: Input): void;
  /** Sends a payload with the faults of the moment. */
  send(from: number, to: SimNode, payload: Uint8Array): void;
  clock(node: SimNode): number;
  headOf(node: SimNode): HeadInfo;
  committeeAt(height: bigint): VotingCommittee;
  /** Whether all given nodes (by default all alive) have this many blocks. */
  reached(height: number, ids?: readonly number[]): boolean;
  heights(): number[];
  /** The slot that leads a view at a node's height; by default the view it is in. */
  leaderOf(node: SimNode, viewId?: bigint): number | undefined;
  /** One line that names each node's place. */
  describe(): string;
}

const GENESIS: Hash = `0x${'11'.repeat(32)}`;
const START = 1_700_000_000_000;
const TYPES = new Map(
  Object.entries(MESSAGE_TYPES).map(([name, code]) => [code, name as MessageType]),
);

/** The type of an encoded message: `10 <type>` follows the envelope and the category. */
function typeOf(payload: Uint8Array): MessageType | undefined {
  return TYPES.get(payload[7] as never);
}

/**
 * Builds a world that stands still.
 *
 * @throws {@link Diverged} from any of its methods when an invariant breaks.
 * @example
 * const sim = createSimulation({ seed: 1, nodes: 4 }).start()
 * sim.runUntil(() => sim.reached(10), 60_000)
 */
export function createSimulation(options: SimulationOptions): Simulation {
  const random = createRandom(options.seed);
  const timing = options.timing ?? ownNetworkTiming;
  const leaders = options.leaders ?? roundRobinLeaders;
  const queue = createEventQueue();
  const trace = createTrace();
  const blocks = simBlocks(random);
  const committees = new Map<bigint, VotingCommittee>();
  const liars = new Set<number>();
  const decoded = new WeakMap<Uint8Array, DecodedPayload>();
  const records = createRecords({
    committeeAt: (height) => sim.committeeAt(height),
    isLiar: (key) =>
      sim.nodes.some(
        (node) => liars.has(node.id) && node.publicKeys.some((own) => own.join() === key.join()),
      ),
  });

  const freshState = (publicKeys: readonly Uint8Array[]): State =>
    createState({
      shardId: 0,
      publicKeys,
      leaders,
      timing,
      decoding: 'strict',
      aggregateVotes: options.aggregateVotes ?? true,
      decoded,
    });

  /** The mark on a node's disk. One that cannot be read bars signing until its height is over. */
  function readMark(node: SimNode): SignedMark | 'unreadable' | undefined {
    if (node.mark === undefined) return undefined;
    try {
      return decodeSignedMark(node.mark);
    } catch (error) {
      if (!(error instanceof FbftError)) throw error;
      if (BigInt(node.chain.length) < node.crashedAt) return 'unreadable';
      node.mark = undefined;
      return undefined;
    }
  }

  function start(node: SimNode): void {
    node.alive = true;
    node.life++;
    node.timers.clear();
    node.inputs.length = 0;
    node.diskFreeAt = sim.now;
    node.writing = undefined;
    node.application = options.application?.(node.id) ?? blocks;
    const mark = readMark(node);
    node.mute = mark === 'unreadable';
    node.state = freshState(node.mute ? [] : node.publicKeys);
    const head = sim.headOf(node);
    const known = mark !== undefined && mark !== 'unreadable' ? { mark } : {};
    sim.input(node, { type: 'start', now: sim.clock(node), head, ...known });
  }

  /** When a message arrives, in milliseconds from now. */
  function transit(from: number, to: number): number {
    const { delay, latency, tail } = sim.faults;
    const time = random.between(delay[0], delay[1]) + (latency?.(from, to) ?? 0);
    return tail && random.chance(tail) ? time * (2 + random.below(30)) : time;
  }

  function deliver(from: number, to: SimNode, payload: Uint8Array): void {
    if (to.alive && sim.link(from, to.id))
      sim.input(to, { type: 'message', now: sim.clock(to), from: `node-${from}`, payload });
  }

  const sim: Simulation = {
    options,
    random,
    nodes: Array.from({ length: options.nodes }, (_, id): SimNode => {
      const publicKeys = (options.keysOf?.(id) ?? [id]).map(tagKey);
      let bytes: Uint8Array | undefined;
      return {
        id,
        publicKeys,
        alive: false,
        life: 0,
        state: freshState(publicKeys),
        application: blocks,
        get mark() {
          if (bytes === undefined && this.saved) bytes = encodeSignedMark(this.saved);
          return bytes;
        },
        set mark(value) {
          bytes = value;
          this.saved = undefined;
        },
        saved: undefined,
        writing: undefined,
        chain: [],
        diskFreeAt: 0,
        clockOffset: options.skew?.(id) ?? 0,
        clockDrift: 0,
        pausedUntil: 0,
        mute: false,
        crashedAt: 0n,
        timers: new Map(),
        inputs: [],
        events: [],
        parentSeal: undefined,
      };
    }),
    startedAt: START,
    now: START,
    faults: options.faults ?? quiet,
    link: () => true,
    filter: () => true,
    atWrite: () => undefined,
    evidence: [],
    liars,
    released: records.released,
    records,
    counts: { steps: 0, messages: 0 },
    get trace() {
      return trace.digest();
    },
    start: (...ids) => {
      for (const node of ids.length > 0 ? ids.map((id) => sim.nodes[id]!) : sim.nodes) start(node);
      return sim;
    },
    crash: (...ids) => {
      for (const id of ids) {
        const node = sim.nodes[id]!;
        if (node.alive) node.crashedAt = node.state.height;
        node.alive = false;
        node.life++;
      }
      return sim;
    },
    pause: (id, forMs) => {
      const node = sim.nodes[id]!;
      node.pausedUntil = Math.max(node.pausedUntil, sim.now + forMs);
    },
    release: (height) => {
      sim.released.add(height);
      for (const node of sim.nodes)
        if (node.alive) sim.input(node, { type: 'release', now: sim.clock(node), height });
    },
    at: (delayMs, run) => queue.push(sim.now + Math.max(0, delayMs), run),
    run: (forMs) => {
      sim.runUntil(() => false, forMs);
    },
    runUntil: (done, forMs) => {
      const end = sim.now + forMs;
      while (!done()) {
        const next = queue.next();
        if (next === undefined || next > end) {
          sim.now = end;
          return false;
        }
        sim.now = next;
        queue.pop().run();
      }
      return true;
    },
    input: (node, input) => {
      if (node.pausedUntil > sim.now) {
        const { life } = node;
        queue.push(node.pausedUntil, () => {
          if (node.alive && node.life === life) sim.input(node, { ...input, now: sim.clock(node) });
        });
        return;
      }
      const before = node.state;
      if (options.record) node.inputs.push(input);
      let result: ReturnType<typeof step>;
      try {
        result = step(before, input);
      } catch (error) {
        const what = `I12: node ${node.id} threw on ${input.type}: ${String(error)}`;
        throw new Diverged(what, { cause: error });
      }
      sim.counts.steps++;
      node.state = result.state;
      checkStep(node.id, before, input, result, sim.counts.steps);
      for (const effect of result.effects) {
        trace.add(sim.now - START, node.id, effect);
        if (sim.filter(node, effect)) host.perform(node, effect);
      }
    },
    send: (from, to, payload) => {
      sim.counts.messages++;
      const { faults } = sim;
      for (let copy = random.chance(faults.repeat) ? 0 : 1; copy < 2; copy++) {
        const delay = transit(from, to.id);
        const { lossOf } = faults;
        const type = lossOf && typeOf(payload);
        const ofType = (type && lossOf[type]) ?? 0;
        if (random.chance(Math.max(faults.loss, ofType)) || !sim.link(from, to.id)) continue;
        queue.push(sim.now + delay, () => deliver(from, to, payload));
      }
    },
    clock: (node) => Math.floor(sim.now + node.clockOffset + (sim.now - START) * node.clockDrift),
    headOf: (node) => {
      const block = node.chain.at(-1);
      const height = BigInt(node.chain.length);
      return {
        height,
        hash: block?.hash ?? GENESIS,
        viewId: block?.viewId ?? 0n,
        timestampMs: (block && host.proposedAt(block.hash)) ?? START - 1000,
        epoch: options.epochAt?.(height + 1n) ?? 0n,
        committee: sim.committeeAt(height + 1n),
      };
    },
    committeeAt: (height) => {
      const known = committees.get(height);
      if (known !== undefined) return known;
      const committee =
        options.committeeAt?.(height) ??
        committees.get(0n) ??
        uniformCommittee(sim.nodes.flatMap((node) => node.publicKeys));
      committees.set(height, committee);
      if (options.committeeAt === undefined) committees.set(0n, committee);
      return committee;
    },
    reached: (height, ids) => {
      for (const node of sim.nodes) {
        if (ids ? !ids.includes(node.id) : !node.alive) continue;
        if (node.chain.length < height) return false;
      }
      return true;
    },
    heights: () => sim.nodes.map((node) => node.chain.length),
    leaderOf: (node, viewId = node.state.viewId) => {
      const { height, head } = node.state;
      return leaders.leaderAt({ height, viewId, head: head! });
    },
    describe: () =>
      sim.nodes
        .map(({ id, alive, state, mute }) => {
          const place = `${state.height}/${state.viewId}/${state.viewChangingId}`;
          return `${id}${alive ? (mute ? '?' : '') : '†'}:${place} ${state.mode} ${state.phase}`;
        })
        .join(' | '),
  };
  const host = createHost(sim);
  return sim;
}
