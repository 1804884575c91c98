/** What a driver is built from, and what it tells: its ports, its limits and its events. */
import type { Bls } from '@polyphony/bls';
import type {
  Application,
  Broadcast,
  Clock,
  LeaderSchedule,
  SignatureWork,
  SignedMarkStore,
  Signer,
} from './ports.js';
import type { Profile } from './profile.js';
import type { Timing } from './timing.js';
import type { IgnoreReason, Input, MachineEvent } from './types.js';

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
