/**
 * The driver: runs the machine against the world through ports.
 *
 * The only place with promises. It feeds inputs to `step` one at a time, carries out the effects in
 * order, verifies votes in batches, and keeps its queues bounded. It decides nothing about
 * consensus; what may be signed is decided in the machine, and a mark is durable before its
 * signatures are asked for.
 */
import type { Bls } from '@polyphony/bls';
import { bytesToPlainHex } from '@polyphony/primitives';
import { FbftError } from './errors.js';
import { createState, isOutdated, step } from './machine.js';
import { decodeSignedMark, encodeSignedMark } from './mark.js';
import type {
  Application,
  Broadcast,
  CancelTimer,
  Clock,
  HeadInfo,
  LeaderSchedule,
  SignatureWork,
  SignedMarkStore,
  Signer,
} from './ports.js';
import type { Profile } from './profile.js';
import type { DecidedSeal } from './seal.js';
import { harmonyTiming, ownNetworkTiming, type Timing } from './timing.js';
import type { Effect, IgnoreReason, Input, MachineEvent, Mode, Phase, State } from './types.js';
import { createVerifier, MIN_ELSEWHERE, type Verifier } from './verifier.js';

export type {
  Application,
  Broadcast,
  CancelTimer,
  Clock,
  CommitContext,
  DoubleSign,
  EvidenceVote,
  HeadInfo,
  LeaderContext,
  LeaderSchedule,
  Proposal,
  ProposalContext,
  SignatureWork,
  SignedMarkStore,
  Signer,
  SignPayload,
  SyncHint,
  ValidationContext,
  ValidationResult,
  VotingCommittee,
} from './ports.js';

/** Ports and parameters of a driver. */
export interface DriverOptions {
  /** `harmonyBls()` on Harmony networks, `ietfBls()` or `createBlstBls()` elsewhere. */
  readonly bls: Bls;
  readonly shardId: number;
  /** Bound by every signature of the profile `strict`, which needs it. Below 2^64. */
  readonly chainId?: bigint;
  readonly clock: Clock;
  /** Without one the node follows and never votes. */
  readonly signer?: Signer;
  readonly broadcast: Broadcast;
  readonly application: Application;
  readonly marks: SignedMarkStore;
  readonly leaders: LeaderSchedule;
  /** {@link harmonyTiming} by default, {@link ownNetworkTiming} under `strict`. */
  readonly timing?: Timing;
  /** Rules for votes and views: `guarded` by default. */
  readonly profile?: Profile;
  /** Lets a signer vote under `compat`, which can fork and double-sign after a crash. */
  readonly allowUnsafeSigning?: boolean;
  /** `strict` by default: only canonical messages. `lenient` also takes what Go receivers take. */
  readonly decoding?: 'strict' | 'lenient';
  /** Several own keys vote with one message. True by default. */
  readonly aggregateVotes?: boolean;
  /** Lowest view id a chain resumes at after a recovery. */
  readonly viewIdFloor?: bigint;
  /**
   * Unpredictable bytes for weighing signatures in batches, such as
   * `(n) => crypto.getRandomValues(new Uint8Array(n))`. Without it every signature is verified
   * alone.
   */
  readonly randomBytes?: (length: number) => Uint8Array;
  /** Does the work on many signatures in place of `bls`. Needs `randomBytes`. */
  readonly signatureWork?: SignatureWork;
  /** Messages of peers waiting to be taken in; more are dropped. 4096 by default. */
  readonly maxQueuedMessages?: number;
  /** Signatures waiting to be verified; more are dropped. 4096 by default. */
  readonly maxQueuedChecks?: number;
  /** Facts for metrics and logs. Must not throw. */
  readonly onEvent?: (event: DriverEvent) => void;
  /** Every input before it is taken, for replays. Must not change it. */
  readonly onInput?: (input: Input) => void;
}

/** What a driver tells. */
export type DriverEvent =
  | MachineEvent
  /** A peer's message or a late answer led to nothing. */
  | { readonly type: 'ignored'; readonly reason: IgnoreReason; readonly from?: string }
  /** A full queue. */
  | { readonly type: 'dropped'; readonly queue: 'messages' | 'checks'; readonly from?: string }
  /** A batch of signatures was verified. */
  | {
      readonly type: 'checks-verified';
      readonly checks: number;
      readonly wrong: number;
    }
  /** A port rejected. After `marks`, `commit` and `head` the driver has stopped. */
  | {
      readonly type: 'port-failed';
      readonly port:
        | 'marks'
        | 'sign'
        | 'propose'
        | 'validate'
        | 'commit'
        | 'head'
        | 'aggregate'
        | 'signature-work';
      readonly error: unknown;
    };

