/**
 * Machines of `@polyphony/fbft` at the ends of the queue of `event-queue.ts`: a network without faults in
 * virtual time, with as little around the machines as possible.
 *
 * Unlike the published simulator it checks nothing while it runs. Durable writes take no time and are
 * kept in memory; answers to a machine come at once, unless the {@link Costs} say otherwise. Nothing is
 * lost here, so messages are not resent and no timer runs out before all messages have arrived.
 */
import {
  createState,
  type DecodingOptions,
  decodePayload,
  type Effect,
  guarded,
  type HeadInfo,
  type Input,
  isOutdated,
  ownNetworkTiming,
  type PeerMessage,
  roundRobinLeaders,
  type State,
  step,
  type Timing,
  uniformCommittee,
} from '@polyphony/fbft';
import { createRandom, type SimApplication, simBlocks, tagKey } from '@polyphony/fbft/simulator';
import { createParcelQueue, drawDelay, type Parcel, type VoteRoute } from './event-queue.js';

/**
 * Virtual milliseconds that work takes at a node, whose processor does one thing after the other:
 * signatures to make first, then those to verify in the order of their arrival, without those that lost
 * their point while they waited. So does the driver.
 */
export interface Costs {
  /** Of the checks of one `verify` effect. */
  verify(effect: Effect & { readonly type: 'verify' }): number;
  /** Of one signature. */
  readonly sign: number;
}

/** What a world is made of. */
export interface WorldOptions {
  readonly members: number;
  readonly route: VoteRoute;
  readonly seed: number;
  /** One-way latency in virtual milliseconds; drawn from the seed by default. */
  readonly latency?: (from: number, to: number) => number;
  /** Nothing by default. */
  readonly costs?: Costs;
}

/** A block as one member decided it. */
export interface Decided {
  readonly height: bigint;
  readonly hash: string;
  readonly by: number;
  /** Virtual milliseconds. */
  readonly at: number;
}

/** A running world. */
export interface World {
  /** Runs until all members have this many more blocks and all is silent. */
  runRounds(rounds: number): void;
  /** Messages delivered so far. */
  readonly delivered: number;
  /** Hash of the last block of each member. */
  heads(): string[];
  /** When each height was announced, in virtual milliseconds. */
  readonly announcedAt: ReadonlyMap<bigint, { readonly by: number; readonly at: number }>;
  /** Every decision of the last call of `runRounds`. */
  readonly decided: readonly Decided[];
}

const TIMING: Timing = { ...ownNetworkTiming, phaseTimeoutMs: 20_000, resendTimes: 0 };
const START = 1_700_000_000_000;
const DECODING: DecodingOptions = { profile: guarded, decoding: 'strict' };

interface Timer {
  readonly id: number;
  readonly due: number;
}

/** Work that takes time, and the answer when it is done. */
interface Job {
  readonly cost: number;
  readonly input: Input;
}

interface Member {
  readonly id: number;
  state: State;
  head: HeadInfo;
  readonly timers: Map<string, Timer>;
  /** Work that waits for the processor. */
  readonly jobs: Job[];
  busy: boolean;
}

/** 96 bytes that stand for a signature of a member. Nobody looks at them. */
function stubSignature(member: number): Uint8Array {
  const bytes = new Uint8Array(96).fill(1);
  new DataView(bytes.buffer).setUint32(0, member + 1);
  return bytes;
}

/** Right answers to up to four checks, which is as many as one message asks for. */
const RIGHT: readonly (readonly boolean[])[] = [0, 1, 2, 3, 4].map((n) => new Array(n).fill(true));

function allRight(checks: number): readonly boolean[] {
  return RIGHT[checks] ?? new Array<boolean>(checks).fill(true);
}

