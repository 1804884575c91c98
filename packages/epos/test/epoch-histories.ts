/**
 * Random histories of whole epochs: directives, elections, signing, rewards, slashes and fines over
 * blocks, and after each block what must hold. A history is drawn from one number.
 */
import type { SlashRecord } from '@polyphony/chain';
import {
  defineNetwork,
  type GenesisAccounts,
  isLastBlockOfEpoch,
  type Network,
  type NetworkDefinition,
  shardingAt,
} from '@polyphony/networks';
import { type Address, bytesToHex, DEC_ZERO, type Hash, parseDec } from '@polyphony/primitives';
import type { ShardState } from '@polyphony/sharding';
import { type SeededRandom, seededRandom } from '@polyphony/testkit';
import { accumulateRewards, type CarriedSeals } from '../src/accumulate-rewards.js';
import { applyDirective } from '../src/apply-directive.js';
import type { SlashContext } from '../src/apply-slashes.js';
import { electionCandidates, holdElection, isEligible } from '../src/election.js';
import { EposError } from '../src/errors.js';
import { type BlockEnd, finishBlock } from '../src/finish-block.js';
import { createStakingLedger } from '../src/ledger.js';
import type { RegistrationContext } from '../src/registration.js';
import { stakedValidators } from '../src/staked-validators.js';
import type { ReplayMode, Transition } from '../src/types.js';
import { check, checkRecord, netOf, PEOPLE, RATES, randomDirective } from './histories.js';
import { address, key, networkWith, ONE, record, registration, share } from './support.js';

const BLOCKS = 6n;
const COINBASE = address(99);

const FIXES = {
  slashExternalStakeDenomFix: 0n,
  slashGroupOrderFix: 0n,
  strictStateValidation: 0n,
};

const RULES: readonly NetworkDefinition['activations'][] = [
  {},
  { eposBound35: 3n, redelegation: 2n, noEarlyUnlock: 4n, minCommissionRate: 2n },
  { ...FIXES, redelegation: 0n, hip30: 0n, minCommissionRate: 0n, maxRate: 2n, hip32: 3n },
  {
    ...FIXES,
    redelegation: 0n,
    hip30: 0n,
    minCommissionRate: 0n,
    maxRate: 0n,
    topMaxRate: 0n,
    hip32: 0n,
    doubleSignSlash: 0n,
    downtimeSlash: 0n,
  },
];

/** Three shards of up to four elected slots and one of Harmony's, two shards from epoch 5 on. */
const NETWORKS: readonly Network[] = RULES.map((activations) => {
  const plain = networkWith(activations, BLOCKS, 1n);
  const shape = {
    slotsPerShard: 4,
    harmonySlotsPerShard: 1,
    harmonyVoteShare: parseDec('0.4'),
    slotLimitShare: 0.5,
    recovery: { address: address(98), share: parseDec('0.25') },
  };
  return defineNetwork({
    ...plain,
    rewardPeriodBlocks: 3n,
    sharding: [
      { ...shape, fromEpoch: 0n, shardCount: 3 },
      { ...shape, fromEpoch: 5n, shardCount: 2 },
    ],
  });
});

const ACCOUNTS: GenesisAccounts = {
  harmonyAccountsAt: () =>
    [200, 201, 202].map((number) => ({
      address: address(number),
      blsPublicKey: bytesToHex(key(`k${number}`)),
    })),
  externalAccountsAt: () => [],
};

function hashOf(byte: number): Hash {
  return bytesToHex(new Uint8Array(32).fill(byte));
}

function randomSlash(random: SeededRandom, epoch: bigint, offender: Address): SlashRecord {
  const vote = (byte: number) => ({
    signerPublicKeys: [key('k1')],
    blockHash: hashOf(byte),
    signature: new Uint8Array(96),
  });
  const back = BigInt(random.below(2));
  const evidence = {
    epoch: epoch > back ? epoch - back : epoch,
    shardId: random.below(2),
    height: BigInt(random.below(9)),
    viewId: BigInt(random.below(3)),
    firstVote: vote(1),
    secondVote: vote(2),
    offender,
  };
  return { evidence, reporter: random.pick(PEOPLE) };
}

/** Bitmap over a committee in which each slot signed with the same chance. */
function randomSeal(random: SeededRandom, state: ShardState, shardId: number) {
  const { slots } = state.committees.find((committee) => committee.shardId === shardId)!;
  const bitmap = new Uint8Array(Math.ceil(slots.length / 8));
  const chance = random.below(5);
  slots.forEach((_, slot) => {
    if (random.below(4) < chance) bitmap[slot >> 3]! |= 1 << (slot & 7);
  });
  return { shardId, epoch: state.epoch!, bitmap };
}

/** What a history was made of. */
export interface EpochReport {
  elected: number;
  inactive: number;
  slashed: number;
  refused: number;
  issued: bigint;
  burned: bigint;
}

/**
 * Runs one history and throws when something that must hold does not: every block changes holdings and
 * balances by what it issues less what it burns, no balance is negative, only eligible validators are
 * elected and none is after a ban, nobody becomes active by itself, and banned validators earn nothing.
 */
