/**
 * The tables of staking beside the state: the list of validators, where each delegator's shares are,
 * and the records as they were at the start of an epoch.
 *
 * Consensus reads them and no root covers them, so they are stored in the same batch as the block
 * that changes them. The keys are those of the node's database.
 *
 * @source harmony/core/offchain.go: CommitOffChainData; core/rawdb/accessors_offchain.go
 */
import {
  delegationsKey,
  validatorListKey,
  validatorSnapshotKey,
} from '@polyphony/chain/database-keys';
import {
  type DelegationIndexEntry,
  decodeDelegationIndex,
  decodeValidatorWrapper,
  encodeDelegationIndex,
  encodeValidatorWrapper,
  type TableAdditions,
  type ValidatorWrapper,
} from '@polyphony/epos';
import {
  type Address,
  addressFromBytes,
  addressToBytes,
  bytesToHex,
  encodeRlp,
  isProtocolError,
  openRlpList,
} from '@polyphony/primitives';
import { type BatchOperation, type KeyValueStore, prefixedStore } from '@polyphony/storage';
import { ExecutionError } from '../errors.js';

/** The tables as of the parent of the block that is executed. */
export interface StakingTables {
  /** All validators in the order of their creation. */
  validators(): readonly Address[];
  /** All shares of a delegator in the order in which they were made. */
  delegationsOf(delegator: Address): readonly DelegationIndexEntry[];
  /** The record that was kept for an epoch. */
  snapshotOf(address: Address, epoch: bigint): ValidatorWrapper | undefined;
}

/** What a block changes in the tables. */
export interface TableChanges extends TableAdditions {
  /** Records to be kept, with the epochs they are kept for. */
  readonly snapshots: readonly { readonly epoch: bigint; readonly wrapper: ValidatorWrapper }[];
}

/** Tables in a store. */
export interface StoredStakingTables extends StakingTables {
  /**
   * The operations that store a block's changes; write them with the block. Reads show them once
   * they are written.
   */
  operationsOf(changes: TableChanges): readonly BatchOperation[];
}

const NO_ENTRIES: readonly DelegationIndexEntry[] = [];

function damaged<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!isProtocolError(cause)) throw cause;
    const details = { code: 'executor/corrupt-table', what, reason: cause.message } as const;
    throw new ExecutionError(details, { cause });
  }
}

function decodeList(bytes: Uint8Array): readonly Address[] {
  const list = openRlpList(bytes);
  const addresses: Address[] = [];
  while (!list.done) addresses.push(addressFromBytes(list.readFixed(20)));
  return addresses;
}

/**
 * The tables of a store. The last list and the snapshots of two epochs stay in memory.
 *
 * @param prefix - What the keys start with; empty for a database of the node itself.
 * @throws {@link ExecutionError} `executor/corrupt-table`, from the reads.
 * @example
 * const tables = openStakingTables(store)
 * await store.write([...commit.operations, ...tables.operationsOf(result.staking!.tables)])
 */
export function openStakingTables(
  store: KeyValueStore,
  prefix: Uint8Array = new Uint8Array(),
): StoredStakingTables {
  const prefixed = prefix.length === 0 ? store : prefixedStore(store, prefix);
  let list: { readonly bytes: Uint8Array; readonly addresses: readonly Address[] } | undefined;
  /** Snapshots are written once and never change. */
  const snapshots = new Map<bigint, Map<Address, ValidatorWrapper>>();

  function validators(): readonly Address[] {
    const bytes = prefixed.getSync(validatorListKey());
    if (bytes === undefined) return [];
    if (list !== undefined && bytesToHex(list.bytes) === bytesToHex(bytes)) return list.addresses;
    list = { bytes, addresses: damaged('validator list', () => decodeList(bytes)) };
    return list.addresses;
  }

  function delegationsOf(delegator: Address): readonly DelegationIndexEntry[] {
    const bytes = prefixed.getSync(delegationsKey(delegator));
    if (bytes === undefined) return NO_ENTRIES;
    return damaged(`delegations of ${delegator}`, () => decodeDelegationIndex(bytes));
  }

  function keptAt(epoch: bigint): Map<Address, ValidatorWrapper> {
    let kept = snapshots.get(epoch);
    if (kept === undefined) {
      kept = new Map();
      snapshots.set(epoch, kept);
      if (snapshots.size > 2) snapshots.delete(snapshots.keys().next().value!);
    }
    return kept;
  }

  function snapshotOf(address: Address, epoch: bigint): ValidatorWrapper | undefined {
    const kept = keptAt(epoch);
    const known = kept.get(address);
    if (known !== undefined) return known;
    const bytes = prefixed.getSync(validatorSnapshotKey(address, epoch));
    if (bytes === undefined) return undefined;
    const wrapper = damaged(`snapshot of ${address}`, () => decodeValidatorWrapper(bytes));
    kept.set(address, wrapper);
    return wrapper;
  }

  const put = (key: Uint8Array, value: Uint8Array): BatchOperation => ({
    type: 'put',
    key: prefix.length === 0 ? key : new Uint8Array([...prefix, ...key]),
    value,
  });

  return {
    validators,
    delegationsOf,
    snapshotOf,
    operationsOf(changes) {
      const operations: BatchOperation[] = [];
      if (changes.validators.length > 0) {
        const addresses = [...validators(), ...changes.validators].map(addressToBytes);
        operations.push(put(validatorListKey(), encodeRlp(addresses)));
      }
      for (const [delegator, entries] of changes.delegations) {
        const value = encodeDelegationIndex([...delegationsOf(delegator), ...entries]);
        operations.push(put(delegationsKey(delegator), value));
      }
      for (const { epoch, wrapper } of changes.snapshots) {
        const key = validatorSnapshotKey(wrapper.address, epoch);
        operations.push(put(key, encodeValidatorWrapper(wrapper)));
      }
      return operations;
    },
  };
}
