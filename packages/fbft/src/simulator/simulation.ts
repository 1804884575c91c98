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
import type { VotingCommittee } from '../ports.js';
import { guarded } from '../profile.js';
import { ownNetworkTiming } from '../timing.js';
import { largest } from '../turn.js';
import type { State } from '../types.js';
import { simBlocks } from './application.js';
import { checkStep, createRecords, Diverged, SIM_CHAIN_ID } from './checks.js';
import { createDecoder } from './decoder.js';
import { createHost } from './host.js';
import { createEventQueue } from './queue.js';
import { createRandom } from './random.js';
import { tagKey } from './tag-bls.js';
import { createTrace } from './trace.js';
import { quiet, type SimNode, type Simulation, type SimulationOptions } from './world.js';

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
  const decode = createDecoder({ profile: options.profile ?? guarded, decoding: 'strict' });
  const records = createRecords({
    committeeAt: (height) => sim.committeeAt(height),
    epochAt: (height) => options.epochAt?.(height) ?? 0n,
    ...(options.isQuorum && { isQuorum: options.isQuorum }),
    ...(options.profile && { profile: options.profile }),
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
      chainId: SIM_CHAIN_ID,
      allowUnsafeSigning: true,
      ...(options.profile && { profile: options.profile }),
      aggregateVotes: options.aggregateVotes ?? true,
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
    if (!to.alive || !sim.link(from, to.id)) return;
    const name = `node-${from}`;
    const decoded = decode(payload);
    sim.input(to, { type: 'message', now: sim.clock(to), from: name, payload, decoded });
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
        if (node.alive && !node.mute) node.crashedAt = node.state.height;
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
      const viewId = sim.nodes.reduce((highest, { alive, state }) => {
        if (!alive || state.height !== height) return highest;
        return largest(highest, state.viewChangingId, state.mark.viewId);
      }, 0n);
      sim.released.set(height, viewId);
      for (const node of sim.nodes)
        if (node.alive) sim.input(node, { type: 'release', now: sim.clock(node), height, viewId });
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
    headOf: (node, height = BigInt(node.chain.length)) => {
      const block = node.chain[Number(height) - 1];
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
