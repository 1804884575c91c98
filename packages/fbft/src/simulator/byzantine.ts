/**
 * Members that break the rules: what each strategy does to what its node's machine wants to send.
 *
 * A liar runs the same machine as everybody; its strategy drops, doubles, changes and adds messages,
 * signed with its own key only. Strategies that craft messages speak the first wire version.
 */
import { bitmapFromIndices } from '@polyphony/bls/bitmap';
import { concatBytes, type Hash } from '@polyphony/primitives';
import { isViewMessage, type Message, type PhaseMessage, type ViewMessage } from '../messages.js';
import { commitPayload, preparePayload } from '../seal.js';
import type { Effect } from '../types.js';
import { encodeSimBlock } from './application.js';
import {
  announceOf,
  type CraftedBlock,
  committedOf,
  newViewOf,
  openMessage,
  phaseOf,
  preparedOf,
  sealBy,
  sealMessage,
  viewChangeOf,
  voteOf,
  wrapMessage,
} from './craft.js';
import { STRATEGIES, type Strategy } from './plan.js';
import type { Random } from './random.js';
import { signTag, sumTags } from './tag-bls.js';
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
function blockOn(
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
  if (strategy === 'anything') {
    const other = random.pick(STRATEGIES);
    return other === 'anything' || misbehave(sim, node, effect, other, known, random);
  }
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
    case 'impersonate':
      return impersonate(payload, keys, key, send);
    case 'bad-block': {
      if (message !== 'announce') return true;
      return send(
        announceOf(key, height, viewId, blockOn(sim, node, { viewId, nonce, bad: true })),
      );
    }
    case 'wrong-header': {
      if (message !== 'announce') return true;
      const named = viewId + BigInt(random.pick([-1, 1, 2]));
      return send(
        announceOf(
          key,
          height,
          viewId,
          blockOn(sim, node, { viewId: named < 0n ? 0n : named, nonce }),
        ),
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
      return badBitmap(payload, key, random, send);
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
    case 'hide-reports':
      return hideReports(sim, node, message, known, random, send);
    case 'garbage':
      send(mutate(payload, random), some());
      return true;
    case 'flood':
      for (let i = 0; i < 40; i++) {
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
function badBitmap(payload: Uint8Array, key: Uint8Array, random: Random, send: Send): boolean {
  const message = openMessage(payload);
  if (message === undefined || message.type === 'last-sign-power') return true;
  const { height, viewId } = message;
  const bitmap = new Uint8Array(1 + random.below(40)).fill(1 + random.below(255));
  const seal = { signature: signTag(key, payload), bitmap };
  send(committedOf(key, height, viewId, `0x${'77'.repeat(32)}`, seal));
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

/** The same message in the names of all others, signed by the liar. */
function impersonate(
  payload: Uint8Array,
  keys: readonly Uint8Array[],
  own: Uint8Array,
  send: Send,
): boolean {
  const message = openMessage(payload);
  if (message === undefined || message.type === 'last-sign-power') return true;
  for (const senderKey of keys) {
    if (senderKey.join() === own.join()) continue;
    send(wrapMessage({ ...message, senderKey }));
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

/**
 * A new leader that keeps back what others reported: it opens its view with the signatures for the
 * view that it overheard, and claims that nothing was prepared, by signatures from any time, or
 * carries whatever old certificate it likes; then it announces a block of its own.
 */
function hideReports(
  sim: Simulation,
  node: SimNode,
  sent: string,
  known: Overheard,
  random: Random,
  send: Send,
): boolean {
  if (sent !== 'view-change' && sent !== 'new-view') return true;
  const { height, viewChangingId: viewId, head, ownSlots } = node.state;
  const leader = sim.leaderOf(node, viewId);
  if (leader === undefined || !ownSlots.includes(leader)) return true;
  const { keys } = head!.committee;
  const reports = known.payloads
    .map(openMessage)
    .filter((message): message is ViewMessage => message?.type === 'view-change');
  const sumOf = (pick: (report: ViewMessage) => Uint8Array | undefined) => {
    const signatures = new Map<number, Uint8Array>();
    for (const report of reports) {
      const slot = keys.findIndex((key) => key.join() === report.senderKey.join());
      const signature = pick(report);
      if (slot >= 0 && signature) signatures.set(slot, signature);
    }
    const slots = [...signatures.keys()].sort((a, b) => a - b);
    const signature = sumTags(slots.map((slot) => signatures.get(slot)!));
    return { slots, seal: { signature, bitmap: bitmapFromIndices(slots, keys.length) } };
  };
  const asks = (report: ViewMessage): boolean =>
    report.height === height && report.viewId === viewId;
  const views = sumOf((report) => (asks(report) ? report.viewIdSignature : undefined));
  if (!head!.committee.hasQuorum(views.slots)) return true;
  const nothing = sumOf((report) =>
    report.payload.length === 0 &&
    views.slots.some((slot) => keys[slot]!.join() === report.senderKey.join())
      ? report.viewChangeSignature
      : undefined,
  );
  const claims = reports.filter((report) => report.height === height && report.payload.length > 0);
  const claim = claims.length > 0 && random.below(2) ? random.pick(claims) : undefined;
  if (claim === undefined && nothing.slots.length < views.slots.length) return true;
  const key = keys[leader]!;
  const carried = claim && { payload: claim.payload, block: claim.preparedBlock };
  send(newViewOf(key, height, viewId, views.seal, claim ? undefined : nothing.seal, carried));
  if (claim) return false;
  const block = blockOn(sim, node, { viewId, nonce: BigInt(random.uint32()) });
  const announcement = announceOf(key, height, viewId, block);
  sim.at(30, () => send(announcement));
  return false;
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