/** Where a driver stands. */
export interface DriverStatus {
  readonly running: boolean;
  readonly mode: Mode;
  readonly phase: Phase;
  readonly height: bigint;
  readonly viewId: bigint;
  readonly viewChangingId: bigint;
  /** Highest view of this height that this node asked for or voted in; 0 for none. */
  readonly markedViewId: bigint;
  /** Committee slots of the own keys. */
  readonly ownSlots: readonly number[];
  readonly queuedMessages: number;
  readonly queuedChecks: number;
}

/** A running consensus. */
export interface Driver {
  /**
   * Loads the mark and starts at the chain's head.
   *
   * @throws {@link FbftError} `fbft/invalid-mark`; what the store rejects with.
   */
  start(head: HeadInfo): Promise<void>;
  /** Takes in a gossip payload of a peer. Never throws; may drop it. */
  receive(from: string, payload: Uint8Array): void;
  /** Tells of blocks that became final other than by `commit`, such as by sync. */
  setHead(head: HeadInfo): void;
  /**
   * Releases a stuck height up to a view, which should be the highest `markedViewId` of all members or
   * a later one: see `releaseMark`. An operator's act. No effect if this member has passed the view.
   */
  release(height: bigint, viewId: bigint): void;
  status(): DriverStatus;
  /** Stops all timers; late answers fall away. Resolves when no durable write is under way. */
  stop(): Promise<void>;
}

/** A promise and its key. */
interface Deferred {
  readonly promise: Promise<DecidedSeal | undefined>;
  readonly resolve: (seal: DecidedSeal | undefined) => void;
}

