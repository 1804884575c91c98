import { isProtocolError, parseDec } from '@polyphony/primitives';
import { describe, expect, test } from 'vitest';
import { ACTIVATIONS, type Activation, type Activations, isActive } from '../src/activations.js';
import { ACTIVATION_ORDER, brokenOrders } from '../src/constraints.js';
import { computeSlotLimit, defineNetwork } from '../src/define.js';
import { NetworksError } from '../src/errors.js';
import type { NetworkDefinition, ShardingEraDefinition } from '../src/network.js';
import { networkOf, networks } from './networks.js';

const base: NetworkDefinition = networkOf('mainnet');
const era: ShardingEraDefinition = {
  fromEpoch: 0n,
  shardCount: 2,
  slotsPerShard: 10,
  harmonySlotsPerShard: 4,
  harmonyVoteShare: parseDec('0.5'),
};
const account = '0x0100000000000000000000000000000000000001';

function errorOf(change: Partial<NetworkDefinition>): NetworksError {
  try {
    defineNetwork({ ...base, ...change });
  } catch (error) {
    if (error instanceof NetworksError) return error;
    throw error;
  }
  throw new Error('the definition was accepted');
}

const withEpoch = (changes: Partial<Record<Activation, bigint | undefined>>) => ({
  activations: { ...base.activations, ...changes },
});

describe('a network is a value', () => {
  test.each(Object.entries(networks))('%s can be defined again from itself', (_, network) => {
    expect(defineNetwork(network)).toEqual(network);
  });

  test.each(Object.entries(networks))('%s is frozen all the way down', (name, network) => {
    const visit = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      expect(Object.isFrozen(value)).toBe(true);
      Object.values(value).forEach(visit);
    };
    visit(network);
    expect(network.name).toBe(name);
  });

  test('a definition is not changed and not shared', () => {
    const epochs: { prague: bigint } = { prague: 5n };
    const own = { ...base, activations: epochs, sharding: [{ ...era }] };
    const network = defineNetwork(own);
    epochs.prague = 9n;
    expect(network.activations.prague).toBe(5n);
    expect(Object.isFrozen(own.sharding[0])).toBe(false);
  });

  test('what is left out never becomes active', () => {
    const network = defineNetwork({ ...base, activations: {} });
    for (const activation of ACTIVATIONS) {
      expect(isActive(network, activation, 2n ** 64n - 1n)).toBe(false);
    }
  });

  test('addresses and hashes are lower case however they were written', () => {
    const network = defineNetwork({
      ...base,
      refusedBlocks: [`0x${'AB'.repeat(32)}`],
      sharding: [
        {
          ...era,
          feeCollectors: [
            { address: '0xB728AEABF60FD01816EE9E756C18BC01DC91BA5D', share: parseDec('1') },
          ],
        },
      ],
    });
    expect(network.refusedBlocks).toEqual([`0x${'ab'.repeat(32)}`]);
    expect(network.sharding[0]!.feeCollectors[0]!.address).toBe(
      '0xb728aeabf60fd01816ee9e756c18bc01dc91ba5d',
    );
  });
});

