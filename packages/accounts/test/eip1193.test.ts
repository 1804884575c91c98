/** A browser wallet without a browser: a provider that answers as wallets do, or as they should not. */
import { decodeStakingCall } from '@polyphony/chain/precompile-input';
import type { Transaction } from '@polyphony/chain/transaction';
import { bytesToHex, checksumAddress, hexToBytes } from '@polyphony/primitives';
import { loadVectors, rejectedCode } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { accountFromSecretKey } from '../src/account.js';
import { connectWallet, type Eip1193Provider } from '../src/eip1193.js';
import { AccountsError } from '../src/errors.js';
import { hashTypedData, type TypedData, typedDataText } from '../src/typed-data.js';

const SECRET = hexToBytes('1f84c95ac16e6a50f08d44c7bde7aff8742212fda6e4321fde48bf83bef266dc');
const account = accountFromSecretKey(SECRET);
const OTHER = '0x14791697260e4c9a71f18484c9f997b308e59325';
const CHAIN = 1666600000n;
const how = { form: 'ethereum', chainId: CHAIN } as const;
const transfer: Transaction = {
  nonce: 0n,
  gasPrice: 100_000_000_000n,
  gasLimit: 21_000n,
  shardId: 0,
  toShardId: 0,
  to: OTHER,
  value: 10n ** 18n,
  data: new Uint8Array(0),
};
const gas = { nonce: 3n, gasPrice: 100_000_000_000n, gasLimit: 80_000n };
const VOTE: TypedData = {
  types: {
    Vote: [
      { name: 'proposal', type: 'bytes32' },
      { name: 'voter', type: 'address' },
      { name: 'choices', type: 'int32[]' },
      { name: 'weight', type: 'uint256' },
      { name: 'secret', type: 'bool' },
      { name: 'note', type: 'string' },
    ],
  },
  primaryType: 'Vote',
  domain: { name: 'ballot', chainId: CHAIN },
  message: {
    proposal: new Uint8Array(32).fill(0x21),
    voter: 'one1a50tun737ulcvwy0yvve0pvu5skq0kjargvhwe',
    choices: [-1, 7n, '0x10'],
    weight: 2n ** 200n,
    secret: false,
    note: 'on record',
  },
};

type Params = readonly unknown[];
type Answers = Readonly<Record<string, (...params: readonly never[]) => unknown>>;

/** A provider with the answers of a well-behaved wallet, except those given. */
function wallet(answers: Answers = {}) {
  const asked: { method: string; params: Params }[] = [];
  const all: Record<string, (...params: readonly never[]) => unknown> = {
    eth_requestAccounts: () => [checksumAddress(account.address), checksumAddress(OTHER)],
    eth_accounts: () => [checksumAddress(account.address)],
    eth_chainId: () => '0x63564c40',
    eth_sendTransaction: () => `0x${'AB'.repeat(32)}`,
    eth_signTransaction: () => bytesToHex(account.signTransaction(transfer, how).raw),
    personal_sign: (message: string) => bytesToHex(account.signMessage(hexToBytes(message))),
    eth_signTypedData_v4: (_: string, text: string) =>
      bytesToHex(account.signTypedData(JSON.parse(text) as TypedData)),
    wallet_switchEthereumChain: () => null,
    wallet_addEthereumChain: () => null,
    ...answers,
  };
  const provider: Eip1193Provider = {
    request: async ({ method, params = [] }) => {
      asked.push({ method, params });
      const answer = all[method];
      if (answer === undefined) throw Object.assign(new Error('no such method'), { code: -32601 });
      return answer(...(params as never[]));
    },
  };
  return { provider, asked };
}

async function connected(answers: Answers = {}) {
  const { provider, asked } = wallet(answers);
  const signer = await connectWallet(provider, { chainId: CHAIN });
  asked.length = 0;
  return { signer, asked };
}

/** What wallets throw: plain objects and errors alike. */
function refusal(code: number, message = 'no'): () => never {
  return () => {
    throw { code, message };
  };
}