export function runEpochHistory(seed: number, epochs: number): EpochReport {
  const random = seededRandom(seed);
  const network = random.pick(NETWORKS);
  const replayMode: ReplayMode = random.below(2) === 0 ? 'upstream' : 'strict';
  const report = { elected: 0, inactive: 0, slashed: 0, refused: 0, issued: 0n, burned: 0n };
  const wrappers = PEOPLE.slice(0, 3 + random.below(4)).map((person, i) => {
    const rate = random.pick(RATES.slice(0, 4));
    return record(i + 1, {
      commission: { rate, maxRate: parseDec('1'), maxChangeRate: rate, updateHeight: 0n },
      maxTotalDelegation: 10n ** 9n * ONE,
      delegations: [
        share(person, 20_000n * ONE + random.bigint(60)),
        ...PEOPLE.slice(6, 6 + random.below(4)).map((other) =>
          share(other, BigInt(1 + random.below(50_000)) * ONE + random.bigint(60)),
        ),
      ],
    });
  });
  const balances = [...PEOPLE, COINBASE].map((who) => [who, 10n ** 26n] as const);
  const ledger = createStakingLedger({ balances, wrappers });
  const empty = (epoch: bigint): ShardState => ({
    epoch,
    committees: Array.from({ length: 3 }, (_, shardId) => ({ shardId, slots: [] })),
  });
  const states = new Map<bigint, ShardState>([[0n, empty(0n)]]);
  let supply = ledger.totalSupply();
  let recent: CarriedSeals[] = [];

  const contextAt = (blockNumber: bigint): RegistrationContext & SlashContext => ({
    ...registration(network, { epoch: blockNumber / BLOCKS, blockNumber, replayMode }),
    coinbase: COINBASE,
  });
  const apply = (transition: Transition): void => {
    const net = netOf(ledger, transition);
    check(net === transition.issued - transition.burned, `a transition is off by ${net} atto`);
    check(transition.issued >= 0n, 'negative issue');
    ledger.apply(transition);
    supply += transition.issued - transition.burned;
    report.issued += transition.issued;
    report.burned += transition.burned;
  };
  const directives = (context: RegistrationContext) =>
    Array.from({ length: random.below(4) }, () => randomDirective(random, ledger)).filter(
      (directive) => {
        try {
          apply(applyDirective(ledger, directive, context));
          return true;
        } catch (error) {
          if (!(error instanceof EposError)) throw error;
          return false;
        }
      },
    );
  const elect = (context: RegistrationContext, current: ShardState): BlockEnd['election'] => {
    const where = { ...context, accounts: ACCOUNTS };
    const candidates = electionCandidates(ledger, context);
    const election = holdElection(candidates, current, where);
    const may = new Set(
      candidates.filter((one) => isEligible(one, where)).map(({ address: who }) => who),
    );
    const { externalSlots, slotLimit } = shardingAt(network, election.epoch);
    check(election.winners.length <= externalSlots, 'more winners than slots');
    for (const winner of election.winners) check(may.has(winner.address), 'not eligible');
    for (const { slots } of election.winners.length > 0 ? election.shardState.committees : []) {
      const counts = new Map<Address, number>();
      for (const { address: who, effectiveStake = DEC_ZERO } of slots) {
        if (effectiveStake > DEC_ZERO) counts.set(who, (counts.get(who) ?? 0) + 1);
      }
      for (const count of counts.values()) check(count <= slotLimit, 'above the limit');
    }
    states.set(election.epoch, election.shardState);
    report.elected += election.winners.length;
    return election;
  };
  const statuses = () =>
    new Map(ledger.validators().map((who) => [who, ledger.wrapperOf(who)!] as const));

  for (let blockNumber = 1n; blockNumber < BigInt(epochs) * BLOCKS; blockNumber++) {
    const context = contextAt(blockNumber);
    const current = states.get(context.epoch)!;
    const isLast = isLastBlockOfEpoch(network, blockNumber);
    const election = isLast ? elect(context, current) : undefined;
    const done = directives(context);
    const [parent, ...crossLinks] = current.committees.map(({ shardId }) =>
      randomSeal(random, current, shardId),
    );
    recent = [...recent, { parent, crossLinks }].slice(-3);
    const before = statuses();
    const rewards: BlockEnd['rewards'] = (view) =>
      accumulateRewards(view, recent, {
        ...context,
        shardStateOf: (epoch) => states.get(epoch),
      }).transition;
    const slashes = Array.from({ length: random.below(12) === 0 ? 1 + random.below(3) : 0 }, () =>
      randomSlash(random, context.epoch, random.pick(ledger.validators())),
    );
    const end: BlockEnd = { current, rewards, ...(election === undefined ? {} : { election }) };
    let transition: Transition;
    try {
      transition = finishBlock(ledger, { ...end, slashes }, context);
      report.slashed += slashes.length;
    } catch (error) {
      if (!(error instanceof EposError) || slashes.length === 0) throw error;
      report.refused += 1;
      transition = finishBlock(ledger, end, context);
    }
    apply(transition);
    for (const [who, old] of before) {
      const now = ledger.wrapperOf(who)!;
      check(old.status !== 'banned' || now.status === 'banned', 'a ban was lifted');
      check(old.status === now.status || now.status !== 'active', 'active by itself');
      check(old.status !== 'banned' || now.blockReward === old.blockReward, 'a banned one earns');
      if (old.status === 'active' && now.status === 'inactive') report.inactive += 1;
    }
    const flush = ledger.endBlock(context, done);
    supply += flush.duplicated;
    check(ledger.totalSupply() === supply, 'the supply is not what was issued less what was burnt');
    for (const who of ledger.validators()) checkRecord(ledger.wrapperOf(who)!, false);
    for (const who of ledger.accounts()) check(ledger.balanceOf(who) >= 0n, 'negative balance');
    if (isLast && replayMode === 'strict') {
      for (const who of stakedValidators(states.get(context.epoch + 1n)!)) {
        check(ledger.wrapperOf(who)!.lastEpochInCommittee === context.epoch + 1n, 'not noted');
      }
    }
  }
  return report;
}
