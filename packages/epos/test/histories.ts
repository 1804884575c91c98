/**
 * Random histories of staking: directives, rewards, payouts and elections over blocks and epochs,
 * and after each step what must hold. A history is drawn from one number.
 */
import type { Directive } from '@polyphony/chain';
import { isLastBlockOfEpoch, type Network } from '@polyphony/networks';
import { type Address, parseDec } from '@polyphony/primitives';
import { type SeededRandom, seededRandom } from '@polyphony/testkit';
import { applyDirective } from '../src/apply-directive.js';
import { applyElection } from '../src/commission.js';
import { assertConsistentTables } from '../src/delegation-index.js';
import { EposError } from '../src/errors.js';
import { createStakingLedger, type StakingLedger } from '../src/ledger.js';
import type { RegistrationContext } from '../src/registration.js';
import type { ReplayMode, Transition, ValidatorWrapper } from '../src/types.js';
import { payoutUndelegations } from '../src/undelegation.js';
import {
  decodeValidatorWrapper,
  encodeValidatorWrapper,
  isValidWrapper,
  totalHoldings,
} from '../src/wrapper.js';
import {
  address,
  createMessage,
  description,
  editMessage,
  key,
  NO_TEXTS,
  networkWith,
  ONE,
  proof,
  record,
  registration,
} from './support.js';

const BLOCKS = 4n;

/** Eras of mainnet, each with its rules in force or coming within the history. */
export const ERAS: readonly Network[] = [
  {},
  { quickUnlock: 2n, redelegation: 9n, minDelegation100: 5n },
  {
    quickUnlock: 0n,
    redelegation: 0n,
    noEarlyUnlock: 3n,
    minDelegation100: 0n,
    minCommissionRate: 2n,
  },
  {
    redelegation: 0n,
    noEarlyUnlock: 0n,
    minCommissionRate: 0n,
    hip30: 4n,
    maxRate: 9n,
    topMaxRate: 12n,
  },
  {
    redelegation: 0n,
    minDelegation100: 0n,
    noEarlyUnlock: 0n,
    minCommissionRate: 0n,
    hip30: 0n,
    maxRate: 0n,
    topMaxRate: 0n,
    bloom: 0n,
    strictStateValidation: 0n,
  },
].map((activations) => networkWith(activations, BLOCKS, 1n));

/** Everybody who acts in a history. */
export const PEOPLE: readonly Address[] = Array.from({ length: 9 }, (_, i) => address(i + 1));
/** Commission rates that are drawn from. */
export const RATES = ['0', '0.02', '0.03', '0.05', '0.1', '0.4', '0.9', '1'].map(parseDec);

function amountOf(random: SeededRandom, limit: bigint): bigint {
  switch (random.below(6)) {
    case 0:
      return limit;
    case 1:
      return limit + 1n;
    case 2:
      return 0n;
    default:
      return (limit * BigInt(random.below(1000))) / 1000n + BigInt(random.below(3));
  }
}

/** A directive that may or may not be accepted. */
export function randomDirective(random: SeededRandom, ledger: StakingLedger): Directive {
  const validators = ledger.validators();
  const pick = (): Address =>
    validators.length === 0 || random.below(8) === 0
      ? random.pick(PEOPLE)
      : random.pick(validators);
  const sender = random.pick(PEOPLE);
  const target = pick();
  const kind = random.below(20);
  if (kind < 2) {
    return createMessage(sender, {
      amount: 10_000n * ONE + BigInt(random.below(30_000)) * ONE,
      maxTotalDelegation: 60_000n * ONE,
      slotPublicKeys: [key(`k${random.below(30)}`)],
      description: description('', random.below(4) === 0 ? '' : `id${random.below(12)}`),
      commissionRates: {
        rate: random.pick(RATES.slice(0, 4)),
        maxRate: random.pick(RATES.slice(2)),
        maxChangeRate: random.pick(RATES.slice(1, 5)),
      },
    });
  }
  if (kind < 7) {
    const adds = random.below(3) === 0;
    return editMessage(target, {
      description: random.below(3) === 0 ? description('n', `id${random.below(12)}`) : NO_TEXTS,
      commissionRate: random.below(2) === 0 ? undefined : random.pick(RATES),
      minSelfDelegation: random.below(4) === 0 ? 10_000n * ONE : undefined,
      slotKeyToAdd: adds ? key(`k${random.below(30)}`) : undefined,
      slotKeyToAddSignature: adds ? proof(random.below(5) > 0) : undefined,
      eligibility: random.below(4),
    });
  }
  if (kind < 12) {
    const limit = random.below(2) === 0 ? 1500n * ONE : ledger.balanceOf(sender);
    const amount = amountOf(random, limit);
    return { type: 'delegate', delegatorAddress: sender, validatorAddress: target, amount };
  }
  if (kind < 17) {
    const shares = ledger.wrapperOf(target)?.delegations ?? [];
    const share = shares.length === 0 ? undefined : random.pick(shares);
    const amount = amountOf(random, share?.amount ?? 0n);
    const delegatorAddress = share?.delegator ?? sender;
    return { type: 'undelegate', delegatorAddress, validatorAddress: target, amount };
  }
  return { type: 'collect-rewards', delegatorAddress: sender };
}