describe('order of activations', () => {
  test.each(ACTIVATION_ORDER)('%s must come %s %s', (activation, relation, other) => {
    const accepted = (epoch: bigint | undefined, otherEpoch: bigint | undefined): boolean => {
      const epochs = { ...base.activations, [activation]: epoch, [other]: otherEpoch };
      const broken = brokenOrders(epochs as Activations);
      return !broken.some((order) => order[0] === activation && order[2] === other);
    };
    expect(accepted(7n, 7n)).toBe(relation === 'at or after');
    expect(accepted(6n, 7n)).toBe(false);
    expect(accepted(8n, 7n)).toBe(true);
    expect(accepted(undefined, 7n)).toBe(true);
    expect(accepted(7n, undefined)).toBe(false);
    expect(accepted(0n, 0n)).toBe(true);
  });

  test.each(ACTIVATION_ORDER)(
    'a network in which %s is not %s %s is refused',
    (activation, _, other) => {
      const { details } = errorOf({ activations: { [activation]: 6n, [other]: 7n } });
      expect(details.code).toBe('networks/activation-order');
    },
  );

  test('aggregated rewards begin after epoch 0 unless staking does too', () => {
    expect(errorOf(withEpoch({ aggregatedReward: 0n })).details).toMatchObject({
      code: 'networks/activation-order',
      activation: 'aggregatedReward',
      other: 'staking',
    });
  });

  test('a rule whose condition never holds is refused', () => {
    expect(errorOf({ activations: { feeCollect: 3n } }).message).toBe(
      'mainnet: feeCollect (epoch 3) must come at or after staking (which is never active)',
    );
  });

  test('messages name both epochs', () => {
    expect(errorOf(withEpoch({ maxRate: 1672n })).message).toBe(
      'mainnet: maxRate (epoch 1672) must come at or after hip30 (epoch 1673)',
    );
  });

  test('an unknown name and an epoch beyond 64 bits are refused', () => {
    const typo = { ...base.activations, stakign: 1n } as NetworkDefinition['activations'];
    expect(errorOf({ activations: typo }).code).toBe('networks/unknown-activation');
    expect(errorOf(withEpoch({ prague: 2n ** 64n })).code).toBe('networks/out-of-range');
    expect(errorOf(withEpoch({ prague: -1n })).code).toBe('networks/out-of-range');
  });
});

describe('schedule', () => {
  test.each<[string, NetworkDefinition['schedule']]>([
    ['no span', []],
    ['a first span after epoch 0', [{ fromEpoch: 1n, blocksPerEpoch: 5n }]],
    [
      'two spans from one epoch',
      [
        { fromEpoch: 0n, blocksPerEpoch: 5n },
        { fromEpoch: 0n, blocksPerEpoch: 6n },
      ],
    ],
    ['an epoch without blocks', [{ fromEpoch: 0n, blocksPerEpoch: 0n }]],
    ['a negative length', [{ fromEpoch: 0n, blocksPerEpoch: -5n }]],
    ['a length beyond 64 bits', [{ fromEpoch: 0n, blocksPerEpoch: 2n ** 64n }]],
    [
      'an epoch beyond 64 bits',
      [
        { fromEpoch: 0n, blocksPerEpoch: 5n },
        { fromEpoch: 2n ** 64n, blocksPerEpoch: 6n },
      ],
    ],
  ])('refuses %s', (_, schedule) => {
    expect(errorOf({ schedule }).code).toBe('networks/invalid-schedule');
  });
});

describe('sharding', () => {
  const one = parseDec('1');
  test.each<[string, NetworkDefinition['sharding']]>([
    ['no era', []],
    ['a first era after epoch 0', [{ ...era, fromEpoch: 1n }]],
    ['two eras from one epoch', [era, era]],
    ['no shard', [{ ...era, shardCount: 0 }]],
    ['half a shard', [{ ...era, shardCount: 1.5 }]],
    ['no slot', [{ ...era, slotsPerShard: 0, harmonySlotsPerShard: 0 }]],
    ['more Harmony slots than slots', [{ ...era, harmonySlotsPerShard: 11 }]],
    ['a negative number of Harmony slots', [{ ...era, harmonySlotsPerShard: -1 }]],
    ['a share above 1', [{ ...era, harmonyVoteShare: parseDec('1.000000000000000001') }]],
    ['a negative share', [{ ...era, harmonyVoteShare: parseDec('-0.1') }]],
    ['a slot limit above 1', [{ ...era, slotLimitShare: 1.1 }]],
    ['a slot limit that is no number', [{ ...era, slotLimitShare: Number.NaN }]],
    [
      'collectors that get too little',
      [{ ...era, feeCollectors: [{ address: account, share: parseDec('0.999999999999999999') }] }],
    ],
    [
      'a collector with a negative share',
      [
        {
          ...era,
          feeCollectors: [
            { address: account, share: parseDec('2') },
            { address: account, share: parseDec('-1') },
          ],
        },
      ],
    ],
    ['a recovery of nothing', [{ ...era, recovery: { address: account, share: parseDec('0') } }]],
    [
      'a recovery of more than everything',
      [{ ...era, recovery: { address: account, share: parseDec('1.1') } }],
    ],
  ])('refuses %s', (_, sharding) => {
    expect(errorOf({ sharding }).code).toBe('networks/invalid-sharding');
  });

  test('accepts the limits', () => {
    const edge = { ...era, harmonySlotsPerShard: 10, harmonyVoteShare: one, slotLimitShare: 1 };
    expect(defineNetwork({ ...base, sharding: [edge] }).sharding[0]!.externalSlots).toBe(0);
    const none = { ...era, harmonySlotsPerShard: 0, harmonyVoteShare: parseDec('0') };
    expect(defineNetwork({ ...base, sharding: [none] }).sharding[0]!.externalSlots).toBe(20);
  });

  test('refuses an address that is not 20 bytes', () => {
    const change = { sharding: [{ ...era, recovery: { address: '0x01', share: one } as const }] };
    expect(() => defineNetwork({ ...base, ...change })).toThrow(
      expect.toSatisfy(
        (error) => isProtocolError(error) && error.code === 'primitives/invalid-length',
      ),
    );
  });
});

