/**
 * What a light client asks of the world, as small interfaces that its user implements.
 *
 * A source may lie, fail or never answer; nothing it says is believed before it is checked. The clock
 * and the store are the user's own and are believed.
 */
import type { Hash } from '@polyphony/primitives';
import type { ShardState } from '@polyphony/sharding';
import type { LightClientError } from './errors.js';

/** A header as it comes over the wire, with the seal of its committee. */
export interface SealedHeaderBytes {
  /** As `encodeHeader` of `@polyphony/chain` makes them. */
  readonly header: Uint8Array;
  /** 96 bytes. The block after carries them too, see `sealOfParent`. */
  readonly signature: Uint8Array;
  readonly bitmap: Uint8Array;
}

/** How long an answer is waited for. */
export interface RequestOptions {
  /** After this the answer is no longer used; a source may stop its own work then. */
  readonly timeoutMs: number;
}

/** Serves the headers of one shard. */
export interface HeaderSource {
  /** For events and errors. */
  readonly name: string;
  /** The number of the newest block of which the source has header and seal. */
  getHead(options: RequestOptions): Promise<bigint>;
  /**
   * Sealed headers in a row.
   *
   * @param first - Number of the first.
   * @param count - How many at most; a source may give fewer, but at least one.
   */
  getHeaders(
    first: bigint,
    count: number,
    options: RequestOptions,
  ): Promise<readonly SealedHeaderBytes[]>;
}

/** Time, in the shape that `@polyphony/fbft` uses as well. */
export interface Clock {
  /** Wall clock, milliseconds since 1970. */
  now(): number;
  /**
   * Calls back once after a delay.
   *
   * @returns Stops the timer; does nothing after it fired.
   */
  setTimer(delayMs: number, callback: () => void): () => void;
}

/** Gives the committees that a light client of the beacon shard has proved. */
export interface CommitteeSource {
  /** The committees of an epoch; undefined when they are not proved yet, or no longer kept. */
  getCommittees(epoch: bigint): Promise<ShardState | undefined>;
}

/** What a client tells while it works; a program turns it into lines and figures. */
export type LightClientEvent =
  /** The proven head moved. */
  | {
      readonly type: 'head';
      readonly number: bigint;
      readonly hash: Hash;
    }
  /** The committees of an epoch were proved. */
  | { readonly type: 'epoch'; readonly epoch: bigint }
  /** A source lied, failed or was silent; others are asked first for a while. */
  | {
      readonly type: 'source-failed';
      readonly source: string;
      readonly error: LightClientError;
    }
  /** A round of `follow` ended without success; the next one comes later. */
  | { readonly type: 'sync-failed'; readonly error: unknown };
