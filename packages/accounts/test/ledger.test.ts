/** What a Ledger may answer beside the truth. */

import { directiveSigner } from '@polyphony/chain/directive';
import { stakingSigningPayload } from '@polyphony/chain/staking-transaction';
import { signingPayload, type Transaction } from '@polyphony/chain/transaction';
import { nobleEngine } from '@polyphony/crypto';
import {
  bigIntToBytes,
  concatBytes,
  formatOneAddress,
  hexToBytes,
  utf8ToBytes,
} from '@polyphony/primitives';
import { codeOf, rejectedCode } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { accountFromSecretKey } from '../src/account.js';
import { AccountsError } from '../src/errors.js';
import { externalSignerOf } from '../src/external-signer.js';
import { connectLedger, type LedgerExchange } from '../src/ledger.js';

const SECRET = hexToBytes('1f84c95ac16e6a50f08d44c7bde7aff8742212fda6e4321fde48bf83bef266dc');
const account = accountFromSecretKey(SECRET);
const OTHER = '0x14791697260e4c9a71f18484c9f997b308e59325';
const OK = Uint8Array.of(0x90, 0);
const how = { form: 'harmony', chainId: 1n } as const;
const transfer: Transaction = {
  nonce: 0n,
  gasPrice: 100_000_000_000n,
  gasLimit: 21_000n,
  shardId: 0,
  toShardId: 1,
  to: OTHER,
  value: 10n ** 18n,
  data: new Uint8Array(0),
};
const delegation = {
  directive: {
    type: 'delegate',
    delegatorAddress: account.address,
    validatorAddress: OTHER,
    amount: 10n ** 21n,
  },
  nonce: 1n,
  gasPrice: 100_000_000_000n,
  gasLimit: 50_000n,
} as const;

interface Device {
  readonly exchange: LedgerExchange;
  readonly commands: Uint8Array[];
}

/** What a device does instead of its duty. */
interface Faults {
  readonly version?: Uint8Array;
  readonly address?: Uint8Array;
  /** The answer to the part that completes a message. */
  readonly sign?: (message: Uint8Array) => Uint8Array;
  /** The answer to every part. */
  readonly part?: Uint8Array;
}

/** `r ‖ s ‖ v` as the app makes it. */
function signature(message: Uint8Array, v = 0): Uint8Array {
  const { r, s, recovery } = nobleEngine.signDigest(nobleEngine.keccak256(message), SECRET);
  return concatBytes(bigIntToBytes(r, 32), bigIntToBytes(s, 32), Uint8Array.of(recovery + v));
}

function device(faults: Faults = {}): Device {
  const commands: Uint8Array[] = [];
  let message: Uint8Array = new Uint8Array(0);
  const exchange: LedgerExchange = async (command) => {
    commands.push(command);
    const [, instruction, p1, p2] = command;
    if (instruction === 1) return faults.version ?? concatBytes(Uint8Array.of(0, 1, 2), OK);
    if (instruction === 2)
      return faults.address ?? concatBytes(utf8ToBytes(formatOneAddress(account.address)), OK);
    await new Promise((resolve) => setImmediate(resolve));
    message = concatBytes(p1 === 0 ? new Uint8Array(0) : message, command.subarray(5));
    if (faults.part !== undefined) return faults.part;
    if (p2 !== 2) return OK;
    return faults.sign?.(message) ?? concatBytes(signature(message), OK);
  };
  return { exchange, commands };
}

async function signWith(faults: Faults) {
  const signer = await connectLedger(device(faults).exchange);
  return signer.signTransaction(transfer, how);
}

test('signs what a local account signs', async () => {
  const signer = await connectLedger(device().exchange);
  const local = externalSignerOf(account);
  expect(await signer.signTransaction(transfer, how)).toEqual(
    await local.signTransaction(transfer, how),
  );
  expect(await signer.signStakingTransaction(delegation, { chainId: 1n })).toEqual(
    await local.signStakingTransaction(delegation, { chainId: 1n }),
  );
  expect(directiveSigner(delegation.directive)).toBe(signer.address);
});

test('recovery bytes 0, 1, 2, 3, 27 and 28 are taken, others are not', async () => {
  for (const v of [0, 2, 27])
    expect(await signWith({ sign: (m) => concatBytes(signature(m, v), OK) })).toEqual(
      account.signTransaction(transfer, how),
    );
  for (const v of [4, 30])
    expect(await rejectedCode(signWith({ sign: (m) => concatBytes(signature(m, v), OK) }))).toBe(
      'accounts/invalid-answer',
    );
});

