/** Every bit of the five real mainnet headers' signatures and payloads, and of the keys of a committee. */
import { commitPayload, verifySeal } from '@polyphony/fbft/seal';
import { mainnet } from '@polyphony/networks';
import { computeShardStateHash } from '@polyphony/sharding';
import { codeOf, seededRandom } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { assertSealed, verifyEpochChange } from '../src/index.js';
import { harmony as bls, committeeFor, flipBit, flipCommittee, mainnetHeaders } from './support.js';

const headers = mainnetHeaders();
const { shardStateHash } = headers.find(({ header }) => header.shardState.length > 0)!.header;

describe.each(headers)('$name', (sealed) => {
  const committee = committeeFor(sealed);
  const { seal, payload, header, hash } = sealed;

  test('no bit of the signature can change', () => {
    for (let bit = 0; bit < 8 * seal.signature.length; bit++) {
      const flipped = { ...seal, signature: flipBit(seal.signature, bit) };
      const code = codeOf(() => assertSealed({ header, hash }, flipped, committee, { bls }));
      expect([bit, code]).toEqual([bit, 'light-client/invalid-seal']);
    }
  });

  test('no bit of the payload can change', () => {
    expect(payload).toEqual(commitPayload(header.number, hash, header.viewId, false));
    for (let bit = 0; bit < 8 * payload.length; bit++) {
      const holds = verifySeal(bls, committee.voting, flipBit(payload, bit), seal);
      expect([bit, holds]).toEqual([bit, false]);
    }
  });
});

test('no bit of the key of a member who signed can change', { timeout: 3_600_000 }, () => {
  const { seal, payload, ...sealed } = headers[3]!;
  const { voting } = committeeFor({ seal, payload, ...sealed });
  const wrong: number[][] = [];
  for (const [slot, key] of voting.keys.entries()) {
    if (((seal.bitmap[slot >> 3]! >> (slot & 7)) & 1) === 0) continue;
    for (let bit = 0; bit < 8 * key.length; bit++) {
      const keys = voting.keys.with(slot, flipBit(key, bit));
      if (verifySeal(bls, { ...voting, keys }, payload, seal)) wrong.push([slot, bit]);
    }
  }
  expect(wrong).toEqual([]);
});

test('no bit of a committee can change unseen: by the seal if the slot signed, by the hash if not', () => {
  const random = seededRandom(1769471);
  const sealed = headers[3]!;
  const { seal, header, hash } = sealed;
  for (let slot = 0; slot < 250; slot++) {
    const signed = ((seal.bitmap[slot >> 3]! >> (slot & 7)) & 1) === 1;
    for (let i = 0; i < 8; i++) {
      const { state } = flipCommittee(random, slot);
      const committee = committeeFor(sealed, state);
      const code = codeOf(() => assertSealed({ header, hash }, seal, committee, { bls }));
      expect([slot, code]).toEqual([slot, signed ? 'light-client/invalid-seal' : undefined]);
    }
    const { state } = flipCommittee(random, slot);
    expect(computeShardStateHash(state)).not.toBe(shardStateHash);
    expect(verifyEpochChange(header, state, { network: mainnet })).toBe(false);
  }
});
