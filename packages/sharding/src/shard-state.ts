/**
 * Shard state as bytes and its hash.
 *
 * The last block of an epoch carries the committees of the next one in its header. Two encodings
 * exist: the legacy form names no epoch and no stake, the staking form does. A decoder tells them
 * apart by the first item. Whether a header must carry one, and of which epoch, is decided elsewhere.
 *
 * @source harmony/shard/shard_state.go: EncodeWrapper, DecodeWrapper, State.Hash, GetHashFromNodeList
 */
import {
  addressFromBytes,
  addressToBytes,
  bytesToHex,
  type Dec,
  decRlp,
  encodeRlp,
  type Hash,
  isProtocolError,
  joinBytes,
  keccak256,
  openRlpList,
  type RlpInput,
  type RlpReader,
  readDec,
} from '@polyphony/primitives';
import { BLS_PUBLIC_KEY_LENGTH, type Committee, type ShardState, type Slot } from './committee.js';
import { ShardingError } from './errors.js';

/** `legacy`: before staking and in genesis blocks. `staking`: from the first staking epoch. */
export type ShardStateForm = 'legacy' | 'staking';

/** Decimals of the node need at most this many bits. */
const DEC_BITS = 315n;

function assertKey(key: Uint8Array): Uint8Array {
  if (key.length === BLS_PUBLIC_KEY_LENGTH) return key;
  throw new ShardingError({
    code: 'sharding/invalid-committee',
    reason: `a BLS public key must be ${BLS_PUBLIC_KEY_LENGTH} bytes, got ${key.length}`,
  });
}

function slotRlp(slot: Slot, form: ShardStateForm): RlpInput {
  const fields: RlpInput[] = [addressToBytes(slot.address), assertKey(slot.blsPublicKey)];
  return form === 'legacy' ? fields : [...fields, decRlp(slot.effectiveStake)];
}

function committeeRlp(committee: Committee, form: ShardStateForm): RlpInput {
  return [committee.shardId, committee.slots.map((slot) => slotRlp(slot, form))];
}

/**
 * One committee as bytes, in the staking form unless told otherwise. The node's identifier of a
 * committee is the SHA3-256 hash of the staking form.
 *
 * @throws {@link ShardingError} `sharding/invalid-committee` for a key that is not 48 bytes.
 * @source harmony/shard/shard_state.go: Committee.Hash
 */
export function encodeCommittee(
  committee: Committee,
  form: ShardStateForm = 'staking',
): Uint8Array {
  return encodeRlp(committeeRlp(committee, form));
}

/**
 * A shard state as bytes.
 *
 * @param form - `legacy` drops epoch and stakes; `staking` writes an absent epoch as 0.
 * @throws {@link ShardingError} `sharding/invalid-committee` for a key that is not 48 bytes.
 * @source harmony/shard/shard_state.go: EncodeWrapper
 * @activation staking: from then on the staking form
 */
export function encodeShardState(state: ShardState, form: ShardStateForm): Uint8Array {
  const committees = state.committees.map((committee) => committeeRlp(committee, form));
  return encodeRlp(form === 'legacy' ? committees : [state.epoch ?? 0n, committees]);
}

function refuse(reason: string): never {
  throw new ShardingError({ code: 'sharding/invalid-shard-state', reason });
}

function readStake(fields: RlpReader): Dec | undefined {
  const stake = readDec(fields);
  if (stake !== undefined && stake >> DEC_BITS !== 0n) {
    refuse('an effective stake needs more than 315 bits');
  }
  return stake;
}

function readSlot(slots: RlpReader, form: ShardStateForm): Slot {
  const fields = slots.readList();
  const address = addressFromBytes(fields.readFixed(20));
  const blsPublicKey = fields.readFixed(BLS_PUBLIC_KEY_LENGTH).slice();
  const effectiveStake = form === 'staking' ? readStake(fields) : undefined;
  fields.assertDone('slot');
  return { address, blsPublicKey, effectiveStake };
}

function readCommittees(list: RlpReader, form: ShardStateForm): readonly Committee[] {
  const committees: Committee[] = [];
  const seen = new Set<number>();
  while (!list.done) {
    const fields = list.readList();
    const shardId = fields.readUint32();
    if (seen.has(shardId)) refuse(`shard ${shardId} has two committees`);
    seen.add(shardId);
    const slotList = fields.readList();
    const slots: Slot[] = [];
    while (!slotList.done) slots.push(readSlot(slotList, form));
    fields.assertDone('committee');
    committees.push({ shardId, slots });
  }
  return committees;
}

function readShardState(bytes: Uint8Array): ShardState {
  const outer = openRlpList(bytes);
  if (outer.done || outer.nextIsList) {
    return { epoch: undefined, committees: readCommittees(outer, 'legacy') };
  }
  const epoch = outer.readBigInt(64);
  const committees = readCommittees(outer.readList(), 'staking');
  outer.assertDone('shard state');
  return { epoch, committees };
}

/**
 * Bytes of either form as a shard state. Canonical RLP only; work and memory are linear in the input.
 *
 * @param bytes - A header's shard state field; an empty field is no shard state and is refused.
 * @returns Keys are copies, not views.
 * @throws {@link ShardingError} `sharding/invalid-shard-state`.
 * @source harmony/shard/shard_state.go: DecodeWrapper
 */
export function decodeShardState(bytes: Uint8Array): ShardState {
  try {
    return readShardState(bytes);
  } catch (error) {
    if (error instanceof ShardingError || !isProtocolError(error)) throw error;
    throw new ShardingError(
      { code: 'sharding/invalid-shard-state', reason: error.message },
      { cause: error },
    );
  }
}

/** The form that a decoded shard state came in: only the staking form names an epoch. */
export function shardStateForm(state: ShardState): ShardStateForm {
  return state.epoch === undefined ? 'legacy' : 'staking';
}

/**
 * The digest of one committee in the hash of a shard state: Keccak-256 over address and key of each
 * slot, in slot order. Stakes do not count.
 *
 * @throws {@link ShardingError} `sharding/invalid-committee` for a key that is not 48 bytes.
 * @source harmony/shard/shard_state.go: GetHashFromNodeList
 */
export function computeSlotsHash(committee: Committee): Hash {
  return bytesToHex(slotsHash(committee));
}

function slotsHash({ slots }: Committee): Uint8Array {
  const width = 20 + BLS_PUBLIC_KEY_LENGTH;
  const bytes = new Uint8Array(slots.length * width);
  slots.forEach((slot, index) => {
    bytes.set(addressToBytes(slot.address), index * width);
    bytes.set(assertKey(slot.blsPublicKey), index * width + 20);
  });
  return keccak256(bytes);
}

/**
 * The hash of a shard state: what v0 to v2 headers name as their shard state hash. It covers accounts
 * and keys in slot order, committees by ascending shard id; neither stakes nor the epoch. A committee
 * without slots contributes nothing.
 *
 * @throws {@link ShardingError} `sharding/invalid-committee` for a key that is not 48 bytes.
 * @source harmony/shard/shard_state.go: State.Hash, GetHashFromNodeList
 */
export function computeShardStateHash(state: ShardState): Hash {
  const ascending = [...state.committees].sort((a, b) => a.shardId - b.shardId);
  const digests = ascending.filter(({ slots }) => slots.length > 0).map(slotsHash);
  return bytesToHex(keccak256(joinBytes(digests)));
}
