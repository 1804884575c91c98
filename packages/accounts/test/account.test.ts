import { inspect } from 'node:util';
import type { Transaction } from '@polyphony/chain/transaction';
import { type Engine, nobleEngine } from '@polyphony/crypto';
import { hexToBytes } from '@polyphony/primitives';
import { codeOf } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { accountFromSecretKey, generateAccount } from '../src/index.js';

const SECRET = '1f84c95ac16e6a50f08d44c7bde7aff8742212fda6e4321fde48bf83bef266dc';
const ADDRESS = '0xa5241513da9f4463f1d4874b548dfbac29d91f34';
const OTHER = '0x14791697260e4c9a71f18484c9f997b308e59325';
const account = () => accountFromSecretKey(hexToBytes(SECRET));

const transfer: Transaction = {
  nonce: 7n,
  gasPrice: 100_000_000_000n,
  gasLimit: 21_000n,
  shardId: 0,
  toShardId: 0,
  to: OTHER,
  value: 10n ** 18n,
  data: new Uint8Array(0),
};

describe('an account does not show its key', () => {
  const spellings = [
    SECRET,
    Buffer.from(SECRET, 'hex').toString('base64'),
    BigInt(`0x${SECRET}`).toString(),
    [...Buffer.from(SECRET, 'hex')].join(','),
    [...Buffer.from(SECRET, 'hex')].join(', '),
  ];
  const texts: [string, () => string][] = [
    ['inspect', () => inspect(account(), { depth: 10, showHidden: true, getters: true })],
    ['JSON', () => JSON.stringify({ account: account() })],
    ['string', () => String(account())],
    ['spread', () => inspect({ ...account() }, { depth: 10 })],
    ['entries', () => inspect(Object.entries(account()))],
    [
      'a failed signature',
      () => {
        try {
          account().signTransaction(transfer, { form: 'ethereum', chainId: 1n });
          return '';
        } catch (error) {
          return inspect(error, { depth: 10, showHidden: true });
        }
      },
    ],
  ];
  for (const [name, text] of texts) {
    test(name, () => {
      const shown = text();
      expect(shown.length).toBeGreaterThan(0);
      for (const spelling of spellings) expect(shown).not.toContain(spelling);
    });
  }

  test('what it shows instead', () => {
    expect(inspect(account())).toBe(`Account(${ADDRESS})`);
    expect(JSON.parse(JSON.stringify(account()))).toEqual({ address: ADDRESS });
    expect(Object.keys(account())).toEqual(['address']);
  });

  test('a public key that is changed stays the same inside', () => {
    const signer = account();
    signer.publicKey.fill(0);
    expect(signer.publicKey[0]).toBe(4);
    expect(() => {
      (signer as { address: string }).address = OTHER;
    }).toThrow(TypeError);
  });
});

describe('wiping', () => {
  test('clears the key and stops signing', () => {
    const signer = account();
    signer.wipe();
    expect(signer.address).toBe(ADDRESS);
    for (const use of [
      () => signer.signTransaction(transfer, { form: 'harmony', chainId: 1n }),
      () => signer.signMessage('text'),
      () => signer.exportSecretKey(),
    ]) {
      expect(codeOf(use)).toBe('accounts/wiped');
    }
  });

  test('the argument and exported copies are apart from the key', () => {
    const secretKey = hexToBytes(SECRET);
    const signer = accountFromSecretKey(secretKey);
    secretKey.fill(0);
    signer.exportSecretKey().fill(0);
    expect(signer.signMessage('text')).toEqual(account().signMessage('text'));
  });
});

describe('secret keys that are none', () => {
  const order = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141';
  for (const [name, hex] of [
    ['empty', ''],
    ['31 bytes', '11'.repeat(31)],
    ['33 bytes', '11'.repeat(33)],
    ['zero', '00'.repeat(32)],
    ['the order', order],
    ['above the order', 'ff'.repeat(32)],
  ] as const) {
    test(name, () => {
      expect(codeOf(() => accountFromSecretKey(hexToBytes(hex)))).toBe(
        'accounts/invalid-secret-key',
      );
    });
  }
  test('text is a TypeError', () => {
    expect(() => accountFromSecretKey(SECRET as never)).toThrow(TypeError);
  });
  test('the order less one is a key', () => {
    const last = hexToBytes(`${order.slice(0, -2)}40`);
    expect(accountFromSecretKey(last).address).toMatch(/^0x[0-9a-f]{40}$/);
  });
});

describe('new accounts', () => {
  test('differ', () => {
    expect(generateAccount().address).not.toBe(generateAccount().address);
  });
  test('draw again when the bytes are no key', () => {
    const draws = [new Uint8Array(32), new Uint8Array(32).fill(255), hexToBytes(SECRET)];
    expect(generateAccount({ random: () => draws.shift()! }).address).toBe(ADDRESS);
  });
  test('a source without a key is given up', () => {
    const random = () => new Uint8Array(32);
    expect(codeOf(() => generateAccount({ random }))).toBe('accounts/invalid-option');
  });
  test('a source that gives too little is refused', () => {
    const random = () => new Uint8Array(31).fill(1);
    expect(codeOf(() => generateAccount({ random }))).toBe('accounts/invalid-option');
  });
});

