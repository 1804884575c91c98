/** The election: 1,000 slots among 10,000 validators with 20,000 keys, and the block that ends an epoch. */
import { bitmapFromIndices } from '@polyphony/bls/bitmap';
import {
  accumulateRewards,
  type Candidate,
  createStakingLedger,
  endEpoch,
  holdElection,
  runAuction,
  type SlotOrder,
  type StakingView,
  stakeBoundAt,
  type ValidatorWrapper,
} from '@polyphony/epos';
import {
  defineNetwork,
  type GenesisAccounts,
  lastBlockOfEpoch,
  reference,
} from '@polyphony/networks';
import {
  type Address,
  ATTO_PER_ONE,
  addressFromBytes,
  bytesToBigInt,
  bytesToHex,
  parseDec,
} from '@polyphony/primitives';
import { electedShardState, type ShardState } from '@polyphony/sharding';
import { type SeededRandom, seededRandom } from '@polyphony/testkit';
import { type BenchRow, row } from './harness.js';

const VALIDATORS = 10_000;
const KEYS = 2;
const SHARDS = 4;
const SLOTS = 1_000;
const DELEGATIONS = 10;

const network = defineNetwork({
  ...reference,
  name: 'bench',
  sharding: [
    {
      fromEpoch: 0n,
      shardCount: SHARDS,
      slotsPerShard: SLOTS / SHARDS,
      harmonySlotsPerShard: 0,
      harmonyVoteShare: parseDec('0'),
    },
  ],
});
const accounts: GenesisAccounts = {
  harmonyAccountsAt: () => [],
  externalAccountsAt: () => [],
};

function addressOf(number: number): Address {
  const bytes = new Uint8Array(20);
  new DataView(bytes.buffer).setUint32(16, Math.imul(number, 0x9e3779b1));
  return addressFromBytes(bytes);
}

function keyOf(random: SeededRandom): Uint8Array {
  return Uint8Array.from({ length: 48 }, () => random.below(256));
}

/** Stakes of 10,000 to 1,000,000 ONE with every atto in play. */
function stakeOf(random: SeededRandom): bigint {
  return (
    BigInt(10_000 + random.below(990_000)) * ATTO_PER_ONE +
    BigInt(random.below(1_000_000_000)) * 1_000_000_000n +
    BigInt(random.below(1_000_000_000))
  );
}

function makeCandidates(): readonly Candidate[] {
  const random = seededRandom(1);
  return Array.from({ length: VALIDATORS }, (_, i) => ({
    address: addressOf(i),
    status: 'active' as const,
    lastEpochInCommittee: 0n,
    blsPublicKeys: Array.from({ length: KEYS }, () => keyOf(random)),
    stake: stakeOf(random),
  }));
}

const SCALE = 10n ** 18n;

interface PlainSlot {
  readonly address: Address;
  readonly key: Uint8Array;
  readonly raw: bigint;
  readonly shard: number;
  readonly effective: bigint;
}

/** The floor: sort every bid, take the first, clamp around the median, deal them out. */
function plainElection(candidates: readonly Candidate[]): readonly PlainSlot[] {
  const bids = candidates.flatMap(({ address, stake, blsPublicKeys }) => {
    const raw = (stake * SCALE) / BigInt(blsPublicKeys.length);
    return blsPublicKeys.map((key) => ({ address, key, raw }));
  });
  bids.sort((a, b) =>
    a.raw !== b.raw
      ? a.raw < b.raw
        ? 1
        : -1
      : a.address < b.address
        ? -1
        : a.address > b.address
          ? 1
          : 0,
  );
  const winners = bids.slice(0, SLOTS);
  const middle = winners.length >> 1;
  const sum = winners[middle - 1]!.raw + winners[middle]!.raw;
  // Half to the even neighbour.
  const median = sum / 2n + (sum % 4n === 3n ? 1n : 0n);
  const bound = (part: bigint) => {
    const product = part * median;
    const whole = product / SCALE;
    const rest = product % SCALE;
    const up = rest * 2n > SCALE || (rest * 2n === SCALE && whole % 2n === 1n);
    return up ? whole + 1n : whole;
  };
  const highest = bound(1_350_000_000_000_000_000n);
  const lowest = bound(650_000_000_000_000_000n);
  const clamp = (raw: bigint) => {
    if (raw > highest) return highest;
    return raw < lowest ? lowest : raw;
  };
  return winners.map(({ address, key, raw }) => ({
    address,
    key,
    raw,
    shard: Number(bytesToBigInt(key) % BigInt(SHARDS)),
    effective: clamp(raw),
  }));
}

function show(state: ShardState): readonly string[] {
  return state.committees.flatMap(({ shardId, slots }) =>
    slots.map(
      ({ address, blsPublicKey, effectiveStake }) =>
        `${shardId} ${address} ${bytesToHex(blsPublicKey)} ${effectiveStake}`,
    ),
  );
}

function showPlain(slots: readonly PlainSlot[]): readonly string[] {
  return Array.from({ length: SHARDS }, (_, shard) => shard).flatMap((shard) =>
    slots
      .filter((slot) => slot.shard === shard)
      .map(({ address, key, effective }) => `${shard} ${address} ${bytesToHex(key)} ${effective}`),
  );
}

