/** The errors of this package. No message ever holds key material. */
import { ProtocolError } from '@polyphony/primitives';

/** Details of {@link CryptoError}. */
export type CryptoErrorDetails =
  | {
      readonly code: 'crypto/invalid-length';
      readonly what: 'digest' | 'secret key' | 'public key' | 'signature';
      readonly expected: number;
      readonly actual: number;
    }
  | { readonly code: 'crypto/invalid-secret-key' }
  | { readonly code: 'crypto/invalid-public-key'; readonly reason: string }
  | { readonly code: 'crypto/invalid-signature'; readonly reason: string }
  | { readonly code: 'crypto/engine-unavailable'; readonly engine: string }
  | {
      readonly code: 'crypto/conformance-failed';
      readonly engine: string;
      readonly reason: string;
    };

/** Thrown by every function of `@polyphony/crypto` on bad input. */
export class CryptoError extends ProtocolError<CryptoErrorDetails> {
  override readonly name = 'CryptoError';

  constructor(details: CryptoErrorDetails, options?: ErrorOptions) {
    super(details, describe(details), options);
  }
}

function describe(details: CryptoErrorDetails): string {
  switch (details.code) {
    case 'crypto/invalid-length':
      return `${details.what} must be ${details.expected} bytes, got ${details.actual}`;
    case 'crypto/invalid-secret-key':
      return 'secret key must be at least 1 and below the order of secp256k1';
    case 'crypto/invalid-public-key':
      return `public key ${details.reason}`;
    case 'crypto/invalid-signature':
      return `signature ${details.reason}`;
    case 'crypto/engine-unavailable':
      return `engine ${details.engine} could not be loaded`;
    case 'crypto/conformance-failed':
      return `engine ${details.engine} ${details.reason}`;
  }
}
