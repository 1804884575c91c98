/**
 * What a network is: a value of numbers and tables. Nothing is installed or looked up globally; every
 * rule takes the network as an argument. `define.ts` checks the tables and completes them.
 */
import type { Address, Dec, Hash, Hex } from '@polyphony/primitives';
import type { Activation, Activations } from './activations.js';

/** One account that receives a share of the transaction fees. */
export interface FeeCollector {
  readonly address: Address;
  /** 0 to 1; the shares of an era add up to 1. */
  readonly share: Dec;
}

/** The account that receives a part of the emission since HIP-30. */
export interface Recovery {
  readonly address: Address;
  /** Above 0, at most 1. */
  readonly share: Dec;
}

/** How the shards are made up, as a table row. */
export interface ShardingDefinition {
  /** Number of shards, at least 1. */
  readonly shardCount: number;
  /** Slots of one committee. */
  readonly slotsPerShard: number;
  /** Slots of one committee that Harmony fills; the rest is for others. */
  readonly harmonySlotsPerShard: number;
  /** Voting share of Harmony's slots as a group, 0 to 1; the others have the rest. */
  readonly harmonyVoteShare: Dec;
  /** HIP-16: part of a committee's other slots that one validator may hold, 0 to 1; 0 is no limit. */
  readonly slotLimitShare?: number;
  /** Who receives the fees; nobody (fees are burnt) when empty or left out. */
  readonly feeCollectors?: readonly FeeCollector[];
  readonly recovery?: Recovery | undefined;
}

/** How the shards are made up in an epoch. */
export interface Sharding extends Required<ShardingDefinition> {
  /** Slots for others than Harmony over all shards. */
  readonly externalSlots: number;
  /** HIP-16: most slots of one validator in one shard; 0 is no limit. */
  readonly slotLimit: number;
}

/** A table row that holds from an epoch on. */
export interface ShardingEraDefinition extends ShardingDefinition {
  readonly fromEpoch: bigint;
}

/** A completed row: {@link Sharding} from an epoch on. */
export interface ShardingEra extends Sharding {
  readonly fromEpoch: bigint;
}

/** From which epoch on epochs have how many blocks. */
export interface EpochSpanDefinition {
  readonly fromEpoch: bigint;
  readonly blocksPerEpoch: bigint;
}

/** A completed span: with the number of its first block. */
export interface EpochSpan extends EpochSpanDefinition {
  readonly fromBlock: bigint;
}

/** Epochs that a shard jumped over: both ends belong to the gap. */
export interface SkippedEpochs {
  readonly shardId: number;
  readonly first: bigint;
  readonly last: bigint;
}

/** From a block on, view ids of a shard are at least the floor: how mainnet restarted in 2026. */
export interface ViewIdFloor {
  readonly shardId: number;
  /** Number of the retained head; the floor holds for blocks after it. */
  readonly retainedBlock: bigint;
  readonly retainedHash: Hash;
  readonly floor: bigint;
}

/** An account that owns something in the genesis state. */
export interface GenesisAllocation {
  /** The shards whose state has it; every shard when left out. */
  readonly shardIds?: readonly number[];
  readonly address: Address;
  /** Atto. */
  readonly balance: bigint;
}

/** Constants of the genesis headers and states. */
export interface GenesisConstants {
  /** Seconds since 1970. */
  readonly timestamp: bigint;
  readonly gasLimit: bigint;
  /** The header's extra field. */
  readonly extraData: Hex;
  readonly allocations: readonly GenesisAllocation[];
}

/** Public nodes of one shard. */
export interface Endpoint {
  readonly http: string;
  readonly webSocket: string;
}

/**
 * How new tokens come into being on a network that has its own rule. Networks without one follow the
 * deployed node: a fixed amount per block, by block time.
 */
export interface Economy {
  /** Most atto that may be issued in a year, over all shards and whatever the pace of the blocks. */
  readonly yearlyIssuance: bigint;
  /** Seconds of that year. */
  readonly yearSeconds: bigint;
  /**
   * What becomes of the share of a slot that did not sign: `to-signers` spreads it over those who did,
   * as the deployed node does; `not-issued` leaves it out.
   */
  readonly absentShares: 'to-signers' | 'not-issued';
  /** Whether a delegator may choose to have rewards staked again at the end of each epoch. */
  readonly autoCompounding: boolean;
}

/** How a network assigns elected keys to shards at random. */
export interface RandomSharding {
  /** Squarings of the delay between the last contribution to an epoch's randomness and its seed. */
  readonly delaySquarings: number;
  /** Size of the delay's discriminant. */
  readonly discriminantBits: number;
}