/** What the app copies out of a DER signature: 32 bytes that end where each number ends. */
function asTheAppCopies(r: bigint, s: bigint, recovery: number): Uint8Array {
  const integer = (value: bigint): Uint8Array => {
    const bytes = hexToBytes(
      value.toString(16).padStart((value.toString(16).length + 1) & ~1, '0'),
    );
    const body = bytes[0]! >= 0x80 ? concatBytes(Uint8Array.of(0), bytes) : bytes;
    return concatBytes(Uint8Array.of(2, body.length), body);
  };
  const first = concatBytes(Uint8Array.of(0x30, 0), integer(r));
  const both = concatBytes(first, integer(s));
  return concatBytes(
    first.subarray(first.length - 32),
    both.subarray(both.length - 32),
    Uint8Array.of(recovery),
  );
}

test('signatures with a short r or s are read as they were meant', async () => {
  const kinds = new Set<string>();
  const found = device();
  const signer = await connectLedger(found.exchange);
  for (let nonce = 0n; kinds.size < 2; nonce++) {
    const tx = { ...transfer, nonce };
    const digest = nobleEngine.keccak256(signingPayload(tx, how));
    const { r, s, recovery } = nobleEngine.signDigest(digest, SECRET);
    // Below 2^247 a number has 31 bytes in DER.
    const kind = r < 1n << 247n ? 'r' : s < 1n << 247n ? 's' : 'long';
    if (kind === 'long' || kinds.has(kind)) continue;
    kinds.add(kind);
    const answer = asTheAppCopies(r, s, recovery);
    expect(answer[kind === 'r' ? 0 : 32]).toBe(31);
    const short = await connectLedger(device({ sign: () => concatBytes(answer, OK) }).exchange);
    expect(await short.signTransaction(tx, how)).toEqual(await signer.signTransaction(tx, how));
  }
});

describe('answers that are not the account over the message', () => {
  const lies: [string, Faults, string][] = [
    [
      'another message',
      { sign: () => concatBytes(signature(Uint8Array.of(0xc0)), OK) },
      'accounts/self-check-failed',
    ],
    [
      'no number on the curve',
      { sign: () => concatBytes(new Uint8Array(65), OK) },
      'accounts/self-check-failed',
    ],
    ['too short', { sign: () => concatBytes(new Uint8Array(64), OK) }, 'accounts/invalid-answer'],
    ['nothing', { sign: () => OK }, 'accounts/invalid-answer'],
    ['no status', { sign: () => Uint8Array.of(0x90) }, 'accounts/invalid-answer'],
    ['text instead of bytes', { sign: () => 'no bytes' as never }, 'accounts/invalid-answer'],
    [
      'a short address',
      { address: concatBytes(utf8ToBytes('one1'), OK) },
      'accounts/invalid-answer',
    ],
    [
      'an address with a wrong checksum',
      { address: concatBytes(utf8ToBytes('one1'.padEnd(42, 'q')), OK) },
      'accounts/invalid-answer',
    ],
    ['a long version', { version: concatBytes(new Uint8Array(4), OK) }, 'accounts/invalid-answer'],
    [
      'the address of another account',
      { address: concatBytes(utf8ToBytes(formatOneAddress(OTHER)), OK) },
      'accounts/self-check-failed',
    ],
  ];
  for (const [name, faults, code] of lies)
    test(name, async () => expect(await rejectedCode(signWith(faults))).toBe(code));
});

