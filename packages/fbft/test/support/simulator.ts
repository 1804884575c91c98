/**
 * A deterministic simulator: one thread, virtual time, a seeded scheduler, and the pure machine.
 *
 * Nodes have a disk (signed mark and chain) that survives a crash, and memory that does not. The
 * network delays, loses, repeats and partitions by the seed. After every step the invariants that
 * can be seen from outside are checked against records the simulator keeps itself, not against the
 * machine's own view of its safety.
 */
import {
  bytesToHex,
  encodeRlp,
  type Hash,
  hexToBytes,
  keccak256,
  openRlpList,
} from '@polyphony/primitives';
import { type SeededRandom, seededRandom } from '@polyphony/testkit';
import { roundRobinLeaders, uniformCommittee } from '../../src/committee.js';
import { MAX_CANDIDATES, MAX_EARLY_BYTES, MAX_EARLY_MESSAGES } from '../../src/limits.js';
import { createState, isOutdated, step } from '../../src/machine.js';
import { decodeSignedMark, encodeSignedMark } from '../../src/mark.js';
import { MESSAGE_TYPES, type MessageType } from '../../src/messages.js';
import type {
  DoubleSign,
  HeadInfo,
  LeaderSchedule,
  SignPayload,
  ValidationResult,
  VotingCommittee,
} from '../../src/ports.js';
import { commitPayload, type Seal, verifySeal } from '../../src/seal.js';
import { ownNetworkTiming, type Timing } from '../../src/timing.js';
import type { Effect, Input, MachineEvent, State, VerifyItem } from '../../src/types.js';
import { testKey, testOnlyBls, testSign } from './test-only-bls.js';

const bls = testOnlyBls();

/** A block of the simulated application. */
export interface SimBlock {
  readonly height: bigint;
  readonly viewId: bigint;
  readonly parentHash: Hash;
  readonly nonce: bigint;
  /** A block that honest validators refuse. */
  readonly bad: boolean;
}

export function encodeSimBlock(block: SimBlock): { bytes: Uint8Array; hash: Hash } {
  const bytes = encodeRlp([
    block.height,
    block.viewId,
    hexToBytes(block.parentHash),
    block.nonce,
    block.bad ? 1 : 0,
  ]);
  return { bytes, hash: bytesToHex(keccak256(bytes)) };
}

export function decodeSimBlock(bytes: Uint8Array): SimBlock | undefined {
  try {
    const fields = openRlpList(bytes);
    const block = {
      height: fields.readBigInt(64),
      viewId: fields.readBigInt(64),
      parentHash: bytesToHex(fields.readFixed(32)),
      nonce: fields.readBigInt(64),
      bad: fields.readUint32() === 1,
    };
    fields.assertDone();
    return block;
  } catch {
    return undefined;
  }
}

/** How the world treats messages and disks. Times in milliseconds, rates from 0 to 1. */
export interface Faults {
  readonly delay: readonly [min: number, max: number];
  readonly loss: number;
  /** Loss of some kinds of messages on top, so that members come to know different things. */
  readonly lossOf?: Partial<Record<MessageType, number>>;
  readonly repeat: number;
  /** Time of a durable write. */
  readonly disk: readonly [min: number, max: number];
  readonly validate: readonly [min: number, max: number];
  readonly propose: readonly [min: number, max: number];
}

export const quiet: Faults = {
  delay: [5, 40],
  loss: 0,
  repeat: 0,
  disk: [1, 5],
  validate: [1, 10],
  propose: [1, 10],
};

export interface SimOptions {
  readonly seed: number;
  readonly nodes: number;
  readonly timing?: Timing;
  readonly leaders?: LeaderSchedule;
  readonly faults?: Faults;
  /** Key identities of each node; by default node `i` has key `i`. */
  readonly keysOf?: (node: number) => readonly number[];
  /** Committee of a height; by default all keys in order. */
  readonly committeeAt?: (height: bigint) => VotingCommittee;
  readonly epochAt?: (height: bigint) => bigint;
  /** Clock offset of each node. */
  readonly skew?: (node: number) => number;
  readonly aggregateVotes?: boolean;
  /** Keeps every input of every node, for replays. */
  readonly record?: boolean;
}

