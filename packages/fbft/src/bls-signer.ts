/** Consensus keys in memory: the signer for tests, and for nodes that hold their own keys. */
import type { Bls } from '@polyphony/bls';
import { bytesToPlainHex } from '@polyphony/primitives';
import { FbftError } from './errors.js';
import type { Signer } from './ports.js';

/** A signer that holds secret keys in memory. Any `Bls` suite; keys are 32 bytes each. */
export function createBlsSigner(bls: Bls, secretKeys: readonly Uint8Array[]): Signer {
  const secrets = new Map(
    secretKeys.map((secret) => {
      const publicKey = bls.getPublicKey(secret);
      return [bytesToPlainHex(publicKey), { secret, publicKey }];
    }),
  );
  return {
    publicKeys: [...secrets.values()].map(({ publicKey }) => publicKey),
    sign: (publicKey, payload) => {
      const known = secrets.get(bytesToPlainHex(publicKey));
      if (known === undefined)
        throw new FbftError({
          code: 'fbft/out-of-range',
          what: 'public key',
          reason: 'is not one of this signer',
        });
      return bls.sign(payload.bytes, known.secret);
    },
  };
}
