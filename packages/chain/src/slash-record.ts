/**
 * Slash records: evidence that keys voted for two blocks at once, as beacon headers carry it.
 *
 * Here are the codec, the identity of evidence, and whether a list repeats one. Not here: whether
 * evidence holds, and what it costs.
 *
 * @source harmony/staking/slash/double-sign.go
 */
import { sha3_256 } from '@noble/hashes/sha3.js';
import {
  type Address,
  bytesToHex,
  encodeRlp,
  type Hash,
  openRlpList,
  type RlpInput,
  type RlpReader,
} from '@polyphony/primitives';
import { decoding } from './errors.js';
import {
  bytesField,
  EMPTY_BYTES,
  fixedField,
  hexField,
  readAddress,
  readHash,
  readOwnBytes,
  uint32Field,
  uintField,
} from './fields.js';

/** One of the two votes. */
export interface SlashVote {
  /** 48 bytes each. */
  readonly signerPublicKeys: readonly Uint8Array[];
  readonly blockHash: Hash;
  readonly signature: Uint8Array;
}

/** Two votes of the same keys at the same moment for different blocks. */
export interface SlashEvidence {
  readonly epoch: bigint;
  readonly shardId: number;
  readonly height: bigint;
  readonly viewId: bigint;
  readonly firstVote: SlashVote;
  readonly secondVote: SlashVote;
  /** The validator that owns the keys. */
  readonly offender: Address;
}

/** Evidence and who reported it. */
export interface SlashRecord {
  readonly evidence: SlashEvidence;
  readonly reporter: Address;
}

function voteItems(vote: SlashVote): RlpInput {
  return [
    vote.signerPublicKeys.map((key) => fixedField(key, 48, 'signer public key')),
    hexField(vote.blockHash, 32, 'blockHash'),
    bytesField(vote.signature, 'signature'),
  ];
}

function evidenceItems(evidence: SlashEvidence): RlpInput {
  return [
    [
      uintField(evidence.epoch, 64, 'epoch'),
      uint32Field(evidence.shardId, 'shardId'),
      uintField(evidence.height, 64, 'height'),
      uintField(evidence.viewId, 64, 'viewId'),
    ],
    [voteItems(evidence.firstVote), voteItems(evidence.secondVote)],
    hexField(evidence.offender, 20, 'offender'),
  ];
}

function recordItems(record: SlashRecord): RlpInput {
  return [evidenceItems(record.evidence), hexField(record.reporter, 20, 'reporter')];
}

function readVote(reader: RlpReader): SlashVote {
  const list = reader.readList();
  const keys = list.readList();
  const signerPublicKeys: Uint8Array[] = [];
  while (!keys.done) signerPublicKeys.push(keys.readFixed(48).slice());
  const vote: SlashVote = {
    signerPublicKeys,
    blockHash: readHash(list),
    signature: readOwnBytes(list),
  };
  list.assertDone('vote');
  return vote;
}

function readEvidence(reader: RlpReader): SlashEvidence {
  const list = reader.readList();
  const moment = list.readList();
  const epoch = moment.readBigInt(64);
  const shardId = moment.readUint32();
  const height = moment.readBigInt(64);
  const viewId = moment.readBigInt(64);
  moment.assertDone('moment');
  const votes = list.readList();
  const firstVote = readVote(votes);
  const secondVote = readVote(votes);
  votes.assertDone('conflicting votes');
  const offender = readAddress(list);
  list.assertDone('evidence');
  return { epoch, shardId, height, viewId, firstVote, secondVote, offender };
}

function readRecord(reader: RlpReader): SlashRecord {
  const list = reader.readList();
  const record: SlashRecord = { evidence: readEvidence(list), reporter: readAddress(list) };
  list.assertDone('slash record');
  return record;
}

/**
 * RLP of evidence: `[[epoch, shardId, height, viewId], [vote, vote], offender]`.
 *
 * @throws {@link ChainError} `chain/out-of-range`.
 */
export function encodeSlashEvidence(evidence: SlashEvidence): Uint8Array {
  return encodeRlp(evidenceItems(evidence));
}

/**
 * The header field: the list of records, or nothing for none.
 *
 * @throws {@link ChainError} `chain/out-of-range`.
 */
export function encodeSlashRecords(records: readonly SlashRecord[]): Uint8Array {
  return records.length === 0 ? EMPTY_BYTES : encodeRlp(records.map(recordItems));
}

/**
 * The records of a header field; none for an empty field or an empty list.
 *
 * @throws {@link ChainError} `chain/invalid-encoding`.
 */
export function decodeSlashRecords(bytes: Uint8Array): SlashRecord[] {
  if (bytes.length === 0) return [];
  return decoding('slash records', () => {
    const list = openRlpList(bytes);
    const records: SlashRecord[] = [];
    while (!list.done) records.push(readRecord(list));
    return records;
  });
}

/**
 * Identity of evidence: SHA3-256 of its RLP. Evidence with the votes swapped is another one here;
 * {@link hasRepeatedEvidence} takes them as the same.
 *
 * @throws {@link ChainError} `chain/out-of-range`.
 * @source harmony/crypto/hash/rlp.go: FromRLPNew256
 */
export function computeEvidenceHash(evidence: SlashEvidence): Hash {
  return bytesToHex(sha3_256(encodeSlashEvidence(evidence)));
}

/**
 * Whether two records hold the same evidence, also with its votes swapped, whoever reported it.
 *
 * @throws {@link ChainError} `chain/out-of-range`.
 * @source harmony/core/beacon_slash_validate.go
 * @activation rejectDuplicateSlashEvidence: from then on such a header is invalid
 */
export function hasRepeatedEvidence(records: readonly SlashRecord[]): boolean {
  const seen = new Set<Hash>();
  for (const { evidence } of records) {
    const swapped = { ...evidence, firstVote: evidence.secondVote, secondVote: evidence.firstVote };
    const own = computeEvidenceHash(evidence);
    if (seen.has(own) || seen.has(computeEvidenceHash(swapped))) return true;
    seen.add(own);
  }
  return false;
}
