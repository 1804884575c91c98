/**
 * Random economies over whole epochs: directives, transfers and fees, signatures, slashes, elections and
 * auto-compounding, and after each epoch what must hold. A history is drawn from one number.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Directive, SlashRecord } from '@polyphony/chain';
import {
  type GenesisAccounts,
  type Network,
  type NetworkDefinition,
  reference,
} from '@polyphony/networks';
import { referenceAccounts } from '@polyphony/networks/genesis/reference';
import { parseDec } from '@polyphony/primitives';
import { type SeededRandom, seededRandom } from '@polyphony/testkit';
import { type EconomyState, startEconomy } from '../src/economy-state.js';
import { EposError } from '../src/errors.js';
import { createStakingLedger, type LedgerData } from '../src/ledger.js';
import {
  type EpochOutcome,
  type EpochPlan,
  type SimulatedBlock,
  simulateEpoch,
} from '../src/simulate-epoch.js';
import type { ReplayMode, ValidatorWrapper } from '../src/types.js';
import { isValidWrapper, totalHoldings } from '../src/wrapper.js';
import { PEOPLE, randomDirective } from './histories.js';
import { address, key, networkWith, ONE, record, share } from './support.js';

const BLOCKS = 8n;
const PERIOD = 4n;
const COLLECTORS = [address(201), address(202)] as const;
const RECOVERY = address(203);

function economyNetwork(
  activations: NetworkDefinition['activations'],
  change: Partial<NetworkDefinition> = {},
): Network {
  const era = {
    fromEpoch: 0n,
    shardCount: 2,
    slotsPerShard: 4,
    harmonySlotsPerShard: 1,
    harmonyVoteShare: parseDec('0.4'),
    slotLimitShare: 0.5,
    feeCollectors: COLLECTORS.map((account) => ({ address: account, share: parseDec('0.5') })),
    recovery: { address: RECOVERY, share: parseDec('0.3') },
  };
  return networkWith(activations, BLOCKS, 1n, {
    withoutQuirks: false,
    slashBeneficiary: 'coinbase',
    rewardPeriodBlocks: PERIOD,
    sharding: [era],
    ...change,
  });
}

const OWN = {
  ...reference,
  name: 'own',
  minCommissionPromoPeriod: 1n,
  rewardPeriodBlocks: PERIOD,
  schedule: [{ fromEpoch: 0n, blocksPerEpoch: BLOCKS }],
};

/** Eras of rewards, and the reference network with both answers to who is paid for the absent. */
const ECONOMIES: readonly Network[] = [
  economyNetwork({ aggregatedReward: undefined, fiveSeconds: 0n, quickUnlock: 0n }),
  economyNetwork({ twoSeconds: 0n, redelegation: 0n, noEarlyUnlock: 0n, minCommissionRate: 0n }),
  economyNetwork({
    twoSeconds: 0n,
    redelegation: 0n,
    noEarlyUnlock: 0n,
    minCommissionRate: 0n,
    hip30: 2n,
    maxRate: 3n,
    feeCollect: 0n,
  }),
  networkWith(reference.activations, BLOCKS, 1n, OWN),
  networkWith(reference.activations, BLOCKS, 1n, {
    ...OWN,
    economy: { ...reference.economy!, absentShares: 'to-signers' },
  }),
];

/** The founders hold the slots of Harmony where there are any. */
const FOUNDERS: GenesisAccounts = {
  harmonyAccountsAt: () => referenceAccounts.externalAccountsAt(0n),
  externalAccountsAt: () => [],
};

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** Every atto of a stored state. */
export function supplyOf({ balances, wrappers }: LedgerData): bigint {
  let total = 0n;
  for (const [, balance] of balances) total += balance;
  for (const wrapper of wrappers) total += totalHoldings(wrapper);
  return total;
}

function randomValidators(random: SeededRandom): readonly ValidatorWrapper[] {
  return PEOPLE.slice(0, 2 + random.below(5)).map((person, i) => {
    const others = PEOPLE.filter((other) => other !== person && random.below(3) === 0);
    const rate = parseDec(random.pick(['0', '0.05', '0.3', '1']));
    return record(i + 1, {
      blsPublicKeys: Array.from({ length: 1 + random.below(3) }, (_, k) => {
        const bytes = key(`k${i * 4 + k}`);
        bytes[47] = random.below(4);
        return bytes;
      }),
      commission: {
        rate,
        maxRate: parseDec('1'),
        maxChangeRate: parseDec('0.3'),
        updateHeight: 0n,
      },
      delegations: [
        share(person, 10_000n * ONE + random.bigint(74)),
        ...others.map((other) => share(other, random.below(4) === 0 ? 0n : random.bigint(72))),
      ],
    });
  });
}

function randomSlash(random: SeededRandom, state: EconomyState): SlashRecord | undefined {
  const committee = random.pick(state.shardStates[state.shardStates.length - 1]!.committees);
  const seat = random.pick(committee.slots.filter((slot) => slot.effectiveStake !== undefined));
  if (seat === undefined) return undefined;
  const vote = (fill: string) => ({
    signerPublicKeys: [seat.blsPublicKey],
    blockHash: `0x${fill.repeat(64)}` as const,
    signature: new Uint8Array(96),
  });
  const evidence = {
    epoch: state.epoch,
    shardId: committee.shardId,
    height: 7n,
    viewId: 7n,
    firstVote: vote('1'),
    secondVote: vote('2'),
    offender: seat.address,
  };
  return { evidence, reporter: random.pick(PEOPLE) };
}

