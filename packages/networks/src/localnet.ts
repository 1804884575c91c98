/**
 * The local network of Harmony's own node: chain id 2 as on testnet, two shards of nine slots, a first
 * epoch of 5 blocks and then 16 blocks each. Its keys are public test keys.
 *
 * @source harmony/internal/params/config.go: LocalnetChainConfig;
 * harmony/internal/configs/sharding/localnet.go
 */
import { parseDec } from '@polyphony/primitives';
import { defineNetwork } from './define.js';
import { localEndpoints } from './endpoints.js';
import { TEST_GENESIS } from './genesis.js';
import type { FeeCollector, Network, Recovery } from './network.js';

const FEE_COLLECTORS: readonly FeeCollector[] = [
  { address: '0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a', share: parseDec('0.5') },
  { address: '0x1563915e194d8cfba1943570603f7606a3115508', share: parseDec('0.5') },
];

const RECOVERY: Recovery = {
  address: '0x5cbdd86a2fa8dc4bddd8a8f69dba48572eec07fb',
  share: parseDec('0.25'),
};

/** The local network of Harmony's own node. */
export const localnet: Network = defineNetwork({
  name: 'localnet',
  chainId: 2n,
  ethChainId: 1666700000n,
  blsSuite: 'harmony',
  activations: {
    ethCompatible: 0n,
    crossTx: 0n,
    crossLink: 2n,
    aggregatedReward: 3n,
    staking: 2n,
    preStaking: 0n,
    quickUnlock: 0n,
    fiveSeconds: 0n,
    twoSeconds: 0n,
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
    stakingPrecompile: 2n,
    chainIdFix: 0n,
    crossShardXferPrecompile: 1n,
    allowlist: 5n,
    leaderRotationInternal: 3n,
    leaderRotationExternal: 3n,
    leaderRotationV2: 5n,
    feeCollect: 2n,
    validatorCodeFix: 2n,
    hip30: 5n,
    blockGas30M: 0n,
    oneSecond: 4n,
    bloom: 5n,
    timestampValidation: 5n,
    duplicateCrossLink: 5n,
    rejectShard0CrossLink: 5n,
    shardStateValidation: 5n,
    cxMerkleProofReplayFix: 5n,
    cxReceiptStateRollback: 5n,
    validatorWrapperAddressBind: 5n,
    blsProofBind: 5n,
    slashExternalStakeDenomFix: 5n,
    rejectDuplicateSlashEvidence: 5n,
    slashGroupOrderFix: 5n,
    slashBallotSignerFix: 5n,
    verifyBeaconHeaderSlash: 5n,
    eip1153TransientStorage: 5n,
    eip7939Clz: 5n,
    eip5656Mcopy: 5n,
    eip3855: 5n,
    eip3860: 5n,
    eip6780: 5n,
    eip8024: 5n,
    eip2537Precompile: 5n,
    strictStateValidation: 1n,
    leaderLivenessRotation: 5n,
    doubleSignSlash: 5n,
    downtimeSlash: 5n,
  },
  minCommissionPromoPeriod: 10n,
  schedule: [
    { fromEpoch: 0n, blocksPerEpoch: 5n },
    { fromEpoch: 1n, blocksPerEpoch: 16n },
  ],
  sharding: [
    {
      fromEpoch: 0n,
      shardCount: 2,
      slotsPerShard: 9,
      harmonySlotsPerShard: 6,
      harmonyVoteShare: parseDec('0.68'),
    },
    {
      fromEpoch: 2n,
      shardCount: 2,
      slotsPerShard: 9,
      harmonySlotsPerShard: 6,
      harmonyVoteShare: parseDec('0.68'),
      feeCollectors: FEE_COLLECTORS,
    },
    {
      fromEpoch: 4n,
      shardCount: 2,
      slotsPerShard: 9,
      harmonySlotsPerShard: 6,
      harmonyVoteShare: parseDec('0.68'),
      feeCollectors: FEE_COLLECTORS,
      recovery: RECOVERY,
    },
  ],
  genesis: {
    ...TEST_GENESIS,
    allocations: [
      ...TEST_GENESIS.allocations,
      { address: '0xa5241513da9f4463f1d4874b548dfbac29d91f34', balance: 10n ** 28n },
    ],
  },
  rewardPeriodBlocks: 16n,
  vdfDifficulty: 5000,
  preStakingBlocks: [20n, 20n],
  endpoints: localEndpoints(2),
});
