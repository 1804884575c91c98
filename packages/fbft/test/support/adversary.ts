/** A member that breaks rules: crafts any message with its own key, and twists what it sends. */
import { concatBytes, type Hash, hexToBytes } from '@polyphony/primitives';
import { mutateBytes, type SeededRandom } from '@polyphony/testkit';
import {
  commitPayload,
  NOTHING_PREPARED,
  preparePayload,
  type Seal,
  viewIdPayload,
} from '../../src/seal.js';
import { encodeSimBlock, type SimBlock } from '../../src/simulator/application.js';
import * as craft from '../../src/simulator/craft.js';
import type { SimNode, Simulation } from '../../src/simulator/world.js';
import { isViewMessage, type Message } from '../../src/wire.js';
import { testKey } from './test-only-bls.js';

export {
  phaseOf as phase,
  sealMessage as sealed,
  wrapMessage as wrapped,
} from '../../src/simulator/craft.js';

const { sealMessage: sealed, wrapMessage: wrapped } = craft;

export function unwrapped(payload: Uint8Array): Message {
  const message = craft.openMessage(payload);
  if (message === undefined) throw new Error('not a consensus message');
  return message;
}

/** A block on a node's head. */
export function blockOn(
  sim: Simulation,
  node: SimNode,
  fields: Partial<SimBlock> & { viewId: bigint },
): craft.CraftedBlock {
  const head = sim.headOf(node);
  return encodeSimBlock({
    height: head.height + 1n,
    parentHash: head.hash,
    nonce: 1n,
    bad: false,
    ...fields,
  });
}

// Messages by committee slot, where slot n is the member with key n.

/** A seal by the keys of some slots. Only keys that the adversary holds, or that signed before. */
export const sealBy = (slots: readonly number[], members: number, message: Uint8Array): Seal =>
  craft.sealBy(
    Array.from({ length: members }, (_, slot) => testKey(slot)),
    slots,
    message,
  );

export const announceOf = (
  slot: number,
  height: bigint,
  viewId: bigint,
  block: craft.CraftedBlock,
): Uint8Array => craft.announceOf(testKey(slot), height, viewId, block);

export const preparedOf = (
  slot: number,
  height: bigint,
  viewId: bigint,
  block: craft.CraftedBlock,
  seal: Seal,
): Uint8Array => craft.preparedOf(testKey(slot), height, viewId, block, seal);

export const voteOf = (
  kind: 'prepare' | 'commit',
  slot: number,
  height: bigint,
  viewId: bigint,
  hash: Hash,
  headerView: bigint = viewId,
): Uint8Array => craft.voteOf(kind, testKey(slot), height, viewId, hash, headerView);

export const viewChangeOf = (
  slot: number,
  height: bigint,
  viewId: bigint,
  leader: number,
  claim?: { readonly hash: Hash; readonly seal: Seal; readonly block: Uint8Array },
): Uint8Array => craft.viewChangeOf(testKey(slot), testKey(leader), height, viewId, claim);

export function newViewOf(
  slot: number,
  members: number,
  height: bigint,
  viewId: bigint,
  m3: readonly number[],
  m2: readonly number[],
  claim?: { readonly payload: Uint8Array; readonly block: Uint8Array },
): Uint8Array {
  const m3Seal = sealBy(m3, members, viewIdPayload(viewId));
  const m2Seal = m2.length > 0 ? sealBy(m2, members, NOTHING_PREPARED) : undefined;
  return craft.newViewOf(testKey(slot), height, viewId, m3Seal, m2Seal, claim);
}

/**
 * Makes a node act by chance against all rules that its own key lets it break: it withholds, sends
 * to some only, repeats what it once saw, changes fields and signs again, proposes two blocks,
 * votes for whatever it hears of, and forgets what it signed.
 */
export function corrupt(sim: Simulation, ids: readonly number[], random: SeededRandom): void {
  const heard: Uint8Array[] = [];
  const hashes: Hash[] = [];
  for (const id of ids) sim.liars.add(id);
  const before = sim.filter;
  sim.filter = (node, effect) => {
    if (!before(node, effect)) return false;
    if (effect.type === 'broadcast') {
      if (heard.length > 200) heard.splice(random.below(heard.length), 1);
      heard.push(effect.payload);
      const message = unwrapped(effect.payload);
      if (message.type === 'announce')
        hashes.push(`0x${Buffer.from(message.blockHash).toString('hex')}`);
    }
    if (!sim.liars.has(node.id)) return true;
    // A liar has no use for its mark.
    if (effect.type === 'persist' && random.below(3) === 0) node.mark = undefined;
    if (effect.type !== 'broadcast') return true;
    misbehave(sim, node, effect.payload, heard, hashes, random);
    return false;
  };
}

