/**
 * The deep run of hostile.test.ts: `EXECUTIONS=` inputs for each decoder (default 200,000). The pure
 * engine gets a tenth of the points: it takes milliseconds for each and is compared with the others.
 */

import { harmonyBls } from '@polyphony/bls';
import { createBlstBls } from '@polyphony/bls/blst';
import { createWasmBls } from '@polyphony/bls/wasm';
import { deepFuzz, type FuzzTarget } from '@polyphony/testkit';
import { plainTargets, pointTargets } from './decoders.js';

const wasm = await createWasmBls({ cachedPublicKeys: 0, cachedSignatures: 0, cachedMessages: 0 });
const noble = harmonyBls({ cachedPublicKeys: 0, cachedSignatures: 0, cachedMessages: 0 });

/** Bytes that two engines must judge alike. */
function compared(target: FuzzTarget, other: FuzzTarget): FuzzTarget {
  const answer = ({ run }: FuzzTarget, bytes: Uint8Array): Uint8Array | undefined => {
    try {
      return run(bytes);
    } catch (error) {
      if (error instanceof target.refusal) return undefined;
      throw error;
    }
  };
  return {
    ...target,
    name: `${target.name} beside ${other.name}`,
    run: (bytes) => {
      const [ours, theirs] = [answer(target, bytes), answer(other, bytes)];
      if (ours === undefined && theirs === undefined) return target.run(bytes);
      if (ours === undefined || theirs === undefined) throw new Error('the engines disagree');
      return theirs;
    },
  };
}

const fast = pointTargets('mcl-wasm', wasm);
const pure = pointTargets('noble', noble);

deepFuzz('bls', [...plainTargets(), ...fast, ...pointTargets('blst', await createBlstBls())]);
deepFuzz(
  'bls, pure engine',
  fast.map((target, i) => compared(target, pure[i]!)),
  { share: 10 },
);
