/**
 * Pangaea, the network of Harmony's open staking tests of 2020: chain id 3, four shards.
 *
 * @source harmony/internal/params/config.go: PangaeaChainConfig;
 * harmony/internal/configs/sharding/pangaea.go
 */
import { parseDec } from '@polyphony/primitives';
import { defineNetwork } from './define.js';
import { zoneEndpoints } from './endpoints.js';
import { TEST_GENESIS } from './genesis.js';
import type { Network } from './network.js';

/** Harmony's Pangaea network. */
export const pangaea: Network = defineNetwork({
  name: 'pangaea',
  chainId: 3n,
  ethChainId: 1666800000n,
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
    sixtyPercent: 0n,
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
    rejectShard0CrossLink: 0n,
    cxMerkleProofReplayFix: 0n,
  },
  minCommissionPromoPeriod: 10n,
  schedule: [{ fromEpoch: 0n, blocksPerEpoch: 450n }],
  sharding: [
    {
      fromEpoch: 0n,
      shardCount: 4,
      slotsPerShard: 30,
      harmonySlotsPerShard: 30,
      harmonyVoteShare: parseDec('1'),
    },
    {
      fromEpoch: 2n,
      shardCount: 4,
      slotsPerShard: 110,
      harmonySlotsPerShard: 30,
      harmonyVoteShare: parseDec('0.68'),
    },
  ],
  genesis: TEST_GENESIS,
  rewardPeriodBlocks: 64n,
  vdfDifficulty: 10000,
  endpoints: zoneEndpoints('os.hmny.io', 4),
});
