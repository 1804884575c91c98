/**
 * Harmony's mainnet: chain id 1, four shards until epoch 1672 and two from then on.
 *
 * The activation table is that of the releases up to August 2026; `strictStateValidation` had no
 * mainnet epoch in it. Committee lists are under `@polyphony/networks/genesis/mainnet`.
 *
 * @source harmony/internal/params/config.go: MainnetChainConfig;
 * harmony/internal/configs/sharding/mainnet.go
 */
import { ATTO_PER_ONE, parseDec } from '@polyphony/primitives';
import { defineNetwork } from './define.js';
import { zoneEndpoints } from './endpoints.js';
import { HARMONY_GENESIS_EXTRA, HARMONY_GENESIS_TIME } from './genesis.js';
import type { FeeCollector, Network, Recovery } from './network.js';
import { mainnetReleasePlan } from './release-plan.js';

const FEE_COLLECTORS: readonly FeeCollector[] = [
  { address: '0xa0c395a83503ad89613e43397e9fe1f8e93b6384', share: parseDec('0.5') },
  { address: '0xbdfee8587d347cd8df002e6154763325265fa84c', share: parseDec('0.5') },
];

const RECOVERY: Recovery = {
  address: '0xd8194284df879f465ed61dba6fa8300940cacea3',
  share: parseDec('0.25'),
};