function misbehave(
  sim: Simulation,
  node: SimNode,
  payload: Uint8Array,
  heard: readonly Uint8Array[],
  hashes: readonly Hash[],
  random: SeededRandom,
): undefined {
  const others = sim.nodes.filter((other) => other !== node);
  const some = () => others.filter(() => random.below(2) === 0);
  const sendAll = (bytes: Uint8Array, to = others): undefined => {
    for (const other of to) sim.send(node.id, other, bytes);
  };
  const { state } = node;
  const slot = state.ownSlots[0] ?? 0;
  switch (random.below(10)) {
    case 0:
      return; // silence
    case 1:
      return sendAll(payload, some());
    case 2:
      sendAll(payload);
      return sendAll(random.pick(heard));
    case 3:
      sendAll(twist(unwrapped(payload), heard, random), some());
      return sendAll(payload, some());
    case 4:
      return sendAll(twist(unwrapped(payload), heard, random));
    case 5: {
      // Two blocks at once, whether it leads or not.
      const fields = { viewId: state.viewId, nonce: random.bigint(60) };
      const one = blockOn(sim, node, fields);
      const two = blockOn(sim, node, { ...fields, nonce: fields.nonce + 1n });
      sendAll(announceOf(slot, state.height, state.viewId, one), some());
      return sendAll(announceOf(slot, state.height, state.viewId, two), some());
    }
    case 6: {
      // Votes for anything it heard of.
      for (const hash of hashes.slice(-4)) {
        sendAll(voteOf('prepare', slot, state.height, state.viewId, hash));
        sendAll(voteOf('commit', slot, state.height, state.viewId, hash));
      }
      return sendAll(payload);
    }
    case 8: {
      // Seals with its own signature only.
      const hash = hashes.at(-1);
      if (hash === undefined) return sendAll(payload);
      const { height, viewId } = state;
      const members = state.head!.committee.keys.length;
      const final = sealBy([slot], members, commitPayload(height, hash, viewId, true));
      sendAll(craft.committedOf(testKey(slot), height, viewId, hash, final));
      const block = blockOn(sim, node, { viewId, nonce: random.bigint(60) });
      const seal = sealBy([slot], members, preparePayload(block.hash));
      sendAll(preparedOf(slot, height, viewId, block, seal));
      return sendAll(payload);
    }
    case 7:
      sendAll(viewChangeOf(slot, state.height, state.viewId + BigInt(1 + random.below(4)), slot));
      return sendAll(payload);
    default:
      return sendAll(mutateBytes(payload, random));
  }
}

/** Changes fields of a message, takes parts of others, and signs again. */
function twist(message: Message, heard: readonly Uint8Array[], random: SeededRandom): Uint8Array {
  const other = unwrapped(random.pick(heard));
  const step = BigInt(random.below(4)) - 1n;
  if (message.type === 'last-sign-power') return sealed(message);
  const shifted = { ...message };
  const changed =
    random.below(2) === 0
      ? { ...shifted, viewId: nonNegative(message.viewId + step) }
      : { ...shifted, height: nonNegative(message.height + step) };
  if (isViewMessage(changed) && other.type !== 'last-sign-power' && isViewMessage(other)) {
    const parts = random.below(2)
      ? { payload: other.payload, preparedBlock: other.preparedBlock }
      : { m2Signature: other.m2Signature, m2Bitmap: other.m2Bitmap };
    return sealed({ ...changed, ...parts });
  }
  if (!isViewMessage(changed) && other.type !== 'last-sign-power' && !isViewMessage(other)) {
    const parts =
      random.below(2) === 0
        ? { blockHash: other.blockHash, block: other.block }
        : { payload: other.payload };
    const mixed = { ...changed, ...parts };
    const isVote = mixed.type === 'prepare' || mixed.type === 'commit';
    return isVote ? wrapped(mixed) : sealed(mixed);
  }
  return changed.senderKey.length === 0 ? wrapped(changed) : sealed(changed);
}

const nonNegative = (value: bigint): bigint => (value < 0n ? 0n : value);

/** Bytes that join a prepared claim of nobody: identity signature, empty bitmap. */
export function emptyClaim(hash: Hash, members: number): Uint8Array {
  return concatBytes(hexToBytes(hash), new Uint8Array(96), new Uint8Array((members + 7) >> 3));
}