describe('connecting', () => {
  test('takes the first account, or the one that is asked for', async () => {
    const { provider, asked } = wallet();
    expect((await connectWallet(provider, { chainId: CHAIN })).address).toBe(account.address);
    const other = await connectWallet(provider, { chainId: CHAIN, address: OTHER });
    expect(other.address).toBe(OTHER);
    await connectWallet(provider, { chainId: CHAIN, silent: true });
    expect(asked.map(({ method }) => method)).toEqual([
      'eth_requestAccounts',
      'eth_requestAccounts',
      'eth_accounts',
    ]);
  });

  const refused: [string, unknown, string][] = [
    ['no account', [], 'accounts/signer-unavailable'],
    ['another account', [OTHER], 'accounts/wrong-sender'],
    ['no list', 'accounts', 'accounts/invalid-answer'],
    ['a list of something else', [5], 'accounts/invalid-answer'],
    ['a text that is no address', ['0x12'], 'accounts/invalid-answer'],
  ];
  for (const [name, answer, code] of refused)
    test(name, async () => {
      const { provider } = wallet({ eth_requestAccounts: () => answer });
      const promise = connectWallet(provider, { chainId: CHAIN, address: account.address });
      expect(await rejectedCode(promise)).toBe(code);
    });
});

describe('transactions', () => {
  test('are sent in hexadecimal quantities, after the chain was checked', async () => {
    const { signer, asked } = await connected();
    expect(await signer.sendTransaction(transfer, how)).toBe(`0x${'ab'.repeat(32)}`);
    expect(asked).toEqual([
      { method: 'eth_chainId', params: [] },
      {
        method: 'eth_sendTransaction',
        params: [
          {
            from: account.address,
            to: OTHER,
            value: '0xde0b6b3a7640000',
            data: '0x',
            gas: '0x5208',
            gasPrice: '0x174876e800',
            nonce: '0x0',
            chainId: '0x63564c40',
            type: '0x0',
          },
        ],
      },
    ]);
  });

  test('that create a contract have no receiver', async () => {
    const { signer, asked } = await connected();
    await signer.sendTransaction({ ...transfer, to: undefined }, how);
    expect(Object.keys(asked[1]!.params[0] as object)).not.toContain('to');
  });

  test('are signed by wallets that can, and checked', async () => {
    const expected = account.signTransaction(transfer, how);
    const { signer } = await connected();
    expect(await signer.signTransaction(transfer, how)).toEqual(expected);
    const node = await connected({
      eth_signTransaction: () => ({ raw: bytesToHex(expected.raw), tx: {} }),
    });
    expect(await node.signer.signTransaction(transfer, how)).toEqual(expected);
  });

  const lies: [string, () => unknown, string][] = [
    [
      'another amount',
      () => bytesToHex(account.signTransaction({ ...transfer, value: 1n }, how).raw),
      'accounts/self-check-failed',
    ],
    [
      'another chain',
      () =>
        bytesToHex(
          account.signTransaction(transfer, { form: 'ethereum', chainId: CHAIN + 1n }).raw,
        ),
      'accounts/self-check-failed',
    ],
    [
      'another account',
      () =>
        bytesToHex(
          accountFromSecretKey(new Uint8Array(32).fill(1)).signTransaction(transfer, how).raw,
        ),
      'accounts/self-check-failed',
    ],
    ['bytes that are none', () => '0xc0', 'accounts/invalid-answer'],
    ['an odd digit', () => '0xc', 'accounts/invalid-answer'],
    ['nothing', () => null, 'accounts/invalid-answer'],
  ];
  for (const [name, eth_signTransaction, code] of lies)
    test(`signed: ${name}`, async () => {
      const { signer } = await connected({ eth_signTransaction });
      expect(await rejectedCode(signer.signTransaction(transfer, how))).toBe(code);
    });

  test('a hash that is none', async () => {
    for (const answer of ['0x12', 'hash', 7]) {
      const { signer } = await connected({ eth_sendTransaction: () => answer });
      expect(await rejectedCode(signer.sendTransaction(transfer, how))).toBe(
        'accounts/invalid-answer',
      );
    }
  });

  test('in the Harmony form, across shards or for another chain are refused unasked', async () => {
    const { signer, asked } = await connected();
    const codes = [
      await rejectedCode(signer.sendTransaction(transfer, { form: 'harmony', chainId: 1n })),
      await rejectedCode(signer.sendTransaction({ ...transfer, toShardId: 1 }, how)),
      await rejectedCode(
        signer.sendTransaction(transfer, { form: 'ethereum', chainId: CHAIN + 1n }),
      ),
    ];
    expect(codes).toEqual([
      'accounts/unsupported-by-signer',
      'accounts/unsigned-shard-ids',
      'accounts/unexpected-chain',
    ]);
    expect(asked).toEqual([]);
  });

  test('are not sent on another chain', async () => {
    const { signer, asked } = await connected({ eth_chainId: () => '0x1' });
    expect(await rejectedCode(signer.sendTransaction(transfer, how))).toBe(
      'accounts/unexpected-chain',
    );
    expect(asked.map(({ method }) => method)).toEqual(['eth_chainId']);
    const odd = await connected({ eth_chainId: () => 'one' });
    expect(await rejectedCode(odd.signer.sendTransaction(transfer, how))).toBe(
      'accounts/invalid-answer',
    );
  });
});

