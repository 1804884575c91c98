/**
 * A network of machines in one thread and virtual time, from one seed.
 *
 * Nodes have a disk (signed mark and chain) that survives a crash, and memory that does not. Delays,
 * losses and repeats are drawn from the seed; crashes and partitions are the caller's, between
 * runs. After every step the invariants of `checks.ts` are checked. The world is plain mutable
 * values: `link`, `filter`, `faults` and the methods may be replaced while it stands still.
 */
import type { Hash } from '@polyphony/primitives';
import { roundRobinLeaders, uniformCommittee } from '../committee.js';
import { createState, isOutdated, step } from '../machine.js';
import { decodeSignedMark, encodeSignedMark } from '../mark.js';
import { MESSAGE_TYPES, type MessageType } from '../messages.js';
import type { DoubleSign, HeadInfo, LeaderSchedule, VotingCommittee } from '../ports.js';
import type { Seal } from '../seal.js';
import { ownNetworkTiming, type Timing } from '../timing.js';
import type { Effect, Input, MachineEvent, SignPlan, State, VerifyItem } from '../types.js';
import { encodeSimBlock, validateSimBlock } from './application.js';
import { checkState, createRecords, Diverged } from './checks.js';
import { createRandom, type Random } from './random.js';
import { signTag, sumTags, tagKey, verifyTags } from './tag-bls.js';

/** Shortest and longest time, in milliseconds. */
export type Span = readonly [min: number, max: number];

/** How the world treats messages and disks. Rates are from 0 to 1. */
export interface Faults {
  readonly delay: Span;
  readonly loss: number;
  /** Loss of some kinds of messages on top, so that members come to know different things. */
  readonly lossOf?: Partial<Record<MessageType, number>>;
  readonly repeat: number;
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

/** A node: a machine, a disk, and what it told. */
export interface SimNode {
  readonly id: number;
  readonly publicKeys: readonly Uint8Array[];
  alive: boolean;
  /** Counts starts and crashes; work of an earlier life is lost. */
  life: number;
  state: State;
  /** On disk. */
  mark: Uint8Array | undefined;
  /** On disk. */
  readonly chain: SimFinalBlock[];
  diskFreeAt: number;
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
  /** Evidence that nodes reported. */
  readonly evidence: { readonly node: number; readonly evidence: DoubleSign }[];
  /** Nodes whose promises are not checked. */
  readonly liars: Set<number>;
  /** Heights that operators released. */
  readonly released: Set<bigint>;
  /** Steps and messages so far, and a hash over all effects: equal for equal runs. */
  readonly counts: { steps: number; messages: number; trace: number };
  /** Starts nodes, all without arguments, from what is on their disks. */
  start(...ids: readonly number[]): Simulation;
  /** Stops nodes; what is not on disk is gone. */
  crash(...ids: readonly number[]): Simulation;
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
const TYPES = Object.keys(MESSAGE_TYPES) as MessageType[];

/** The type of an encoded message: `10 <type>` follows the envelope and the category. */
function typeOf(payload: Uint8Array): MessageType | undefined {
  return TYPES.find((type) => MESSAGE_TYPES[type] === payload[7]);
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
  const queue: { readonly at: number; readonly run: () => void }[] = [];
  const committees = new Map<bigint, VotingCommittee>();
  const liars = new Set<number>();
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
    });
  const between = ([min, max]: Span): number => min + random.below(max - min + 1);

  /** Runs something later in this life of a node. */
  const later = (node: SimNode, delayMs: number, run: () => void): void => {
    const { life } = node;
    sim.at(delayMs, () => {
      if (node.alive && node.life === life) run();
    });
  };
  const answer = (node: SimNode, delayMs: number, input: () => Input): void =>
    later(node, delayMs, () => sim.input(node, input()));
  /** When a durable write that starts now is done; writes wait for each other. */
  const writeTime = (node: SimNode): number => {
    node.diskFreeAt = Math.max(sim.now, node.diskFreeAt) + between(sim.faults.disk);
    return node.diskFreeAt - sim.now;
  };

  /** What is called outdated must lead to nothing, even if all its signatures are right. */
  function checkOutdated(node: SimNode, item: VerifyItem, checks: number): void {
    const now = sim.clock(node);
    if (!isOutdated(node.state, item, now)) return;
    const results = new Array<boolean>(checks).fill(true);
    const { state, effects } = step(node.state, { type: 'verified', now, item, results });
    if (state !== node.state || effects.some((effect) => effect.type !== 'ignore'))
      throw new Diverged(`an outdated ${item.type} still mattered at node ${node.id}`);
  }