describe('transactions that are not signed', () => {
  test.each([
    ['a Harmony form for an Ethereum chain id', { form: 'harmony', chainId: 1666600000n }],
    ['a Harmony form for another Ethereum chain id', { form: 'harmony', chainId: 1666700001n }],
    ['a Harmony form for no chain id', { form: 'harmony', chainId: 0n }],
    ['an Ethereum form for Ethereum', { form: 'ethereum', chainId: 1n }],
    ['an Ethereum form for chain id 0', { form: 'ethereum', chainId: 0n, allowOtherChain: true }],
    ['an Ethereum form just below', { form: 'ethereum', chainId: 1666599999n }],
  ] as const)('%s', (_, options) => {
    expect(codeOf(() => account().signTransaction(transfer, options))).toBe(
      'accounts/unsafe-chain-id',
    );
  });

  test.each([
    ['ethereum', { form: 'ethereum', chainId: 1666600000n }],
    ['homestead with nine items', { form: 'homestead', items: 'ethereum' }],
  ] as const)('cross-shard in the form %s', (_, options) => {
    const crossShard = { ...transfer, toShardId: 1 };
    expect(codeOf(() => account().signTransaction(crossShard, options))).toBe(
      'accounts/unsigned-shard-ids',
    );
  });

  test('fields out of range', () => {
    const options = { form: 'harmony', chainId: 1n } as const;
    for (const bad of [
      { nonce: -1n },
      { nonce: 1n << 64n },
      { gasLimit: 1n << 64n },
      { value: -1n },
      { value: 1n << 256n },
      { shardId: -1 },
      { toShardId: 2 ** 32 },
    ]) {
      expect(codeOf(() => account().signTransaction({ ...transfer, ...bad }, options))).toBe(
        'chain/out-of-range',
      );
    }
  });

  test('Harmony forms across shards are', () => {
    const signed = account().signTransaction(
      { ...transfer, toShardId: 1 },
      { form: 'harmony', chainId: 1n },
    );
    expect(signed.transaction.toShardId).toBe(1);
  });
});

describe('a wrong signature does not leave', () => {
  const flipped: Engine = {
    ...nobleEngine,
    signDigest: (digest, key) => {
      const signature = nobleEngine.signDigest(digest, key);
      return { ...signature, recovery: signature.recovery === 0 ? 1 : 0 };
    },
  };
  const changed: Engine = {
    ...nobleEngine,
    signDigest: (digest, key) => {
      const other = Uint8Array.from(digest);
      other[0]! ^= 1;
      return nobleEngine.signDigest(other, key);
    },
  };
  for (const [name, engine] of [
    ['recovery bit', flipped],
    ['digest', changed],
  ] as const) {
    test(`${name} of a transaction`, () => {
      const signer = accountFromSecretKey(hexToBytes(SECRET), { engine });
      expect(
        codeOf(() => signer.signTransaction(transfer, { form: 'harmony', chainId: 1n })),
      ).toMatch(/^(accounts\/self-check-failed|chain\/invalid-signature)$/);
    });
    test(`${name} of a staking transaction`, () => {
      const signer = accountFromSecretKey(hexToBytes(SECRET), { engine });
      const directive = { type: 'collect-rewards', delegatorAddress: ADDRESS } as const;
      const tx = { directive, nonce: 0n, gasPrice: 1n, gasLimit: 25_000n };
      expect(codeOf(() => signer.signStakingTransaction(tx, { chainId: 1n }))).toMatch(
        /^(accounts\/self-check-failed|crypto\/invalid-signature)$/,
      );
    });
  }
});

describe('staking transactions that are not signed', () => {
  const delegate = {
    type: 'delegate',
    delegatorAddress: ADDRESS,
    validatorAddress: OTHER,
    amount: 100n * 10n ** 18n,
  } as const;
  const tx = { directive: delegate, nonce: 0n, gasPrice: 1n, gasLimit: 25_000n };

  test('for another delegator', () => {
    const directive = { ...delegate, delegatorAddress: OTHER } as const;
    expect(
      codeOf(() => account().signStakingTransaction({ ...tx, directive }, { chainId: 1n })),
    ).toBe('accounts/wrong-sender');
  });
  test.each([0n, -1n, 1666600000n])('for chain id %s', (chainId) => {
    expect(codeOf(() => account().signStakingTransaction(tx, { chainId }))).toBe(
      'accounts/unsafe-chain-id',
    );
  });
  test('that break the rules of their fields', () => {
    const directive = {
      type: 'create-validator',
      validatorAddress: ADDRESS,
      description: { name: 'n', identity: '', website: '', securityContact: '', details: '' },
      commissionRates: { rate: 0n, maxRate: 0n, maxChangeRate: 0n } as never,
      minSelfDelegation: 1n,
      maxTotalDelegation: 2n,
      slotPublicKeys: [new Uint8Array(48).fill(1)],
      slotKeySignatures: [new Uint8Array(96).fill(1)],
      amount: 1n,
    } as const;
    expect(
      codeOf(() => account().signStakingTransaction({ ...tx, directive }, { chainId: 1n })),
    ).toBe('chain/invalid-directive');
  });
  test('in order are signed', () => {
    const signed = account().signStakingTransaction(tx, { chainId: 2n });
    expect(signed.transaction.directive).toEqual(delegate);
    expect(signed.from).toBe(ADDRESS);
  });
});
