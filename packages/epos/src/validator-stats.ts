/**
 * What the node keeps about a validator beside the chain: its returns, the weight of its slots, and why
 * it left the committees. Under `validator-stats` and the address; nothing in consensus reads it.
 *
 * @source harmony/staking/types/validator.go: ValidatorStats; consensus/votepower/roster.go:
 * VoteOnSubcomittee; core/rawdb/accessors_offchain.go
 */
import {
  type Address,
  addressFromBytes,
  addressToBytes,
  assertLength,
  DEC_ZERO,
  type Dec,
  decRlp,
  encodeRlp,
  openRlpList,
  type RlpInput,
  type RlpReader,
  readDec,
} from '@polyphony/primitives';
import type { AprEntry } from './apr.js';
import { inEncoding, refuseEncoding, unsigned } from './encoding.js';

const WHAT = 'validator stats';
const KEY_BYTES = 48;

/** The weight of one elected slot. */
export interface SlotVote {
  readonly address: Address;
  /** 48 bytes. */
  readonly blsPublicKey: Uint8Array;
  /** Part within the staked slots of the shard. */
  readonly group: Dec;
  /** In atto as a decimal. */
  readonly effectiveStake: Dec;
  /** In atto as a decimal. */
  readonly rawStake: Dec;
  /** Part of all votes of the shard. */
  readonly overall: Dec;
  readonly shardId: number;
  /** Always 0: the node writes it and never counts it. */
  readonly earned: bigint;
}

/** Why a validator is not, or may not be, in the committees. */
export type BootedStatus =
  | 'booted'
  | 'not-booted'
  | 'lost-auction'
  | 'inactive-or-insufficient-uptime'
  | 'banned';

const BOOTED: readonly BootedStatus[] = [
  'booted',
  'not-booted',
  'lost-auction',
  'inactive-or-insufficient-uptime',
  'banned',
];

/** What is kept about a validator. */
export interface ValidatorStats {
  /** Ascending by epoch, at most 31. */
  readonly aprs: readonly AprEntry[];
  /** Of all its slots, in atto as a decimal. */
  readonly totalEffectiveStake: Dec;
  /** By shard, in slot order. The node's order within a shard is that of a map: any. */
  readonly votes: readonly SlotVote[];
  readonly booted: BootedStatus;
}

/**
 * What is taken for a validator about whom nothing is kept.
 *
 * @source harmony/staking/types/validator.go: NewEmptyStats
 */
export const EMPTY_STATS: ValidatorStats = {
  aprs: [],
  totalEffectiveStake: DEC_ZERO,
  votes: [],
  booted: 'booted',
};

function voteItems(vote: SlotVote): RlpInput {
  const pure = [
    addressToBytes(vote.address),
    assertLength(vote.blsPublicKey, KEY_BYTES, 'BLS public key'),
    decRlp(vote.group),
    decRlp(vote.effectiveStake),
    decRlp(vote.rawStake),
  ];
  const isHarmonyNode = 0n;
  const shardId = unsigned(BigInt(vote.shardId), 32, 'shardId', WHAT);
  const weighed = [pure, isHarmonyNode, decRlp(vote.overall)];
  return [[weighed, shardId], unsigned(vote.earned, 256, 'earned', WHAT)];
}

/**
 * The bytes that the node stores.
 *
 * @throws {@link EposError} `epos/invalid-encoding`.
 * @source harmony/staking/types/validator.go: ValidatorStats (field order)
 */
export function encodeValidatorStats(stats: ValidatorStats): Uint8Array {
  return inEncoding(WHAT, () =>
    encodeRlp([
      stats.aprs.map(({ epoch, apr }) => [unsigned(epoch, 64, 'epoch', WHAT), decRlp(apr)]),
      decRlp(stats.totalEffectiveStake),
      stats.votes.map(voteItems),
      BOOTED.indexOf(stats.booted),
    ]),
  );
}

function readSome(reader: RlpReader): Dec {
  return readDec(reader) ?? refuseEncoding(WHAT, 'a decimal is missing');
}

function readVote(reader: RlpReader): SlotVote {
  const entry = reader.readList();
  const vote = entry.readList();
  const weighed = vote.readList();
  const pure = weighed.readList();
  const address = addressFromBytes(pure.readFixed(20));
  const blsPublicKey = pure.readFixed(KEY_BYTES).slice();
  const [group, effectiveStake, rawStake] = [readSome(pure), readSome(pure), readSome(pure)];
  if (weighed.readBigInt(8) !== 0n) refuseEncoding(WHAT, 'a vote is one of Harmony’s');
  const overall = readSome(weighed);
  const shardId = vote.readUint32();
  const earned = entry.readBigInt();
  for (const list of [pure, weighed, vote, entry]) list.assertDone('vote');
  return { address, blsPublicKey, group, effectiveStake, rawStake, overall, shardId, earned };
}

function readAll<T>(list: RlpReader, read: (item: RlpReader) => T): T[] {
  const items: T[] = [];
  while (!list.done) items.push(read(list));
  return items;
}

/**
 * What the node stored. Only canonical bytes are accepted.
 *
 * @throws {@link EposError} `epos/invalid-encoding`.
 */
export function decodeValidatorStats(bytes: Uint8Array): ValidatorStats {
  return inEncoding(WHAT, () => {
    const list = openRlpList(bytes);
    const aprs = readAll(list.readList(), (item) => {
      const entry = item.readList();
      const apr = { epoch: entry.readBigInt(64), apr: readSome(entry) };
      entry.assertDone('return');
      return apr;
    });
    const totalEffectiveStake = readSome(list);
    const votes = readAll(list.readList(), readVote);
    const number = Number(list.readBigInt(8));
    list.assertDone(WHAT);
    const booted = BOOTED[number] ?? refuseEncoding(WHAT, `booted status ${number} is unknown`);
    return { aprs, totalEffectiveStake, votes, booted };
  });
}