  function sign(node: SimNode, plan: SignPlan): Uint8Array[] {
    return plan.requests.map(({ key, payload }) => {
      if (payload.kind === 'prepare' || payload.kind === 'commit') {
        const { kind, viewId, blockHash, height } = payload;
        if (!liars.has(node.id)) records.checkVote(key, height, { kind, viewId, blockHash });
      }
      return signTag(key, payload.bytes);
    });
  }

  function propose(node: SimNode, height: bigint, viewId: bigint): Input {
    const parentHash = sim.headOf(node).hash;
    const nonce = BigInt(random.uint32());
    const { bytes, hash } = encodeSimBlock({ height, viewId, parentHash, nonce, bad: false });
    const proposal = { block: bytes, blockHash: hash };
    return { type: 'proposed', now: sim.clock(node), height, viewId, proposal };
  }

  function commit(node: SimNode, effect: Effect & { readonly type: 'commit' }): void {
    if (!liars.has(node.id)) records.checkFinal(node.id, sim.headOf(node), effect);
    later(node, writeTime(node), () => {
      const { block: bytes, blockHash: hash, seal, viewId, height } = effect;
      if (node.chain.length === Number(height) - 1) node.chain.push({ bytes, hash, seal, viewId });
      sim.input(node, { type: 'head', now: sim.clock(node), head: sim.headOf(node) });
    });
  }

  function improve(node: SimNode, height: bigint, seal: Seal): void {
    const block = node.chain[Number(height) - 1]!;
    block.seal = seal;
    records.checkSeal(node.id, height, block);
  }

  /** Copies the longest chain within reach. */
  function sync(node: SimNode): void {
    const source = sim.nodes
      .filter((other) => other.alive && other !== node && !liars.has(other.id))
      .filter((other) => sim.link(other.id, node.id))
      .sort((a, b) => b.chain.length - a.chain.length)[0];
    if (source === undefined || source.chain.length <= node.chain.length) return;
    while (node.chain.length < source.chain.length)
      node.chain.push({ ...source.chain[node.chain.length]! });
    sim.input(node, { type: 'head', now: sim.clock(node), head: sim.headOf(node) });
  }

  function perform(node: SimNode, effect: Effect): void {
    const now = (): number => sim.clock(node);
    switch (effect.type) {
      case 'set-timer': {
        const { timer, id } = effect;
        node.timers.set(timer, id);
        later(node, effect.afterMs, () => {
          if (node.timers.get(timer) === id)
            sim.input(node, { type: 'timer', now: now(), timer, id });
        });
        break;
      }
      case 'cancel-timer':
        node.timers.delete(effect.timer);
        break;
      case 'verify':
        answer(node, random.below(3), () => {
          const { item, checks } = effect;
          checkOutdated(node, item, checks.length);
          const results = checks.map(({ signature, message, keys }) =>
            verifyTags(signature, message, keys),
          );
          return { type: 'verified', now: now(), item, results };
        });
        break;
      case 'validate':
        answer(node, between(sim.faults.validate), () => {
          const { height, candidate, block } = effect;
          const result = validateSimBlock(block, sim.headOf(node).hash);
          return { type: 'validated', now: now(), height, candidate, result };
        });
        break;
      case 'persist': {
        const bytes = encodeSignedMark(effect.mark);
        later(node, writeTime(node), () => {
          node.mark = bytes;
          sim.input(node, { type: 'persisted', now: now(), plan: effect.plan });
        });
        break;
      }
      case 'sign':
        answer(node, random.below(2), () => {
          const { plan } = effect;
          return { type: 'signed', now: now(), plan, signatures: sign(node, plan) };
        });
        break;
      case 'aggregate':
        answer(node, random.below(2), () => {
          const { item, groups } = effect;
          return { type: 'aggregated', now: now(), item, signatures: groups.map(sumTags) };
        });
        break;
      case 'broadcast':
        for (const other of sim.nodes) if (other !== node) sim.send(node.id, other, effect.payload);
        break;
      case 'propose':
        answer(node, between(sim.faults.propose), () =>
          propose(node, effect.height, effect.viewId),
        );
        break;
      case 'parent-seal':
        node.parentSeal = effect.seal;
        break;
      case 'commit':
        commit(node, effect);
        break;
      case 'improve-seal':
        improve(node, effect.height, effect.seal);
        break;
      case 'report-double-sign':
        records.checkEvidence(node.id, effect.evidence);
        sim.evidence.push({ node: node.id, evidence: effect.evidence });
        break;
      case 'sync':
        later(node, 20 + random.below(200), () => sync(node));
        break;
      case 'event':
        node.events.push({ at: sim.now, event: effect.event });
        break;
      case 'ignore':
        break;
    }
  }

