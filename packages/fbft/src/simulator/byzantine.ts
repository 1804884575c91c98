/**
 * Members that break the rules: what each strategy does to what its node's machine wants to send.
 *
 * A liar runs the same machine as everybody; its strategy drops, doubles, changes and adds messages,
 * signed with its own key only. Strategies that craft messages speak the first wire version.
 */
import { concatBytes, type Hash } from '@polyphony/primitives';
import { isViewMessage, type Message, type PhaseMessage, type ViewMessage } from '../messages.js';
import { commitPayload, preparePayload } from '../seal.js';
import type { Effect } from '../types.js';
import { encodeSimBlock } from './application.js';
import {
  announceOf,
  type CraftedBlock,
  committedOf,
  openMessage,
  phaseOf,
  preparedOf,
  sealBy,
  sealMessage,
  viewChangeOf,
  voteOf,
  wrapMessage,
} from './craft.js';
import type { Strategy } from './plan.js';
import type { Random } from './random.js';
import type { SimNode, Simulation } from './world.js';

/** What liars overhear, all of them together. */
export interface Overheard {
  readonly payloads: Uint8Array[];
  readonly hashes: { readonly height: bigint; readonly hash: Hash }[];
}

/** Keeps what may be of use to a liar. */
export function overhear(known: Overheard, effect: Effect, random: Random): void {
  if (effect.type !== 'broadcast') return;
  if (known.payloads.length >= 120) known.payloads[random.below(120)] = effect.payload;
  else known.payloads.push(effect.payload);
}

/** Notes the blocks that are about. */
export function noteBlock(known: Overheard, height: bigint, hash: Hash): void {
  if (known.hashes.some((other) => other.hash === hash)) return;
  known.hashes.push({ height, hash });
  if (known.hashes.length > 8) known.hashes.shift();
}

/** A block on the head of a node. */
export function blockOn(
  sim: Simulation,
  node: SimNode,
  fields: { readonly viewId: bigint; readonly nonce: bigint; readonly bad?: boolean },
): CraftedBlock {
  const head = sim.headOf(node);
  const { bad = false, ...rest } = fields;
  return encodeSimBlock({ height: head.height + 1n, parentHash: head.hash, bad, ...rest });
}

/**
 * What a liar does instead of carrying out an effect.
 *
 * @returns Whether the effect is carried out as well.
 */
export function misbehave(
  sim: Simulation,
  node: SimNode,
  effect: Effect,
  strategy: Strategy,
  known: Overheard,
  random: Random,
): boolean {
  if (strategy === 'forget') {
    if (effect.type === 'persist') sim.at(0, () => forget(sim, node, random));
    return true;
  }
  if (effect.type !== 'broadcast') return true;
  const { message, payload } = effect;
  const others = sim.nodes.filter((other) => other !== node);
  const send = (bytes: Uint8Array, to: readonly SimNode[] = others): false => {
    for (const other of to) sim.send(node.id, other, bytes);
    return false;
  };
  const some = (): SimNode[] => others.filter(() => random.below(2) === 0);
  const half = (): SimNode[] => others.filter(({ id }) => id % 2 === 0);
  const key = node.publicKeys[0]!;
  const { height, viewId, head } = node.state;
  const keys = head?.committee.keys ?? [];
  const slot = node.state.ownSlots[0];
  const nonce = BigInt(random.uint32());
  switch (strategy) {
    case 'silent':
      return false;
    case 'selective':
      return send(payload, half());
    case 'withhold-prepared':
      return message === 'prepared' ? send(payload, random.below(2) ? some() : []) : true;
    case 'withhold-committed':
      return message === 'committed' ? send(payload, random.below(2) ? some() : []) : true;
    case 'equivocate': {
      if (message !== 'announce' && message !== 'prepared') return true;
      const other = announceOf(key, height, viewId, blockOn(sim, node, { viewId, nonce }));
      send(other, half());
      return send(payload, random.below(3) ? others.filter(({ id }) => id % 2 !== 0) : others);
    }
    case 'vote-twice':
      for (const { height: at, hash } of known.hashes) {
        if (at !== height) continue;
        send(voteOf('prepare', key, height, viewId, hash));
        send(voteOf('commit', key, height, viewId, hash));
      }
      return true;
    case 'bad-block': {
      if (message !== 'announce') return true;
      return send(
        announceOf(key, height, viewId, blockOn(sim, node, { viewId, nonce, bad: true })),
      );
    }
    case 'swap-body': {
      const opened = openMessage(payload);
      if (opened?.type !== 'announce' && opened?.type !== 'prepared') return true;
      const { bytes } = blockOn(sim, node, { viewId, nonce, bad: true });
      send(sealMessage({ ...opened, block: bytes }), half());
      return send(
        payload,
        others.filter(({ id }) => id % 2 !== 0),
      );
    }
    case 'thin-seal': {
      if (slot === undefined) return true;
      const block = blockOn(sim, node, { viewId, nonce });
      const seal = sealBy(keys, [slot], preparePayload(block.hash));
      send(preparedOf(key, height, viewId, block, seal));
      const about = known.hashes.at(-1);
      if (about?.height === height) {
        const votes = sealBy(keys, [slot], commitPayload(height, about.hash, viewId, true));
        send(committedOf(key, height, viewId, about.hash, votes));
      }
      return true;
    }
    case 'bad-bitmap':
      return badBitmap(payload, random, send);
    case 'identity':
      return identity(payload, height, viewId, send);
    case 'shift-view':
      return shift(payload, random, send, 'viewId');
    case 'shift-height':
      return shift(payload, random, send, 'height');
    case 'replay':
      if (known.payloads.length > 0) send(random.pick(known.payloads));
      return true;
    case 'forge-reports':
      return forgeReports(sim, node, effect.payload, known, random, send);
    case 'garbage':
      send(mutate(payload, random), some());
      return true;
    case 'flood':
      for (let i = 0; i < 12; i++) {
        const ahead = viewId + BigInt(random.below(6));
        const block = blockOn(sim, node, { viewId: ahead, nonce: nonce + BigInt(i) });
        send(announceOf(key, height + BigInt(random.below(3)), ahead, block), some());
      }
      return true;
  }
}

