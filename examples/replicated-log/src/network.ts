/**
 * The network as a folder: `network.json` says who the members are, `member-<i>/` is one member's
 * own: its secret key, its mark, its blocks. On four machines each would have only its own part.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateSecretKey } from '@polyphony/bls';
import { ownNetworkTiming, type Timing } from '@polyphony/fbft';
import {
  bytesToHex,
  concatBytes,
  type Hex,
  hexToBytes,
  keccak256,
  utf8ToBytes,
} from '@polyphony/primitives';
import { loadBls } from './engine.js';
import { replaceFile } from './mark-store.js';

/** A member as the others know it. */
export interface MemberAddress {
  /** BLS key, 48 bytes; its holder's possession must be proved where members do not trust each other. */
  readonly publicKey: Hex;
  readonly host: string;
  /** For the other members. */
  readonly port: number;
  /** For users. */
  readonly httpPort: number;
}

/** What all members have to agree on. */
export interface NetworkFile {
  readonly members: readonly MemberAddress[];
  readonly timing: {
    /** Milliseconds between blocks when there is something to do. */
    readonly blockPeriodMs: number;
    /** How long a leader with nothing to do waits before an empty block. Below the timeout. */
    readonly idleMs: number;
    /** What a dead leader costs. */
    readonly timeoutMs: number;
  };
}

/** The figures of `network.json` as the consensus library takes them. */
export function consensusTiming({ timing }: NetworkFile): Timing {
  return {
    ...ownNetworkTiming,
    blockPeriodMs: timing.blockPeriodMs,
    phaseTimeoutMs: timing.timeoutMs,
    viewChangeTimeoutMs: timing.timeoutMs,
    gracePeriodMs: Math.min(ownNetworkTiming.gracePeriodMs, timing.blockPeriodMs),
    newViewWaitMs: Math.min(ownNetworkTiming.newViewWaitMs, timing.timeoutMs >> 2),
    resendMs: Math.min(ownNetworkTiming.resendMs, timing.timeoutMs >> 1),
  };
}

/** 32 bytes that only members of this network share. */
export function networkId({ members }: NetworkFile): Uint8Array {
  return keccak256(
    concatBytes(utf8ToBytes('replicated-log'), ...members.map((one) => hexToBytes(one.publicKey))),
  );
}

/** One network needs one shard. */
export const SHARD_ID = 0;

/** The number that every vote of this network binds, so that none counts in another one. */
export function chainId(network: NetworkFile): bigint {
  return new DataView(networkId(network).buffer).getBigUint64(0);
}

/** The folder of one member. */
export function memberFolder(folder: string, member: number): string {
  return join(folder, `member-${member}`);
}

/** Reads `network.json`. */
export async function readNetwork(folder: string): Promise<NetworkFile> {
  return JSON.parse(await readFile(join(folder, 'network.json'), 'utf8')) as NetworkFile;
}

/** Reads one member's secret key. */
export async function readSecretKey(folder: string, member: number): Promise<Uint8Array> {
  const text = await readFile(join(memberFolder(folder, member), 'secret-key'), 'utf8');
  return hexToBytes(text.trim());
}

/** Draws keys and writes the folder of a new network. */
export async function createNetwork(
  folder: string,
  ports: readonly { readonly port: number; readonly httpPort: number }[],
  timing: NetworkFile['timing'],
): Promise<NetworkFile> {
  const bls = await loadBls();
  const members: MemberAddress[] = [];
  for (const [member, pair] of ports.entries()) {
    const secretKey = generateSecretKey('ietf');
    await mkdir(memberFolder(folder, member), { recursive: true });
    const path = join(memberFolder(folder, member), 'secret-key');
    await replaceFile(path, utf8ToBytes(`${bytesToHex(secretKey)}\n`));
    const publicKey = bytesToHex(bls.getPublicKey(secretKey));
    members.push({ publicKey, host: '127.0.0.1', ...pair });
  }
  const network = { members, timing };
  const text = `${JSON.stringify(network, undefined, 2)}\n`;
  await replaceFile(join(folder, 'network.json'), utf8ToBytes(text), 0o644);
  return network;
}
