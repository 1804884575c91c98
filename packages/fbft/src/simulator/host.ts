/**
 * What a simulated node does with its machine's effects: the host's part, without promises.
 *
 * Durable writes take time and wait for each other. Around each there are three points at which a
 * node can crash: before anything is written, when it is written and nobody knows, and when the
 * machine was told (`Simulation.atWrite`).
 */
import type { Hash } from '@polyphony/primitives';
import { isOutdated, step } from '../machine.js';
import type { DecidedSeal } from '../seal.js';
import type { Effect, Input, SignPlan, VerifyItem } from '../types.js';
import { Diverged } from './checks.js';
import { signTag, sumTags, verifyTags } from './tag-bls.js';
import type { SimNode, Simulation } from './world.js';

/** Carries out effects. */
export interface Host {
  perform(node: SimNode, effect: Effect): void;
  /** The proposer's clock when a block was made. */
  proposedAt(blockHash: Hash): number | undefined;
}

/** The host of all nodes of a simulation. */
export function createHost(sim: Simulation): Host {
  const { random, records, liars } = sim;
  const proposals = new Map<Hash, number>();

  /** Runs something later in this life of a node. */
  const later = (node: SimNode, delayMs: number, run: () => void): void => {
    const { life } = node;
    sim.at(delayMs, () => {
      if (node.alive && node.life === life) run();
    });
  };
  const answer = (node: SimNode, delayMs: number, input: () => Input): void =>
    later(node, delayMs, () => sim.input(node, input()));
  const within = ([min, max]: readonly [number, number]): number => random.between(min, max);

  const factorAt = (height: bigint): number => sim.faults.executionFactor?.(height) ?? 1;

  /** A durable write: issued, durable after a while, answered a moment later. */
  function write(node: SimNode, what: 'mark' | 'block', apply: () => void, tell: () => void): void {
    node.diskFreeAt = Math.max(sim.now, node.diskFreeAt) + within(sim.faults.disk);
    sim.atWrite(node, `${what}-issued`);
    later(node, node.diskFreeAt - sim.now, () => {
      apply();
      const { life } = node;
      sim.atWrite(node, `${what}-durable`);
      if (!node.alive || node.life !== life) return;
      tell();
      sim.atWrite(node, `${what}-answered`);
    });
  }

  /** What is called outdated must lead to nothing, even if all its signatures are right. */
  function checkOutdated(node: SimNode, item: VerifyItem, checks: number): void {
    const now = sim.clock(node);
    if (!isOutdated(node.state, item, now)) return;
    const results = new Array<boolean>(checks).fill(true);
    const { state, effects } = step(node.state, { type: 'verified', now, item, results });
    if (state !== node.state || effects.some((effect) => effect.type !== 'ignore'))
      throw new Diverged(`an outdated ${item.type} still mattered at node ${node.id}`);
  }

  /** @param released - Up to this view operators had released the height when signing was asked for. */
  function sign(node: SimNode, plan: SignPlan, released: bigint | undefined): Uint8Array[] {
    return plan.requests.map(({ key, payload }) => {
      if (payload.kind === 'prepare' || payload.kind === 'commit') {
        if (liars.has(node.id)) return signTag(key, payload.bytes);
        const durable = node.state.config.profile.durable;
        if (durable && payload.kind === 'prepare' && payload.viewId !== plan.viewId)
          throw new Diverged(`I6 (R1): node ${node.id} prepares a block of another view`);
        if (released !== undefined && payload.viewId <= released)
          throw new Diverged(`I6: node ${node.id} votes for a block of a released view`);
        records.checkVote(key, payload.height, payload);
      }
      return signTag(key, payload.bytes);
    });
  }

  function propose(node: SimNode, effect: Effect & { readonly type: 'propose' }): Input {
    const { height, viewId } = effect;
    const now = sim.clock(node);
    const head = sim.headOf(node);
    const { parentSeal } = node;
    const proposal = node.application.propose({ height, viewId, head, parentSeal, now });
    if (proposal) proposals.set(proposal.blockHash, Math.max(now, head.timestampMs + 1));
    return { type: 'proposed', now, height, viewId, ...(proposal && { proposal }) };
  }

  function commit(node: SimNode, effect: Effect & { readonly type: 'commit' }): void {
    const { block: bytes, blockHash: hash, seal, viewId, decidedInView, height } = effect;
    // A block that sync brought while its machine was not told yet (it was paused) is no error.
    const known = node.chain[Number(height) - 1];
    if (!liars.has(node.id)) {
      const head = sim.headOf(node, known && height - 1n);
      const { valid } = node.application.validate(bytes, head);
      records.checkFinal(node.id, head, effect, valid);
    }
    const apply = (): void => {
      if (node.chain.length !== Number(height) - 1) return;
      node.chain.push({ bytes, hash, seal, viewId, decidedInView });
      node.application.commit(bytes, height);
    };
    write(node, 'block', apply, () => {
      sim.input(node, { type: 'head', now: sim.clock(node), head: sim.headOf(node) });
    });
  }

  /** The kept block may have come by sync, with votes of another view than the machine decided in. */
  function improve(node: SimNode, height: bigint, seal: DecidedSeal): void {
    const block = node.chain[Number(height) - 1]!;
    block.seal = seal;
    block.decidedInView = seal.decidedInView;
    records.checkSeal(node.id, height, block);
  }

  /** Copies the longest chain within reach. */
  function sync(node: SimNode): void {
    let source: SimNode | undefined;
    for (const other of sim.nodes) {
      if (!other.alive || other === node || liars.has(other.id)) continue;
      if (!sim.link(other.id, node.id)) continue;
      if (other.chain.length > (source ?? node).chain.length) source = other;
    }
    if (source === undefined) return;
    while (node.chain.length < source.chain.length) {
      const block = source.chain[node.chain.length]!;
      node.chain.push({ ...block });
      node.application.commit(block.bytes, BigInt(node.chain.length));
    }
    sim.input(node, { type: 'head', now: sim.clock(node), head: sim.headOf(node) });
  }

  function perform(node: SimNode, effect: Effect): void {
    const now = (): number => sim.clock(node);
    switch (effect.type) {
      case 'set-timer': {
        const { timer, id } = effect;
        node.timers.set(timer, id);
        later(node, effect.afterMs / (1 + node.clockDrift), () => {
          if (node.timers.get(timer) === id)
            sim.input(node, { type: 'timer', now: now(), timer, id });
        });
        break;
      }
      case 'cancel-timer':
        node.timers.delete(effect.timer);
        break;
      case 'verify':
        answer(node, random.below(3), () => {
          const { item, checks } = effect;
          checkOutdated(node, item, checks.length);
          const results = checks.map(({ signature, message, keys }) =>
            verifyTags(signature, message, keys),
          );
          return { type: 'verified', now: now(), item, results };
        });
        break;
      case 'validate':
        answer(node, within(sim.faults.validate) * factorAt(effect.height), () => {
          const { height, candidate, block } = effect;
          const result = node.application.validate(block, sim.headOf(node));
          return { type: 'validated', now: now(), height, candidate, result };
        });
        break;
      case 'persist': {
        const { mark } = effect;
        node.writing = mark;
        const apply = (): void => {
          node.mark = undefined;
          node.saved = mark;
          if (node.writing === mark) node.writing = undefined;
        };
        write(node, 'mark', apply, () => {
          sim.input(node, { type: 'persisted', now: now(), plan: effect.plan });
        });
        break;
      }
      case 'sign':
        {
          const { plan } = effect;
          const released = records.released.get(plan.height);
          answer(node, random.below(2), () => {
            const signatures = sign(node, plan, released);
            return { type: 'signed', now: now(), plan, signatures };
          });
        }
        break;
      case 'aggregate':
        answer(node, random.below(2), () => {
          const { item, groups } = effect;
          return { type: 'aggregated', now: now(), item, signatures: groups.map(sumTags) };
        });
        break;
      case 'broadcast':
        for (const other of sim.nodes) if (other !== node) sim.send(node.id, other, effect.payload);
        break;
      case 'propose':
        answer(node, within(sim.faults.propose) * factorAt(effect.height), () =>
          propose(node, effect),
        );
        break;
      case 'parent-seal':
        node.parentSeal = effect.seal;
        break;
      case 'commit':
        commit(node, effect);
        break;
      case 'improve-seal':
        improve(node, effect.height, effect.seal);
        break;
      case 'report-double-sign':
        records.checkEvidence(node.id, effect.evidence);
        sim.evidence.push({ node: node.id, evidence: effect.evidence });
        break;
      case 'sync':
        later(node, 20 + random.below(200), () => sync(node));
        break;
      case 'event':
        node.events.push({ at: sim.now, event: effect.event });
        break;
      case 'ignore':
        break;
    }
  }

  return { perform, proposedAt: (blockHash) => proposals.get(blockHash) };
}