describe('status words', () => {
  const words: [number, string, string | undefined][] = [
    [0x6985, 'accounts/rejected-by-user', undefined],
    [0x6803, 'accounts/too-large-for-signer', undefined],
    [0x5515, 'accounts/signer-unavailable', 'locked'],
    [0x6982, 'accounts/signer-unavailable', 'locked'],
    [0x6d00, 'accounts/signer-unavailable', 'app-not-open'],
    [0x6e00, 'accounts/signer-unavailable', 'app-not-open'],
    [0x6511, 'accounts/signer-unavailable', 'app-not-open'],
    [0x6b01, 'accounts/signer-failed', 'the app does not know this parameter'],
    [0x6801, 'accounts/signer-failed', 'the app does not understand the message'],
    [0x1234, 'accounts/signer-failed', 'status 0x1234 is not a known one'],
  ];
  for (const [word, code, reason] of words)
    test(`0x${word.toString(16)}`, async () => {
      const part = Uint8Array.of(word >> 8, word & 255);
      const error = await signWith({ part }).catch((thrown: unknown) => thrown);
      if (!(error instanceof AccountsError)) throw error;
      expect(error.code).toBe(code);
      expect((error.details as { reason?: string }).reason).toBe(reason);
    });

  test('messages say what was expected and what came', async () => {
    const error = (await signWith({ part: Uint8Array.of(0x68, 0x03) }).catch(
      (thrown: unknown) => thrown,
    )) as Error;
    expect(error.message).toBe('the device refuses a message of 47 bytes as too large');
  });
});

test('a transport that fails is a signer that is gone', async () => {
  const cause = new Error('device unplugged');
  const failing: LedgerExchange = () => Promise.reject(cause);
  const error = (await connectLedger(failing).catch((thrown: unknown) => thrown)) as Error;
  expect(
    codeOf(() => {
      throw error;
    }),
  ).toBe('accounts/signer-unavailable');
  expect(error.cause).toBe(cause);
});

test('two messages at once do not mix their parts', async () => {
  const played = device();
  const signer = await connectLedger(played.exchange);
  const long = { ...transfer, data: new Uint8Array(600).fill(7) };
  const signed = await Promise.all([
    signer.signTransaction(long, how),
    signer.signTransaction({ ...long, nonce: 1n }, how),
  ]);
  expect(signed.map(({ transaction }) => transaction.nonce)).toEqual([0n, 1n]);
  expect(played.commands.slice(2).map((command) => [command[2], command[3]])).toEqual([
    ...[
      [0, 1],
      [0x80, 1],
      [0x80, 2],
    ],
    ...[
      [0, 1],
      [0x80, 1],
      [0x80, 2],
    ],
  ]);
});

test('a refusal does not block the next message', async () => {
  let asked = 0;
  const signer = await connectLedger(
    device({
      sign: (message) =>
        asked++ === 0 ? Uint8Array.of(0x69, 0x85) : concatBytes(signature(message), OK),
    }).exchange,
  );
  expect(await rejectedCode(signer.signTransaction(transfer, how))).toBe(
    'accounts/rejected-by-user',
  );
  expect((await signer.signTransaction(transfer, how)).from).toBe(account.address);
});

describe('what is refused before the device is asked', () => {
  const refusals: [
    string,
    (signer: Awaited<ReturnType<typeof connectLedger>>) => Promise<unknown>,
    string,
  ][] = [
    [
      'the Ethereum form',
      (signer) => signer.signTransaction(transfer, { form: 'ethereum', chainId: 1666600000n }),
      'accounts/unsupported-by-signer',
    ],
    [
      'an Ethereum chain id',
      (signer) => signer.signTransaction(transfer, { form: 'harmony', chainId: 1666600000n }),
      'accounts/unsafe-chain-id',
    ],
    [
      'a message above 1,020 bytes',
      (signer) => signer.signTransaction({ ...transfer, data: new Uint8Array(1000) }, how),
      'accounts/too-large-for-signer',
    ],
    [
      "another account's delegation",
      (signer) =>
        signer.signStakingTransaction(
          { ...delegation, directive: { ...delegation.directive, delegatorAddress: OTHER } },
          { chainId: 1n },
        ),
      'accounts/wrong-sender',
    ],
    ['a text', (signer) => signer.signMessage('text'), 'accounts/unsupported-by-signer'],
    [
      'typed data',
      (signer) =>
        signer.signTypedData({ types: {}, primaryType: 'EIP712Domain', domain: {}, message: {} }),
      'accounts/unsupported-by-signer',
    ],
  ];
  for (const [name, run, code] of refusals)
    test(name, async () => {
      const played = device();
      const signer = await connectLedger(played.exchange);
      expect(await rejectedCode(run(signer))).toBe(code);
      expect(played.commands.length).toBe(2);
    });
});

test('the payloads that a device hashes are the ones whose digests accounts sign', () => {
  expect(nobleEngine.keccak256(stakingSigningPayload(delegation, 1n))).toHaveLength(32);
  expect(signingPayload(transfer, how)).toHaveLength(47);
});
