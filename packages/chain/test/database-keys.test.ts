/** The key table: prefix, then numbers of 8 or 4 bytes big-endian, epochs in the fewest bytes, hashes. */
import { bytesToPlainHex, utf8ToBytes } from '@polyphony/primitives';
import { expect, test } from 'vitest';
import * as keys from '../src/database-keys.js';
import { hashOf } from './support.js';

const HASH = hashOf(0xab);
const HASH_HEX = 'ab'.repeat(32);
const ADDRESS = `0x${'cd'.repeat(20)}` as const;
const ADDRESS_HEX = 'cd'.repeat(20);
const N = '0000000000000102';
const SHARD = '00000003';

const rows: readonly (readonly [keyof typeof keys, string, string, Uint8Array])[] = [
  ['headerKey', 'h', N + HASH_HEX, keys.headerKey(0x102n, HASH)],
  ['canonicalHashKey', 'h', `${N}6e`, keys.canonicalHashKey(0x102n)],
  ['blockNumberKey', 'H', HASH_HEX, keys.blockNumberKey(HASH)],
  ['bodyKey', 'b', N + HASH_HEX, keys.bodyKey(0x102n, HASH)],
  ['receiptsKey', 'r', N + HASH_HEX, keys.receiptsKey(0x102n, HASH)],
  ['transactionLookupKey', 'l', HASH_HEX, keys.transactionLookupKey(HASH)],
  ['crossShardLookupKey', 'cx', HASH_HEX, keys.crossShardLookupKey(HASH)],
  [
    'outgoingReceiptsKey',
    'cxReceipt',
    SHARD + N + HASH_HEX,
    keys.outgoingReceiptsKey(3, 0x102n, HASH),
  ],
  ['spentReceiptsKey', 'cxReceiptSpent', SHARD + N, keys.spentReceiptsKey(3, 0x102n)],
  ['shardStateKey', 'ss', '0375', keys.shardStateKey(885n)],
  ['shardStateKey', 'ss', '', keys.shardStateKey(0n)],
  ['blockSealKey', 'block-sig-', N, keys.blockSealKey(0x102n)],
  ['lastSealKey', 'LastCommits', '', keys.lastSealKey()],
  ['crossLinkKey', 'cl', SHARD + N, keys.crossLinkKey(3, 0x102n)],
  ['lastCrossLinkKey', 'cl', SHARD, keys.lastCrossLinkKey(3)],
  ['pendingCrossLinksKey', 'pendingCL', '', keys.pendingCrossLinksKey()],
  ['pendingSlashRecordsKey', 'pendingSC', '', keys.pendingSlashRecordsKey()],
  ['delegationsKey', 'dvl', ADDRESS_HEX, keys.delegationsKey(ADDRESS)],
  [
    'validatorSnapshotKey',
    'validator-snapshot',
    `${ADDRESS_HEX}0375`,
    keys.validatorSnapshotKey(ADDRESS, 885n),
  ],
  ['validatorStatisticsKey', 'validator-stats', ADDRESS_HEX, keys.validatorStatisticsKey(ADDRESS)],
  ['validatorListKey', 'validator-list', '', keys.validatorListKey()],
  ['accumulatedRewardKey', 'blk-rwd-', N, keys.accumulatedRewardKey(0x102n)],
  ['epochBlockNumberKey', 'harmony-epoch-block-number', '0375', keys.epochBlockNumberKey(885n)],
  ['codeKey', 'c', HASH_HEX, keys.codeKey(HASH)],
  ['validatorCodeKey', 'vc', HASH_HEX, keys.validatorCodeKey(HASH)],
  ['preimageKey', 'secure-key-', HASH_HEX, keys.preimageKey(HASH)],
  ['chainConfigKey', 'ethereum-config-', HASH_HEX, keys.chainConfigKey(HASH)],
];

test.each(rows)('%s %s', (_name, prefix, rest, key) => {
  expect(bytesToPlainHex(key)).toBe(bytesToPlainHex(utf8ToBytes(prefix)) + rest);
});

test('every key function has a row', () => {
  const functions = Object.entries(keys).filter(([, value]) => typeof value === 'function');
  const named = new Set(rows.map(([name]) => name as string));
  expect(functions.map(([name]) => name).filter((name) => !named.has(name))).toEqual([]);
});

test('no two different things share a key', () => {
  const all = rows.map(([, , , key]) => bytesToPlainHex(key));
  expect(new Set(all).size).toBe(all.length);
});
