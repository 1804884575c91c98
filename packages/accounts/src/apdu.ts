/**
 * The bytes that travel between a program and the Harmony app of a Ledger: command frames, long
 * messages in parts, answers with their status word. Not here: what is signed, and the transport.
 *
 * @source harmony-one/ledger-app-one src/main.c, ux.h, harmony.h
 */
import { concatBytes } from '@polyphony/primitives';
import { AccountsError } from './errors.js';

/** A command: what the app is asked and its two parameters. */
export interface Command {
  readonly instruction: number;
  readonly p1: number;
  readonly p2: number;
  readonly data: Uint8Array;
}

/** Class byte of every command of the app. */
const CLASS = 0xe0;
/** Most data bytes of one frame. */
const FRAME_BYTES = 255;
/** Most bytes of one message: four frames, as many as the app collects. */
const MAX_MESSAGE_BYTES = 4 * FRAME_BYTES;

const FIRST = 0x00;
const FURTHER = 0x80;
const MORE_TO_COME = 0x01;
const LAST = 0x02;
const EMPTY = new Uint8Array(0);

/** What the app can be asked. */
export const INSTRUCTION = {
  version: 0x01,
  address: 0x02,
  signStaking: 0x04,
  signTransaction: 0x08,
} as const;

/** A command without data. */
export function plainCommand(instruction: number, p2 = 0): Command {
  return { instruction, p1: 0, p2, data: EMPTY };
}

/** The frame of a command: class, instruction, both parameters, one length byte, data. */
export function encodeCommand({ instruction, p1, p2, data }: Command): Uint8Array {
  return concatBytes(Uint8Array.of(CLASS, instruction, p1, p2, data.length), data);
}

/**
 * The commands that carry a message: parts of at most 255 bytes, the last of them marked, also
 * when it is full.
 *
 * @throws {@link AccountsError} `accounts/too-large-for-signer` above 1,020 bytes.
 * @source harmony-one/ledger-app-one src/getTxnSig.c: handleSignTx; src/staking.c: handleSignStaking
 */
export function messageCommands(instruction: number, message: Uint8Array): Command[] {
  if (message.length > MAX_MESSAGE_BYTES) {
    throw new AccountsError({
      code: 'accounts/too-large-for-signer',
      limit: MAX_MESSAGE_BYTES,
      actual: message.length,
    });
  }
  const commands: Command[] = [];
  for (let at = 0; at < message.length; at += FRAME_BYTES) {
    const last = at + FRAME_BYTES >= message.length;
    commands.push({
      instruction,
      p1: at === 0 ? FIRST : FURTHER,
      p2: last ? LAST : MORE_TO_COME,
      data: message.subarray(at, at + FRAME_BYTES),
    });
  }
  return commands;
}

const OK = 0x9000;
const REFUSED_BY_USER = 0x6985;
const TOO_LARGE = 0x6803;
const LOCKED: readonly number[] = [0x5515, 0x6804, 0x6982, 0x6b0c];
const OTHER_APP: readonly number[] = [0x6511, 0x6d00, 0x6e00, 0x6e01];
const REASONS: ReadonlyMap<number, string> = new Map([
  [0x6801, 'the app does not understand the message'],
  [0x6802, 'the app does not understand the message'],
  [0x6b00, 'the app reports a fault of its own'],
  [0x6b01, 'the app does not know this parameter'],
  [0x6b02, 'the app did not expect this part'],
]);

/**
 * The data of an answer whose status is 0x9000.
 *
 * @param sent - Bytes of the message so far; the app says only that it had too many.
 * @throws {@link AccountsError} by status: 0x6985 `accounts/rejected-by-user`, 0x6803
 * `accounts/too-large-for-signer`, a locked device or another app `accounts/signer-unavailable`,
 * any other `accounts/signer-failed`; `accounts/invalid-answer` without a status.
 * @source harmony-one/ledger-app-one src/harmony.h; src/main.c: one_main
 */
export function decodeAnswer(answer: Uint8Array, sent: number): Uint8Array {
  if (!(answer instanceof Uint8Array) || answer.length < 2) {
    throw new AccountsError({
      code: 'accounts/invalid-answer',
      signer: 'ledger',
      reason: 'an answer ends with a status of two bytes',
    });
  }
  const end = answer.length - 2;
  const status = (answer[end]! << 8) | answer[end + 1]!;
  if (status === OK) return answer.subarray(0, end);
  if (status === REFUSED_BY_USER)
    throw new AccountsError({ code: 'accounts/rejected-by-user', signer: 'ledger' });
  if (status === TOO_LARGE)
    throw new AccountsError({
      code: 'accounts/too-large-for-signer',
      limit: undefined,
      actual: sent,
    });
  const reason = LOCKED.includes(status)
    ? 'locked'
    : OTHER_APP.includes(status)
      ? 'app-not-open'
      : undefined;
  if (reason !== undefined)
    throw new AccountsError({ code: 'accounts/signer-unavailable', signer: 'ledger', reason });
  throw new AccountsError({
    code: 'accounts/signer-failed',
    signer: 'ledger',
    status,
    reason:
      REASONS.get(status) ?? `status 0x${status.toString(16).padStart(4, '0')} is not a known one`,
  });
}
