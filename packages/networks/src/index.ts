/** Harmony networks as values: chain ids, activation epochs, sharding schedule, genesis constants. */
export {
  ACTIVATIONS,
  type Activation,
  type Activations,
  activationEpoch,
  BLOOM_BUNDLE,
  isActive,
} from './activations.js';
export {
  chainIdOf,
  ethChainIdOfShard,
  FIRST_ETH_CHAIN_ID,
  isEthCompatibleChainId,
  shardOfEthChainId,
} from './chain-id.js';
export { computeSlotLimit, defineNetwork } from './define.js';
export { NetworksError, type NetworksErrorDetails } from './errors.js';
export {
  type GenesisAccount,
  type GenesisAccounts,
  type GenesisBalance,
  genesisBalances,
} from './genesis.js';
export { localnet } from './localnet.js';
export { mainnet } from './mainnet.js';
export type {
  BlsSuite,
  ConsensusVersion,
  Economy,
  Endpoint,
  EpochSpan,
  EpochSpanDefinition,
  FeeCollector,
  GenesisAllocation,
  GenesisConstants,
  Network,
  NetworkDefinition,
  RandomSharding,
  Recovery,
  ReleaseStep,
  Sharding,
  ShardingDefinition,
  ShardingEra,
  ShardingEraDefinition,
  SkippedEpochs,
  ViewIdFloor,
} from './network.js';
export { pangaea } from './pangaea.js';
export { partner } from './partner.js';
export { reference } from './reference.js';
export {
  blockPeriodMs,
  blocksPerEpochAt,
  epochOfBlock,
  firstBlockOfEpoch,
  isLastBlockOfEpoch,
  isSkippedEpoch,
  lastBlockOfEpoch,
} from './schedule.js';
export { shardingAt } from './sharding.js';
export { stressnet } from './stressnet.js';
export { testnet } from './testnet.js';