/** Harmony's mainnet. */
export const mainnet: Network = defineNetwork({
  name: 'mainnet',
  chainId: 1n,
  ethChainId: 1666600000n,
  blsSuite: 'harmony',
  activations: {
    ethCompatible: 442n,
    crossTx: 28n,
    crossLink: 186n,
    aggregatedReward: 689n,
    staking: 186n,
    preStaking: 185n,
    quickUnlock: 191n,
    fiveSeconds: 230n,
    twoSeconds: 366n,
    sixtyPercent: 530n,
    redelegation: 290n,
    noEarlyUnlock: 530n,
    vrf: 631n,
    prevVrf: 689n,
    minDelegation100: 631n,
    minCommissionRate: 631n,
    eposBound35: 631n,
    eip155: 28n,
    s3: 28n,
    dataCopyFix: 689n,
    istanbul: 314n,
    receiptLog: 101n,
    sha3: 725n,
    hip6And8: 725n,
    stakingPrecompile: 871n,
    chainIdFix: 1323n,
    slotsLimited: 999n,
    crossShardXferPrecompile: 1323n,
    leaderRotationInternal: 2152n,
    leaderRotationExternal: 2152n,
    leaderRotationV2: 2964n,
    feeCollect: 1535n,
    validatorCodeFix: 1535n,
    hip30: 1673n,
    blockGas30M: 1673n,
    maxRate: 1733n,
    topMaxRate: 1976n,
    hip32: 2152n,
    bloom: 2964n,
    timestampValidation: 2964n,
    duplicateCrossLink: 2964n,
    rejectShard0CrossLink: 2964n,
    shardStateValidation: 2964n,
    cxMerkleProofReplayFix: 2964n,
    cxReceiptStateRollback: 2964n,
    validatorWrapperAddressBind: 2964n,
    blsProofBind: 2964n,
    slashExternalStakeDenomFix: 2964n,
    rejectDuplicateSlashEvidence: 2964n,
    slashGroupOrderFix: 2964n,
    slashBallotSignerFix: 2964n,
    verifyBeaconHeaderSlash: 2964n,
    eip1153TransientStorage: 2964n,
    eip7939Clz: 2964n,
    eip5656Mcopy: 2964n,
    eip3855: 2964n,
    eip3860: 2964n,
    eip6780: 2964n,
    eip8024: 2964n,
    eip2537Precompile: 2964n,
  },
  minCommissionPromoPeriod: 100n,
  schedule: [
    { fromEpoch: 0n, blocksPerEpoch: 344064n },
    { fromEpoch: 1n, blocksPerEpoch: 16384n },
    { fromEpoch: 366n, blocksPerEpoch: 32768n },
  ],
  sharding: [
    {
      fromEpoch: 0n,
      shardCount: 4,
      slotsPerShard: 150,
      harmonySlotsPerShard: 112,
      harmonyVoteShare: parseDec('1'),
    },
    {
      fromEpoch: 1n,
      shardCount: 4,
      slotsPerShard: 152,
      harmonySlotsPerShard: 112,
      harmonyVoteShare: parseDec('1'),
    },
    {
      fromEpoch: 5n,
      shardCount: 4,
      slotsPerShard: 200,
      harmonySlotsPerShard: 148,
      harmonyVoteShare: parseDec('1'),
    },
    {
      fromEpoch: 8n,
      shardCount: 4,
      slotsPerShard: 210,
      harmonySlotsPerShard: 148,
      harmonyVoteShare: parseDec('1'),
    },
    {
      fromEpoch: 10n,
      shardCount: 4,
      slotsPerShard: 216,
      harmonySlotsPerShard: 148,
      harmonyVoteShare: parseDec('1'),
    },
    {
      fromEpoch: 12n,
      shardCount: 4,
      slotsPerShard: 250,
      harmonySlotsPerShard: 170,
      harmonyVoteShare: parseDec('1'),
    },
    {
      fromEpoch: 185n,
      shardCount: 4,
      slotsPerShard: 250,
      harmonySlotsPerShard: 170,
      harmonyVoteShare: parseDec('0.68'),
    },
    {
      fromEpoch: 208n,
      shardCount: 4,
      slotsPerShard: 250,
      harmonySlotsPerShard: 130,
      harmonyVoteShare: parseDec('0.68'),
    },
    {
      fromEpoch: 231n,
      shardCount: 4,
      slotsPerShard: 250,
      harmonySlotsPerShard: 90,
      harmonyVoteShare: parseDec('0.68'),
    },
    {
      fromEpoch: 530n,
      shardCount: 4,
      slotsPerShard: 250,
      harmonySlotsPerShard: 50,
      harmonyVoteShare: parseDec('0.6'),
    },
    {
      fromEpoch: 725n,
      shardCount: 4,
      slotsPerShard: 250,
      harmonySlotsPerShard: 25,
      harmonyVoteShare: parseDec('0.49'),
    },
    {
      fromEpoch: 999n,
      shardCount: 4,
      slotsPerShard: 250,
      harmonySlotsPerShard: 25,
      harmonyVoteShare: parseDec('0.49'),
      slotLimitShare: 0.06,
    },
    {
      fromEpoch: 1535n,
      shardCount: 4,
      slotsPerShard: 250,
      harmonySlotsPerShard: 25,
      harmonyVoteShare: parseDec('0.49'),
      slotLimitShare: 0.06,
      feeCollectors: FEE_COLLECTORS,
    },
    {
      fromEpoch: 1673n,
      shardCount: 2,
      slotsPerShard: 200,
      harmonySlotsPerShard: 20,
      harmonyVoteShare: parseDec('0.49'),
      slotLimitShare: 0.06,
      feeCollectors: FEE_COLLECTORS,
      recovery: RECOVERY,
    },
    {
      fromEpoch: 2152n,
      shardCount: 2,
      slotsPerShard: 200,
      harmonySlotsPerShard: 2,
      harmonyVoteShare: parseDec('0.01'),
      slotLimitShare: 0.06,
      feeCollectors: FEE_COLLECTORS,
      recovery: RECOVERY,
    },
  ],
  genesis: {
    timestamp: HARMONY_GENESIS_TIME,
    gasLimit: 4_712_388n,
    extraData: HARMONY_GENESIS_EXTRA,
    allocations: [
      {
        shardIds: [0],
        address: '0xe25abc3f7c3d5fb7fb81eafd421ff1621a61107c',
        balance: 12_600_000_000n * ATTO_PER_ONE,
      },
    ],
  },
  rewardPeriodBlocks: 64n,
  vdfDifficulty: 50000,
  preStakingBlocks: [3_375_103n, 3_286_737n, 3_326_153n, 3_313_572n],
  releasePlan: mainnetReleasePlan(),
  skippedEpochs: [
    { shardId: 1, first: 181n, last: 185n },
    { shardId: 2, first: 184n, last: 185n },
    { shardId: 3, first: 183n, last: 185n },
  ],
  viewIdFloors: [
    {
      shardId: 0,
      retainedBlock: 92_730_034n,
      retainedHash: '0x30c35d2f2291e4b27debe7862956cf7a0cc7abefc044273d6823567335086d8d',
      floor: 1_000_000_000n,
    },
    {
      shardId: 1,
      retainedBlock: 94_978_278n,
      retainedHash: '0xa25d77e72c7f71f2b18847c7f6a9bbed8af42244915bd9175cc247d157b11b9f',
      floor: 1_000_000_000n,
    },
  ],
  // The abandoned blocks of August 2026: shard 0 numbers 92730035 and 92730036, shard 1 94978279.
  refusedBlocks: [
    '0x5de06979a333f20afb8b245a8cf44472dc5bfc7383a57ddee48e1809bcee7c5d',
    '0x890473cdb9aa8dc5c0bbd54cf20b6d8d84bda60d3dcb2273443d34432d8539e8',
    '0xc936581d391b74a620bf6636519834b14a9a2d4e9a5154867c8407f219d8a878',
  ],
  endpoints: zoneEndpoints('t.hmny.io', 2),
  bootNodes: ['/dnsaddr/bootstrap.t.hmny.io'],
});
