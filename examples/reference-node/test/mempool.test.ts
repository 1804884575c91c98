import { reference } from '@polyphony/networks';
import type { Address } from '@polyphony/primitives';
import { propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createMempool,
  defaultPoolLimits,
  type PlainPoolTransaction,
  type PoolRejection,
  type PoolState,
  type PoolTransaction,
} from '../src/mempool.js';

const GWEI = 1_000_000_000n;
const account = (n: number): Address => `0x${n.toString(16).padStart(40, '0')}`;
const ALICE = account(1);
const BOB = account(2);

function state(nonces: Record<Address, bigint> = {}, balance = 10n ** 24n): PoolState {
  return {
    nonceOf: (address) => nonces[address] ?? 0n,
    balanceOf: () => balance,
    gasLimit: 30_000_000n,
    epoch: 0n,
  };
}

let made = 0;
function pooled(
  sender: Address,
  nonce: bigint,
  gasPrice = 100n * GWEI,
  change: Partial<PlainPoolTransaction['transaction']> = {},
): PlainPoolTransaction {
  made += 1;
  return {
    kind: 'plain',
    sender,
    size: 200,
    hash: `0x${made.toString(16).padStart(64, 'a')}`,
    ethereumHash: `0x${made.toString(16).padStart(64, 'b')}`,
    transaction: {
      nonce,
      gasPrice,
      gasLimit: 21_000n,
      shardId: 0,
      toShardId: 0,
      to: BOB,
      value: 1n,
      data: new Uint8Array(0),
      v: 27n,
      r: 1n,
      s: 1n,
      ...change,
    },
  };
}

const refusal = (run: () => void): string | undefined => {
  try {
    run();
  } catch (error) {
    return (error as PoolRejection).message;
  }
  return undefined;
};

test('the dearest first, each sender by nonce, nothing beyond a gap', () => {
  const pool = createMempool(reference, 0);
  const a1 = pooled(ALICE, 1n, 900n * GWEI);
  const a0 = pooled(ALICE, 0n, 100n * GWEI);
  const a3 = pooled(ALICE, 3n, 999n * GWEI);
  const b0 = pooled(BOB, 0n, 200n * GWEI);
  for (const transaction of [a1, a0, a3, b0]) pool.add(transaction, state(), 0);
  expect(pool.executable(state(), 10).map(({ hash }) => hash)).toEqual([b0.hash, a0.hash, a1.hash]);
  expect(pool.executable(state(), 2)).toHaveLength(2);
  expect(pool.counts(state())).toEqual({ executable: 3, queued: 1 });
  expect(pool.nextNonce(ALICE, state())).toBe(2n);
  expect(pool.get(a3.ethereumHash)?.hash).toBe(a3.hash);
});

test('equal prices keep the order of arrival', () => {
  const pool = createMempool(reference, 0);
  const sent = [5, 3, 4].map((n) => pooled(account(n), 0n));
  for (const transaction of sent) pool.add(transaction, state(), 0);
  expect(pool.executable(state(), 10).map(({ hash }) => hash)).toEqual(
    sent.map(({ hash }) => hash),
  );
});

test.each<[string, PoolTransaction, PoolState, string]>([
  [
    'another shard',
    pooled(ALICE, 0n, GWEI, { shardId: 1, toShardId: 1 }),
    state(),
    'invalid shard',
  ],
  [
    'cross-shard',
    pooled(ALICE, 0n, GWEI, { toShardId: 1 }),
    state(),
    'cross-shard transactions are not served by this node yet: invalid shard',
  ],
  [
    'too large',
    { ...pooled(ALICE, 0n), size: 131_072 },
    state(),
    'encoded tx size: 131072: oversized data',
  ],
  [
    'more gas than a block',
    pooled(ALICE, 0n, GWEI, { gasLimit: 30_000_001n }),
    state(),
    'transaction gas is 30000001: exceeds block gas limit',
  ],
  [
    'too cheap',
    pooled(ALICE, 0n, GWEI - 1n),
    state(),
    'transaction gas-price is 0.999999999 nano; minimum gas price is 1.000000000 nano: transaction underpriced',
  ],
  [
    'an old nonce',
    pooled(ALICE, 4n),
    state({ [ALICE]: 5n }),
    'transaction nonce is 4: nonce too low',
  ],
  [
    'too poor by one atto',
    pooled(ALICE, 0n, GWEI),
    state({}, 21_000n * GWEI),
    'current shard-id: 0: insufficient funds for gas * price + value',
  ],
  [
    'too little gas by one',
    pooled(ALICE, 0n, GWEI, { gasLimit: 20_999n }),
    state(),
    'transaction gas is 20999: intrinsic gas too low',
  ],
])('refuses %s', (_name, transaction, at, message) => {
  const pool = createMempool(reference, 0);
  expect(refusal(() => pool.add(transaction, at, 0))).toBe(message);
  expect(pool.size).toBe(0);
});