interface FinalBlock {
  readonly bytes: Uint8Array;
  readonly hash: Hash;
  seal: Seal;
  readonly viewId: bigint;
}

export interface SimNode {
  readonly id: number;
  readonly publicKeys: readonly Uint8Array[];
  alive: boolean;
  /** Counts restarts; work of an earlier life is lost. */
  life: number;
  state: State;
  /** Durable. */
  mark: Uint8Array | undefined;
  readonly chain: FinalBlock[];
  diskFreeAt: number;
  readonly timers: Map<string, number>;
  readonly inputs: Input[];
  readonly events: { readonly at: number; readonly event: MachineEvent }[];
  lastSeal: Seal | undefined;
}

interface Vote {
  readonly kind: 'prepare' | 'commit';
  readonly viewId: bigint;
  readonly blockHash: Hash;
}

const TYPES = Object.keys(MESSAGE_TYPES) as MessageType[];

/** The type of an encoded message: `10 <type>` follows the envelope and the category. */
function typeOf(payload: Uint8Array): MessageType {
  return TYPES.find((type) => MESSAGE_TYPES[type] === payload[7]) ?? 'last-sign-power';
}

/** A broken invariant. */
export class Diverged extends Error {
  override readonly name = 'Diverged';
}

export class Simulation {
  readonly options: SimOptions;
  readonly random: SeededRandom;
  readonly nodes: SimNode[] = [];
  readonly timing: Timing;
  faults: Faults;
  now = 1_700_000_000_000;
  readonly startedAt: number = this.now;
  /** Whether a message may pass; replaced for partitions. */
  link: (from: number, to: number) => boolean = () => true;
  /** Sees each effect before it is carried out; false drops it. */
  filter: (node: SimNode, effect: Effect) => boolean = () => true;
  readonly evidence: { readonly node: number; readonly evidence: DoubleSign }[] = [];
  /** Heights that operators released: votes may go back behind locks there. */
  readonly released = new Set<bigint>();
  /** Nodes that no invariant about honest behaviour is checked for. */
  readonly byzantine = new Set<number>();
  steps = 0;
  messages = 0;
  trace = 0;
  private readonly queue: { at: number; order: number; run: () => void }[] = [];
  private order = 0;
  private readonly finals = new Map<bigint, Hash>();
  private readonly votes = new Map<string, Vote[]>();
  private readonly committees = new Map<bigint, VotingCommittee>();

  constructor(options: SimOptions) {
    this.options = options;
    this.random = seededRandom(options.seed);
    this.timing = options.timing ?? ownNetworkTiming;
    this.faults = options.faults ?? quiet;
    for (let id = 0; id < options.nodes; id++) {
      const publicKeys = (options.keysOf?.(id) ?? [id]).map(testKey);
      this.nodes.push({
        id,
        publicKeys,
        alive: false,
        life: 0,
        state: this.freshState(publicKeys),
        mark: undefined,
        chain: [],
        diskFreeAt: 0,
        timers: new Map(),
        inputs: [],
        events: [],
        lastSeal: undefined,
      });
    }
  }

  private freshState(publicKeys: readonly Uint8Array[]): State {
    return createState({
      shardId: 0,
      publicKeys,
      leaders: this.options.leaders ?? roundRobinLeaders,
      timing: this.timing,
      decoding: 'strict',
      aggregateVotes: this.options.aggregateVotes ?? true,
    });
  }

  committeeAt(height: bigint): VotingCommittee {
    let committee = this.committees.get(height);
    if (committee === undefined) {
      committee =
        this.options.committeeAt?.(height) ??
        uniformCommittee(this.nodes.flatMap((node) => node.publicKeys));
      this.committees.set(height, committee);
    }
    return committee;
  }

  headOf(node: SimNode): HeadInfo {
    const block = node.chain.at(-1);
    const height = BigInt(node.chain.length);
    return {
      height,
      hash: block?.hash ?? `0x${'11'.repeat(32)}`,
      viewId: block?.viewId ?? 0n,
      timestampMs: this.startedAt - 1000 + Number(height),
      epoch: this.options.epochAt?.(height + 1n) ?? 0n,
      committee: this.committeeAt(height + 1n),
    };
  }

