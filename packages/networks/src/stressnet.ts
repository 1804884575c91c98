/**
 * Harmony's stress test network: chain id 5, two shards, epochs of 1024 blocks.
 *
 * @source harmony/internal/params/config.go: StressnetChainConfig;
 * harmony/internal/configs/sharding/stress.go
 */
import { parseDec } from '@polyphony/primitives';
import { defineNetwork } from './define.js';
import { zoneEndpoints } from './endpoints.js';
import { TEST_GENESIS } from './genesis.js';
import type { Network } from './network.js';

/** Harmony's stress test network. */
export const stressnet: Network = defineNetwork({
  name: 'stressnet',
  chainId: 5n,
  ethChainId: 1667000000n,
  blsSuite: 'harmony',
  activations: {
    ethCompatible: 0n,
    crossTx: 0n,
    crossLink: 2n,
    aggregatedReward: 3n,
    staking: 2n,
    preStaking: 1n,
    quickUnlock: 0n,
    fiveSeconds: 0n,
    twoSeconds: 0n,
    sixtyPercent: 10n,
    redelegation: 0n,
    noEarlyUnlock: 0n,
    vrf: 0n,
    prevVrf: 0n,
    minDelegation100: 0n,
    minCommissionRate: 0n,
    eposBound35: 0n,
    eip155: 0n,
    s3: 0n,
    dataCopyFix: 0n,
    istanbul: 0n,
    receiptLog: 0n,
    sha3: 0n,
    hip6And8: 0n,
    stakingPrecompile: 2n,
    chainIdFix: 0n,
    crossShardXferPrecompile: 1n,
    blockGas30M: 0n,
    topMaxRate: 0n,
    rejectShard0CrossLink: 0n,
    cxMerkleProofReplayFix: 0n,
  },
  minCommissionPromoPeriod: 10n,
  schedule: [{ fromEpoch: 0n, blocksPerEpoch: 1024n }],
  sharding: [
    {
      fromEpoch: 0n,
      shardCount: 2,
      slotsPerShard: 10,
      harmonySlotsPerShard: 10,
      harmonyVoteShare: parseDec('1'),
    },
    {
      fromEpoch: 2n,
      shardCount: 2,
      slotsPerShard: 30,
      harmonySlotsPerShard: 10,
      harmonyVoteShare: parseDec('0.9'),
    },
    {
      fromEpoch: 10n,
      shardCount: 2,
      slotsPerShard: 30,
      harmonySlotsPerShard: 10,
      harmonyVoteShare: parseDec('0.6'),
    },
  ],
  genesis: TEST_GENESIS,
  rewardPeriodBlocks: 64n,
  vdfDifficulty: 10000,
  endpoints: zoneEndpoints('stn.hmny.io', 2),
});
