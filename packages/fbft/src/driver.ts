/**
 * The driver: runs the machine against the world through ports.
 *
 * It feeds inputs to `step` one at a time, has the effects carried out in order, and keeps its queues
 * bounded. It decides nothing about consensus; what may be signed is decided in the machine, and a
 * mark is durable before its signatures are asked for.
 */
import type { DriverEvent, DriverOptions } from './driver-options.js';
import { createEffects, type FailedPort } from './effects.js';
import { FbftError } from './errors.js';
import { createState, step } from './machine.js';
import { decodeSignedMark } from './mark.js';
import type { HeadInfo } from './ports.js';
import { harmonyTiming, ownNetworkTiming } from './timing.js';
import type { Input, Mode, Phase, State } from './types.js';

export { createBlsSigner } from './bls-signer.js';
export type { DriverEvent, DriverOptions } from './driver-options.js';
export { memoryMarkStore } from './memory-mark-store.js';
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
  const { clock, signer, marks } = options;
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
  const effects = createEffects(options, {
    state: () => state,
    isRunning: () => running,
    post,
    tell,
    fail,
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
        for (const effect of result.effects) effects.perform(effect);
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

  function fail(port: FailedPort, error: unknown): void {
    tell({ type: 'port-failed', port, error });
    if (port === 'marks' || port === 'commit' || port === 'head') halt();
  }

  function halt(): void {
    running = false;
    answers.length = 0;
    messages.length = 0;
    effects.clear();
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
      queuedChecks: effects.queuedChecks(),
    }),
    stop: async () => {
      halt();
      await effects.settled();
    },
  };
}
