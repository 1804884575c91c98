import {
  defineNetwork,
  type GenesisAccounts,
  localnet,
  mainnet,
  type Network,
  partner,
  reference,
  testnet,
} from '@polyphony/networks';
import { localnetAccounts } from '@polyphony/networks/genesis/localnet';
import { mainnetAccounts } from '@polyphony/networks/genesis/mainnet';
import { referenceAccounts, referenceTestKeys } from '@polyphony/networks/genesis/reference';
import { otherTestAccounts, testnetAccounts } from '@polyphony/networks/genesis/testnet';
import { bytesToHex, bytesToPlainHex, type Hex, hexToBytes, parseDec } from '@polyphony/primitives';
import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { electedShardState, genesisShardState, staticShardState } from '../src/assignment.js';
import { committeeOf, type ShardState, shardOfKey } from '../src/committee.js';
import { ShardingError } from '../src/errors.js';
import { computeShardStateHash, decodeShardState, encodeShardState } from '../src/shard-state.js';

/** The localnet that the node had in 2020: seven slots per shard instead of nine. */
const localnet2020 = defineNetwork({
  ...localnet,
  name: 'localnet-2020',
  sharding: [
    {
      fromEpoch: 0n,
      shardCount: 2,
      slotsPerShard: 7,
      harmonySlotsPerShard: 5,
      harmonyVoteShare: parseDec('1'),
    },
  ],
});

const all: Readonly<Record<string, readonly [Network, GenesisAccounts]>> = {
  mainnet: [mainnet, mainnetAccounts],
  testnet: [testnet, testnetAccounts],
  partner: [partner, otherTestAccounts],
  localnet: [localnet, localnetAccounts],
  'localnet-2020': [localnet2020, localnetAccounts],
};

const fixed = loadVectors<
  { readonly network: string; readonly epochs: readonly string[]; readonly shardId?: number },
  { readonly bytes?: Hex; readonly hash?: Hex }
>(import.meta.url, 'static-committees', {
  in: ['network', 'epochs', 'shardId'],
  out: ['bytes', 'hash'],
});

describe('committees from account lists', () => {
  test.each(fixed)('$name', ({ in: { network: name, epochs, shardId }, out }) => {
    const [network, accounts] = all[name]!;
    for (const epoch of epochs) {
      let state: ShardState = staticShardState(network, accounts, BigInt(epoch));
      if (shardId !== undefined) state = { ...state, committees: [committeeOf(state, shardId)] };
      if (out!.hash) expect(computeShardStateHash(state)).toBe(out!.hash);
      if (out!.bytes) {
        expect(bytesToHex(encodeShardState(state, 'legacy'))).toBe(out!.bytes);
        expect(decodeShardState(hexToBytes(out!.bytes))).toEqual(state);
      }
    }
  });

  test('the genesis committees of the reference network are its test members', () => {
    const state = genesisShardState(reference, referenceAccounts);
    for (const { shardId, slot, address, blsPublicKey } of referenceTestKeys()) {
      expect(committeeOf(state, shardId).slots[slot]).toEqual({
        address,
        blsPublicKey: hexToBytes(blsPublicKey),
        effectiveStake: undefined,
      });
    }
    expect(state.committees.map(({ slots }) => slots.length)).toEqual([4, 4, 4, 4]);
  });

  test.each([
    ['mainnet', 185n, 186n],
    ['testnet', 1n, 2n],
    ['localnet', 1n, 2n],
  ])('%s: fixed until epoch %s, elected from %s', (name, last, first) => {
    const [network, accounts] = all[name]!;
    expect(staticShardState(network, accounts, last).epoch).toBeUndefined();
    expect(() => staticShardState(network, accounts, first)).toThrow(
      new ShardingError({ code: 'sharding/elected-epoch', network: name, epoch: first }),
    );
  });

  test('a list that is too short is refused', () => {
    const short: GenesisAccounts = {
      harmonyAccountsAt: (epoch) => localnetAccounts.harmonyAccountsAt(epoch).slice(0, 11),
      externalAccountsAt: localnetAccounts.externalAccountsAt,
    };
    expect(() => genesisShardState(localnet, short)).toThrow(
      'the harmony account list must have 12 accounts, got 11',
    );
    const none: GenesisAccounts = {
      harmonyAccountsAt: localnetAccounts.harmonyAccountsAt,
      externalAccountsAt: () => [],
    };
    expect(() => genesisShardState(localnet, none)).toThrow(
      'the external account list must have 6 accounts, got 0',
    );
  });
});