describe('staking through the precompile', () => {
  const directives = [
    {
      type: 'delegate',
      delegatorAddress: account.address,
      validatorAddress: OTHER,
      amount: 10n ** 20n,
    },
    {
      type: 'undelegate',
      delegatorAddress: account.address,
      validatorAddress: OTHER,
      amount: 10n ** 20n,
    },
    { type: 'collect-rewards', delegatorAddress: account.address },
  ] as const;
  for (const directive of directives)
    test(directive.type, async () => {
      const { signer, asked } = await connected();
      await signer.sendStakingCall({ ...gas, directive });
      const sent = asked[1]!.params[0] as { to: string; value: string; data: string };
      expect(sent.to).toBe('0x00000000000000000000000000000000000000fc');
      expect(sent.value).toBe('0x0');
      expect(decodeStakingCall(hexToBytes(sent.data), account.address)).toEqual(directive);
    });

  test("another account's, and validators, are refused", async () => {
    const { signer, asked } = await connected();
    const foreign = { type: 'collect-rewards', delegatorAddress: OTHER } as const;
    expect(await rejectedCode(signer.sendStakingCall({ ...gas, directive: foreign }))).toBe(
      'accounts/wrong-sender',
    );
    const edit = { type: 'edit-validator' } as never;
    expect(await rejectedCode(signer.sendStakingCall({ ...gas, directive: edit }))).toBe(
      'accounts/unsupported-by-signer',
    );
    expect(
      await rejectedCode(
        signer.signStakingTransaction({ ...gas, directive: directives[2] }, { chainId: 1n }),
      ),
    ).toBe('accounts/unsupported-by-signer');
    expect(asked).toEqual([]);
  });
});

describe('texts and typed data', () => {
  test('are signed and checked', async () => {
    const { signer, asked } = await connected();
    expect(await signer.signMessage('I agree.')).toEqual(account.signMessage('I agree.'));
    expect(await signer.signMessage(Uint8Array.of(1, 2))).toEqual(
      account.signMessage(Uint8Array.of(1, 2)),
    );
    expect(await signer.signTypedData(VOTE)).toEqual(account.signTypedData(VOTE));
    expect(asked.map(({ method }) => method)).toEqual([
      'personal_sign',
      'personal_sign',
      'eth_chainId',
      'eth_signTypedData_v4',
    ]);
    expect(asked[0]!.params).toEqual(['0x492061677265652e', account.address]);
  });

  test('the text of typed data says what was meant in plain JSON', () => {
    expect(JSON.parse(typedDataText(VOTE))).toEqual({
      types: {
        ...VOTE.types,
        EIP712Domain: [
          { name: 'name', type: 'string' },
          { name: 'chainId', type: 'uint256' },
        ],
      },
      primaryType: 'Vote',
      domain: { name: 'ballot', chainId: 1666600000 },
      message: {
        proposal: `0x${'21'.repeat(32)}`,
        voter: '0xed1ebe4fd1f73f86388f231997859ca42c07da5d',
        choices: ['-1', '7', '16'],
        weight: (2n ** 200n).toString(),
        secret: false,
        note: 'on record',
      },
    });
  });

  for (const { name, in: given } of loadVectors<{ data: TypedData }, object>(
    import.meta.url,
    'typed-data',
  ).filter(({ error }) => error === undefined))
    test(`the text of ${name} has the same digest`, () => {
      const again = JSON.parse(typedDataText(given.data)) as TypedData;
      expect(hashTypedData(again)).toEqual(hashTypedData(given.data));
    });

  test('for another chain are refused', async () => {
    const { signer, asked } = await connected();
    const elsewhere = { ...VOTE, domain: { ...VOTE.domain, chainId: 1 } };
    expect(await rejectedCode(signer.signTypedData(elsewhere))).toBe('accounts/unexpected-chain');
    expect(asked.map(({ method }) => method)).toEqual(['eth_chainId']);
  });

  test('of another account or garbled are refused', async () => {
    const stranger = accountFromSecretKey(new Uint8Array(32).fill(1));
    const lie = await connected({
      personal_sign: () => bytesToHex(stranger.signMessage('I agree.')),
    });
    expect(await rejectedCode(lie.signer.signMessage('I agree.'))).toBe(
      'accounts/self-check-failed',
    );
    const short = await connected({ personal_sign: () => '0x12' });
    expect(await rejectedCode(short.signer.signMessage('I agree.'))).toBe(
      'accounts/invalid-signature',
    );
  });
});