  // --- Time ---------------------------------------------------------------------------------------

  at(delayMs: number, run: () => void): void {
    const entry = { at: this.now + Math.max(0, delayMs), order: this.order++, run };
    // Binary insertion from the end: most events are near the end of a short queue.
    let index = this.queue.length;
    while (index > 0 && this.queue[index - 1]!.at > entry.at) index--;
    this.queue.splice(index, 0, entry);
  }

  private between([min, max]: readonly [number, number]): number {
    return min + this.random.below(max - min + 1);
  }

  /** Runs until a condition holds; false when the time is over or nothing is left to happen. */
  runUntil(done: () => boolean, forMs: number): boolean {
    const end = this.now + forMs;
    while (!done()) {
      const next = this.queue[0];
      if (next === undefined || next.at > end) {
        this.now = end;
        return false;
      }
      this.queue.shift();
      this.now = next.at;
      next.run();
    }
    return true;
  }

  run(forMs: number): void {
    this.runUntil(() => false, forMs);
  }

  // --- Nodes --------------------------------------------------------------------------------------

  start(...ids: readonly number[]): this {
    for (const node of ids.length > 0 ? ids.map((id) => this.nodes[id]!) : this.nodes) {
      node.alive = true;
      node.life++;
      node.timers.clear();
      node.state = this.freshState(node.publicKeys);
      node.inputs.length = 0;
      node.diskFreeAt = this.now;
      const head = this.headOf(node);
      const mark = node.mark && decodeSignedMark(node.mark);
      this.input(node, { type: 'start', now: this.clock(node), head, ...(mark && { mark }) });
    }
    return this;
  }

  crash(...ids: readonly number[]): this {
    for (const id of ids) {
      const node = this.nodes[id]!;
      node.alive = false;
      node.life++;
    }
    return this;
  }

  clock(node: SimNode): number {
    return this.now + (this.options.skew?.(node.id) ?? 0);
  }

  /** Runs something later in this life of the node. */
  private later(node: SimNode, delayMs: number, run: () => void): undefined {
    const { life } = node;
    this.at(delayMs, () => {
      if (node.alive && node.life === life) run();
    });
  }

  private answer(node: SimNode, delayMs: number, input: () => Input): undefined {
    this.later(node, delayMs, () => this.input(node, input()));
  }

  /** Gives a node one input, checks the invariants and carries out the effects. */
  input(node: SimNode, input: Input): void {
    const before = node.state;
    if (this.options.record) node.inputs.push(input);
    let result: ReturnType<typeof step>;
    try {
      result = step(before, input);
    } catch (error) {
      throw new Diverged(`I12: node ${node.id} threw on ${input.type}: ${String(error)}`, {
        cause: error,
      });
    }
    this.steps++;
    node.state = result.state;
    this.checkState(node, before, result.state);
    for (const effect of result.effects) {
      this.trace = (Math.imul(this.trace, 31) + effect.type.length + node.id * 7 + this.now) | 0;
      if (this.filter(node, effect)) this.perform(node, effect);
    }
  }

