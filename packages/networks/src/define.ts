/**
 * Makes a network from its tables: checks them, completes what follows from them, freezes the result.
 *
 * Refuses tables under which the protocol's rules contradict each other; it does not judge whether a
 * network is wise.
 *
 * @source harmony/internal/configs/sharding/instance.go: NewInstance; harmony/internal/params/config.go: mustValid
 */
import { addressToBytes, DEC_ONE, DEC_ZERO, type Hex, hexToBytes } from '@polyphony/primitives';
import { ACTIVATIONS, type Activation, type Activations } from './activations.js';
import { assertActivationOrder } from './constraints.js';
import { NetworksError } from './errors.js';
import type {
  Economy,
  EpochSpan,
  EpochSpanDefinition,
  Network,
  NetworkDefinition,
  ReleaseStep,
  ShardingEra,
  ShardingEraDefinition,
} from './network.js';

const UINT64_LIMIT = 1n << 64n;
/** Ethereum-compatible ids must be told apart from Harmony's own. */
const ETH_CHAIN_ID_MINIMUM = 1666600000n;

/** `Address` and `Hash` are lower case inside the packages, however a table was written. */
const lower = (text: Hex): Hex => text.toLowerCase() as Hex;

function isUint64(value: bigint): boolean {
  return value >= 0n && value < UINT64_LIMIT;
}

function completeActivations(definition: NetworkDefinition): Activations {
  const known = new Set<string>(ACTIVATIONS);
  const epochs: Partial<Record<Activation, bigint | undefined>> = {};
  for (const [activation, epoch] of Object.entries(definition.activations)) {
    if (!known.has(activation)) {
      throw new NetworksError({
        code: 'networks/unknown-activation',
        network: definition.name,
        activation,
      });
    }
    if (epoch !== undefined && !isUint64(epoch)) {
      throw new NetworksError({
        code: 'networks/out-of-range',
        what: `activation epoch of ${activation}`,
        reason: `must be an unsigned 64-bit integer, got ${epoch}`,
      });
    }
  }
  for (const activation of ACTIVATIONS) epochs[activation] = definition.activations[activation];
  const complete = epochs as Activations;
  assertActivationOrder(definition.name, complete);
  return complete;
}

function completeSchedule(
  network: string,
  spans: readonly EpochSpanDefinition[],
): readonly EpochSpan[] {
  const refuse = (reason: string): never => {
    throw new NetworksError({ code: 'networks/invalid-schedule', network, reason });
  };
  const complete: EpochSpan[] = [];
  for (const { fromEpoch, blocksPerEpoch } of spans) {
    const before = complete.at(-1);
    if (before === undefined && fromEpoch !== 0n) refuse('must begin at epoch 0');
    if (before !== undefined && fromEpoch <= before.fromEpoch) {
      refuse(`must have ascending epochs, got ${fromEpoch} after ${before.fromEpoch}`);
    }
    if (!isUint64(fromEpoch)) refuse(`has an epoch beyond 64 bits: ${fromEpoch}`);
    if (blocksPerEpoch < 1n || !isUint64(blocksPerEpoch)) {
      refuse(`must have at least 1 block per epoch, got ${blocksPerEpoch}`);
    }
    const fromBlock =
      before === undefined
        ? 0n
        : before.fromBlock + (fromEpoch - before.fromEpoch) * before.blocksPerEpoch;
    complete.push({ fromEpoch, blocksPerEpoch, fromBlock });
  }
  if (complete.length === 0) refuse('must have at least one span');
  return complete;
}

/**
 * HIP-16: the most slots of a committee that one validator may hold, in single precision as the node
 * computes it.
 *
 * @param externalSlots - Slots of one committee that Harmony does not fill.
 * @param share - 0 to 1; 0 is no limit.
 * @returns A whole number, cut toward zero; 0 is no limit.
 * @source harmony/internal/configs/sharding/instance.go: SlotsLimit
 * @example computeSlotLimit(225, 0.06)  // 13
 */
export function computeSlotLimit(externalSlots: number, share: number): number {
  return Math.trunc(Math.fround(Math.fround(externalSlots) * Math.fround(share)));
}

