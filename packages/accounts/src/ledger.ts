/**
 * Signing with the Harmony app of a Ledger. The transport is a function from a command's bytes to
 * the answer's: WebHID, WebUSB, Bluetooth or a simulator, all elsewhere.
 *
 * The app has one account, `m/44'/1023'/0'/0/0`, hashes what it is sent, and shows amount,
 * receiver and shards. It does not show the data of a call nor the fee. Its answer is checked: a
 * signature that is not the announced account's over what was asked never leaves here.
 *
 * @source harmony-one/ledger-app-one src/getPublicKey.c, getTxnSig.c, staking.c, harmony.c;
 * harmony-one/go-sdk pkg/ledger/hw_wallet.go
 */
import { signingPayload, stakingSigningPayload } from '@polyphony/chain';
import {
  type Engine,
  nobleEngine,
  type RecoverableSignature,
  recoverAddress,
} from '@polyphony/crypto';
import {
  type Address,
  bytesToBigInt,
  isProtocolError,
  parseOneAddress,
} from '@polyphony/primitives';
import {
  type Command,
  decodeAnswer,
  encodeCommand,
  INSTRUCTION,
  messageCommands,
  plainCommand,
} from './apdu.js';
import { AccountsError } from './errors.js';
import { type ExternalSigner, unsupported } from './external-signer.js';
import { assembleStaking, assertSafeStaking } from './sign-staking.js';
import { assembleTransaction, assertSafe, type Identity } from './sign-transaction.js';

/**
 * Sends one command and returns the whole answer, status included. With `@ledgerhq/hw-transport`:
 * `(command) => transport.exchange(Buffer.from(command))`.
 */
export type LedgerExchange = (command: Uint8Array) => Promise<Uint8Array>;

/** Options of {@link connectLedger}. */
export interface ConnectLedgerOptions {
  /** Show the address on the device and wait for the user's consent. Default false. */
  readonly confirmAddress?: boolean;
  /** Default the pure TypeScript engine. */
  readonly engine?: Engine;
}

/** The account of a Ledger's Harmony app. */
export interface LedgerSigner extends ExternalSigner {
  /**
   * The three numbers that the app answers for its version. It takes one from the first: version
   * 1.2.3 is answered as 0, 2, 3.
   */
  readonly version: readonly [number, number, number];
}

/** Length of the answer to a signing command. */
const SIGNATURE_BYTES = 65;
/** Length of an address text. */
const ADDRESS_BYTES = 42;

function invalidAnswer(reason: string, cause?: unknown): AccountsError {
  return new AccountsError(
    { code: 'accounts/invalid-answer', signer: 'ledger', reason },
    { cause },
  );
}

/** Lets one task use the device at a time: commands of two messages must not mix. */
function takeTurns(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const run = last.then(task, task);
    last = run.catch(() => undefined);
    return run;
  };
}

async function send(exchange: LedgerExchange, commands: readonly Command[]): Promise<Uint8Array> {
  let data = new Uint8Array(0);
  let sent = 0;
  for (const command of commands) {
    sent += command.data.length;
    let answer: Uint8Array;
    try {
      answer = await exchange(encodeCommand(command));
    } catch (cause) {
      const reason = 'disconnected';
      throw new AccountsError(
        { code: 'accounts/signer-unavailable', signer: 'ledger', reason },
        { cause },
      );
    }
    data = Uint8Array.from(decodeAnswer(answer, sent));
  }
  return data;
}

function readAddress(data: Uint8Array): Address {
  if (data.length !== ADDRESS_BYTES)
    throw invalidAnswer(`an address has ${ADDRESS_BYTES} characters, got ${data.length} bytes`);
  try {
    return parseOneAddress(String.fromCharCode(...data));
  } catch (cause) {
    if (!isProtocolError(cause)) throw cause;
    throw invalidAnswer(`the address is not one: ${cause.message}`, cause);
  }
}

function readVersion(data: Uint8Array): readonly [number, number, number] {
  const [major, minor, patch] = data;
  if (data.length !== 3) throw invalidAnswer(`a version has 3 bytes, got ${data.length}`);
  return [major!, minor!, patch!];
}

