/**
 * Slash records: evidence that keys cast two votes that contradict each other, as beacon headers
 * carry it.
 *
 * Under consensus version 1 both are commit votes at one height and view. Under version 2 each vote
 * says what it signed. Here are the codec, the identity of evidence, and whether a list repeats one.
 * Not here: whether evidence holds, and what it costs.
 *
 * @source harmony/staking/slash/double-sign.go
 */
import { sha3_256 } from '@noble/hashes/sha3.js';
import type { ConsensusVersion } from '@polyphony/networks';
import {
  type Address,
  bytesToHex,
  compareBytes,
  encodeRlp,
  type Hash,
  openRlpList,
  type RlpInput,
  type RlpReader,
} from '@polyphony/primitives';
import { decoding, invalidEncoding } from './errors.js';
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

/** What a vote of consensus version 2 signs beside shard, epoch, height and block. */
export interface SlashStatement {
  readonly kind: 'prepare' | 'commit';
  /** The view in which it was cast. */
  readonly viewId: bigint;
  /** Of a prepare vote: the view of the certificate that justifies it, or 0. Of others: 0. */
  readonly justifiedBy: bigint;
}

/** One of the two votes. */
export interface SlashVote {
  /** 48 bytes each; under consensus version 2 at least one, ascending. */
  readonly signerPublicKeys: readonly Uint8Array[];
  readonly blockHash: Hash;
  readonly signature: Uint8Array;
  /** Consensus version 2. */
  readonly statement?: SlashStatement;
}

/** Two votes of the same keys at the same height that contradict each other. */
export interface SlashEvidence {
  readonly epoch: bigint;
  readonly shardId: number;
  readonly height: bigint;
  /** Of both votes; of the later one when they differ. */
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

/** Kinds of statements and their numbers, those of consensus version 2. */
const KINDS = { prepare: 2n, commit: 4n } as const;

function voteItems(vote: SlashVote): RlpInput {
  const { statement } = vote;
  return [
    vote.signerPublicKeys.map((key) => fixedField(key, 48, 'signer public key')),
    hexField(vote.blockHash, 32, 'blockHash'),
    bytesField(vote.signature, 'signature'),
    ...(statement === undefined ? [] : statementItems(statement)),
  ];
}

function statementItems({ kind, viewId, justifiedBy }: SlashStatement): RlpInput[] {
  return [KINDS[kind], uintField(viewId, 64, 'viewId'), uintField(justifiedBy, 64, 'justifiedBy')];
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

function readStatement(list: RlpReader): SlashStatement {
  const number = list.readBigInt(8);
  const viewId = list.readBigInt(64);
  const justifiedBy = list.readBigInt(64);
  const kind = number === KINDS.prepare ? 'prepare' : 'commit';
  if (KINDS[kind] !== number) invalidEncoding('vote', `kind ${number} is not 2 or 4`);
  if (viewId === 0n) invalidEncoding('vote', 'view 0 has no votes');
  if (justifiedBy >= viewId) invalidEncoding('vote', 'it must be justified by an earlier view');
  if (kind === 'commit' && justifiedBy !== 0n)
    invalidEncoding('vote', 'a commit vote has no justification');
  return { kind, viewId, justifiedBy };
}

function readVote(reader: RlpReader, version: ConsensusVersion): SlashVote {
  const list = reader.readList();
  const keys = list.readList();
  const signerPublicKeys: Uint8Array[] = [];
  while (!keys.done) {
    const key = keys.readFixed(48).slice();
    const before = signerPublicKeys.at(-1);
    if (version === 2 && before !== undefined && compareBytes(before, key) >= 0) {
      invalidEncoding('vote', 'its keys must ascend');
    }
    signerPublicKeys.push(key);
  }
  if (version === 2 && signerPublicKeys.length === 0) invalidEncoding('vote', 'nobody signed it');
  const vote: SlashVote = {
    signerPublicKeys,
    blockHash: readHash(list),
    signature: readOwnBytes(list),
    ...(version === 2 ? { statement: readStatement(list) } : {}),
  };
  list.assertDone('vote');
  return vote;
}

function readEvidence(reader: RlpReader, version: ConsensusVersion): SlashEvidence {
  const list = reader.readList();
  const moment = list.readList();
  const epoch = moment.readBigInt(64);
  const shardId = moment.readUint32();
  const height = moment.readBigInt(64);
  const viewId = moment.readBigInt(64);
  moment.assertDone('moment');
  const votes = list.readList();
  const firstVote = readVote(votes, version);
  const secondVote = readVote(votes, version);
  votes.assertDone('conflicting votes');
  const views = [firstVote, secondVote].map(({ statement }) => statement?.viewId ?? viewId);
  if (!views.includes(viewId) || views.some((view) => view > viewId)) {
    invalidEncoding('evidence', `its view must be that of the later vote, is ${viewId}`);
  }
  const offender = readAddress(list);
  list.assertDone('evidence');
  return { epoch, shardId, height, viewId, firstVote, secondVote, offender };
}

function readRecord(reader: RlpReader, version: ConsensusVersion): SlashRecord {
  const list = reader.readList();
  const evidence = readEvidence(list, version);
  const record: SlashRecord = { evidence, reporter: readAddress(list) };
  list.assertDone('slash record');
  return record;
}

/**
 * RLP of evidence: `[[epoch, shardId, height, viewId], [vote, vote], offender]`, a vote being
 * `[keys, blockHash, signature]` and, with a statement, `kind, viewId, justifiedBy` after them; kind is
 * 2 for prepare and 4 for commit.
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
 * @param version - Consensus version of the network: under 2 every vote has its statement, under 1 none.
 * @throws {@link ChainError} `chain/invalid-encoding`, under version 2 also for keys that do
 *   not ascend, a statement that no vote can make, and a view that is not the later vote's.
 */
export function decodeSlashRecords(
  bytes: Uint8Array,
  version: ConsensusVersion = 1,
): SlashRecord[] {
  if (bytes.length === 0) return [];
  return decoding('slash records', () => {
    const list = openRlpList(bytes);
    const records: SlashRecord[] = [];
    while (!list.done) records.push(readRecord(list, version));
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
 * Identity of a record, its reporter included: SHA3-256 of its RLP. Nodes know records that they have
 * seen by it.
 *
 * @throws {@link ChainError} `chain/out-of-range`.
 * @source harmony/staking/slash/double-sign.go: Hash; harmony/crypto/hash/rlp.go: FromRLPNew256
 */
export function computeSlashRecordHash(record: SlashRecord): Hash {
  return bytesToHex(sha3_256(encodeRlp(recordItems(record))));
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