  private perform(node: SimNode, effect: Effect): undefined {
    const now = (): number => this.clock(node);
    switch (effect.type) {
      case 'set-timer': {
        const { timer, id } = effect;
        node.timers.set(timer, id);
        this.later(node, effect.afterMs, () => {
          if (node.timers.get(timer) === id)
            this.input(node, { type: 'timer', now: now(), timer, id });
        });
        return;
      }
      case 'cancel-timer':
        node.timers.delete(effect.timer);
        return;
      case 'verify':
        return this.answer(node, this.random.below(3), () => {
          const { item, checks } = effect;
          this.checkOutdated(node, item, checks.length);
          const results = checks.map((check) =>
            bls.verifyAggregate(check.signature, check.message, check.keys),
          );
          return { type: 'verified', now: now(), item, results };
        });
      case 'validate':
        return this.answer(node, this.between(this.faults.validate), () => ({
          type: 'validated',
          now: now(),
          height: effect.height,
          candidate: effect.candidate,
          result: this.validate(node, effect.block),
        }));
      case 'persist': {
        const start = Math.max(this.now, node.diskFreeAt);
        node.diskFreeAt = start + this.between(this.faults.disk);
        const bytes = encodeSignedMark(effect.mark);
        return this.later(node, node.diskFreeAt - this.now, () => {
          node.mark = bytes;
          this.input(node, { type: 'persisted', now: now(), plan: effect.plan });
        });
      }
      case 'sign':
        return this.answer(node, this.random.below(2), () => ({
          type: 'signed',
          now: now(),
          plan: effect.plan,
          signatures: effect.plan.requests.map(({ key, payload }) => this.sign(node, key, payload)),
        }));
      case 'aggregate':
        return this.answer(node, this.random.below(2), () => ({
          type: 'aggregated',
          now: now(),
          item: effect.item,
          signatures: effect.groups.map((group) => bls.aggregateSignatures(group)),
        }));
      case 'broadcast':
        for (const other of this.nodes)
          if (other !== node) this.send(node.id, other, effect.payload);
        return;
      case 'propose':
        return this.answer(node, this.between(this.faults.propose), () => {
          const head = this.headOf(node);
          const { bytes, hash } = encodeSimBlock({
            height: effect.height,
            viewId: effect.viewId,
            parentHash: head.hash,
            nonce: this.random.bigint(60),
            bad: false,
          });
          const { height, viewId } = effect;
          return {
            type: 'proposed',
            now: now(),
            height,
            viewId,
            proposal: { block: bytes, blockHash: hash },
          };
        });
      case 'parent-seal':
        node.lastSeal = effect.seal;
        return;
      case 'commit':
        return this.commit(node, effect);
      case 'improve-seal':
        return this.improve(node, effect.height, effect.seal);
      case 'report-double-sign':
        this.checkEvidence(node, effect.evidence);
        this.evidence.push({ node: node.id, evidence: effect.evidence });
        return;
      case 'sync':
        return this.later(node, 20 + this.random.below(200), () => this.sync(node));
      case 'event':
        node.events.push({ at: this.now, event: effect.event });
        return;
      case 'ignore':
        return;
    }
  }

  // --- Network ------------------------------------------------------------------------------------

  /** Sends a payload with the faults of the moment. */
  send(from: number, to: SimNode, payload: Uint8Array): void {
    this.messages++;
    const copies = this.random.below(1000) < this.faults.repeat * 1000 ? 2 : 1;
    for (let i = 0; i < copies; i++) {
      const delay = this.between(this.faults.delay);
      const lost = Math.max(this.faults.loss, this.faults.lossOf?.[typeOf(payload)] ?? 0);
      if (!this.link(from, to.id) || this.random.below(1000) < lost * 1000) continue;
      this.at(delay, () => {
        if (to.alive && this.link(from, to.id))
          this.input(to, { type: 'message', now: this.clock(to), from: `node-${from}`, payload });
      });
    }
  }

  private sync(node: SimNode): void {
    const source = this.nodes
      .filter((other) => other.alive && other !== node && this.link(other.id, node.id))
      .sort((a, b) => b.chain.length - a.chain.length)[0];
    if (source === undefined || source.chain.length <= node.chain.length) return;
    if (this.byzantine.has(source.id)) return;
    while (node.chain.length < source.chain.length) {
      const block = source.chain[node.chain.length]!;
      node.chain.push({ ...block });
    }
    this.input(node, { type: 'head', now: this.clock(node), head: this.headOf(node) });
  }

  // --- Application --------------------------------------------------------------------------------

  validate(node: SimNode, bytes: Uint8Array): ValidationResult {
    const block = decodeSimBlock(bytes);
    if (block === undefined) return { valid: false, reason: 'it does not decode' };
    if (block.bad) return { valid: false, reason: 'it is bad' };
    if (block.parentHash !== this.headOf(node).hash)
      return { valid: false, reason: 'its parent is not the head' };
    const { hash: blockHash } = encodeSimBlock(block);
    const { height, parentHash, viewId } = block;
    return { valid: true, blockHash, height, parentHash, viewId };
  }