  const sim: Simulation = {
    options,
    random,
    nodes: Array.from({ length: options.nodes }, (_, id): SimNode => {
      const publicKeys = (options.keysOf?.(id) ?? [id]).map(tagKey);
      return {
        id,
        publicKeys,
        alive: false,
        life: 0,
        state: freshState(publicKeys),
        mark: undefined,
        chain: [],
        diskFreeAt: 0,
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
    evidence: [],
    liars,
    released: records.released,
    counts: { steps: 0, messages: 0, trace: 0 },
    start: (...ids) => {
      for (const node of ids.length > 0 ? ids.map((id) => sim.nodes[id]!) : sim.nodes) {
        node.alive = true;
        node.life++;
        node.timers.clear();
        node.state = freshState(node.publicKeys);
        node.inputs.length = 0;
        node.diskFreeAt = sim.now;
        const mark = node.mark && decodeSignedMark(node.mark);
        const head = sim.headOf(node);
        sim.input(node, { type: 'start', now: sim.clock(node), head, ...(mark && { mark }) });
      }
      return sim;
    },
    crash: (...ids) => {
      for (const id of ids) {
        const node = sim.nodes[id]!;
        node.alive = false;
        node.life++;
      }
      return sim;
    },
    at: (delayMs, run) => {
      const at = sim.now + Math.max(0, delayMs);
      // Searched from the end, where most events of a short queue belong.
      let index = queue.length;
      while (index > 0 && queue[index - 1]!.at > at) index--;
      queue.splice(index, 0, { at, run });
    },
    run: (forMs) => {
      sim.runUntil(() => false, forMs);
    },
    runUntil: (done, forMs) => {
      const end = sim.now + forMs;
      while (!done()) {
        const next = queue[0];
        if (next === undefined || next.at > end) {
          sim.now = end;
          return false;
        }
        queue.shift();
        sim.now = next.at;
        next.run();
      }
      return true;
    },
    input: (node, input) => {
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
      checkState(node.id, before, result.state);
      for (const effect of result.effects) {
        const mark = effect.type.length * 7 + node.id + (sim.now - START);
        sim.counts.trace = (Math.imul(sim.counts.trace, 31) + mark) | 0;
        if (sim.filter(node, effect)) perform(node, effect);
      }
    },
    send: (from, to, payload) => {
      sim.counts.messages++;
      const copies = random.chance(sim.faults.repeat) ? 2 : 1;
      for (let i = 0; i < copies; i++) {
        const delay = between(sim.faults.delay);
        const type = typeOf(payload);
        const lossOfType = (type && sim.faults.lossOf?.[type]) ?? 0;
        const lost = random.chance(Math.max(sim.faults.loss, lossOfType));
        if (lost || !sim.link(from, to.id)) continue;
        sim.at(delay, () => {
          if (!to.alive || !sim.link(from, to.id)) return;
          sim.input(to, { type: 'message', now: sim.clock(to), from: `node-${from}`, payload });
        });
      }
    },
    clock: (node) => sim.now + (options.skew?.(node.id) ?? 0),
    headOf: (node) => {
      const block = node.chain.at(-1);
      const height = BigInt(node.chain.length);
      return {
        height,
        hash: block?.hash ?? GENESIS,
        viewId: block?.viewId ?? 0n,
        timestampMs: START - 1000 + node.chain.length,
        epoch: options.epochAt?.(height + 1n) ?? 0n,
        committee: sim.committeeAt(height + 1n),
      };
    },
    committeeAt: (height) => {
      const known = committees.get(height);
      if (known !== undefined) return known;
      const committee =
        options.committeeAt?.(height) ??
        uniformCommittee(sim.nodes.flatMap((node) => node.publicKeys));
      committees.set(height, committee);
      return committee;
    },
    reached: (height, ids) => {
      const nodes = ids ? ids.map((id) => sim.nodes[id]!) : sim.nodes.filter(({ alive }) => alive);
      return nodes.every((node) => node.chain.length >= height);
    },
    heights: () => sim.nodes.map((node) => node.chain.length),
    leaderOf: (node, viewId = node.state.viewId) => {
      const { height, head } = node.state;
      return leaders.leaderAt({ height, viewId, head: head! });
    },
    describe: () =>
      sim.nodes
        .map(({ id, alive, state }) => {
          const place = `${state.height}/${state.viewId}/${state.viewChangingId}`;
          return `${id}${alive ? '' : '†'}:${place} ${state.mode} ${state.phase}`;
        })
        .join(' | '),
  };
  return sim;
}
