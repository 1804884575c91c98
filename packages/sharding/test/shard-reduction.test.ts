import { localnet, mainnet, partner, reference, testnet } from '@polyphony/networks';
import { localnetAccounts } from '@polyphony/networks/genesis/localnet';
import { mainnetAccounts } from '@polyphony/networks/genesis/mainnet';
import { testnetAccounts } from '@polyphony/networks/genesis/testnet';
import { decFromBigInt } from '@polyphony/primitives';
import { describe, expect, test } from 'vitest';
import { electedShardState, nextShardState } from '../src/assignment.js';
import { shardOfKey } from '../src/committee.js';
import {
  isMigrated,
  isRetiredBy,
  migrationHash,
  migrationTarget,
  shardReductionAfter,
} from '../src/shard-reduction.js';
import { address, key } from './samples.js';

/** A key that serves a given shard of four. */
function keyOfShard(shard: number): Uint8Array {
  const bytes = key(1).slice();
  bytes[47] = (bytes[47]! & 0xfc) | shard;
  return bytes;
}

describe('fewer shards', () => {
  test('after which epochs', () => {
    expect(shardReductionAfter(mainnet, 1672n)).toEqual({ from: 4, to: 2 });
    expect(shardReductionAfter(mainnet, 1671n)).toBeUndefined();
    expect(shardReductionAfter(mainnet, 1673n)).toBeUndefined();
    expect(shardReductionAfter(testnet, 485n)).toEqual({ from: 4, to: 2 });
    expect(shardReductionAfter(partner, 6n)).toBeUndefined();
  });

  test('validators with a key of shard 2 or 3 are retired', () => {
    const reduction = { from: 4, to: 2 };
    const retired = [0, 1, 2, 3].map((shard) => isRetiredBy(reduction, [keyOfShard(shard)]));
    expect(retired).toEqual([false, false, true, true]);
    expect(isRetiredBy(reduction, [keyOfShard(0), keyOfShard(3)])).toBe(true);
    expect(isRetiredBy(reduction, [keyOfShard(0), keyOfShard(1)])).toBe(false);
    expect(isRetiredBy(reduction, [])).toBe(false);
  });
});

describe('balances of shards that end', () => {
  const targets = (network: typeof mainnet, epoch: bigint): (number | undefined)[] =>
    [0, 1, 2, 3].map((shard) => migrationTarget(network, epoch, shard));

  test('on mainnet shards 2 and 3 give theirs to shard 1, in one epoch', () => {
    expect(targets(mainnet, 1671n)).toEqual([undefined, undefined, undefined, undefined]);
    expect(targets(mainnet, 1672n)).toEqual([undefined, undefined, 1, 1]);
    expect(targets(mainnet, 1673n)).toEqual([undefined, undefined, undefined, undefined]);
  });

  test('elsewhere every shard gives its own to shard 0', () => {
    expect(targets(testnet, 2175n).slice(0, 2)).toEqual([undefined, 0]);
    expect(targets(testnet, 2176n)).toEqual([undefined, undefined, undefined, undefined]);
    expect(targets(partner, 6n).slice(0, 2)).toEqual([undefined, 0]);
    expect(targets(reference, 0n)).toEqual([undefined, undefined, undefined, undefined]);
  });

  test('only plain accounts with a balance', () => {
    const plain = { isZeroAddress: false, hasCode: false, hasStorage: false, balance: 1n };
    expect(isMigrated(plain)).toBe(true);
    expect(isMigrated({ ...plain, balance: 0n })).toBe(false);
    expect(isMigrated({ ...plain, isZeroAddress: true })).toBe(false);
    expect(isMigrated({ ...plain, hasCode: true })).toBe(false);
    expect(isMigrated({ ...plain, hasStorage: true })).toBe(false);
  });

  test('block and shard are the hash of the receipt', () => {
    expect(migrationHash(0x0102030405060708n, 0x0a0b0c0d)).toBe(
      `0x${'00'.repeat(20)}08070605040302010d0c0b0a`,
    );
  });
});

describe('the committees that follow', () => {
  const purchase = { address: address(1), blsPublicKey: key(3), effectiveStake: decFromBigInt(9n) };

  test('winners are seated', () => {
    const current = electedShardState(localnet, localnetAccounts, 9n, []);
    const next = nextShardState(localnet, localnetAccounts, 10n, [purchase], current);
    expect(next).toEqual(electedShardState(localnet, localnetAccounts, 10n, [purchase]));
    const own = shardOfKey(purchase.blsPublicKey, 2);
    expect(next.committees[own]!.slots.at(-1)).toEqual(purchase);
  });

  test('without winners the same committees serve again', () => {
    const current = electedShardState(mainnet, mainnetAccounts, 1672n, [purchase]);
    expect(nextShardState(mainnet, mainnetAccounts, 1673n, [], current)).toEqual({
      epoch: 1673n,
      committees: current.committees,
    });
  });

  test("without winners and with fewer shards testnet has Harmony's slots", () => {
    const current = electedShardState(testnet, testnetAccounts, 485n, [purchase]);
    expect(nextShardState(testnet, testnetAccounts, 486n, [], current)).toEqual(
      electedShardState(testnet, testnetAccounts, 486n, []),
    );
    const later = electedShardState(testnet, testnetAccounts, 486n, [purchase]);
    expect(nextShardState(testnet, testnetAccounts, 487n, [], later).committees).toEqual(
      later.committees,
    );
  });
});
