/**
 * The values of a simulation: its options, its nodes, and the world itself. Types, and the faults of
 * a good network.
 */
import type { Hash } from '@polyphony/primitives';
import type { SignedMark } from '../mark.js';
import type { MessageType } from '../messages.js';
import type { DoubleSign, HeadInfo, LeaderSchedule, VotingCommittee } from '../ports.js';
import type { Profile } from '../profile.js';
import type { Seal } from '../seal.js';
import type { Timing } from '../timing.js';
import type { Effect, Input, MachineEvent, State } from '../types.js';
import type { SimApplication } from './application.js';
import type { Records } from './checks.js';
import type { Span } from './network.js';
import type { Random } from './random.js';

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
  /** How many times longer a block of a height takes to make and to validate. */
  readonly executionFactor?: (height: bigint) => number;
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
  /** Rules for votes and views: `guarded` by default. */
  readonly profile?: Profile;
  /** The application of a node, called again at each start; by default blocks without content. */
  readonly application?: (node: number) => SimApplication;
  /** Whether slots are a quorum, told apart from the committee's own word; that word by default. */
  readonly isQuorum?: (height: bigint, signers: readonly number[]) => boolean;
  /** Keeps every input of every node, for replays. */
  readonly record?: boolean;
}

/** A final block at one node. */
export interface SimFinalBlock {
  readonly bytes: Uint8Array;
  readonly hash: Hash;
  readonly viewId: bigint;
  /** Under `strict` the view that the seal's votes name. */
  decidedInView: bigint;
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
  /** Height when it last ran with its keys: from it on, a mark that cannot be read is thrown away. */
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
  /** Heights that operators released, and up to which view. */
  readonly released: Map<bigint, bigint>;
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
  /** Operators release a height on all nodes that are up, up to the highest view of any. */
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
  /** The last block of a node's chain, or an earlier one. */
  headOf(node: SimNode, height?: bigint): HeadInfo;
  committeeAt(height: bigint): VotingCommittee;
  /** Whether all given nodes (by default all alive) have this many blocks. */
  reached(height: number, ids?: readonly number[]): boolean;
  heights(): number[];
  /** The slot that leads a view at a node's height; by default the view it is in. */
  leaderOf(node: SimNode, viewId?: bigint): number | undefined;
  /** One line that names each node's place. */
  describe(): string;
}