describe('identity and genesis', () => {
  const { genesis } = base;
  const economy = networkOf('reference').economy!;
  const step = (fromTime: bigint, share: string) => ({ fromTime, share: parseDec(share) });
  test.each<[string, Partial<NetworkDefinition>]>([
    ['no name', { name: '' }],
    ['chain id 0', { chainId: 0n }],
    ['a chain id that looks Ethereum-compatible', { chainId: 1666600000n }],
    ['an Ethereum id that does not', { ethChainId: 1666599999n }],
    ['a negative promotion period', { minCommissionPromoPeriod: -1n }],
    ['a reward period of 0 blocks', { rewardPeriodBlocks: 0n }],
    ['a consensus version that is not known', { consensusVersion: 3 as 2 }],
    ['a negative genesis time', { genesis: { ...genesis, timestamp: -1n } }],
    [
      'a negative balance',
      { genesis: { ...genesis, allocations: [{ address: account, balance: -1n }] } },
    ],
    ['a negative issuance', { economy: { ...economy, yearlyIssuance: -1n } }],
    ['a year without seconds', { economy: { ...economy, yearSeconds: 0n } }],
    ['release steps at one time', { releasePlan: [step(5n, '0.1'), step(5n, '0.2')] }],
    ['a release that takes back', { releasePlan: [step(5n, '0.2'), step(6n, '0.1')] }],
    ['a release above 1', { releasePlan: [step(5n, '1.1')] }],
    ['a negative release', { releasePlan: [step(5n, '-0.1')] }],
  ])('refuses %s', (_, change) => {
    expect(errorOf(change).code).toBe('networks/invalid-network');
  });

  test('the release plan of mainnet ends each month and reaches 1 in May 2025', () => {
    const plan = base.releasePlan!;
    expect(plan).toHaveLength(73);
    expect(plan[0]!.fromTime).toBe(BigInt(Date.UTC(2019, 4, 31)) / 1000n);
    for (const [i, { fromTime }] of plan.entries()) {
      expect(fromTime).toBe(BigInt(Date.UTC(2019, 5 + i, 0)) / 1000n);
    }
    expect(plan.at(-1)).toEqual(step(1_748_649_600n, '1'));
  });
});

describe('slot limit in single precision', () => {
  test.each([
    [225, 0.06, 13],
    [180, 0.06, 10],
    [198, 0.06, 11],
    [22, 0.15, 3],
    [100, 0, 0],
    [0, 0.06, 0],
    // 0.29 × 100 is 28.999… in double precision but 29 in single.
    [100, 0.29, 29],
    // 0.7 × 10 is 7 in double precision and 7 (rounded up from 6.9999998) in single.
    [10, 0.7, 7],
  ])('%i slots × %d', (slots, share, limit) => {
    expect(computeSlotLimit(slots, share)).toBe(limit);
  });
});