function completeEra(network: string, era: ShardingEraDefinition): ShardingEra {
  const refuse = (reason: string): never => {
    throw new NetworksError({
      code: 'networks/invalid-sharding',
      network,
      fromEpoch: era.fromEpoch,
      reason,
    });
  };
  const { shardCount, slotsPerShard, harmonySlotsPerShard, harmonyVoteShare } = era;
  const slotLimitShare = era.slotLimitShare ?? 0;
  const feeCollectors = era.feeCollectors ?? [];
  const recovery = era.recovery;
  if (!Number.isInteger(shardCount) || shardCount < 1 || shardCount > 0xffffffff) {
    refuse(`must have at least 1 shard, got ${shardCount}`);
  }
  if (!Number.isInteger(slotsPerShard) || slotsPerShard < 1) {
    refuse(`must have at least 1 slot per shard, got ${slotsPerShard}`);
  }
  if (
    !Number.isInteger(harmonySlotsPerShard) ||
    harmonySlotsPerShard < 0 ||
    harmonySlotsPerShard > slotsPerShard
  ) {
    refuse(`must have 0 to ${slotsPerShard} Harmony slots, got ${harmonySlotsPerShard}`);
  }
  if (harmonyVoteShare < DEC_ZERO || harmonyVoteShare > DEC_ONE) {
    refuse('must have a Harmony vote share from 0 to 1');
  }
  if (!(slotLimitShare >= 0 && slotLimitShare <= 1)) {
    refuse(`must have a slot limit share from 0 to 1, got ${slotLimitShare}`);
  }
  let total = 0n;
  for (const { address, share } of feeCollectors) {
    addressToBytes(address);
    if (share < DEC_ZERO) refuse('must not have a fee collector with a negative share');
    total += share;
  }
  if (feeCollectors.length > 0 && total !== DEC_ONE) {
    refuse('must have fee collectors whose shares add up to 1');
  }
  if (recovery !== undefined) {
    addressToBytes(recovery.address);
    if (recovery.share <= DEC_ZERO || recovery.share > DEC_ONE) {
      refuse('must have a recovery share above 0 and at most 1');
    }
  }
  const externalPerShard = slotsPerShard - harmonySlotsPerShard;
  return {
    fromEpoch: era.fromEpoch,
    shardCount,
    slotsPerShard,
    harmonySlotsPerShard,
    harmonyVoteShare,
    slotLimitShare,
    feeCollectors: feeCollectors.map(({ address, share }) => ({ address: lower(address), share })),
    recovery: recovery && { address: lower(recovery.address), share: recovery.share },
    externalSlots: externalPerShard * shardCount,
    slotLimit: computeSlotLimit(externalPerShard, slotLimitShare),
  };
}

function completeSharding(
  network: string,
  eras: readonly ShardingEraDefinition[],
): readonly ShardingEra[] {
  let before: bigint | undefined;
  const complete = eras.map((era) => {
    if (before === undefined ? era.fromEpoch !== 0n : era.fromEpoch <= before) {
      throw new NetworksError({
        code: 'networks/invalid-sharding',
        network,
        fromEpoch: era.fromEpoch,
        reason: before === undefined ? 'must begin at epoch 0' : `must come after epoch ${before}`,
      });
    }
    before = era.fromEpoch;
    return completeEra(network, era);
  });
  if (complete.length === 0) {
    throw new NetworksError({
      code: 'networks/invalid-sharding',
      network,
      fromEpoch: 0n,
      reason: 'is missing',
    });
  }
  return complete;
}

function assertIdentity(definition: NetworkDefinition): void {
  const refuse = (reason: string): never => {
    throw new NetworksError({
      code: 'networks/invalid-network',
      network: definition.name,
      reason,
    });
  };
  const { chainId, ethChainId, minCommissionPromoPeriod, rewardPeriodBlocks } = definition;
  if (definition.name === '') refuse('a network needs a name');
  if (chainId < 1n || chainId >= ETH_CHAIN_ID_MINIMUM) {
    refuse(`the chain id must be from 1 to ${ETH_CHAIN_ID_MINIMUM - 1n}, got ${chainId}`);
  }
  if (ethChainId < ETH_CHAIN_ID_MINIMUM || !isUint64(ethChainId)) {
    refuse(`the Ethereum chain id must be at least ${ETH_CHAIN_ID_MINIMUM}, got ${ethChainId}`);
  }
  if (minCommissionPromoPeriod < 0n) refuse('the promotion period must not be negative');
  const { consensusVersion = 1 } = definition;
  if (consensusVersion !== 1 && consensusVersion !== 2) {
    refuse(`the consensus version must be 1 or 2, got ${consensusVersion}`);
  }
  if (rewardPeriodBlocks < 1n) refuse('the reward period must be at least 1 block');
  const { genesis } = definition;
  hexToBytes(genesis.extraData);
  if (!isUint64(genesis.timestamp) || !isUint64(genesis.gasLimit)) {
    refuse('genesis time and gas limit must be unsigned 64-bit integers');
  }
  for (const { address, balance } of genesis.allocations) {
    addressToBytes(address);
    if (balance < 0n) refuse(`the genesis balance of ${address} must not be negative`);
  }
  for (const hash of definition.refusedBlocks ?? []) hexToBytes(hash, 32);
  for (const { retainedHash } of definition.viewIdFloors ?? []) hexToBytes(retainedHash, 32);
}

