import { type Engine, nobleEngine } from '@polyphony/crypto';
import { mainnet, reference } from '@polyphony/networks';
import { describe, expect, test } from 'vitest';
import {
  type AdmissionRules,
  assertAdmissible,
  assertAdmissibleStaking,
  ChainError,
  encodeTransaction,
  minimumGasPrice,
  type SignedTransaction,
  type SigningForm,
  type StakingTransaction,
  signingDigest,
  stakingSigningDigest,
  TRANSACTION_SIZE_LIMIT,
  type Transaction,
  withSignature,
  withStakingSignature,
} from '../src/index.js';

const SECRET = new Uint8Array(32).fill(3);
const rules: AdmissionRules = {
  network: mainnet,
  shardId: 0,
  epoch: 2100n,
  blockGasLimit: 30_000_000n,
};
const transfer: Transaction = {
  nonce: 0n,
  gasPrice: 100n * 10n ** 9n,
  gasLimit: 21_000n,
  shardId: 0,
  toShardId: 0,
  to: '0x14791697260e4c9a71f18484c9f997b308e59325',
  value: 1n,
  data: new Uint8Array(0),
};

function sign(
  tx: Transaction,
  form: SigningForm = { form: 'harmony', chainId: 1n },
): SignedTransaction {
  const signature = nobleEngine.signDigest(signingDigest(tx, form), SECRET);
  return withSignature(tx, signature, form.chainId);
}

/** The rule that refuses, or the code of another error; undefined when taken. */
function ruleOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    return error.details.code === 'chain/not-admitted' ? error.details.rule : error.code;
  }
  return undefined;
}

describe('plain transactions', () => {
  test('each kind that nodes take', () => {
    const ethereum = sign(transfer, { form: 'ethereum', chainId: 1666600000n });
    const sender = assertAdmissible(sign(transfer), rules);
    expect(sender).toMatch(/^0x[0-9a-f]{40}$/);
    expect(assertAdmissible(ethereum, rules)).toBe(sender);
    expect(assertAdmissible(sign({ ...transfer, toShardId: 1 }), rules)).toBe(sender);
  });

  const refused: [string, SignedTransaction, Partial<AdmissionRules>, string][] = [
    ['no chain id', sign(transfer, { form: 'homestead' }), {}, 'invalid chain id for signer'],
    [
      "another network's id",
      sign(transfer, { form: 'harmony', chainId: 2n }),
      {},
      'invalid chain id for signer',
    ],
    [
      "another shard's Ethereum id",
      sign(transfer, { form: 'ethereum', chainId: 1666600001n }),
      {},
      'invalid chain id for signer',
    ],
    [
      'an Ethereum id before its time',
      sign(transfer, { form: 'ethereum', chainId: 1666600000n }),
      { epoch: 440n },
      'invalid epoch for transaction',
    ],
    ['another shard', sign({ ...transfer, shardId: 1, toShardId: 1 }), {}, 'invalid shard'],
    ['no such shard', sign({ ...transfer, toShardId: 9 }), {}, 'invalid shard'],
    [
      'across shards before its time',
      sign({ ...transfer, toShardId: 1 }),
      { epoch: 28n },
      'invalid epoch for transaction',
    ],
    [
      'an Ethereum signature across shards',
      sign({ ...transfer, toShardId: 1 }, { form: 'ethereum', chainId: 1666600000n }),
      {},
      'chain/unsigned-shard-ids',
    ],
    [
      'more gas than a block has',
      sign({ ...transfer, gasLimit: 30_000_001n }),
      {},
      'exceeds block gas limit',
    ],
    ['too little gas', sign({ ...transfer, gasLimit: 20_999n }), {}, 'intrinsic gas too low'],
    [
      'too little gas for a contract',
      sign({ ...transfer, to: undefined, gasLimit: 52_999n }),
      {},
      'intrinsic gas too low',
    ],
    [
      'too low a price',
      sign({ ...transfer, gasPrice: 100n * 10n ** 9n - 1n }),
      {},
      'transaction underpriced',
    ],
    ['no signature', { ...sign(transfer), r: 0n }, {}, 'chain/invalid-signature'],
  ];
  test.each(refused)('refused: %s', (_name, tx, change, rule) => {
    expect(ruleOf(() => assertAdmissible(tx, { ...rules, ...change }))).toBe(rule);
  });

  test('a byte below the limit of size is taken, at the limit not', () => {
    const plenty = { ...rules, blockGasLimit: 10n ** 9n };
    const sized = (length: number): SignedTransaction =>
      sign({ ...transfer, gasLimit: 10n ** 7n, data: new Uint8Array(length) });
    const overhead = encodeTransaction(sized(100_000)).length - 100_000;
    const most = TRANSACTION_SIZE_LIMIT - overhead - 1;
    expect(encodeTransaction(sized(most))).toHaveLength(TRANSACTION_SIZE_LIMIT - 1);
    expect(ruleOf(() => assertAdmissible(sized(most), plenty))).toBeUndefined();
    expect(ruleOf(() => assertAdmissible(sized(most + 1), plenty))).toBe('oversized data');
  });

  test('the message says what came and ends with the rule', () => {
    expect(() => assertAdmissible(sign({ ...transfer, gasPrice: 5n * 10n ** 8n }), rules)).toThrow(
      'transaction gas-price is 0.5 nano; minimum gas price is 100 nano: transaction underpriced',
    );
  });

  test('the floor by network, or as a node says; another engine', () => {
    expect(minimumGasPrice(mainnet)).toBe(100_000_000_000n);
    expect(minimumGasPrice(reference)).toBe(1_000_000_000n);
    const free = sign({ ...transfer, gasPrice: 0n });
    const counted: Engine = { ...nobleEngine, name: 'counted' };
    expect(
      ruleOf(() => assertAdmissible(free, { ...rules, gasPriceFloor: 0n, engine: counted })),
    ).toBe(undefined);
  });
});

