/**
 * Twins: two correct copies of one member, all ways to cut the network, and all leaders, view by
 * view.
 *
 * A scenario is a list of rounds, one for each view: who can reach whom, from which message on, and
 * who leads. Scenarios that begin alike share their beginning: states are immutable, so the explorer
 * walks a tree and pays for each round once. In a round everything that can arrive arrives, in a
 * fixed order; then timers end. No clock, no queue: a round costs what its steps cost.
 *
 * The twins' own promises are not checked, as one of them alone keeps none; agreement, seals, votes
 * and memory of the others are.
 */
import type { Hash } from '@polyphony/primitives';
import { uniformCommittee } from '../committee.js';
import { createState, step } from '../machine.js';
import type { MessageType } from '../messages.js';
import type { HeadInfo, LeaderSchedule } from '../ports.js';
import type { Effect, Input, State, TimerName } from '../types.js';
import { encodeSimBlock, simBlocks } from './application.js';
import { checkStep, createRecords, Diverged, type Records, SIM_CHAIN_ID } from './checks.js';
import { createDecoder } from './decoder.js';
import type { ProfileName } from './plan.js';
import { createRandom } from './random.js';
import { profileOf } from './run.js';
import { swiftTiming } from './swift.js';
import { signTag, sumTags, tagKey, verifyTags } from './tag-bls.js';

/** The first message of a round that a cut stops. */
export type CutFrom = 'view-change' | 'announce' | 'prepared' | 'committed';

/** One view: who leads it, and who is cut off from whom. */
export interface Round {
  /** Slot of the leader. */
  readonly leader: number;
  /** The group of each node; messages stay within groups. */
  readonly groups: readonly number[];
  /** Messages before this one reach everybody. */
  readonly cut: CutFrom;
}

/** What to explore. */
export interface TwinsOptions {
  /** `guarded` by default. */
  readonly profile?: ProfileName;
  /** Members; one more node is a second copy of member 0. */
  readonly members: number;
  /** The rounds to choose from. */
  readonly rounds: readonly Round[];
  readonly depth: number;
  /**
   * Which of the choices at a node of the tree are followed, by how the path began; all by default.
   */
  readonly choose?: (path: readonly number[]) => Iterable<number>;
  /** Stops after so many scenarios. */
  readonly most?: number;
}

/** What exploring found. */
export interface TwinsReport {
  /** Whole scenarios, of `depth` rounds each. */
  readonly scenarios: number;
  readonly rounds: number;
  readonly steps: number;
  /** Scenarios in which some block became final. */
  readonly decided: number;
}

interface Block {
  readonly hash: Hash;
  readonly viewId: bigint;
}

interface TwinNode {
  readonly id: number;
  state: State;
  chain: readonly Block[];
}

interface World {
  readonly nodes: readonly TwinNode[];
  readonly records: Records;
}

const GENESIS: Hash = `0x${'11'.repeat(32)}`;
const START = 1_700_000_000_000;
/** Longer than every timer of a round. */
const ROUND_MS = 100_000;
/** A round that sends more than this goes in a circle. */
const MOST_INPUTS = 20_000;

const RANK: Readonly<Record<MessageType, number>> = {
  'view-change': 0,
  'new-view': 1,
  announce: 2,
  prepare: 3,
  prepared: 4,
  commit: 5,
  committed: 6,
  'last-sign-power': 7,
};

/**
 * All rounds for some members and one twin: each leader, with everybody together and with each cut
 * in two, from each of some kinds of messages on.
 */
export function everyRound(members: number, cuts: readonly CutFrom[]): Round[] {
  const nodes = members + 1;
  const rounds: Round[] = [];
  for (let leader = 0; leader < members; leader++) {
    rounds.push({ leader, groups: new Array<number>(nodes).fill(0), cut: 'view-change' });
    for (const cut of cuts)
      for (let sides = 1; sides < 1 << (nodes - 1); sides++)
        rounds.push({
          leader,
          groups: Array.from({ length: nodes }, (_, i) => (sides >> i) & 1),
          cut,
        });
  }
  return rounds;
}