/**
 * What 32 bytes of the answer can mean. The app copies `r` and `s` out of a DER signature as if
 * each had 32 or 33 bytes there: before a shorter one come the last bytes of its DER header.
 *
 * @source harmony-one/ledger-app-one src/harmony.c: convert_signature_to_RSV
 */
function readings(bytes: Uint8Array): bigint[] {
  const found = [bytesToBigInt(bytes)];
  if (bytes[0] === 31) found.push(bytesToBigInt(bytes.subarray(1)));
  if (bytes[0] === 2 && bytes[1] === 30) found.push(bytesToBigInt(bytes.subarray(2)));
  return found;
}

/** The signature in an answer: the reading that the account's key made over the message. */
function readSignature(data: Uint8Array, payload: Uint8Array, signer: Identity) {
  if (data.length !== SIGNATURE_BYTES)
    throw invalidAnswer(`a signature has ${SIGNATURE_BYTES} bytes, got ${data.length}`);
  const v = data[64]!;
  // The app answers 0 or 1, plus 2 for an x above the order; its clients also take 27 and 28.
  if (v > 3 && v !== 27 && v !== 28) throw invalidAnswer(`recovery byte ${v} is not a known one`);
  const recovery = (v >= 27 ? v - 27 : v & 1) === 1 ? 1 : 0;
  const digest = signer.engine.keccak256(payload);
  for (const r of readings(data.subarray(0, 32))) {
    for (const s of readings(data.subarray(32, 64))) {
      const signature: RecoverableSignature = { r, s, recovery };
      try {
        if (recoverAddress(digest, signature, signer.engine) === signer.address) return signature;
      } catch (error) {
        if (!isProtocolError(error)) throw error;
      }
    }
  }
  throw new AccountsError({ code: 'accounts/self-check-failed', field: 'sender' });
}

/**
 * The account of the Harmony app that is open on a device. Signs transactions in the Harmony form
 * and staking transactions, messages of at most 1,020 bytes; neither texts nor typed data.
 *
 * @throws {@link AccountsError} `accounts/rejected-by-user`, `accounts/signer-unavailable` (locked,
 * another app open, transport failed), `accounts/signer-failed`, `accounts/invalid-answer`; when
 * signing also `accounts/too-large-for-signer` (seen with more than four BLS keys),
 * `accounts/unsupported-by-signer`, `accounts/unsafe-chain-id`, `accounts/wrong-sender`,
 * `accounts/self-check-failed`.
 * @source harmony-one/ledger-app-one src/main.c
 * @example
 * const signer = await connectLedger((command) => transport.exchange(Buffer.from(command)))
 * const { raw } = await signer.signTransaction(tx, { form: 'harmony', chainId: 1n })
 */
export async function connectLedger(
  exchange: LedgerExchange,
  options: ConnectLedgerOptions = {},
): Promise<LedgerSigner> {
  const engine = options.engine ?? nobleEngine;
  const inTurn = takeTurns();
  const ask = (commands: readonly Command[]): Promise<Uint8Array> =>
    inTurn(() => send(exchange, commands));
  const version = readVersion(await ask([plainCommand(INSTRUCTION.version)]));
  const silent = options.confirmAddress === true ? 0 : 1;
  const address = readAddress(await ask([plainCommand(INSTRUCTION.address, silent)]));
  const identity: Identity = { address, engine };

  async function sign(instruction: number, payload: Uint8Array): Promise<RecoverableSignature> {
    return readSignature(await ask(messageCommands(instruction, payload)), payload, identity);
  }
  return {
    address,
    version,
    capabilities: ['sign-transaction', 'sign-staking-transaction'],
    signTransaction: async (tx, how) => {
      if (how.form !== 'harmony') throw unsupported('ledger', `the ${how.form} form`);
      assertSafe(tx, how);
      const signature = await sign(INSTRUCTION.signTransaction, signingPayload(tx, how));
      return assembleTransaction(identity, tx, how, signature);
    },
    signStakingTransaction: async (tx, how) => {
      assertSafeStaking(address, tx, how);
      const payload = stakingSigningPayload(tx, how.chainId);
      return assembleStaking(identity, tx, how, await sign(INSTRUCTION.signStaking, payload));
    },
    signMessage: async () => {
      throw unsupported('ledger', 'messages');
    },
    signTypedData: async () => {
      throw unsupported('ledger', 'typed data');
    },
  };
}
