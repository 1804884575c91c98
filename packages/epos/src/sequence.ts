/**
 * Transitions one after the other: each sees what the ones before it changed, and together they are
 * one transition.
 */
import type { Log } from '@polyphony/chain';
import type { Address } from '@polyphony/primitives';
import type { StakingView, Transition, ValidatorWrapper } from './types.js';

/** One of several transitions. */
export type Step = (view: StakingView) => Transition;

/**
 * Runs transitions in order over a view that each of them changes for the next. The view itself stays
 * as it is.
 *
 * @returns All changes together: of a record the last, of a balance the sum, of a first election epoch
 * the first.
 * @throws What a step throws.
 * @example inSequence(view, [(v) => payoutUndelegations(v, context), (v) => applyElection(v, outcome, context)])
 */
export function inSequence(view: StakingView, steps: readonly Step[]): Transition {
  const wrappers = new Map<Address, ValidatorWrapper>();
  const balances = new Map<Address, bigint>();
  const firstElectionEpochs = new Map<Address, bigint>();
  const created: Address[] = [];
  const logs: Log[] = [];
  let issued = 0n;
  let burned = 0n;
  const changed: StakingView = {
    isValidator: (address) => view.isValidator(address) || created.includes(address),
    wrapperOf: (address) => wrappers.get(address) ?? view.wrapperOf(address),
    snapshotOf: (address, epoch) => view.snapshotOf(address, epoch),
    validators: () => view.validators(),
    createdInBlock: () => [...view.createdInBlock(), ...created],
    balanceOf: (address) => view.balanceOf(address) + (balances.get(address) ?? 0n),
    delegationsOf: (delegator) => view.delegationsOf(delegator),
    firstElectionEpochOf: (address) =>
      firstElectionEpochs.get(address) ?? view.firstElectionEpochOf(address),
  };
  for (const step of steps) {
    const transition = step(changed);
    for (const [address, wrapper] of transition.wrappers) wrappers.set(address, wrapper);
    for (const [address, delta] of transition.balances) {
      const sum = (balances.get(address) ?? 0n) + delta;
      if (sum === 0n) balances.delete(address);
      else balances.set(address, sum);
    }
    for (const [address, epoch] of transition.firstElectionEpochs) {
      if (changed.firstElectionEpochOf(address) === 0n) firstElectionEpochs.set(address, epoch);
    }
    created.push(...transition.created);
    logs.push(...transition.logs);
    issued += transition.issued;
    burned += transition.burned;
  }
  return { wrappers, balances, logs, created, firstElectionEpochs, issued, burned };
}
