/** From a signature to the account that made it, with this package's errors. Internal. */
import { type Engine, recoverAddress } from '@polyphony/crypto';
import { type Address, isProtocolError } from '@polyphony/primitives';
import { ChainError } from './errors.js';

/** The signature of a transaction: `odd` is the parity that `v` holds. */
export interface SignerInput {
  readonly r: bigint;
  readonly s: bigint;
  readonly odd: boolean;
}

/**
 * Account whose key signed a digest.
 *
 * @param allowHighS - Accept `s` above half the order, as Frontier did.
 * @throws {@link ChainError} `chain/invalid-signature`.
 */
export function recoverAccount(
  digest: Uint8Array,
  { r, s, odd }: SignerInput,
  engine: Engine,
  allowHighS: boolean,
): Address {
  try {
    return recoverAddress(digest, { r, s, recovery: odd ? 1 : 0 }, engine, { allowHighS });
  } catch (cause) {
    if (!isProtocolError(cause)) throw cause;
    throw new ChainError({ code: 'chain/invalid-signature', reason: cause.message }, { cause });
  }
}