/**
 * Walks the tree of scenarios.
 *
 * @throws `Diverged` when an invariant breaks; its message ends with the rounds that lead there.
 * @example exploreTwins({ members: 4, rounds: everyRound(4, ['view-change']), depth: 2 }).scenarios // 4096
 */
export function exploreTwins(options: TwinsOptions): TwinsReport {
  const { rounds, depth, most = Number.POSITIVE_INFINITY } = options;
  const explorer = createExplorer(options);
  const figures = { scenarios: 0, rounds: 0, decided: 0 };
  const all = Array.from(rounds.keys());
  const walk = (world: World, path: readonly number[]): void => {
    if (path.length === depth) {
      figures.scenarios++;
      if (world.nodes.some(({ chain }) => chain.length > 0)) figures.decided++;
      return;
    }
    for (const choice of options.choose?.(path) ?? all) {
      if (figures.scenarios >= most) return;
      const next = [...path, choice];
      figures.rounds++;
      walk(explorer.play(world, next), next);
    }
  };
  walk(explorer.begin(), []);
  return { ...figures, steps: explorer.steps() };
}

interface Explorer {
  begin(): World;
  /** The world after one more round: the last of the path. */
  play(world: World, path: readonly number[]): World;
  steps(): number;
}

function createExplorer(options: TwinsOptions): Explorer {
  const { members, rounds, profile = 'guarded' } = options;
  const keys = Array.from({ length: members }, (_, i) => tagKey(i));
  const committee = uniformCommittee(keys);
  const decode = createDecoder({ profile: profileOf(profile), decoding: 'strict' });
  // The leader of a view is that of the round of the same number; later views are not reached.
  const schedule: number[] = [];
  const leaders: LeaderSchedule = {
    leaderAt: ({ viewId }) => schedule[Number(viewId) - 1] ?? Number(viewId) % members,
  };
  const isTwin = (id: number): boolean => id === 0 || id === members;
  const blocks = simBlocks(createRandom(0));
  let steps = 0;

  const headOf = (chain: readonly Block[]): HeadInfo => {
    const block = chain.at(-1);
    return {
      height: BigInt(chain.length),
      hash: block?.hash ?? GENESIS,
      viewId: block?.viewId ?? 0n,
      timestampMs: START,
      epoch: 0n,
      committee,
    };
  };

  function begin(): World {
    const records = createRecords({
      committeeAt: () => committee,
      isLiar: (key) => key.join() === keys[0]!.join(),
      profile: profileOf(profile),
    });
    const nodes = Array.from({ length: members + 1 }, (_, id): TwinNode => {
      const state = createState({
        shardId: 0,
        publicKeys: [keys[id % members]!],
        leaders,
        timing: swiftTiming,
        decoding: 'strict',
        chainId: SIM_CHAIN_ID,
        allowUnsafeSigning: true,
        profile: profileOf(profile),
        aggregateVotes: true,
      });
      return { id, state, chain: [] };
    });
    return { nodes, records };
  }

  /** One round on copies of a world's nodes. */
  function play(world: World, path: readonly number[]): World {
    schedule.length = 0;
    for (const choice of path) schedule.push(rounds[choice]!.leader);
    const round = rounds[path.at(-1)!]!;
    const records = world.records.fork();
    const nodes = world.nodes.map((node) => ({ ...node }));
    const now = START + path.length * ROUND_MS;
    const queue: { readonly node: TwinNode; readonly input: Input }[] = [];
    const put = (node: TwinNode, input: Input): void => {
      queue.push({ node, input });
    };

    function perform(node: TwinNode, effect: Effect): void {
      switch (effect.type) {
        case 'verify': {
          const results = effect.checks.map((check) =>
            verifyTags(check.signature, check.message, check.keys),
          );
          put(node, { type: 'verified', now, item: effect.item, results });
          break;
        }
        case 'validate': {
          const { height, candidate, block } = effect;
          const result = blocks.validate(block, headOf(node.chain));
          put(node, { type: 'validated', now, height, candidate, result });
          break;
        }
        case 'persist':
          put(node, { type: 'persisted', now, plan: effect.plan });
          break;
        case 'sign': {
          const { plan } = effect;
          const signatures = plan.requests.map(({ key, payload }) => {
            if ((payload.kind === 'prepare' || payload.kind === 'commit') && !isTwin(node.id))
              records.checkVote(key, payload.height, payload);
            return signTag(key, payload.bytes);
          });
          put(node, { type: 'signed', now, plan, signatures });
          break;
        }
        case 'aggregate': {
          const { item, groups } = effect;
          put(node, { type: 'aggregated', now, item, signatures: groups.map(sumTags) });
          break;
        }
        case 'broadcast': {
          const all = RANK[effect.message] < RANK[round.cut];
          const from = `node-${node.id}`;
          const { payload } = effect;
          const decoded = decode(payload);
          // Whoever does not lead has no use for prepare votes.
          const only = effect.message === 'prepare' ? round.leader % members : undefined;
          for (const other of nodes) {
            if (other === node || (only !== undefined && other.id % members !== only)) continue;
            if (all || round.groups[other.id] === round.groups[node.id])
              put(other, { type: 'message', now, from, payload, decoded });
          }
          break;
        }
        case 'propose': {
          const { height, viewId } = effect;
          const parentHash = headOf(node.chain).hash;
          const nonce = BigInt(node.id);
          const block = encodeSimBlock({ height, viewId, parentHash, nonce, bad: false });
          const proposal = { block: block.bytes, blockHash: block.hash };
          put(node, { type: 'proposed', now, height, viewId, proposal });
          break;
        }
        case 'commit': {
          const head = headOf(node.chain);
          const { valid } = blocks.validate(effect.block, head);
          // A block that came by sync meanwhile is checked where it came from.
          const known = BigInt(node.chain.length) >= effect.height;
          if (!isTwin(node.id) && !known) records.checkFinal(node.id, head, effect, valid);
          if (!known)
            node.chain = [...node.chain, { hash: effect.blockHash, viewId: effect.viewId }];
          put(node, { type: 'head', now, head: headOf(node.chain) });
          break;
        }
        case 'sync': {
          for (const other of nodes)
            if (round.groups[other.id] === round.groups[node.id] && !isTwin(other.id))
              if (other.chain.length > node.chain.length) node.chain = other.chain;
          if (BigInt(node.chain.length) >= node.state.height)
            put(node, { type: 'head', now, head: headOf(node.chain) });
          break;
        }
        case 'report-double-sign':
          records.checkEvidence(node.id, effect.evidence);
          break;
        default:
          break;
      }
    }

    function settle(): void {
      for (let at = 0; at < queue.length; at++) {
        if (at > MOST_INPUTS) throw new Diverged('I12: a round does not end');
        const { node, input } = queue[at]!;
        const before = node.state;
        const result = step(before, input);
        steps++;
        node.state = result.state;
        checkStep(node.id, before, input, result, steps);
        for (const effect of result.effects) perform(node, effect);
      }
      queue.length = 0;
    }

    const fire = (node: TwinNode, timer: TimerName): void => {
      const id = node.state.timers[timer];
      if (id !== undefined) put(node, { type: 'timer', now, timer, id });
    };

    try {
      for (const node of nodes) {
        if (path.length === 1)
          put(node, { type: 'start', now: now - ROUND_MS, head: headOf(node.chain) });
        fire(node, 'grace');
        fire(node, 'announce');
        const view = BigInt(path.length);
        if (node.state.viewId < view && node.state.viewChangingId < view)
          for (const timer of ['phase', 'view-change'] as const) fire(node, timer);
      }
      settle();
      // New leaders that wait for more reports stop waiting when nothing moves any more.
      for (const node of nodes) fire(node, 'new-view');
      settle();
    } catch (error) {
      if (!(error instanceof Diverged)) throw error;
      throw new Diverged(`${error.message}; rounds ${path.join(',')}`, { cause: error });
    }
    return { nodes, records };
  }

  return { begin, play, steps: () => steps };
}