/** Rewards as a transition: every share of a random validator earns. */
function randomReward(random: SeededRandom, ledger: StakingLedger): Transition {
  const wrappers = new Map<Address, ValidatorWrapper>();
  let issued = 0n;
  for (const validator of ledger.validators()) {
    const wrapper = ledger.wrapperOf(validator);
    if (wrapper === undefined || random.below(2) === 0) continue;
    const delegations = wrapper.delegations.map((share) => {
      const reward = BigInt(random.below(1000)) * (random.below(9) === 0 ? 1n << 64n : ONE);
      issued += reward;
      return { ...share, reward: share.reward + reward };
    });
    wrappers.set(validator, { ...wrapper, delegations });
  }
  const nothing = new Map();
  const parts = { balances: nothing, logs: [], created: [], firstElectionEpochs: nothing };
  return { ...parts, wrappers, issued, burned: 0n };
}

/** Throws unless something holds. */
export function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** What a transition does to all holdings and balances together. */
export function netOf(ledger: StakingLedger, transition: Transition): bigint {
  let sum = 0n;
  for (const delta of transition.balances.values()) sum += delta;
  for (const [account, wrapper] of transition.wrappers) {
    const before = ledger.wrapperOf(account);
    sum += totalHoldings(wrapper) - (before === undefined ? 0n : totalHoldings(before));
  }
  return sum;
}

/** Shares that hold nothing negative and are in order. */
export function checkRecord(wrapper: ValidatorWrapper, mustBeValid: boolean): void {
  check(!mustBeValid || isValidWrapper(wrapper), 'a stored record breaks a rule');
  for (const { amount, reward, undelegations } of wrapper.delegations) {
    check(amount >= 0n && reward >= 0n, 'negative share');
    undelegations.forEach((entry, i) => {
      const next = undelegations[i + 1];
      check(entry.amount >= 0n, 'negative entry');
      check(next === undefined || entry.epoch < next.epoch, 'entries out of order');
    });
  }
}

/** What a history was made of. */
export interface HistoryReport {
  readonly applied: number;
  readonly refused: number;
  readonly dropped: number;
}

/**
 * Runs one history and throws when something that must hold does not: each transition conserves every
 * atto, no balance is negative, stored records keep the rules, the tables agree with the records.
 */
export function runHistory(seed: number, steps: number): HistoryReport {
  const random = seededRandom(seed);
  const network = random.pick(ERAS);
  const replayMode: ReplayMode = random.below(2) === 0 ? 'upstream' : 'strict';
  const balances = PEOPLE.map((person) => [person, BigInt(random.below(90_000)) * ONE] as const);
  const wrappers = PEOPLE.slice(0, random.below(4)).map((_, i) => {
    const rate = random.pick(RATES.slice(0, 4));
    const commission = { rate, maxRate: rate, maxChangeRate: rate, updateHeight: 0n };
    return record(i + 1, { commission });
  });
  const ledger = createStakingLedger({ balances, wrappers });
  let blockNumber = 1n;
  let directives: Directive[] = [];
  let supply = ledger.totalSupply();
  let applied = 0;
  let refused = 0;
  let dropped = 0;
  let minted = 0n;

  const contextOf = (): RegistrationContext =>
    registration(network, { epoch: blockNumber / BLOCKS, blockNumber, replayMode });
  const apply = (transition: Transition): void => {
    const net = netOf(ledger, transition);
    check(net === transition.issued - transition.burned, `a transition is off by ${net} atto`);
    ledger.apply(transition);
    minted += transition.issued - transition.burned;
  };
  const tryDirective = (directive: Directive): void => {
    try {
      apply(applyDirective(ledger, directive, contextOf()));
      directives.push(directive);
      applied += 1;
    } catch (error) {
      if (!(error instanceof EposError)) throw error;
      check(error.code !== 'epos/negative-balance', error.message);
      refused += 1;
    }
  };
  const endBlock = (): void => {
    const context = contextOf();
    if (isLastBlockOfEpoch(network, blockNumber)) {
      apply(payoutUndelegations(ledger, context));
      const elected = ledger.validators().filter(() => random.below(2) === 0);
      apply(applyElection(ledger, { epoch: context.epoch + 1n, elected }, context));
    }
    apply(randomReward(random, ledger));
    const flush = ledger.endBlock(context, directives);
    supply += minted + flush.duplicated;
    check(ledger.totalSupply() === supply, 'the supply is not what was issued');
    check(flush.dropped.length === 0 || replayMode === 'upstream', 'strict mode dropped a record');
    dropped += flush.dropped.length;
    for (const validator of ledger.validators()) {
      checkRecord(ledger.wrapperOf(validator)!, replayMode === 'upstream' && network !== ERAS[4]);
    }
    for (const person of PEOPLE) check(ledger.balanceOf(person) >= 0n, 'negative balance');
    assertConsistentTables(ledger);
    directives = [];
    minted = 0n;
    blockNumber += 1n;
  };

  for (let step = 0; step < steps; step++) {
    if (random.below(3) === 0) endBlock();
    else tryDirective(randomDirective(random, ledger));
  }
  endBlock();
  for (const validator of ledger.validators()) {
    const wrapper = ledger.wrapperOf(validator)!;
    const bytes = encodeValidatorWrapper(wrapper);
    check(totalHoldings(decodeValidatorWrapper(bytes)) === totalHoldings(wrapper), 'lossy bytes');
  }
  return { applied, refused, dropped };
}
