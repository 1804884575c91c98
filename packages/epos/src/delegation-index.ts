/**
 * The table that says where each delegator's shares are, and the list of validators: how blocks
 * extend them, who may see what, and whether they agree with the records.
 *
 * Consensus reads both, and no root covers them (quirk Q17). The node trusts what stands there; from
 * `strictStateValidation` on, and always in strict mode, an entry that names somebody else's share is
 * refused where it is read.
 *
 * @source harmony/core/blockchain_impl.go: prepareStakingMetaData, addDelegationIndex; core/evm.go:
 * DelegateFn, CollectRewardsFn; core/rawdb/accessors_offchain.go
 */
import type { Directive } from '@polyphony/chain';
import {
  type Address,
  addressFromBytes,
  addressToBytes,
  encodeRlp,
  isProtocolError,
  openRlpList,
  type RlpReader,
} from '@polyphony/primitives';
import { type Changes, isRepaired } from './access.js';
import { EposError, refuse } from './errors.js';
import type {
  Delegation,
  DelegationIndexEntry,
  StakingContext,
  StakingView,
  ValidatorWrapper,
} from './types.js';

/**
 * The entries of one delegator as the node's database holds them.
 *
 * @source harmony/core/rawdb/accessors_offchain.go: WriteDelegationsByDelegator
 */
export function encodeDelegationIndex(entries: readonly DelegationIndexEntry[]): Uint8Array {
  return encodeRlp(
    entries.map(({ validator, index, blockNumber }) => [
      addressToBytes(validator),
      index,
      blockNumber,
    ]),
  );
}

function readEntry(reader: RlpReader): DelegationIndexEntry {
  const list = reader.readList();
  const entry = {
    validator: addressFromBytes(list.readFixed(20)),
    index: Number(list.readBigInt(32)),
    blockNumber: list.readBigInt(64),
  };
  list.assertDone('delegation index entry');
  return entry;
}

/**
 * Reads the entries of one delegator. An index of more than 32 bits is refused: no record has so many
 * delegations.
 *
 * @throws {@link EposError} `epos/invalid-encoding`.
 */
export function decodeDelegationIndex(bytes: Uint8Array): readonly DelegationIndexEntry[] {
  try {
    const list = openRlpList(bytes);
    const entries: DelegationIndexEntry[] = [];
    while (!list.done) entries.push(readEntry(list));
    return entries;
  } catch (error) {
    if (!isProtocolError(error)) throw error;
    throw new EposError(
      { code: 'epos/invalid-encoding', what: 'delegation index', reason: error.message },
      { cause: error },
    );
  }
}

/** One of a delegator's shares with the record that it stands in. @internal */
export interface VisibleDelegation {
  readonly validator: Address;
  readonly index: number;
  readonly wrapper: ValidatorWrapper;
  readonly delegation: Delegation;
}

/**
 * The shares of a delegator that a transaction of this block may see: those of earlier blocks.
 *
 * @internal
 */
export function* visibleDelegations(
  view: StakingView,
  delegator: Address,
  context: StakingContext,
  changes: Changes,
): Generator<VisibleDelegation> {
  for (const { validator, index, blockNumber } of view.delegationsOf(delegator)) {
    if (blockNumber >= context.blockNumber) continue;
    const wrapper = changes.wrapper(validator);
    const delegation = wrapper.delegations[index];
    if (delegation === undefined) return refuse('epos/delegation-index-out-of-bound');
    if (delegation.delegator !== delegator && isRepaired(context, 'strictStateValidation')) {
      return refuse('epos/foreign-delegation', `${validator} ${index}`);
    }
    yield { validator, index, wrapper, delegation };
  }
}

/** What a block adds to the tables. */
export interface TableAdditions {
  /** New validators, in order. */
  readonly validators: readonly Address[];
  /** New entries, to be appended, by delegator. */
  readonly delegations: ReadonlyMap<Address, readonly DelegationIndexEntry[]>;
}

/**
 * What a committed block adds to the tables. Only creations and delegations add: a creation the
 * validator and its own share, a delegation the share unless that validator is indexed already.
 *
 * @param view - Tables before the block, records after it.
 * @param directives - Those made through the precompile in the order of execution, then the block's
 * staking transactions.
 * @source harmony/core/blockchain_impl.go: prepareStakingMetaData, addDelegationIndex
 */
export function indexDirectives(
  view: StakingView,
  directives: readonly Directive[],
  blockNumber: bigint,
): TableAdditions {
  const validators: Address[] = [];
  const delegations = new Map<Address, DelegationIndexEntry[]>();
  const append = (delegator: Address, validator: Address, index: number) => {
    const entries = delegations.get(delegator) ?? [];
    entries.push({ validator, index, blockNumber });
    delegations.set(delegator, entries);
  };
  const isIndexed = (delegator: Address, validator: Address) =>
    view.delegationsOf(delegator).some((entry) => entry.validator === validator) ||
    (delegations.get(delegator) ?? []).some((entry) => entry.validator === validator);

  for (const directive of directives) {
    if (directive.type === 'create-validator') {
      validators.push(directive.validatorAddress);
      append(directive.validatorAddress, directive.validatorAddress, 0);
    }
    if (directive.type === 'delegate') {
      const { delegatorAddress: delegator, validatorAddress: validator } = directive;
      if (isIndexed(delegator, validator)) continue;
      const shares = view.wrapperOf(validator)?.delegations ?? [];
      const index = shares.findIndex((share) => share.delegator === delegator);
      if (index >= 0) append(delegator, validator, index);
    }
  }
  return { validators, delegations };
}

/**
 * Checks that the tables say what the records say: every listed validator has a record of its own,
 * none twice, and every share of every record is indexed once, at its place, under its delegator.
 * What no root covers can so be checked once when it comes from elsewhere.
 *
 * @throws {@link EposError} `epos/inconsistent-tables`.
 */
export function assertConsistentTables(view: StakingView): void {
  const inconsistent = (reason: string): never => {
    throw new EposError({ code: 'epos/inconsistent-tables', reason });
  };
  const listed = new Set<Address>();
  const shares = new Map<Address, number>();
  for (const address of view.validators()) {
    if (listed.has(address)) inconsistent(`${address} is listed twice`);
    listed.add(address);
    const wrapper = view.wrapperOf(address);
    if (wrapper?.address !== address) inconsistent(`${address} has no record of its own`);
    for (const { delegator } of wrapper?.delegations ?? []) {
      shares.set(delegator, (shares.get(delegator) ?? 0) + 1);
    }
  }
  for (const [delegator, count] of shares) {
    const entries = view.delegationsOf(delegator);
    const places = new Set<Address>();
    for (const { validator, index } of entries) {
      if (!listed.has(validator)) inconsistent(`${delegator} has a share in ${validator}`);
      if (view.wrapperOf(validator)?.delegations[index]?.delegator !== delegator) {
        inconsistent(`share ${index} of ${validator} is not that of ${delegator}`);
      }
      places.add(validator);
    }
    if (places.size !== count || entries.length !== count) {
      inconsistent(`${delegator} has ${count} shares and ${entries.length} entries`);
    }
  }
}