  private commit(node: SimNode, effect: Effect & { type: 'commit' }): undefined {
    this.checkFinal(node, effect);
    const start = Math.max(this.now, node.diskFreeAt);
    node.diskFreeAt = start + this.between(this.faults.disk);
    this.later(node, node.diskFreeAt - this.now, () => {
      if (node.chain.length === Number(effect.height) - 1) {
        const { block: bytes, blockHash: hash, seal, viewId } = effect;
        node.chain.push({ bytes, hash, seal, viewId });
      }
      this.input(node, { type: 'head', now: this.clock(node), head: this.headOf(node) });
    });
  }

  private improve(node: SimNode, height: bigint, seal: Seal): undefined {
    const block = node.chain[Number(height) - 1]!;
    const payload = commitPayload(height, block.hash, block.viewId, true);
    if (!verifySeal(bls, this.committeeAt(height), payload, seal))
      throw new Diverged(`I4: node ${node.id} improved a seal that does not verify`);
    block.seal = seal;
  }

  // --- Invariants ---------------------------------------------------------------------------------

  private sign(node: SimNode, key: Uint8Array, payload: SignPayload): Uint8Array {
    if (payload.kind === 'prepare' || payload.kind === 'commit') {
      const { kind, viewId, blockHash, height } = payload;
      if (!this.byzantine.has(node.id))
        this.checkVote(node, key, height, { kind, viewId, blockHash });
    }
    return testSign(key, payload.bytes);
  }

  /** I5 and I6 from the record of all signatures ever made, across crashes. */
  private checkVote(node: SimNode, key: Uint8Array, height: bigint, vote: Vote): void {
    const name = `${bytesToHex(key)} ${height}`;
    const votes = this.votes.get(name) ?? [];
    for (const other of votes) {
      if (other.blockHash === vote.blockHash) continue;
      if (other.kind === vote.kind && other.viewId === vote.viewId)
        throw new Diverged(`I5: node ${node.id} cast two ${vote.kind} votes at ${height}`);
      if (this.released.has(height)) continue;
      if (vote.kind === 'commit' && other.kind === 'prepare' && other.viewId > vote.viewId)
        throw new Diverged(
          `I6 (R3): node ${node.id} committed behind a later prepare at ${height}`,
        );
      if (vote.kind === 'commit' && other.kind === 'commit' && other.viewId >= vote.viewId)
        throw new Diverged(`I6 (R2): node ${node.id} went back from its lock at ${height}`);
      if (vote.kind === 'prepare' && other.kind === 'commit') {
        if (other.viewId >= vote.viewId || !this.mayBeCertified(height, vote.blockHash))
          throw new Diverged(`I6 (R2): node ${node.id} prepared against its lock at ${height}`);
      }
    }
    votes.push(vote);
    this.votes.set(name, votes);
  }

  /** Whether a prepare certificate for a block can exist: liars may have signed it as well. */
  private mayBeCertified(height: bigint, blockHash: Hash): boolean {
    const { keys, hasQuorum } = this.committeeAt(height);
    const liars = new Set(
      [...this.byzantine].flatMap((id) => this.nodes[id]!.publicKeys.map((key) => bytesToHex(key))),
    );
    const signers = keys.flatMap((key, slot) => {
      const name = bytesToHex(key);
      const votes = this.votes.get(`${name} ${height}`) ?? [];
      const signed = votes.some((vote) => vote.kind === 'prepare' && vote.blockHash === blockHash);
      return signed || liars.has(name) ? [slot] : [];
    });
    return hasQuorum(signers);
  }

  private checkFinal(node: SimNode, effect: Effect & { type: 'commit' }): void {
    const { height, blockHash, seal } = effect;
    if (this.byzantine.has(node.id)) return;
    const known = this.finals.get(height);
    if (known !== undefined && known !== blockHash)
      throw new Diverged(
        `I1: ${height} is final as ${known} and, at node ${node.id}, ${blockHash}`,
      );
    this.finals.set(height, blockHash);
    if (height !== BigInt(node.chain.length) + 1n)
      throw new Diverged(`I2: node ${node.id} finalized ${height} on top of ${node.chain.length}`);
    const block = decodeSimBlock(effect.block);
    if (block?.parentHash !== this.headOf(node).hash || block.bad)
      throw new Diverged(`I3: node ${node.id} finalized a block that is not valid at ${height}`);
    const payload = commitPayload(height, blockHash, block.viewId, true);
    if (!verifySeal(bls, this.committeeAt(height), payload, seal))
      throw new Diverged(`I4: node ${node.id} finalized ${height} without a quorum's seal`);
  }

