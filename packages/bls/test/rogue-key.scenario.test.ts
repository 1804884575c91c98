/**
 * The attack on proofs over one constant, and its end.
 *
 * From published keys and proofs alone a sixth key is made with a valid legacy proof; its maker then
 * signs alone for the whole committee. Proofs bound to the key do not add up that way.
 */
import {
  type Bls,
  generateSecretKey,
  legacyPossessionMessage,
  possessionMessage,
  proveAccountPossession,
  proveLegacyPossession,
  provePossession,
  verifyAccountPossession,
  verifyLegacyPossession,
  verifyPossession,
} from '@polyphony/bls';
import { beforeAll, describe, expect, test } from 'vitest';
import { harmonyEngines, hex, ietfEngines, negate } from './engines.js';

/** The node test key and its published proof. */
const VICTIM_KEY = hex(
  '30b2c38b1316da91e068ac3bd8751c0901ef6c02a1d58bc712104918302c6ed03d5894671d0c816dad2b4d303320f202',
);
const VICTIM_PROOF = hex(
  '68f800b6adf657b674903e04708060912b893b7c7b500788808247550ab3e186e56a44ebf3ca488f8ed1a42f6cef3a04bd5d2b2b7eb5a767848d3135b362e668ce6bba42c7b9d5666d8e3a83be707b5708e722c58939fe9b07c170f3b7062414',
);
const ACCOUNT = '0x00000000000000000000000000000000000000a1';

/** x*G minus the victims' keys. */
const rogueKey = (bls: Bls, x: Uint8Array, victims: readonly Uint8Array[]): Uint8Array =>
  bls.aggregatePublicKeys([bls.getPublicKey(x), ...victims.map((key) => negate(key, bls.suite))]);

/** The attacker's proof minus the victims' proofs. */
const rogueProof = (bls: Bls, own: Uint8Array, proofs: readonly Uint8Array[]): Uint8Array =>
  bls.aggregateSignatures([own, ...proofs.map((proof) => negate(proof, bls.suite))]);

test.each(harmonyEngines)(
  'a real key and proof give a rogue key, harmony on %s',
  async (_n, create) => {
    const bls = await create();
    const x = generateSecretKey(bls.suite);
    const key = rogueKey(bls, x, [VICTIM_KEY]);
    const proof = rogueProof(bls, proveLegacyPossession(bls, x), [VICTIM_PROOF]);
    expect(verifyLegacyPossession(bls, VICTIM_PROOF, VICTIM_KEY)).toBe(true);
    expect(verifyLegacyPossession(bls, proof, key)).toBe(true);

    // The attacker's own signature now counts as one by both slots, over anything.
    const payload = generateSecretKey(bls.suite);
    expect(bls.verifyAggregate(bls.sign(payload, x), payload, [VICTIM_KEY, key])).toBe(true);

    // The victim's bound proof is not public in the real network; whatever it is, none is at hand for
    // the rogue key's own message.
    const own = bls.sign(possessionMessage(bls.suite, key), x);
    expect(verifyPossession(bls, rogueProof(bls, own, [VICTIM_PROOF]), key)).toBe(false);
  },
);

describe.each([harmonyEngines[0]!, ietfEngines[1]!])('five victims, %s', (_name, create) => {
  let bls: Bls;
  beforeAll(async () => {
    bls = await create();
  });

  test('legacy proofs are accepted for the sixth key, bound proofs are not', () => {
    const secrets = Array.from({ length: 5 }, () => generateSecretKey(bls.suite));
    const keys = secrets.map((secret) => bls.getPublicKey(secret));
    const x = generateSecretKey(bls.suite);
    const rogue = rogueKey(bls, x, keys);
    const committee = [...keys, rogue];

    const legacy = secrets.map((secret) => proveLegacyPossession(bls, secret));
    const forged = rogueProof(bls, proveLegacyPossession(bls, x), legacy);
    expect(verifyLegacyPossession(bls, forged, rogue)).toBe(true);
    const block = legacyPossessionMessage().map((byte) => byte ^ 0x55);
    expect(bls.verifyAggregate(bls.sign(block, x), block, committee)).toBe(true);

    for (const account of [undefined, ACCOUNT] as const) {
      const bound = secrets.map((secret) => provePossession(bls, secret, account));
      keys.forEach((key, i) => {
        expect(verifyPossession(bls, bound[i]!, key, account)).toBe(true);
      });
      // The attacker may try the message of any key; its own and a victim's stand for them.
      const messages = [rogue, keys[0]!].map((key) => possessionMessage(bls.suite, key, account));
      for (const message of messages) {
        const proof = rogueProof(bls, bls.signPossession(message, x), bound);
        expect(verifyPossession(bls, proof, rogue, account)).toBe(false);
      }
    }

    // Bound to the account alone: each victim has another account, so nothing adds up either.
    const perAccount = secrets.map((secret, i) =>
      proveAccountPossession(bls, secret, `0x${String(i).repeat(40)}`, 'tag-account'),
    );
    const own = proveAccountPossession(bls, x, ACCOUNT, 'tag-account');
    const proof = rogueProof(bls, own, perAccount);
    expect(verifyAccountPossession(bls, proof, rogue, ACCOUNT, 'tag-account')).toBe(false);
  });
});