describe('codes of wallets', () => {
  const codes: [number, string][] = [
    [4001, 'accounts/rejected-by-user'],
    [4100, 'accounts/signer-unavailable'],
    [4200, 'accounts/unsupported-by-signer'],
    [-32601, 'accounts/unsupported-by-signer'],
    [4900, 'accounts/signer-unavailable'],
    [4901, 'accounts/signer-unavailable'],
    [4902, 'accounts/unknown-chain'],
    [-32603, 'accounts/signer-failed'],
  ];
  for (const [code, expected] of codes)
    test(`${code}`, async () => {
      const { signer } = await connected({ eth_sendTransaction: refusal(code) });
      expect(await rejectedCode(signer.sendTransaction(transfer, how))).toBe(expected);
    });

  test('the code inside another error counts', async () => {
    const wrapped = () => {
      throw { code: -32603, message: 'x', data: { originalError: { code: 4902 } } };
    };
    const { signer } = await connected({ wallet_switchEthereumChain: wrapped });
    expect(await rejectedCode(signer.switchChain())).toBe('accounts/unknown-chain');
  });

  test('what is thrown without a code is passed on in short', async () => {
    const thrown: [unknown, string][] = [
      [new Error('x'.repeat(1000)), 'x'.repeat(200)],
      ['gone', 'personal_sign failed'],
      [undefined, 'personal_sign failed'],
    ];
    for (const [value, reason] of thrown) {
      const { signer } = await connected({
        personal_sign: () => {
          throw value;
        },
      });
      const error = await signer.signMessage('m').catch((caught: unknown) => caught);
      if (!(error instanceof AccountsError)) throw error;
      expect(error.details).toEqual({
        code: 'accounts/signer-failed',
        signer: 'wallet',
        status: undefined,
        reason,
      });
      expect(error.cause).toBe(value);
    }
  });
});

describe('switching the chain', () => {
  test('a known one', async () => {
    const { signer, asked } = await connected();
    await signer.switchChain();
    expect(asked).toEqual([
      { method: 'wallet_switchEthereumChain', params: [{ chainId: '0x63564c40' }] },
      { method: 'eth_chainId', params: [] },
    ]);
  });

  test('an unknown one is added, then taken', async () => {
    let known = false;
    const { signer, asked } = await connected({
      wallet_switchEthereumChain: () => (known ? null : refusal(4902)()),
      wallet_addEthereumChain: () => {
        known = true;
        return null;
      },
    });
    const chain = { name: 'Harmony', rpcUrls: ['https://node.example'] };
    expect(await rejectedCode(signer.switchChain())).toBe('accounts/unknown-chain');
    await signer.switchChain(chain);
    const added = asked.find(({ method }) => method === 'wallet_addEthereumChain');
    expect(added!.params).toEqual([
      {
        chainId: '0x63564c40',
        chainName: 'Harmony',
        nativeCurrency: { name: 'ONE', symbol: 'ONE', decimals: 18 },
        rpcUrls: ['https://node.example'],
      },
    ]);
  });

  test('a refusal stays a refusal, an untrue answer is found out', async () => {
    const refused = await connected({ wallet_switchEthereumChain: refusal(4001) });
    const chain = { name: 'Harmony', rpcUrls: [], blockExplorerUrls: [] };
    expect(await rejectedCode(refused.signer.switchChain(chain))).toBe('accounts/rejected-by-user');
    const untrue = await connected({ eth_chainId: () => '0x1' });
    expect(await rejectedCode(untrue.signer.switchChain())).toBe('accounts/unexpected-chain');
  });
});