describe('staking transactions', () => {
  const sender = assertAdmissible(sign(transfer), rules);
  const delegation: StakingTransaction = {
    directive: {
      type: 'delegate',
      delegatorAddress: sender,
      validatorAddress: '0x14791697260e4c9a71f18484c9f997b308e59325',
      amount: 10n ** 20n,
    },
    nonce: 0n,
    gasPrice: 100n * 10n ** 9n,
    gasLimit: 60_000n,
  };
  const stake = (change: Partial<StakingTransaction> = {}, chainId = 1n) => {
    const tx = { ...delegation, ...change };
    const signature = nobleEngine.signDigest(stakingSigningDigest(tx, chainId), SECRET);
    return withStakingSignature(tx, signature, chainId);
  };

  test('are taken on the beacon shard', () => {
    expect(assertAdmissibleStaking(stake(), rules)).toBe(sender);
    expect(assertAdmissibleStaking(stake(), { ...rules, engine: nobleEngine })).toBe(sender);
  });

  test.each([
    ['on another shard', stake(), { shardId: 1 }, 'invalid shard'],
    ['before their time', stake(), { epoch: 184n }, 'invalid epoch for transaction'],
    ['of another network', stake({}, 2n), {}, 'chain/wrong-chain-id'],
    ['too cheap', stake({ gasPrice: 1n }), {}, 'transaction underpriced'],
    ['with too little gas', stake({ gasLimit: 21_000n }), {}, 'intrinsic gas too low'],
    ['with too much gas', stake({ gasLimit: 10n ** 9n }), {}, 'exceeds block gas limit'],
    [
      'of another account',
      stake({ directive: { type: 'collect-rewards', delegatorAddress: transfer.to! } }),
      {},
      'chain/invalid-directive',
    ],
    [
      'that take nothing back',
      stake({ directive: { ...delegation.directive, type: 'undelegate', amount: 0n } as never }),
      {},
      'chain/invalid-directive',
    ],
  ] as const)('refused %s', (_name, tx, change, rule) => {
    expect(ruleOf(() => assertAdmissibleStaking(tx, { ...rules, ...change }))).toBe(rule);
  });
});