function assertEconomy(network: string, economy: Economy | undefined): void {
  if (economy === undefined) return;
  const refuse = (reason: string): never => {
    throw new NetworksError({ code: 'networks/invalid-network', network, reason });
  };
  const { yearlyIssuance, yearSeconds } = economy;
  if (yearlyIssuance < 0n)
    refuse(`the yearly issuance must not be negative, got ${yearlyIssuance}`);
  if (yearSeconds < 1n) refuse(`a year must have at least 1 second, got ${yearSeconds}`);
}

function assertReleasePlan(network: string, plan: readonly ReleaseStep[]): void {
  let before: ReleaseStep | undefined;
  for (const step of plan) {
    const ordered = before === undefined || step.fromTime > before.fromTime;
    if (!ordered || step.share < (before?.share ?? DEC_ZERO) || step.share > DEC_ONE) {
      const reason = 'the release plan must have ascending times and shares from 0 to 1';
      throw new NetworksError({ code: 'networks/invalid-network', network, reason });
    }
    before = step;
  }
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) freeze(inner);
  }
  return value;
}

/**
 * Checks a network's tables and completes them to a {@link Network}.
 *
 * @param definition - Tables; another network can be spread into it. It is not changed.
 * @returns A deeply frozen value.
 * @throws {@link NetworksError} `networks/activation-order`, `networks/unknown-activation`,
 * `networks/invalid-schedule`, `networks/invalid-sharding`, `networks/invalid-network`,
 * `networks/out-of-range`.
 * @throws `PrimitivesError` for an address or hash that is not hexadecimal of the right length.
 * @example
 * const mine = defineNetwork({ ...localnet, name: 'mine', schedule: [{ fromEpoch: 0n, blocksPerEpoch: 10n }] })
 */
export function defineNetwork(definition: NetworkDefinition): Network {
  const { name } = definition;
  assertIdentity(definition);
  assertEconomy(name, definition.economy);
  assertReleasePlan(name, definition.releasePlan ?? []);
  const { timestamp, gasLimit, extraData, allocations } = definition.genesis;
  return freeze<Network>({
    name,
    chainId: definition.chainId,
    ethChainId: definition.ethChainId,
    blsSuite: definition.blsSuite,
    consensusVersion: definition.consensusVersion ?? 1,
    activations: completeActivations(definition),
    minCommissionPromoPeriod: definition.minCommissionPromoPeriod,
    schedule: completeSchedule(name, definition.schedule),
    sharding: completeSharding(name, definition.sharding),
    genesis: {
      timestamp,
      gasLimit,
      extraData: lower(extraData),
      allocations: allocations.map(({ shardIds, address, balance }) => ({
        ...(shardIds === undefined ? {} : { shardIds: [...shardIds] }),
        address: lower(address),
        balance,
      })),
    },
    rewardPeriodBlocks: definition.rewardPeriodBlocks,
    vdfDifficulty: definition.vdfDifficulty,
    economy: definition.economy && { ...definition.economy },
    randomSharding: definition.randomSharding && { ...definition.randomSharding },
    preStakingBlocks: [...(definition.preStakingBlocks ?? [])],
    releasePlan: (definition.releasePlan ?? []).map((step) => ({ ...step })),
    skippedEpochs: (definition.skippedEpochs ?? []).map((gap) => ({ ...gap })),
    viewIdFloors: (definition.viewIdFloors ?? []).map((entry) => ({
      ...entry,
      retainedHash: lower(entry.retainedHash),
    })),
    refusedBlocks: (definition.refusedBlocks ?? []).map(lower),
    endpoints: (definition.endpoints ?? []).map((endpoint) => ({ ...endpoint })),
    bootNodes: [...(definition.bootNodes ?? [])],
    slashBeneficiary: definition.slashBeneficiary ?? 'coinbase',
    withoutQuirks: definition.withoutQuirks ?? false,
  });
}