type Send = (bytes: Uint8Array, to?: readonly SimNode[]) => false;

/** The node restarts, now and then, with no mark or an old one. */
function forget(sim: Simulation, node: SimNode, random: Random): void {
  if (random.below(3) > 0 || !node.alive) return;
  sim.crash(node.id);
  node.mark = undefined;
  sim.start(node.id);
}

/** A bitmap of another length, or with bits past the last member. */
function badBitmap(payload: Uint8Array, random: Random, send: Send): boolean {
  const message = openMessage(payload);
  if (message === undefined || message.type === 'last-sign-power') return true;
  const longer = concatBytes(message.payload, Uint8Array.of(1));
  const outside = Uint8Array.from(message.payload);
  if (outside.length > 96) outside[outside.length - 1]! |= 0x80;
  const changed = { ...message, payload: random.below(2) ? longer : outside };
  const signed = changed.signature.length > 0;
  send(signed ? sealMessage(changed) : wrapMessage(changed));
  return true;
}

/** Signatures and keys that are the point at infinity. */
function identity(payload: Uint8Array, height: bigint, viewId: bigint, send: Send): boolean {
  const message = openMessage(payload);
  if (message === undefined || message.type === 'last-sign-power') return true;
  const zero = new Uint8Array(96);
  send(wrapMessage({ ...message, signature: zero }));
  if (!isViewMessage(message)) {
    const seal = concatBytes(zero, new Uint8Array(Math.max(1, message.payload.length - 96)));
    send(sealMessage({ ...message, type: 'prepared', payload: seal }));
    const vote = phaseOf('commit', { ...message, height, viewId, signature: new Uint8Array(0) });
    send(wrapMessage({ ...vote, block: new Uint8Array(0), payload: zero }));
  }
  return true;
}

/** The message of another view or height, besides the right one. */
function shift(
  payload: Uint8Array,
  random: Random,
  send: Send,
  field: 'viewId' | 'height',
): boolean {
  const message = openMessage(payload);
  if (message === undefined || message.type === 'last-sign-power') return true;
  const by = random.pick([-2n, -1n, 1n, 2n, 5n, 200n]);
  const value = message[field] + by;
  const changed = { ...message, [field]: value < 0n ? 0n : value } as Message;
  const signed = changed.signature.length > 0;
  send(signed ? sealMessage(changed) : wrapMessage(changed));
  return true;
}

/** Reports for views far and near, and parts of the reports of others put together anew. */
function forgeReports(
  sim: Simulation,
  node: SimNode,
  payload: Uint8Array,
  known: Overheard,
  random: Random,
  send: Send,
): boolean {
  const { height, viewId } = node.state;
  const key = node.publicKeys[0]!;
  const ahead = viewId + BigInt(1 + random.below(4));
  const leader = sim.leaderOf(node, ahead) ?? 0;
  const leaderKey = node.state.head!.committee.keys[leader] ?? key;
  send(viewChangeOf(key, leaderKey, height, ahead));
  const message = openMessage(payload);
  const other = known.payloads.length > 0 ? openMessage(random.pick(known.payloads)) : undefined;
  if (message && isView(message) && other && isView(other)) {
    const parts: Partial<typeof message> = random.below(2)
      ? { payload: other.payload, preparedBlock: other.preparedBlock }
      : { m2Signature: other.m2Signature, m2Bitmap: other.m2Bitmap };
    return send(sealMessage({ ...message, ...parts }));
  }
  if (message && other && isPhase(message) && isPhase(other))
    send(sealMessage({ ...message, blockHash: other.blockHash, block: other.block }));
  return true;
}

const isView = (message: Message): message is ViewMessage =>
  message.type !== 'last-sign-power' && isViewMessage(message);
const isPhase = (message: Message): message is PhaseMessage =>
  message.type !== 'last-sign-power' && !isViewMessage(message);

/** One byte changed, cut off, or added. */
function mutate(payload: Uint8Array, random: Random): Uint8Array {
  const at = random.below(payload.length);
  switch (random.below(3)) {
    case 0: {
      const changed = Uint8Array.from(payload);
      changed[at]! ^= 1 << random.below(8);
      return changed;
    }
    case 1:
      return payload.slice(0, at);
    default:
      return concatBytes(payload, Uint8Array.of(random.below(256)));
  }
}