/** Builds a world in which every member is at the genesis block. */
export function createWorld(options: WorldOptions): World {
  const { members: size, route, costs } = options;
  const random = createRandom(options.seed);
  const queue = createParcelQueue<PeerMessage | Input>();
  const application: SimApplication = simBlocks(random);
  const keys = Array.from({ length: size }, (_, id) => tagKey(id));
  const signatures = keys.map((_, id) => stubSignature(id));
  const committee = uniformCommittee(keys);
  const announcedAt = new Map<bigint, { readonly by: number; readonly at: number }>();
  let decided: Decided[] = [];
  // What came at this moment, and for each addressee how much of it, with the ends of a list through it.
  const arrived: PeerMessage[] = [];
  const following: number[] = [];
  const counts = new Int32Array(size);
  const first = new Int32Array(size);
  const last = new Int32Array(size);
  let arrivals = 0;
  const addressees = new Int32Array(size);
  let addressed = 0;
  const answers: Input[] = [];
  let answered = 0;
  // From 0 on: small whole numbers stay small in the queue. The machines see START as well.
  let now = 0;
  let delivered = 0;
  let leader = 0;

  const clockNow = (): number => START + Math.floor(now);

  const genesis: HeadInfo = {
    height: 0n,
    hash: `0x${'11'.repeat(32)}`,
    viewId: 0n,
    timestampMs: START,
    epoch: 0n,
    committee,
  };
  const latency = options.latency ?? (() => drawDelay(random));
  const members = keys.map((key, id): Member => {
    const state = createState({
      shardId: 0,
      publicKeys: [key],
      leaders: roundRobinLeaders,
      timing: TIMING,
      decoding: 'strict',
      aggregateVotes: true,
    });
    return { id, state, head: genesis, timers: new Map(), jobs: [], busy: false };
  });

  /** An answer to the machine at hand, taken in when its step is done. */
  function post(input: Input): void {
    answers[answered++] = input;
  }

  /** Answers a machine after some work. */
  function answer(member: Member, cost: number, input: Input): void {
    if (cost === 0) {
      post(input);
      return;
    }
    if (input.type === 'signed') member.jobs.unshift({ cost, input });
    else member.jobs.push({ cost, input });
    work(member);
  }

  /** Takes up the next work that has a point. */
  function work(member: Member): void {
    while (!member.busy) {
      const job = member.jobs.shift();
      if (job === undefined) return;
      const { cost, input } = job;
      if (input.type === 'verified' && isOutdated(member.state, input.item, clockNow())) continue;
      member.busy = true;
      queue.push(now + cost, member.id, member.id, input);
    }
  }

  function perform(member: Member, effect: Effect): void {
    const clock = clockNow();
    switch (effect.type) {
      case 'verify': {
        const results = allRight(effect.checks.length);
        const cost = costs?.verify(effect) ?? 0;
        answer(member, cost, { type: 'verified', now: clock, item: effect.item, results });
        break;
      }
      case 'validate': {
        const { height, candidate, block } = effect;
        const result = application.validate(block, member.head);
        post({ type: 'validated', now: clock, height, candidate, result });
        break;
      }
      case 'persist':
        post({ type: 'persisted', now: clock, plan: effect.plan });
        break;
      case 'sign': {
        const { plan } = effect;
        const signed = plan.requests.map(() => signatures[member.id]!);
        const cost = (costs?.sign ?? 0) * signed.length;
        answer(member, cost, { type: 'signed', now: clock, plan, signatures: signed });
        break;
      }
      case 'aggregate': {
        const sums = effect.groups.map(() => signatures[member.id]!);
        post({ type: 'aggregated', now: clock, item: effect.item, signatures: sums });
        break;
      }
      case 'propose': {
        const { height, viewId } = effect;
        leader = member.id;
        const context = { height, viewId, head: member.head, parentSeal: undefined, now: clock };
        const proposal = application.propose(context);
        post({ type: 'proposed', now: clock, height, viewId, ...(proposal && { proposal }) });
        break;
      }
      case 'broadcast': {
        const { message } = effect;
        // Once for all who get it, as one processor does the work of all.
        const { payload } = effect;
        const from = names[member.id]!;
        const packet = { from, payload, decoded: decodePayload(payload, DECODING) };
        if (message === 'announce')
          announcedAt.set(member.state.height, { by: member.id, at: now });
        if (route === 'leader' && (message === 'prepare' || message === 'commit')) {
          queue.push(now + latency(member.id, leader), member.id, leader, packet);
          break;
        }
        for (let to = 0; to < size; to++)
          if (to !== member.id) queue.push(now + latency(member.id, to), member.id, to, packet);
        break;
      }
      case 'commit': {
        const { height, blockHash: hash, viewId } = effect;
        member.head = { height, hash, viewId, timestampMs: clock, epoch: 0n, committee };
        decided.push({ height, hash, by: member.id, at: now });
        post({ type: 'head', now: clock, head: member.head });
        break;
      }
      case 'set-timer':
        member.timers.set(effect.timer, { id: effect.id, due: now + effect.afterMs });
        break;
      case 'cancel-timer':
        member.timers.delete(effect.timer);
        break;
      case 'sync':
      case 'report-double-sign':
        throw new Error(`member ${member.id} asks for ${effect.type} in a network without faults`);
    }
  }

  function stepOnce(member: Member, input: Input): void {
    const { state, effects } = step(member.state, input);
    member.state = state;
    for (const effect of effects) perform(member, effect);
  }

  function feed(member: Member, input: Input): void {
    answered = 0;
    stepOnce(member, input);
    for (let i = 0; i < answered; i++) stepOnce(member, answers[i]!);
  }

  /** Hands a member what came for it at this moment. */
  function open(member: Member): void {
    const { id } = member;
    const messages = new Array<PeerMessage>(counts[id]!);
    let place = first[id]!;
    for (let i = 0; i < messages.length; i++) {
      messages[i] = arrived[place]!;
      place = following[place]!;
    }
    counts[id] = 0;
    feed(member, { type: 'messages', now: clockNow(), messages });
  }

  function deliver({ to, what }: Parcel<PeerMessage | Input>): void {
    if ('type' in what) {
      const member = members[to]!;
      if (counts[to]! > 0) open(member);
      member.busy = false;
      feed(member, { ...what, now: clockNow() });
      work(member);
      return;
    }
    const place = arrivals++;
    arrived[place] = what;
    if (counts[to] === 0) {
      first[to] = place;
      addressees[addressed++] = to;
    } else following[last[to]!] = place;
    last[to] = place;
    counts[to]!++;
    delivered++;
  }

  function deliverAll(): void {
    for (let at = queue.nextAt(); at !== undefined; at = queue.nextAt()) {
      now = at;
      arrivals = 0;
      addressed = 0;
      do deliver(queue.pop()!);
      while (queue.nextAt() === at);
      for (let i = 0; i < addressed; i++) {
        const to = addressees[i]!;
        if (counts[to]! > 0) open(members[to]!);
      }
    }
  }

  /** Lets the next timer run out. */
  function ring(): void {
    let next: { member: Member; name: string; timer: Timer } | undefined;
    for (const member of members)
      for (const [name, timer] of member.timers)
        if (next === undefined || timer.due < next.timer.due) next = { member, name, timer };
    if (next === undefined) throw new Error('nothing will ever happen again');
    const { member, name, timer } = next;
    if (timer.due < now) throw new Error(`timer ${name} should have run out among the messages`);
    now = timer.due;
    member.timers.delete(name);
    feed(member, { type: 'timer', now: clockNow(), timer: name as never, id: timer.id });
  }

  /** Whether a member waits for nothing that belongs to the last height. */
  const isSilent = ({ timers }: Member): boolean => !timers.has('grace');

  const names = keys.map((_, id) => `node-${id}`);
  for (const member of members) feed(member, { type: 'start', now: START, head: genesis });
  return {
    get delivered() {
      return delivered;
    },
    get decided() {
      return decided;
    },
    announcedAt,
    heads: () => members.map(({ head }) => head.hash),
    runRounds: (rounds) => {
      decided = [];
      const goal = members[0]!.head.height + BigInt(rounds);
      for (;;) {
        deliverAll();
        if (members.every((member) => member.head.height >= goal && isSilent(member))) return;
        ring();
      }
    },
  };
}