const elected = loadVectors<
  {
    readonly network: string;
    readonly epoch: string;
    readonly purchases: readonly {
      readonly address: Hex;
      readonly key: string;
      readonly effectiveStake: string;
    }[];
  },
  {
    readonly shards: readonly {
      readonly shardId: number;
      readonly harmonySlots: number;
      readonly harmonyKeysHead: readonly string[];
      readonly external: readonly string[];
    }[];
  }
>(import.meta.url, 'elected-committees', {
  in: ['network', 'epoch', 'purchases'],
  out: ['shards'],
});

describe('committees with auction winners', () => {
  test.each(elected)('$name', ({ in: given, out }) => {
    const [network, accounts] = all[given.network]!;
    const purchases = given.purchases.map(({ address, key, effectiveStake }) => ({
      address,
      blsPublicKey: hexToBytes(key),
      effectiveStake: parseDec(effectiveStake),
    }));
    const state = electedShardState(network, accounts, BigInt(given.epoch), purchases);
    expect(state.epoch).toBe(BigInt(given.epoch));
    expect(state.committees.map(({ shardId }) => shardId)).toEqual(
      out!.shards.map(({ shardId }) => shardId),
    );
    for (const shard of out!.shards) {
      const { slots } = committeeOf(state, shard.shardId);
      const own = slots.slice(0, shard.harmonySlots);
      const won = slots.slice(shard.harmonySlots);
      expect(own.every(({ effectiveStake }) => effectiveStake === undefined)).toBe(true);
      const ownKeys = own.map(({ blsPublicKey }) => bytesToPlainHex(blsPublicKey));
      expect(ownKeys.slice(0, shard.harmonyKeysHead.length)).toEqual(shard.harmonyKeysHead);
      expect(won.map(({ blsPublicKey }) => bytesToPlainHex(blsPublicKey))).toEqual(shard.external);
      for (const slot of won) {
        const purchase = purchases.find(({ blsPublicKey }) => blsPublicKey === slot.blsPublicKey);
        expect(slot).toEqual(purchase);
      }
    }
    const encoded = encodeShardState(state, 'staking');
    expect(decodeShardState(encoded)).toEqual(state);
  });

  test('without winners only Harmony slots remain', () => {
    const state = electedShardState(localnet, localnetAccounts, 2n, []);
    expect(state.committees.map(({ slots }) => slots.length)).toEqual([6, 6]);
    const own = localnetAccounts.harmonyAccountsAt(2n).map(({ blsPublicKey }) => blsPublicKey);
    for (const { shardId, slots } of state.committees) {
      const keys = slots.map(({ blsPublicKey }) => bytesToHex(blsPublicKey));
      expect(keys).toEqual(own.filter((_, i) => i % 2 === shardId).slice(0, 6));
    }
    const none = electedShardState(reference, referenceAccounts, 1n, []);
    expect(none.committees.map(({ slots }) => slots)).toEqual([[], [], [], []]);
  });

  test('a key of a wrong length is refused', () => {
    const blsPublicKey = new Uint8Array(49);
    const purchase = { address: '0x00', blsPublicKey, effectiveStake: parseDec('1') } as const;
    expect(() => electedShardState(mainnet, mainnetAccounts, 200n, [purchase])).toThrow(
      'invalid committee: a BLS public key must be 48 bytes, got 49',
    );
  });
});

const keys = loadVectors<
  { readonly key: string; readonly shardCount: number },
  { readonly shardId: number }
>(import.meta.url, 'shard-of-key', { in: ['key', 'shardCount'], out: ['shardId'] });

describe('shard of a key', () => {
  test.each(keys)('$name', ({ in: { key, shardCount }, out }) => {
    expect(shardOfKey(hexToBytes(key), shardCount)).toBe(out!.shardId);
  });

  test.each([0, -1, 1.5, Number.NaN])('refuses %d shards', (shardCount) => {
    expect(() => shardOfKey(new Uint8Array(48), shardCount)).toThrow(ShardingError);
  });
});
