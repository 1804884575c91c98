/**
 * The checks every network must pass, as data: any test framework can run them.
 *
 * They decide what the two ports promise on a network without faults; loss, delay and order are no
 * part of it. A check that fails throws {@link P2pError} `p2p/conformance-failed`.
 */
import { ARRIVAL_MS, Mismatch } from './conformance/expectations.js';
import { GOSSIP_CHECKS } from './conformance/gossip.js';
import { REQUEST_CHECKS } from './conformance/requests.js';
import { P2pError } from './errors.js';
import type { Gossip, PeerRequests } from './ports.js';

/** How the checks get a network. */
export interface NetworkHarness<N> {
  /** Connects this many fresh nodes to one another. */
  readonly connect: (count: number) => Promise<readonly N[]>;
  /** Lets that much time pass; after 1000 ms all that was sent before must have arrived. */
  readonly pass: (ms: number) => Promise<void>;
  /** Ends the nodes of one `connect`. */
  readonly close: (nodes: readonly N[]) => Promise<void>;
  /** Largest message of the network in bytes. */
  readonly maxMessageBytes: number;
}

/** One check. */
export interface NetworkCheck {
  readonly name: string;
  /** Resolves when the network behaves; rejects with what was expected and what came. */
  readonly run: () => Promise<void>;
}

async function runOn<N>(
  harness: NetworkHarness<N>,
  name: string,
  count: number,
  check: (nodes: readonly N[]) => Promise<void>,
): Promise<void> {
  const nodes = await harness.connect(count);
  try {
    await check(nodes);
  } catch (error) {
    const reason = error instanceof Mismatch ? error.message : `unexpected ${String(error)}`;
    throw new P2pError({ code: 'p2p/conformance-failed', check: name, reason }, { cause: error });
  } finally {
    await harness.close(nodes);
  }
}

/**
 * The checks of {@link Gossip}: who receives what, topics, subscriptions, ownership of bytes,
 * handlers that throw, sizes.
 */
export function gossipConformance<N extends Gossip>(
  harness: NetworkHarness<N>,
): readonly NetworkCheck[] {
  return GOSSIP_CHECKS.map(([name, count, check]) => ({
    name,
    run: () =>
      runOn(harness, name, count, (nodes) =>
        check(nodes, () => harness.pass(ARRIVAL_MS), harness.maxMessageBytes),
      ),
  }));
}

/**
 * The checks of {@link PeerRequests}: answers, concurrency, ownership of bytes, failures, timeouts,
 * sizes.
 */
export function requestConformance<N extends Gossip & PeerRequests>(
  harness: NetworkHarness<N>,
): readonly NetworkCheck[] {
  return REQUEST_CHECKS.map(([name, count, check]) => ({
    name,
    run: () => runOn(harness, name, count, (nodes) => check(nodes, harness)),
  }));
}
