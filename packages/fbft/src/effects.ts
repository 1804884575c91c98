/**
 * What the machine asks for, carried out through the ports.
 *
 * Effects begin in the order they are given; what takes time answers with an input of its own.
 * Checks of signatures wait in a bounded queue, and one durable write follows the other.
 */
import type { DriverEvent, DriverOptions } from './driver-options.js';
import { isOutdated } from './machine.js';
import { encodeSignedMark } from './mark.js';
import type { Application, CancelTimer } from './ports.js';
import type { DecidedSeal } from './seal.js';
import type { Effect, Input, State } from './types.js';
import { createVerifier, MIN_ELSEWHERE, type Verifier } from './verifier.js';

/** A port that rejected. */
export type FailedPort = (DriverEvent & { type: 'port-failed' })['port'];

/** Whose effects are carried out. */
export interface EffectHost {
  /** The machine's state now. */
  state(): State;
  isRunning(): boolean;
  /** Takes an answer in, now or when the step at hand is done. */
  post(input: Input): void;
  tell(event: DriverEvent): void;
  fail(port: FailedPort, error: unknown): void;
}

/** Carries out effects. */
export interface Effects {
  perform(effect: Effect): void;
  /** Checks of signatures waiting. */
  queuedChecks(): number;
  /** Stops all timers and forgets what waits. */
  clear(): void;
  /** Resolves when no durable write is under way. */
  settled(): Promise<void>;
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

/** Carries out the effects of a host through the ports of its options. */
export function createEffects(options: DriverOptions, host: EffectHost): Effects {
  const { bls, clock, signer, broadcast, application, marks } = options;
  const { post, tell, fail } = host;
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
    isOutdated: (item) => isOutdated(host.state(), item, clock.now()),
    onDropped: (item) =>
      tell({ type: 'dropped', queue: 'checks', ...('from' in item && { from: item.from }) }),
    onVerified: (checks, wrong) => tell({ type: 'checks-verified', checks, wrong }),
  });

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
      if (!host.isRunning()) return;
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
        if (!host.isRunning()) return;
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
    const head = host.state().head!;
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
    const head = host.state().head!;
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
    const context = { ...facts, head: host.state().head!, ...(prepared && { prepared }) };
    try {
      const head = await application.commit(block, seal, context);
      post({ type: 'head', now: clock.now(), head });
    } catch (error) {
      fail('commit', error);
    }
  }

  return {
    perform,
    queuedChecks: () => verifier.size(),
    clear: () => {
      for (const cancel of timers.values()) cancel();
      timers.clear();
      verifier.clear();
    },
    settled: () => durable,
  };
}