/** The blocks of an epoch, drawn once so that the epoch can be simulated again. */
function randomBlocks(
  random: SeededRandom,
  state: EconomyState,
): ReadonlyMap<bigint, SimulatedBlock> {
  const view = createStakingLedger(state.ledger);
  const blocks = new Map<bigint, SimulatedBlock>();
  let time = state.time;
  for (let number = state.blockNumber + 1n; number <= state.blockNumber + BLOCKS; number++) {
    time += BigInt(random.below(5));
    const directives: Directive[] = [];
    while (random.below(2) === 0) directives.push(randomDirective(random, view));
    const payer = random.pick(PEOPLE);
    const rich = view.balanceOf(payer) > 80_000n * ONE;
    const fees = rich && random.below(3) === 0 ? [{ from: payer, amount: random.bigint(50) }] : [];
    const transfers = rich
      ? [{ from: payer, to: random.pick(PEOPLE), amount: random.bigint(40) }]
      : [];
    const slash = random.below(25) === 0 ? randomSlash(random, state) : undefined;
    const slashes = slash === undefined ? [] : [slash];
    blocks.set(number, { time, directives, fees, transfers, slashes });
  }
  return blocks;
}

/** Who is absent by a coin that shard, slot and block decide. */
function absentee(random: SeededRandom): EpochPlan['signs'] {
  const salt = random.uint32();
  const often = random.below(5);
  return ({ shardId, slot, blockNumber }) => {
    const coin =
      Math.imul(salt ^ (shardId * 31 + slot * 7 + Number(blockNumber)), 0x9e3779b1) >>> 29;
    return coin >= often;
  };
}

function checkEpoch(before: EconomyState, outcome: EpochOutcome, network: Network): void {
  const { state, flows, earned, recovered } = outcome;
  const { issued, burntFees, burntStake, duplicated, accumulated } = flows;
  const change = supplyOf(state.ledger) - supplyOf(before.ledger);
  check(change === issued - burntFees - burntStake + duplicated, `off by ${change} atto`);
  for (const [, balance] of state.ledger.balances) check(balance >= 0n, 'negative balance');
  let paid = recovered;
  for (const amount of earned.values()) paid += amount;
  check(paid === issued, 'what was issued is not what was earned');
  const strict = network.withoutQuirks;
  check(!strict || accumulated === issued, 'the accumulator is not what was issued');
  check(!strict || duplicated === 0n, 'tokens were duplicated');
  const { economy } = network;
  if (economy === undefined) return;
  const seconds = state.paidTime - network.genesis.timestamp;
  const cap = (economy.yearlyIssuance * seconds) / economy.yearSeconds;
  check(state.totals.issued <= cap, 'more was issued than the cap allows');
  for (const wrapper of state.ledger.wrappers) {
    check(isValidWrapper(wrapper) || wrapper.status !== 'active', 'an active record breaks a rule');
  }
}

/** What a history was made of. */
export interface EconomyReport {
  readonly issued: bigint;
  readonly burnt: bigint;
  readonly refused: number;
  /** Validators that were banned. */
  readonly banned: number;
}

/**
 * Runs one history of some epochs and throws when something that must hold does not: supply changes by
 * exactly what was issued and burnt, nobody's balance is negative, issuance stays under the cap, and a
 * second run from a copy of the same plain data comes to the same state.
 */
export function runEconomy(seed: number, epochs: number): EconomyReport {
  const random = seededRandom(seed);
  const network = random.pick(ECONOMIES);
  const replayMode: ReplayMode | undefined = network.withoutQuirks
    ? undefined
    : random.pick(['upstream', 'strict']);
  const wrappers = randomValidators(random);
  const compounding = PEOPLE.filter(() => random.below(2) === 0).map(
    (person) => [person, wrappers.map((wrapper) => wrapper.address)] as const,
  );
  const balances = PEOPLE.map((person) => [person, BigInt(random.below(200_000)) * ONE] as const);
  const base = { network, accounts: FOUNDERS };
  let state = startEconomy({ ...base, epoch: 1n, wrappers, balances, compounding });
  let report = { issued: 0n, burnt: 0n, refused: 0, banned: 0 };
  for (let i = 0; i < epochs; i++) {
    const blocks = randomBlocks(random, state);
    const signs = absentee(random)!;
    const plan: EpochPlan = {
      ...base,
      signs,
      block: (number) => blocks.get(number),
      verifyKeyProof: (_key, bytes) => bytes[0] === 1,
      ...(replayMode === undefined ? {} : { replayMode }),
    };
    const run = (from: EconomyState): EpochOutcome => {
      try {
        return simulateEpoch(from, plan);
      } catch (error) {
        // A balance that a directive used up before a fee, or evidence that a node can not apply (Q6).
        if (!(error instanceof EposError)) throw error;
        const quiet = (number: bigint) => ({ time: blocks.get(number)!.time! });
        return simulateEpoch(from, { ...plan, block: quiet });
      }
    };
    const outcome = run(state);
    checkEpoch(state, outcome, network);
    if (i === 0) {
      const again = run(structuredClone(state));
      check(isDeepStrictEqual(again, outcome), 'equal inputs came to different results');
    }
    const banned = outcome.state.ledger.wrappers.filter(({ status }) => status === 'banned').length;
    report = {
      issued: report.issued + outcome.flows.issued,
      burnt: report.burnt + outcome.flows.burntFees + outcome.flows.burntStake,
      refused: report.refused + outcome.refused.length,
      banned,
    };
    state = outcome.state;
  }
  return report;
}