/** A part of the genesis tokens that is free from a time on, for figures of circulating supply. */
export interface ReleaseStep {
  /** Seconds since 1970. */
  readonly fromTime: bigint;
  /** Of all genesis tokens, 0 to 1. */
  readonly share: Dec;
}

/** The curve encoding and hash-to-curve that a network's BLS keys and signatures use. */
export type BlsSuite = 'harmony' | 'ietf';

/** A version of the consensus, see `NetworkDefinition.consensusVersion`. */
export type ConsensusVersion = 1 | 2;

/** What `defineNetwork` takes. A {@link Network} is one too, so a network can be spread and changed. */
export interface NetworkDefinition {
  readonly name: string;
  /** The chain id in Harmony-signed transactions. */
  readonly chainId: bigint;
  /** The Ethereum-compatible chain id of shard 0; shard n has this plus n. */
  readonly ethChainId: bigint;
  readonly blsSuite: BlsSuite;
  /**
   * Version of the consensus messages and of what votes sign: 1, Harmony's, as on all its networks; 2,
   * this project's own, whose votes bind chain, shard, epoch and view. Left out: 1.
   */
  readonly consensusVersion?: ConsensusVersion;
  /** Activation epochs; one that is left out or `undefined` never becomes active. */
  readonly activations: Readonly<Partial<Record<Activation, bigint | undefined>>>;
  /** Epochs after a first election during which a commission below the minimum is allowed. */
  readonly minCommissionPromoPeriod: bigint;
  /** Lengths of epochs of the beacon shard, the first from epoch 0. */
  readonly schedule: readonly EpochSpanDefinition[];
  /** Shapes of the committees, the first from epoch 0. */
  readonly sharding: readonly ShardingEraDefinition[];
  readonly genesis: GenesisConstants;
  /** Blocks between two payments of aggregated rewards. */
  readonly rewardPeriodBlocks: bigint;
  /** Squarings of the dormant VDF. */
  readonly vdfDifficulty: number;
  readonly economy?: Economy | undefined;
  /** Left out: a key's bytes choose its shard, as on the deployed networks. */
  readonly randomSharding?: RandomSharding | undefined;
  /** Last block before staking of each shard, as supply figures count it; none when left out. */
  readonly preStakingBlocks?: readonly bigint[];
  /** When genesis tokens became free, ascending; all from the start when empty or left out. */
  readonly releasePlan?: readonly ReleaseStep[];
  /**
   * Who is rewarded for evidence of double signing: the coinbase of the block that carries it, or the
   * account that reported it. Left out: `coinbase`.
   */
  readonly slashBeneficiary?: 'coinbase' | 'reporter';
  /**
   * Whether the unintended rules of the deployed node are left out unless a caller asks for them. Left
   * out: `false`.
   */
  readonly withoutQuirks?: boolean;
  readonly skippedEpochs?: readonly SkippedEpochs[];
  readonly viewIdFloors?: readonly ViewIdFloor[];
  /** Hashes of blocks that must be refused wherever they or links to them appear. */
  readonly refusedBlocks?: readonly Hash[];
  /** Public nodes, by shard id. */
  readonly endpoints?: readonly Endpoint[];
  /** Multiaddresses to find the first peers at. */
  readonly bootNodes?: readonly string[];
}

/**
 * A network: made by `defineNetwork`, deeply frozen.
 *
 * @example
 * import { epochOfBlock, isActive, mainnet } from '@polyphony/networks'
 * isActive(mainnet, 'staking', epochOfBlock(mainnet, 42379341n))  // true
 */
export interface Network extends NetworkDefinition {
  readonly consensusVersion: ConsensusVersion;
  readonly activations: Activations;
  readonly schedule: readonly EpochSpan[];
  readonly sharding: readonly ShardingEra[];
  readonly economy: Economy | undefined;
  readonly randomSharding: RandomSharding | undefined;
  readonly preStakingBlocks: readonly bigint[];
  readonly releasePlan: readonly ReleaseStep[];
  readonly skippedEpochs: readonly SkippedEpochs[];
  readonly viewIdFloors: readonly ViewIdFloor[];
  readonly refusedBlocks: readonly Hash[];
  readonly endpoints: readonly Endpoint[];
  readonly bootNodes: readonly string[];
  readonly slashBeneficiary: 'coinbase' | 'reporter';
  readonly withoutQuirks: boolean;
}