function createDeferred(): Deferred {
  let resolve: Deferred['resolve'] = () => undefined;
  const promise = new Promise<DecidedSeal | undefined>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/**
 * Builds a driver. Nothing happens before {@link Driver.start}.
 *
 * @throws {@link FbftError} `fbft/invalid-config`.
 * @example
 * const driver = createDriver({ bls, shardId: 0, clock, signer, broadcast, application, marks, leaders })
 * await driver.start(head)
 * gossip.subscribe(topic, ({ from, data }) => driver.receive(from, data))
 */
export function createDriver(options: DriverOptions): Driver {
  const { bls, clock, signer, broadcast, application, marks } = options;
  const tell = (event: DriverEvent): void => options.onEvent?.(event);
  const maxMessages = options.maxQueuedMessages ?? 4096;
  let state: State = createState({
    shardId: options.shardId,
    publicKeys: signer?.publicKeys ?? [],
    leaders: options.leaders,
    timing: options.timing ?? (options.profile?.wire === 2 ? ownNetworkTiming : harmonyTiming),
    ...(options.chainId !== undefined && { chainId: options.chainId }),
    ...(options.profile && { profile: options.profile }),
    ...(options.allowUnsafeSigning && { allowUnsafeSigning: true }),
    decoding: options.decoding ?? 'strict',
    aggregateVotes: options.aggregateVotes ?? true,
    ...(options.viewIdFloor !== undefined && { viewIdFloor: options.viewIdFloor }),
  });
  let running = false;
  let started = false;
  let stepping = false;
  // Own answers are few and never dropped; peers' messages are many and bounded.
  const answers: Input[] = [];
  const messages: { from: string; payload: Uint8Array }[] = [];
  const timers = new Map<string, CancelTimer>();
  let durable: Promise<void> = Promise.resolve();
  let parentSeal: { height: bigint; deferred: Deferred } | undefined;
  const verifier: Verifier = createVerifier({
    bls,
    maxQueued: options.maxQueuedChecks ?? 4096,
    ...(options.randomBytes && { randomBytes: options.randomBytes }),
    ...(options.signatureWork && { work: options.signatureWork }),
    onWorkFailed: (error) => fail('signature-work', error),
    defer: (callback) => {
      clock.setTimer(0, callback);
    },
    answer: (item, results) => post({ type: 'verified', now: clock.now(), item, results }),
    isOutdated: (item) => isOutdated(state, item, clock.now()),
    onDropped: (item) =>
      tell({ type: 'dropped', queue: 'checks', ...('from' in item && { from: item.from }) }),
    onVerified: (checks, wrong) => tell({ type: 'checks-verified', checks, wrong }),
  });

  /** Queues an answer and takes it in, now or when the step at hand is done. */
  function post(input: Input): void {
    if (!running) return;
    answers.push(input);
    pump();
  }

  function pump(): void {
    if (stepping) return;
    stepping = true;
    try {
      for (;;) {
        const input = nextInput();
        if (input === undefined || !running) return;
        options.onInput?.(input);
        const result = step(state, input);
        state = result.state;
        for (const effect of result.effects) perform(effect);
      }
    } finally {
      stepping = false;
    }
  }

  function nextInput(): Input | undefined {
    const answer = answers.shift();
    if (answer !== undefined) return answer;
    const message = messages.shift();
    return message && { type: 'message', now: clock.now(), ...message };
  }

  function fail(port: (DriverEvent & { type: 'port-failed' })['port'], error: unknown): void {
    tell({ type: 'port-failed', port, error });
    if (port === 'marks' || port === 'commit' || port === 'head') halt();
  }

  function halt(): void {
    running = false;
    for (const cancel of timers.values()) cancel();
    timers.clear();
    answers.length = 0;
    messages.length = 0;
    verifier.clear();
  }

  function perform(effect: Effect): void {
    switch (effect.type) {
      case 'set-timer': {
        const { timer, id } = effect;
        timers.get(timer)?.();
        const cancel = clock.setTimer(effect.afterMs, () => {
          timers.delete(timer);
          post({ type: 'timer', now: clock.now(), timer, id });
        });
        timers.set(timer, cancel);
        break;
      }
      case 'cancel-timer':
        timers.get(effect.timer)?.();
        timers.delete(effect.timer);
        break;
      case 'verify':
        verifier.add(effect.item, effect.checks);
        break;
      case 'validate':
        void validate(effect);
        break;
      case 'persist':
        persist(effect);
        break;
      case 'sign':
        void sign(effect);
        break;
      case 'aggregate':
        aggregate(effect);
        break;
      case 'broadcast':
        broadcast.publish(effect.payload);
        break;
      case 'propose':
        void propose(effect);
        break;
      case 'parent-seal':
        sealOf(effect.height).resolve(effect.seal);
        break;
      case 'commit':
        void commit(effect);
        break;
      case 'improve-seal':
        application.improveSeal?.(effect.height, effect.blockHash, effect.seal);
        break;
      case 'report-double-sign':
        application.reportDoubleSign?.(effect.evidence);
        break;
      case 'sync':
        application.requestSync?.(effect.hint);
        break;
      case 'ignore': {
        const { reason, from } = effect;
        tell({ type: 'ignored', reason, ...(from !== undefined && { from }) });
        break;
      }
      case 'event':
        tell(effect.event);
        break;
    }
  }

  function persist({ mark, plan }: Effect & { type: 'persist' }): void {
    durable = durable.then(async () => {
      if (!running) return;
      try {
        await marks.save(encodeSignedMark(mark));
      } catch (error) {
        return fail('marks', error);
      }
      post({ type: 'persisted', now: clock.now(), plan });
    });
  }

  async function sign({ plan }: Effect & { type: 'sign' }): Promise<void> {
    const signatures = await Promise.all(
      plan.requests.map(async ({ key, payload }) => {
        try {
          const signature = await signer!.sign(key, payload);
          if (signature.length === 96) return signature;
          throw new TypeError(`a signature must be 96 bytes, got ${signature.length}`);
        } catch (error) {
          fail('sign', error);
          return undefined;
        }
      }),
    );
    post({ type: 'signed', now: clock.now(), plan, signatures });
  }

  function aggregate({ item, groups }: Effect & { type: 'aggregate' }): void {
    const done = (signatures: readonly Uint8Array[]): void =>
      post({ type: 'aggregated', now: clock.now(), item, signatures });
    const here = (): void => {
      try {
        done(groups.map((group) => bls.aggregateSignatures(group)));
      } catch (error) {
        fail('aggregate', error);
      }
    };
    const { signatureWork: work } = options;
    if (work === undefined || groups.every(({ length }) => length < MIN_ELSEWHERE)) {
      here();
      return;
    }
    Promise.all(groups.map((group) => work.aggregateSignatures(group))).then(
      done,
      (error: unknown) => {
        if (!running) return;
        fail('signature-work', error);
        here();
      },
    );
  }

  function sealOf(height: bigint): Deferred {
    if (parentSeal?.height !== height) {
      parentSeal?.deferred.resolve(undefined);
      parentSeal = { height, deferred: createDeferred() };
    }
    return parentSeal.deferred;
  }

  async function propose(effect: Effect & { type: 'propose' }): Promise<void> {
    const { height, viewId, slot } = effect;
    const head = state.head!;
    const leaderKey = head.committee.keys[slot]!;
    const seal = sealOf(height - 1n).promise;
    try {
      const context = { height, viewId, head, leaderKey, parentSeal: seal };
      const proposal = await application.propose(context);
      post({ type: 'proposed', now: clock.now(), height, viewId, ...(proposal && { proposal }) });
    } catch (error) {
      fail('propose', error);
      post({ type: 'proposed', now: clock.now(), height, viewId });
    }
  }

  async function validate(effect: Effect & { type: 'validate' }): Promise<void> {
    const { height, viewId, candidate } = effect;
    const head = state.head!;
    const leaderOf = (view: bigint): Uint8Array | undefined => {
      const schedule = head.leaders ?? options.leaders;
      const slot = schedule.leaderAt({ height, viewId: view, head });
      return slot === undefined ? undefined : head.committee.keys[slot];
    };
    let result: Awaited<ReturnType<Application['validate']>>;
    try {
      result = await application.validate(effect.block, { height, viewId, head, leaderOf });
    } catch (error) {
      fail('validate', error);
      result = { valid: false, reason: 'validation failed' };
    }
    post({ type: 'validated', now: clock.now(), height, candidate, result });
  }

  async function commit(effect: Effect & { type: 'commit' }): Promise<void> {
    const { block, seal, height, blockHash, viewId, decidedInView, signers } = effect;
    const { prepared } = effect;
    const facts = { height, blockHash, viewId, decidedInView, signers };
    const context = { ...facts, head: state.head!, ...(prepared && { prepared }) };
    try {
      const head = await application.commit(block, seal, context);
      post({ type: 'head', now: clock.now(), head });
    } catch (error) {
      fail('commit', error);
    }
  }

  return {
    start: async (head) => {
      if (started) throw new TypeError('the driver has started before');
      started = true;
      const bytes = await marks.load();
      const mark = bytes && decodeSignedMark(bytes);
      if (mark !== undefined && mark.shardId !== options.shardId)
        throw new FbftError({
          code: 'fbft/invalid-mark',
          reason: `it belongs to shard ${mark.shardId}, not ${options.shardId}`,
        });
      if (mark !== undefined && (mark.wire ?? 1) !== state.config.profile.wire)
        throw new FbftError({
          code: 'fbft/invalid-mark',
          reason: `it belongs to a profile of wire version ${mark.wire ?? 1}`,
        });
      running = true;
      post({ type: 'start', now: clock.now(), head, ...(mark && { mark }) });
    },
    receive: (from, payload) => {
      if (!running) return;
      if (messages.length >= maxMessages) return tell({ type: 'dropped', queue: 'messages', from });
      messages.push({ from, payload });
      pump();
    },
    setHead: (head) => post({ type: 'head', now: clock.now(), head }),
    release: (height, viewId) => post({ type: 'release', now: clock.now(), height, viewId }),
    status: () => ({
      running,
      mode: state.mode,
      phase: state.phase,
      height: state.height,
      viewId: state.viewId,
      viewChangingId: state.viewChangingId,
      markedViewId: state.mark.height === state.height ? state.mark.viewId : 0n,
      ownSlots: state.ownSlots,
      queuedMessages: messages.length,
      queuedChecks: verifier.size(),
    }),
    stop: async () => {
      halt();
      await durable;
    },
  };
}

/** A signer that holds secret keys in memory. Any `Bls` suite; keys are 32 bytes each. */
export function createBlsSigner(bls: Bls, secretKeys: readonly Uint8Array[]): Signer {
  const secrets = new Map(
    secretKeys.map((secret) => {
      const publicKey = bls.getPublicKey(secret);
      return [bytesToPlainHex(publicKey), { secret, publicKey }];
    }),
  );
  return {
    publicKeys: [...secrets.values()].map(({ publicKey }) => publicKey),
    sign: (publicKey, payload) => {
      const known = secrets.get(bytesToPlainHex(publicKey));
      if (known === undefined)
        throw new FbftError({
          code: 'fbft/out-of-range',
          what: 'public key',
          reason: 'is not one of this signer',
        });
      return bls.sign(payload.bytes, known.secret);
    },
  };
}

/**
 * A store that forgets when the process ends. For tests and for nodes without keys: a validator
 * that restarts with it can contradict itself.
 */
export function memoryMarkStore(): SignedMarkStore {
  let kept: Uint8Array | undefined;
  return {
    load: async () => kept && Uint8Array.from(kept),
    save: async (mark) => {
      kept = Uint8Array.from(mark);
    },
  };
}
