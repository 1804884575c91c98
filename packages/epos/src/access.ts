/**
 * How transitions read records and write down what they change. Internal.
 *
 * A record is stored under its own address, as the node does. Before the activation
 * `validatorWrapperAddressBind` nothing made sure that this is also the account that it was read
 * from; from then on, and always in strict mode, a record of another address is refused.
 *
 * @source harmony/core/state/statedb.go: ValidatorWrapper, UpdateValidatorWrapper
 */
import type { Log } from '@polyphony/chain';
import { type Activation, epochOfBlock, isActive } from '@polyphony/networks';
import { type Address, formatOneAddress } from '@polyphony/primitives';
import { REFUSAL_TEXTS, refuse, refuseWith } from './errors.js';
import type { StakingContext, StakingView, Transition, ValidatorWrapper } from './types.js';
import { assertValidWrapper } from './wrapper.js';

/** Whether unintended rules are left out: as the caller says, or else the network. */
export function isStrict(context: Pick<StakingContext, 'network' | 'replayMode'>): boolean {
  const { network, replayMode } = context;
  return replayMode === undefined ? network.withoutQuirks : replayMode === 'strict';
}

/** Whether a repair is in force: by its activation, or always in strict mode. */
export function isRepaired(context: StakingContext, activation: Activation): boolean {
  return isStrict(context) || isActive(context.network, activation, context.epoch);
}

/** The record of an account that must have one. */
export function readWrapper(
  view: StakingView,
  address: Address,
  context: StakingContext,
): ValidatorWrapper {
  const wrapper = view.wrapperOf(address);
  if (wrapper === undefined) return refuse('epos/address-not-in-state');
  if (wrapper.address !== address && isRepaired(context, 'validatorWrapperAddressBind')) {
    refuse('epos/wrapper-address-mismatch', `account ${address}, record ${wrapper.address}`);
  }
  return wrapper;
}

/** Epoch of the parent block: what the node takes for the current one while a block is made. */
export function parentEpochOf({ network, blockNumber, parentEpoch }: StakingContext): bigint {
  return parentEpoch ?? epochOfBlock(network, blockNumber > 0n ? blockNumber - 1n : 0n);
}

/**
 * The epoch whose snapshots the node reads: that of the parent block (quirk Q4). Strict mode takes the
 * block's own.
 */
export function headEpoch(context: StakingContext): bigint {
  return isStrict(context) ? context.epoch : parentEpochOf(context);
}

/** The record that was kept for an epoch and must be there. */
export function readSnapshot(view: StakingView, address: Address, epoch: bigint): ValidatorWrapper {
  const snapshot = view.snapshotOf(address, epoch);
  if (snapshot !== undefined) return snapshot;
  const base = REFUSAL_TEXTS['epos/no-snapshot'];
  const cause = `no record of ${formatOneAddress(address)} for epoch ${epoch}`;
  return refuseWith('epos/no-snapshot', `${base}: ${cause}`);
}

/** Collects what a transition changes. */
export interface Changes {
  /** The record as changed so far. */
  wrapper(address: Address): ValidatorWrapper;
  /** Writes a record that keeps all rules. */
  write(wrapper: ValidatorWrapper): void;
  credit(address: Address, amount: bigint): void;
  readonly logs: Log[];
  done(rest?: Partial<Transition>): Transition;
}

/** An empty collection over a view. */
export function changesOf(view: StakingView, context: StakingContext): Changes {
  const wrappers = new Map<Address, ValidatorWrapper>();
  const balances = new Map<Address, bigint>();
  const logs: Log[] = [];
  return {
    logs,
    wrapper: (address) => wrappers.get(address) ?? readWrapper(view, address, context),
    write(wrapper) {
      assertValidWrapper(wrapper);
      wrappers.set(wrapper.address, wrapper);
    },
    credit(address, amount) {
      const sum = (balances.get(address) ?? 0n) + amount;
      if (sum === 0n) balances.delete(address);
      else balances.set(address, sum);
    },
    done: (rest) => ({ ...transition({ wrappers, balances, logs }), ...rest }),
  };
}

/** A transition from the parts that are not empty. */
export function transition(parts: Partial<Transition>): Transition {
  return {
    wrappers: new Map(),
    balances: new Map(),
    logs: [],
    created: [],
    firstElectionEpochs: new Map(),
    issued: 0n,
    burned: 0n,
    ...parts,
  };
}
