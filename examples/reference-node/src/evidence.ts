/**
 * Evidence of double signing on its way into a beacon header.
 *
 * Any node may bring it; what a record proves is checked against the state that the block builds
 * on, by proposers and validators alike.
 *
 * @source harmony/node/harmony/worker/worker.go: CollectVerifiedSlashes
 */
import {
  computeEvidenceHash,
  decodeSlashRecords,
  type Header,
  hasRepeatedEvidence,
  type SlashRecord,
  type SlashVote,
} from '@polyphony/chain';
import type { DoubleSign } from '@polyphony/fbft';
import type { ConsensusVersion } from '@polyphony/networks';
import { compareBytes, equalBytes, type Hash, isProtocolError } from '@polyphony/primitives';
import { type Committee, slotOfKey } from '@polyphony/sharding';

/** Most records that wait. */
const MAX_PENDING = 256;
/** Most records in a header. */
const MAX_RECORDS = 16;

/** Why a record may not be applied on the head's state, or undefined when it may. */
export type CheckRecord = (record: SlashRecord) => string | undefined;

/** Where a double signing was seen. */
export interface Sighting {
  readonly shardId: number;
  /** Of the evidence's epoch. */
  readonly committee: Committee;
  /** Keys of the node that saw it: the first that is in the committee reports. */
  readonly ownKeys: readonly Uint8Array[];
}

/** The record of a double signing; undefined when this node can not report it, or it is its own. */
export function slashRecordOf(found: DoubleSign, sighting: Sighting): SlashRecord | undefined {
  const { shardId, committee, ownKeys } = sighting;
  const offender = committee.slots[slotOfKey(committee, found.key)]?.address;
  const reporter = committee.slots.find(({ blsPublicKey }) =>
    ownKeys.some((key) => equalBytes(key, blsPublicKey)),
  )?.address;
  if (offender === undefined || reporter === undefined || offender === reporter) return undefined;
  const vote = ({ keys, blockHash, signature, statement }: DoubleSign['first']): SlashVote => ({
    signerPublicKeys: [...keys].sort(compareBytes),
    blockHash,
    signature,
    ...(statement === undefined ? {} : { statement }),
  });
  const { epoch, height, viewId } = found;
  const [firstVote, secondVote] = [vote(found.first), vote(found.second)];
  return {
    evidence: { epoch, shardId, height, viewId, firstVote, secondVote, offender },
    reporter,
  };
}

/** Evidence that waits for a block. */
export interface EvidencePool {
  /** Takes a record; false when it is known, wrong on the head's state, or there is no room. */
  add(record: SlashRecord): boolean;
  /** The records for the next block: right on the head's state, one for each offender. */
  propose(): readonly SlashRecord[];
  /** Why a header's records may not be in it, or undefined when they may. */
  refusal(header: Header): string | undefined;
}

/**
 * A pool without evidence.
 *
 * @param version - Consensus version of the network, which says what a vote in a header looks like.
 */
export function createEvidencePool(version: ConsensusVersion, check: CheckRecord): EvidencePool {
  const pending = new Map<Hash, SlashRecord>();

  /** A record is judged on the head's state, so each offender can have one in a block. */
  function fault(records: readonly SlashRecord[]): string | undefined {
    if (records.length > MAX_RECORDS) return `more than ${MAX_RECORDS} slash records`;
    if (hasRepeatedEvidence(records)) return 'the same evidence twice';
    const offenders = new Set(records.map(({ evidence }) => evidence.offender));
    if (offenders.size !== records.length) return 'two slash records for one offender';
    for (const record of records) {
      const refusal = check(record);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  return {
    add(record) {
      const hash = computeEvidenceHash(record.evidence);
      if (pending.has(hash) || pending.size >= MAX_PENDING) return false;
      if (check(record) !== undefined) return false;
      pending.set(hash, record);
      return true;
    },
    propose() {
      const chosen = new Map<string, SlashRecord>();
      for (const [hash, record] of pending) {
        const { offender } = record.evidence;
        // Applied, outdated, or wrong by now.
        if (check(record) !== undefined) pending.delete(hash);
        else if (chosen.size < MAX_RECORDS && !chosen.has(offender)) chosen.set(offender, record);
      }
      return [...chosen.values()];
    },
    refusal({ slashes }) {
      try {
        return fault(decodeSlashRecords(slashes, version));
      } catch (error) {
        if (!isProtocolError(error)) throw error;
        return `slash records: ${error.message}`;
      }
    },
  };
}