function makeRecords(candidates: readonly Candidate[]): readonly ValidatorWrapper[] {
  return candidates.map(({ address, blsPublicKeys, stake }, i) => {
    const amount = stake / BigInt(DELEGATIONS);
    return {
      address,
      blsPublicKeys,
      lastEpochInCommittee: i % 10 === 0 ? 8n : 0n,
      minSelfDelegation: 0n,
      maxTotalDelegation: stake * 2n,
      status: 'active',
      commission: {
        rate: parseDec('0.1'),
        maxRate: parseDec('0.9'),
        maxChangeRate: parseDec('0.05'),
        updateHeight: 0n,
      },
      description: { name: '', identity: '', website: '', securityContact: '', details: '' },
      creationHeight: 0n,
      delegations: Array.from({ length: DELEGATIONS }, (_, share) => ({
        delegator: share === 0 ? address : addressOf(VALIDATORS + i * DELEGATIONS + share),
        amount: amount + BigInt(share),
        reward: 0n,
        undelegations: share === 1 ? [{ amount: 1000n, epoch: 1n }] : [],
      })),
      counters: { toSign: i % 10 === 0 ? 300n : 0n, signed: i % 10 === 0 ? 250n : 0n },
      blockReward: 0n,
    };
  });
}

/** A ledger in the last block of epoch 8, whose committees were elected among the candidates. */
function makeEpochEnd(candidates: readonly Candidate[], current: ShardState) {
  const records = makeRecords(candidates);
  const ledger = createStakingLedger({
    wrappers: records.map((record) => ({ ...record, counters: { toSign: 0n, signed: 0n } })),
    epoch: 8n,
  });
  ledger.apply({
    wrappers: new Map(records.map((record) => [record.address, record])),
    balances: new Map(),
    logs: [],
    created: [],
    firstElectionEpochs: new Map(),
    issued: 0n,
    burned: 0n,
  });
  const context = {
    network,
    accounts,
    epoch: 8n,
    blockNumber: lastBlockOfEpoch(network, 8n),
    coinbase: addressOf(0),
    shardStateOf: () => current,
    elapsedSeconds: 2n * network.rewardPeriodBlocks,
  };
  // Every block of the period carries its parent's seal and a link of each other shard, all signed.
  const links = current.committees.map(({ shardId, slots }) => ({
    shardId,
    epoch: 8n,
    bitmap: bitmapFromIndices(
      slots.map((_, slot) => slot),
      slots.length,
    ),
  }));
  const [parent, ...crossLinks] = links;
  const carried = Array.from({ length: Number(network.rewardPeriodBlocks) }, () => ({
    parent: parent!,
    crossLinks,
  }));
  const rewards = (view: StakingView) => accumulateRewards(view, carried, context).transition;
  return () => {
    const { transition, shardState } = endEpoch(ledger, ledger, { current, rewards }, context);
    if (transition.issued === 0n || transition.balances.size < VALIDATORS) {
      throw new Error('the block must pay rewards and free tokens');
    }
    return shardState;
  };
}

export async function rows(): Promise<readonly BenchRow[]> {
  const candidates = makeCandidates();
  const context = { network, accounts, epoch: 8n };
  const none: ShardState = { epoch: 8n, committees: [] };
  const orders: readonly SlotOrder[] = candidates;
  const bound = stakeBoundAt(network, 9n);
  const auction = () =>
    electedShardState(network, accounts, 9n, runAuction(orders, SLOTS, bound).winners);
  const election = () => holdElection(candidates, none, context);
  // Made when it is measured: a heap full of records slows down what runs before.
  let finish: (() => Uint8Array) | undefined;
  const end = () => {
    finish ??= makeEpochEnd(candidates, election().shardState);
    return finish();
  };
  return [
    row({
      name: `elect ${SLOTS} slots among ${VALIDATORS} validators with ${VALIDATORS * KEYS} keys`,
      unit: 'elections',
      contenders: [
        {
          name: 'sort and clamp (floor)',
          run: () => plainElection(candidates),
          output: () => showPlain(plainElection(candidates)),
        },
        { name: 'polyphony auction', run: auction, output: () => show(auction()) },
        {
          name: 'polyphony election',
          run: election,
          output: () => show(election().shardState),
        },
      ],
      baseline: 'sort and clamp (floor)',
      targets: [
        { contender: 'polyphony auction', ratio: 1 / 1.8, to: 'sort and clamp (floor)' },
        { contender: 'polyphony election', ratio: 1 / 1.8, to: 'sort and clamp (floor)' },
      ],
    }),
    row({
      name: `end an epoch: ${VALIDATORS} validators, ${VALIDATORS * DELEGATIONS} delegations`,
      unit: 'blocks',
      contenders: [
        {
          name: 'polyphony',
          run: end,
          output: end,
        },
      ],
      baseline: 'polyphony',
      targets: [{ contender: 'polyphony', perSecond: 0.5 }],
    }),
  ];
}
