/** A network and its validators, made from options. */
import {
  type EconomyState,
  type EpochPlan,
  startEconomy,
  type ValidatorWrapper,
} from '@polyphony/epos';
import {
  ACTIVATIONS,
  defineNetwork,
  type GenesisAccounts,
  mainnet,
  type Network,
  reference,
} from '@polyphony/networks';
import { mainnetAccounts } from '@polyphony/networks/genesis/mainnet';
import { referenceAccounts } from '@polyphony/networks/genesis/reference';
import { type Address, ATTO_PER_ONE, addressFromBytes, parseDec } from '@polyphony/primitives';
import { type SeededRandom, seededRandom } from '@polyphony/testkit';
import type { Options, Spread } from './options.js';

/** Pays the fees. */
const FAUCET: Address = '0xfafafafafafafafafafafafafafafafafafafafa';

/** Of all stakes together. */
const TOTAL_STAKE = 5_000_000_000n * ATTO_PER_ONE;
const LEAST_STAKE = 10_000n * ATTO_PER_ONE;

/** The rules of mainnet as they are now, in force from the first block. */
function liveRules(): Network {
  const known = ACTIVATIONS.filter((name) => mainnet.activations[name] !== undefined);
  return defineNetwork({
    ...mainnet,
    name: 'live',
    activations: Object.fromEntries(known.map((name) => [name, 0n])),
    sharding: [{ ...mainnet.sharding.at(-1)!, fromEpoch: 0n }],
    schedule: [{ fromEpoch: 0n, blocksPerEpoch: 64n }],
    preStakingBlocks: [],
    skippedEpochs: [],
  });
}

/** The network with the committees, epochs and bound of the options. */
function networkOf(options: Options): Network {
  const rules = options.network === 'live' ? liveRules() : reference;
  const era = { ...rules.sharding.at(-1)!, shardCount: options.shards };
  const bound = options.bound === 35 ? 0n : undefined;
  return defineNetwork({
    ...rules,
    activations: { ...rules.activations, eposBound35: bound },
    schedule: [{ fromEpoch: 0n, blocksPerEpoch: BigInt(options.blocks) }],
    sharding: [{ ...era, fromEpoch: 0n, slotsPerShard: options.slots + era.harmonySlotsPerShard }],
  });
}

/** Weights of the stakes, the greatest first. */
function weights(count: number, spread: Spread): readonly bigint[] {
  const scale = 10n ** 12n;
  return Array.from({ length: count }, (_, i) => {
    if (spread === 'equal') return scale;
    if (spread === 'zipf') return scale / BigInt(i + 1);
    return i === 0 ? scale * BigInt(count) : scale;
  });
}

function account(kind: number, index: number): Address {
  const bytes = new Uint8Array(20).fill(kind, 0, 8);
  bytes.set([index >> 24, index >> 16, index >> 8, index], 16);
  return addressFromBytes(bytes);
}

function share(delegator: Address, amount: bigint) {
  return { delegator, amount, reward: 0n, undelegations: [] };
}

const NO_TEXTS = { name: '', identity: '', website: '', securityContact: '', details: '' };

/** A validator with delegations of some amounts, its own first, and a rate. */
export function exampleValidator(amounts: readonly bigint[], rate: string): ValidatorWrapper {
  const most = parseDec('1');
  return {
    address: account(1, 0),
    blsPublicKeys: [new Uint8Array(48)],
    lastEpochInCommittee: 0n,
    minSelfDelegation: LEAST_STAKE,
    maxTotalDelegation: TOTAL_STAKE * 1000n,
    status: 'active',
    commission: { rate: parseDec(rate), maxRate: most, maxChangeRate: most, updateHeight: 0n },
    description: NO_TEXTS,
    creationHeight: 0n,
    delegations: amounts.map((amount, i) => share(i === 0 ? account(1, 0) : account(2, i), amount)),
    counters: { toSign: 0n, signed: 0n },
    blockReward: 0n,
  };
}

function validator(
  index: number,
  stake: bigint,
  options: Options,
  random: SeededRandom,
): ValidatorWrapper {
  const address = account(1, index);
  const { delegators } = options;
  const part = delegators === 0 ? 0n : (stake * 6n) / (10n * BigInt(delegators));
  const others = Array.from({ length: delegators }, (_, i) =>
    share(account(2, index * delegators + i), part),
  );
  return {
    ...exampleValidator([], random.pick(['0.07', '0.1', '0.2'])),
    address,
    blsPublicKeys: Array.from({ length: 1 + random.below(options.keys) }, () => random.bytes(48)),
    description: { ...NO_TEXTS, name: `validator ${index + 1}` },
    delegations: [share(address, stake - part * BigInt(delegators)), ...others],
  };
}

/** Everything that a simulation begins with. */
export interface Scenario {
  readonly state: EconomyState;
  readonly plan: EpochPlan;
}

/** The validators of the options, elected for epoch 1. */
export function createScenario(options: Options): Scenario {
  const random = seededRandom(options.seed);
  const network = networkOf(options);
  const accounts: GenesisAccounts =
    options.network === 'live' ? mainnetAccounts : referenceAccounts;
  const parts = weights(options.validators, options.spread);
  const whole = parts.reduce((sum, part) => sum + part, 0n);
  const wrappers = parts.map((part, i) => {
    const stake = (TOTAL_STAKE * part) / whole;
    return validator(i, stake < 3n * LEAST_STAKE ? 3n * LEAST_STAKE : stake, options, random);
  });
  const fees = [{ from: FAUCET, amount: BigInt(options.fees) * ATTO_PER_ONE }];
  const plan: EpochPlan = {
    network,
    accounts,
    signs: ({ shardId, slot, blockNumber }) => {
      const mixed =
        Math.imul(options.seed + shardId * 7919 + slot, 0x9e3779b1) ^ Number(blockNumber);
      return (Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) >>> 0) % 100 >= options.absent;
    },
    block: () => (options.fees === 0 ? undefined : { fees }),
  };
  const balances = [[FAUCET, 10n ** 30n]] as const;
  return { plan, state: startEconomy({ network, accounts, epoch: 1n, wrappers, balances }) };
}
