/**
 * `reference`: our own network, for running the protocol without the history of any other.
 *
 * Every rule that a chain needs is in force from the genesis block: staking-era payloads, v3 headers,
 * the Bloom rules and the strict state rules. BLS uses the IETF ciphersuite, consensus this project's own messages. No slot is the network's
 * own. Fees are burnt, blocks come every two seconds, and at most 441,000,000 ONE are issued in a year, to those who
 * signed.
 *
 * None of the deployed node's unintended rules hold. Evidence of double signing may come from any
 * node, and who reports it is paid. The founders of the genesis block hold the first epoch; from then
 * on every slot is elected, and while nobody has staked the founders go on.
 *
 * Left without an epoch: switches that only choose another network's table (`devnetExternal`,
 * `testnetExternal`), one-second blocks, and rules that this repository does not execute
 * (liveness-aware view changes, EIP-2935).
 */
import { ATTO_PER_ONE, parseDec } from '@polyphony/primitives';
import { ACTIVATIONS, type Activation } from './activations.js';
import { defineNetwork } from './define.js';
import { localEndpoints } from './endpoints.js';
import type { Network } from './network.js';

const UNSCHEDULED: ReadonlySet<Activation> = new Set<Activation>([
  'devnetExternal',
  'testnetExternal',
  'oneSecond',
  'leaderLivenessRotation',
  'prague',
]);

const COMMITTEES = { shardCount: 4, slotsPerShard: 4, harmonySlotsPerShard: 0 } as const;

/**
 * Our own network: chain id 6, Ethereum-compatible ids from 1668000000, four shards of four slots,
 * epochs of 32 blocks. Its genesis keys are public and made for local use only.
 */
export const reference: Network = defineNetwork({
  name: 'reference',
  chainId: 6n,
  ethChainId: 1668000000n,
  blsSuite: 'ietf',
  consensusVersion: 2,
  activations: Object.fromEntries(
    ACTIVATIONS.filter((activation) => !UNSCHEDULED.has(activation)).map((activation) => [
      activation,
      0n,
    ]),
  ),
  minCommissionPromoPeriod: 10n,
  schedule: [{ fromEpoch: 0n, blocksPerEpoch: 32n }],
  sharding: [
    // Nobody has a stake in genesis: its members share all votes.
    { ...COMMITTEES, fromEpoch: 0n, harmonyVoteShare: parseDec('1') },
    { ...COMMITTEES, fromEpoch: 1n, harmonyVoteShare: parseDec('0') },
  ],
  genesis: {
    // 2026-01-01T00:00:00Z
    timestamp: 1767225600n,
    gasLimit: 30_000_000n,
    // "Polyphony reference network"
    extraData: '0x506f6c7970686f6e79207265666572656e6365206e6574776f726b',
    // The faucet of `genesis/reference`: 10^10 ONE on each shard.
    allocations: [{ address: '0x73a60a0403f227bb67293fc2640f00e5469a7405', balance: 10n ** 28n }],
  },
  rewardPeriodBlocks: 16n,
  economy: {
    yearlyIssuance: 441_000_000n * ATTO_PER_ONE,
    // 366 days: no calendar year gets more than the cap.
    yearSeconds: 366n * 86_400n,
    absentShares: 'not-issued',
    autoCompounding: true,
  },
  slashBeneficiary: 'reporter',
  withoutQuirks: true,
  // Short, for epochs of a minute on one machine; a public network takes what decision 13 says.
  randomSharding: { delaySquarings: 2_000, discriminantBits: 1024 },
  vdfDifficulty: 5000,
  endpoints: localEndpoints(4),
});
