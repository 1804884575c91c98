/** Messages of other heights: which of them make a node look for blocks elsewhere, under every profile. */

import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { roundRobinLeaders, uniformCommittee } from '../src/committee.js';
import { createState, step } from '../src/machine.js';
import { compat, guarded, type Profile, strict } from '../src/profile.js';
import { strictPayload } from '../src/strict/statements.js';
import {
  encodeGossip,
  encodeStrictMessage,
  hashUnsigned,
  type StrictMessage,
} from '../src/wire.js';
import { phase, sealed } from './support/adversary.js';
import { fastTiming } from './support/schedules.js';
import { testKey, testSign } from './support/test-only-bls.js';

const block = new Uint8Array(8).fill(1);
const blockHash = new Uint8Array(32).fill(2);
const seal = { signature: new Uint8Array(96).fill(3), bitmap: Uint8Array.of(7) };

/** A message of member 1, signed by it. */
function payloadOf(profile: Profile, type: 'prepared' | 'committed', height: bigint): Uint8Array {
  const viewId = height;
  if (profile.wire === 1) {
    const payload = new Uint8Array([...seal.signature, ...seal.bitmap]);
    const fields = { height, viewId, blockHash, payload, senderKey: testKey(1) };
    return sealed(phase(type, type === 'prepared' ? { ...fields, block } : fields));
  }
  const certificate = { viewId, blockHash, justifiedBy: 0n, seal };
  const common = { wire: 2, shardId: 0, epoch: 0n, height, viewId, slot: 1 } as const;
  const sign = (message: StrictMessage): Uint8Array =>
    testSign(
      testKey(1),
      strictPayload(
        { chainId: 1n, shardId: 0, epoch: 0n },
        {
          kind: 'sender',
          messageType: type === 'prepared' ? 3 : 5,
          height,
          viewId,
          hash: hashUnsigned(message),
          certificateView: 0n,
        },
      ),
    );
  const signature = new Uint8Array(0);
  const message: StrictMessage =
    type === 'prepared'
      ? { ...common, type, certificate, block, signature }
      : { ...common, type, seal, certificate, signature };
  const signed = { ...message, signature: sign(message) } as StrictMessage;
  return encodeGossip({ category: 'consensus-2', message: encodeStrictMessage(signed) });
}

for (const profile of [compat, guarded, strict])
  describe(profile.name, () => {
    for (const { name, in: given, out } of loadVectors<
      { height: string; type: 'prepared' | 'committed'; messageHeight: string },
      { syncs: number }
    >(import.meta.url, 'future-messages', {
      in: ['height', 'type', 'messageHeight'],
      out: ['syncs'],
    })) {
      test(name, () => {
        const keys = [0, 1, 2, 3].map(testKey);
        const height = BigInt(given.height);
        const created = createState({
          shardId: 0,
          chainId: 1n,
          publicKeys: [testKey(0)],
          allowUnsafeSigning: true,
          leaders: roundRobinLeaders,
          timing: fastTiming,
          decoding: 'strict',
          aggregateVotes: true,
          profile,
        });
        const head = {
          height: height - 1n,
          hash: `0x${'09'.repeat(32)}` as const,
          viewId: height - 1n,
          timestampMs: 0,
          epoch: 0n,
          committee: uniformCommittee(keys),
        };
        let { state } = step(created, { type: 'start', now: 1000, head });
        const payload = payloadOf(profile, given.type, BigInt(given.messageHeight));
        let syncs = 0;
        // The same message again asks for nothing more.
        for (let i = 0; i < 2; i++) {
          const heard = step(state, { type: 'message', now: 1000, from: 'peer', payload });
          state = heard.state;
          for (const effect of heard.effects) {
            if (effect.type !== 'verify') continue;
            const results = effect.checks.map(({ keys: [key], message, signature }) =>
              testSign(key!, message).every((byte, at) => byte === signature[at]),
            );
            expect(results).toEqual([true]);
            const done = step(state, { type: 'verified', now: 1000, item: effect.item, results });
            state = done.state;
            syncs += done.effects.filter(({ type }) => type === 'sync').length;
          }
        }
        expect(syncs).toBe(out!.syncs);
      });
    }
  });
