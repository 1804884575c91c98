/**
 * Puts accounts and auction winners into committees.
 *
 * Before staking, fixed account lists fill every slot. From staking on, lists fill Harmony's slots and
 * the winners of the auction follow in auction order, each in the shard of its key. The auction itself
 * is decided elsewhere: its winners are data here.
 *
 * @source harmony/shard/committee/assignment.go: preStakingEnabledCommittee, eposStakedCommittee
 */
import {
  type GenesisAccount,
  type GenesisAccounts,
  isActive,
  type Network,
  type Sharding,
  shardingAt,
} from '@polyphony/networks';
import { type Address, type Dec, hexToBytes } from '@polyphony/primitives';
import {
  BLS_PUBLIC_KEY_LENGTH,
  type Committee,
  type ShardState,
  type Slot,
  shardOfKey,
} from './committee.js';
import { ShardingError } from './errors.js';

/** A seat won in the auction. */
export interface Purchase {
  readonly address: Address;
  /** 48 bytes. */
  readonly blsPublicKey: Uint8Array;
  /** Stake that counts for this seat, in atto as a decimal. */
  readonly effectiveStake: Dec;
}

function pick(
  list: 'harmony' | 'external',
  accounts: readonly GenesisAccount[],
  index: number,
  needed: number,
): Slot {
  const account = accounts[index];
  if (account === undefined) {
    throw new ShardingError({
      code: 'sharding/account-list-too-short',
      list,
      needed,
      actual: accounts.length,
    });
  }
  return {
    address: account.address,
    blsPublicKey: hexToBytes(account.blsPublicKey, BLS_PUBLIC_KEY_LENGTH),
    effectiveStake: undefined,
  };
}

/** Slot j of shard i is account i + j × shards: the lists are dealt out shard by shard. */
function deal(
  list: 'harmony' | 'external',
  accounts: readonly GenesisAccount[],
  shardId: number,
  count: number,
  shardCount: number,
): readonly Slot[] {
  return Array.from({ length: count }, (_, slot) =>
    pick(list, accounts, shardId + slot * shardCount, count * shardCount),
  );
}

function committees(
  sharding: Sharding,
  slotsOf: (shardId: number) => readonly Slot[],
): readonly Committee[] {
  return Array.from({ length: sharding.shardCount }, (_, shardId) => ({
    shardId,
    slots: slotsOf(shardId),
  }));
}

/**
 * The committees of an epoch before staking, or of the genesis block, from the network's account
 * lists. No stakes, no epoch: encode them in the legacy form.
 *
 * @param accounts - From `@polyphony/networks/genesis/<network>`.
 * @param epoch - Before the network's `staking`, or 0: genesis committees are fixed on every network.
 * @throws {@link ShardingError} `sharding/elected-epoch`, `sharding/account-list-too-short`.
 * @source harmony/shard/committee/assignment.go: preStakingEnabledCommittee
 * @example
 * const state = staticShardState(mainnet, mainnetAccounts, 88n)
 * computeShardStateHash(state)  // the shard state hash in the header of block 1769471
 */
export function staticShardState(
  network: Network,
  accounts: GenesisAccounts,
  epoch: bigint,
): ShardState {
  if (epoch !== 0n && isActive(network, 'staking', epoch)) {
    throw new ShardingError({ code: 'sharding/elected-epoch', network: network.name, epoch });
  }
  const sharding = shardingAt(network, epoch);
  const { shardCount, harmonySlotsPerShard, slotsPerShard } = sharding;
  const harmony = accounts.harmonyAccountsAt(epoch);
  const external = accounts.externalAccountsAt(epoch);
  return {
    epoch: undefined,
    committees: committees(sharding, (shardId) => [
      ...deal('harmony', harmony, shardId, harmonySlotsPerShard, shardCount),
      ...deal('external', external, shardId, slotsPerShard - harmonySlotsPerShard, shardCount),
    ]),
  };
}

/**
 * The committees of the genesis block.
 *
 * @throws {@link ShardingError} `sharding/account-list-too-short`.
 * @source harmony/core/genesis_initializer.go: InitGenesisShardState
 */
export function genesisShardState(network: Network, accounts: GenesisAccounts): ShardState {
  return staticShardState(network, accounts, 0n);
}

/**
 * The committees of a staking epoch: Harmony's slots from the account list, then the winners of the
 * auction in auction order, each in the shard of its key. Encode them in the staking form.
 *
 * @param epoch - The epoch the committees will serve in.
 * @param purchases - Winners in auction order; committees are not bounded per shard. Without any the
 * node keeps the committees of the epoch before, which is the caller's decision.
 * @throws {@link ShardingError} `sharding/account-list-too-short`, `sharding/invalid-committee` for a
 * key that is not 48 bytes.
 * @source harmony/shard/committee/assignment.go: eposStakedCommittee
 * @activation staking
 */
export function electedShardState(
  network: Network,
  accounts: GenesisAccounts,
  epoch: bigint,
  purchases: readonly Purchase[],
): ShardState {
  const sharding = shardingAt(network, epoch);
  const { shardCount, harmonySlotsPerShard } = sharding;
  const harmony = accounts.harmonyAccountsAt(epoch);
  const won: Slot[][] = Array.from({ length: shardCount }, () => []);
  for (const { address, blsPublicKey, effectiveStake } of purchases) {
    if (blsPublicKey.length !== BLS_PUBLIC_KEY_LENGTH) {
      throw new ShardingError({
        code: 'sharding/invalid-committee',
        reason: `a BLS public key must be ${BLS_PUBLIC_KEY_LENGTH} bytes, got ${blsPublicKey.length}`,
      });
    }
    won[shardOfKey(blsPublicKey, shardCount)]!.push({ address, blsPublicKey, effectiveStake });
  }
  return {
    epoch,
    committees: committees(sharding, (shardId) => [
      ...deal('harmony', harmony, shardId, harmonySlotsPerShard, shardCount),
      ...won[shardId]!,
    ]),
  };
}

/**
 * The committees that follow an epoch, with the case that the auction had no winner: then those of the
 * epoch before serve again. On testnet, if the number of shards changes as well, Harmony's slots serve
 * alone.
 *
 * @param epoch - The epoch the committees will serve in.
 * @param current - The committees of the epoch before.
 * @throws {@link ShardingError} as {@link electedShardState}.
 * @source harmony/shard/committee/assignment.go: eposStakedCommittee
 * @activation staking
 */
export function nextShardState(
  network: Network,
  accounts: GenesisAccounts,
  epoch: bigint,
  purchases: readonly Purchase[],
  current: ShardState,
): ShardState {
  const fewer = shardingAt(network, epoch).shardCount !== current.committees.length;
  if (purchases.length > 0 || (network.name === 'testnet' && fewer)) {
    return electedShardState(network, accounts, epoch, purchases);
  }
  return { epoch, committees: current.committees };
}