  private checkState(node: SimNode, before: State, after: State): void {
    if (after.mode === 'idle') return;
    if (after.height !== (after.head?.height ?? -1n) + 1n)
      throw new Diverged(`I7: node ${node.id} has height ${after.height}`);
    if (before.mode !== 'idle') {
      if (after.height < before.height) throw new Diverged(`I7: node ${node.id} lost a height`);
      if (after.height === before.height && after.viewId < before.viewId)
        throw new Diverged(`I7: node ${node.id} went back to view ${after.viewId}`);
    }
    const members = after.head!.committee.keys.length;
    const earlyBytes = after.early.reduce((sum, { payload }) => sum + payload.length, 0);
    if (
      after.candidates.length > MAX_CANDIDATES ||
      after.early.length > MAX_EARLY_MESSAGES ||
      earlyBytes > MAX_EARLY_BYTES ||
      after.reports.size > members ||
      after.watch.size > members ||
      after.committedProofs.size > members
    )
      throw new Diverged(`I11: node ${node.id} holds more than it may`);
    for (const tally of [after.prepareVotes, after.commitVotes, after.last?.tally]) {
      const slots = tally?.ballots.flatMap((ballot) => ballot.signers) ?? [];
      if (new Set(slots).size !== slots.length || slots.length !== (tally?.signers.length ?? 0))
        throw new Diverged(`I8: node ${node.id} counts a slot twice`);
    }
  }

  /** What is called outdated must lead to nothing, even if all its signatures are right. */
  private checkOutdated(node: SimNode, item: VerifyItem, checks: number): void {
    const now = this.clock(node);
    if (!isOutdated(node.state, item, now)) return;
    const results = new Array<boolean>(checks).fill(true);
    const { state, effects } = step(node.state, { type: 'verified', now, item, results });
    if (state !== node.state || effects.some((effect) => effect.type !== 'ignore'))
      throw new Diverged(`an outdated ${item.type} still mattered at node ${node.id}`);
  }

  /** I9: no honest key is ever accused, and evidence verifies. */
  private checkEvidence(node: SimNode, evidence: DoubleSign): void {
    const owner = this.nodes.find((other) =>
      other.publicKeys.some((key) => bytesToHex(key) === bytesToHex(evidence.key)),
    );
    if (owner !== undefined && !this.byzantine.has(owner.id))
      throw new Diverged(`I9: node ${node.id} accuses honest node ${owner.id}`);
    for (const vote of [evidence.first, evidence.second]) {
      const payload = commitPayload(evidence.height, vote.blockHash, evidence.viewId, true);
      if (!bls.verifyAggregate(vote.signature, payload, vote.keys))
        throw new Diverged(`I9: node ${node.id} reports evidence that does not verify`);
    }
    if (evidence.first.blockHash === evidence.second.blockHash)
      throw new Diverged(`I9: node ${node.id} reports two votes for one block`);
  }

  // --- Questions ----------------------------------------------------------------------------------

  /** Whether all given nodes (default: all alive) have a chain of this length. */
  reached(height: number, ids?: readonly number[]): boolean {
    const nodes = ids ? ids.map((id) => this.nodes[id]!) : this.nodes.filter((node) => node.alive);
    return nodes.every((node) => node.chain.length >= height);
  }

  heights(): number[] {
    return this.nodes.map((node) => node.chain.length);
  }

  /** The slot that leads the view a node is in. */
  leaderOf(node: SimNode, viewId: bigint = node.state.viewId): number | undefined {
    const { state } = node;
    const schedule = this.options.leaders ?? roundRobinLeaders;
    return schedule.leaderAt({ height: state.height, viewId, head: state.head! });
  }

  /** One line that names each node's place, for failures. */
  describe(): string {
    return this.nodes
      .map((node) => {
        const { state } = node;
        const place = `${state.height}/${state.viewId}/${state.viewChangingId}`;
        return `${node.id}${node.alive ? '' : '†'}:${place} ${state.mode} ${state.phase}`;
      })
      .join(' | ');
  }
}
