/** A member that breaks rules: crafts any message with its own key, and twists what it sends. */
import { bitmapFromIndices } from '@polyphony/bls/bitmap';
import { concatBytes, type Hash, hexToBytes } from '@polyphony/primitives';
import { mutateBytes, type SeededRandom } from '@polyphony/testkit';
import {
  commitPayload,
  encodePreparedClaim,
  encodeSeal,
  NOTHING_PREPARED,
  preparePayload,
  type Seal,
  viewIdPayload,
} from '../../src/seal.js';
import { encodeSimBlock, type SimBlock } from '../../src/simulator/application.js';
import type { SimNode, Simulation } from '../../src/simulator/world.js';
import {
  computeSenderDigest,
  decodeGossip,
  decodeMessage,
  encodeGossip,
  encodeMessage,
  isViewMessage,
  type Message,
  type PhaseMessage,
  type ViewMessage,
} from '../../src/wire.js';
import { testKey, testOnlyBls, testSign } from './test-only-bls.js';

const EMPTY = new Uint8Array(0);
const bls = testOnlyBls();

/** Signs a message as the owner of its sender key, and wraps it. */
export function sealed(message: Message): Uint8Array {
  const unsigned = { ...message, signature: EMPTY };
  const signature = testSign(message.senderKey, computeSenderDigest(unsigned));
  return wrapped({ ...unsigned, signature });
}

export function wrapped(message: Message): Uint8Array {
  return encodeGossip({ category: 'consensus', message: encodeMessage(message) });
}

export function unwrapped(payload: Uint8Array): Message {
  const content = decodeGossip(payload);
  if (content.category !== 'consensus') throw new Error('not a consensus message');
  return decodeMessage(content.message);
}

export function phase(
  type: PhaseMessage['type'],
  fields: Partial<PhaseMessage> & { viewId: bigint; height: bigint },
): PhaseMessage {
  return {
    type,
    signature: EMPTY,
    shardId: 0,
    blockHash: new Uint8Array(32),
    block: EMPTY,
    senderKey: EMPTY,
    payload: EMPTY,
    senderBitmap: EMPTY,
    ...fields,
  };
}

export function view(
  type: ViewMessage['type'],
  fields: Partial<ViewMessage> & { viewId: bigint; height: bigint },
): ViewMessage {
  return {
    type,
    signature: EMPTY,
    shardId: 0,
    senderKey: EMPTY,
    leaderKey: EMPTY,
    payload: EMPTY,
    viewChangeSignature: EMPTY,
    viewIdSignature: EMPTY,
    m2Signature: EMPTY,
    m2Bitmap: EMPTY,
    m3Signature: EMPTY,
    m3Bitmap: EMPTY,
    preparedBlock: EMPTY,
    ...fields,
  };
}

/** A block on a node's head. */
export function blockOn(
  sim: Simulation,
  node: SimNode,
  fields: Partial<SimBlock> & { viewId: bigint },
): { bytes: Uint8Array; hash: Hash } {
  const head = sim.headOf(node);
  return encodeSimBlock({
    height: head.height + 1n,
    parentHash: head.hash,
    nonce: 1n,
    bad: false,
    ...fields,
  });
}

/** A seal by the keys of some slots. Only keys that the adversary holds, or that signed before. */
export function sealBy(slots: readonly number[], members: number, message: Uint8Array): Seal {
  return {
    signature: bls.aggregateSignatures(slots.map((slot) => testSign(testKey(slot), message))),
    bitmap: bitmapFromIndices(slots, members),
  };
}

export function announceOf(
  slot: number,
  height: bigint,
  viewId: bigint,
  block: { bytes: Uint8Array; hash: Hash },
): Uint8Array {
  const blockHash = hexToBytes(block.hash);
  return sealed(
    phase('announce', {
      height,
      viewId,
      blockHash,
      payload: blockHash,
      block: block.bytes,
      senderKey: testKey(slot),
    }),
  );
}

export function preparedOf(
  slot: number,
  height: bigint,
  viewId: bigint,
  block: { bytes: Uint8Array; hash: Hash },
  seal: Seal,
): Uint8Array {
  return sealed(
    phase('prepared', {
      height,
      viewId,
      blockHash: hexToBytes(block.hash),
      payload: encodeSeal(seal),
      block: block.bytes,
      senderKey: testKey(slot),
    }),
  );
}

export function voteOf(
  kind: 'prepare' | 'commit',
  slot: number,
  height: bigint,
  viewId: bigint,
  hash: Hash,
  headerView: bigint = viewId,
): Uint8Array {
  const message =
    kind === 'prepare' ? preparePayload(hash) : commitPayload(height, hash, headerView, true);
  return wrapped(
    phase(kind, {
      height,
      viewId,
      blockHash: hexToBytes(hash),
      payload: testSign(testKey(slot), message),
      senderKey: testKey(slot),
    }),
  );
}

export function viewChangeOf(
  slot: number,
  height: bigint,
  viewId: bigint,
  leader: number,
  claim?: { hash: Hash; seal: Seal; block: Uint8Array },
): Uint8Array {
  const key = testKey(slot);
  const payload = claim ? encodePreparedClaim(claim.hash, claim.seal) : EMPTY;
  return sealed(
    view('view-change', {
      height,
      viewId,
      senderKey: key,
      leaderKey: testKey(leader),
      payload,
      viewChangeSignature: testSign(key, claim ? payload : NOTHING_PREPARED),
      viewIdSignature: testSign(key, viewIdPayload(viewId)),
      preparedBlock: claim?.block ?? EMPTY,
    }),
  );
}

export function newViewOf(
  slot: number,
  members: number,
  height: bigint,
  viewId: bigint,
  m3: readonly number[],
  m2: readonly number[],
  claim?: { payload: Uint8Array; block: Uint8Array },
): Uint8Array {
  const m3Seal = sealBy(m3, members, viewIdPayload(viewId));
  const m2Seal = m2.length > 0 ? sealBy(m2, members, NOTHING_PREPARED) : undefined;
  return sealed(
    view('new-view', {
      height,
      viewId,
      senderKey: testKey(slot),
      payload: claim?.payload ?? EMPTY,
      preparedBlock: claim?.block ?? EMPTY,
      m3Signature: m3Seal.signature,
      m3Bitmap: m3Seal.bitmap,
      ...(m2Seal && { m2Signature: m2Seal.signature, m2Bitmap: m2Seal.bitmap }),
    }),
  );
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
      const fields = { height, viewId, blockHash: hexToBytes(hash), senderKey: testKey(slot) };
      sendAll(sealed(phase('committed', { ...fields, payload: encodeSeal(final) })));
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