test('the largest transaction that is taken', () => {
  const pool = createMempool(reference, 0);
  pool.add({ ...pooled(ALICE, 0n), size: 131_071 }, state(), 0);
  expect(pool.size).toBe(1);
});

test('a replacement must pay a tenth more, and takes the place', () => {
  const pool = createMempool(reference, 0);
  const first = pooled(ALICE, 0n, 100n * GWEI);
  pool.add(first, state(), 0);
  expect(refusal(() => pool.add(first, state(), 0))).toContain('known transaction');
  const cheap = pooled(ALICE, 0n, 110n * GWEI - 1n);
  expect(refusal(() => pool.add(cheap, state(), 0))).toBe('replacement transaction underpriced');
  const dear = pooled(ALICE, 0n, 110n * GWEI);
  pool.add(dear, state(), 0);
  expect(pool.size).toBe(1);
  expect(pool.get(first.hash)).toBeUndefined();
  expect(pool.executable(state(), 1)[0]!.hash).toBe(dear.hash);
});

test('a new head drops what it contains and what waited too long', () => {
  const pool = createMempool(reference, 0);
  const lifetime = defaultPoolLimits(reference).lifetimeMs;
  pool.add(pooled(ALICE, 0n), state(), 0);
  pool.add(pooled(ALICE, 1n), state(), 5);
  pool.reset(state({ [ALICE]: 1n }), 10);
  expect(pool.size).toBe(1);
  pool.reset(state({ [ALICE]: 1n }), lifetime + 6);
  expect(pool.size).toBe(0);
});

test('one sender cannot fill the pool, and the pool has a bound', () => {
  const limits = { ...defaultPoolLimits(reference), perSender: 3, total: 5 };
  const pool = createMempool(reference, 0, limits);
  for (let nonce = 0n; nonce < 3n; nonce += 1n) pool.add(pooled(ALICE, nonce), state(), 0);
  expect(refusal(() => pool.add(pooled(ALICE, 3n), state(), 0))).toContain('account limit');
  pool.add(pooled(BOB, 0n), state(), 0);
  pool.add(pooled(BOB, 1n), state(), 0);
  expect(refusal(() => pool.add(pooled(account(9), 0n), state(), 0))).toBe(
    'transaction pool is full',
  );
  expect(pool.size).toBe(5);
});

test('whatever is added and dropped, the count is right and every order is by nonce', () => {
  const step = fc.record({
    sender: fc.integer({ min: 1, max: 4 }),
    nonce: fc.bigInt({ min: 0n, max: 6n }),
    price: fc.bigInt({ min: 1n, max: 500n }),
    drop: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const pool = createMempool(reference, 0);
      const known = new Map<string, PoolTransaction>();
      for (const { sender, nonce, price, drop } of steps) {
        const transaction = pooled(account(sender), nonce, price * GWEI);
        const slot = `${sender}/${nonce}`;
        if (drop) {
          const old = known.get(slot);
          if (old !== undefined) pool.remove(old.hash);
          known.delete(slot);
        } else if (refusal(() => pool.add(transaction, state(), 0)) === undefined) {
          known.set(slot, transaction);
        }
      }
      expect(pool.size).toBe(known.size);
      const next = new Map<Address, bigint>();
      for (const { sender, transaction } of pool.executable(state(), 1000)) {
        expect(transaction.nonce).toBe(next.get(sender) ?? 0n);
        next.set(sender, transaction.nonce + 1n);
      }
    }),
    propertyRuns(200),
  );
});
