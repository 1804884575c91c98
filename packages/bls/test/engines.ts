/** The engines under test, and a reference that shares no code with them. */
import type { Bls, BlsOptions } from '@polyphony/bls';
import { harmonyBls, ietfBls } from '@polyphony/bls';
import { createBlstBls } from '@polyphony/bls/blst';
import { createWasmBls } from '@polyphony/bls/wasm';

type Create = (options?: BlsOptions) => Promise<Bls>;

export const harmonyEngines: readonly (readonly [name: string, create: Create])[] = [
  ['mcl-wasm', (options) => createWasmBls(options)],
  ['noble', async (options) => harmonyBls(options)],
];

export const ietfEngines: readonly (readonly [name: string, create: Create])[] = [
  ['blst', createBlstBls],
  ['mcl-wasm', (options) => createWasmBls({ ...options, suite: 'ietf' })],
  ['noble', async (options) => ietfBls(options)],
];

/** Hex without prefix to bytes. */
export const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
/** Bytes to hex without prefix. */
export const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The same x with the other y. */
export function negate(bytes: Uint8Array, suite: Bls['suite']): Uint8Array {
  const copy = Uint8Array.from(bytes);
  if (suite === 'harmony') copy[copy.length - 1]! ^= 0x80;
  else copy[0]! ^= 0x20;
  return copy;
}

/** The error code of what an action throws. */
export function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return 'nothing thrown';
}
