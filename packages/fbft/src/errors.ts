/**
 * The error of this package: one class, a closed union of details, one sentence per code.
 *
 * Decoders, `assertValid` functions and constructors throw it. The state machine never does for
 * what a peer sent: there a refusal is an `ignore` effect with a reason.
 */
import { ProtocolError } from '@polyphony/primitives';

/** Details of {@link FbftError}. */
export type FbftErrorDetails =
  | { readonly code: 'fbft/invalid-envelope'; readonly reason: string }
  | { readonly code: 'fbft/invalid-protobuf'; readonly reason: string; readonly offset: number }
  | { readonly code: 'fbft/invalid-message'; readonly field: string; readonly reason: string }
  | { readonly code: 'fbft/unknown-field'; readonly where: string; readonly field: number }
  | { readonly code: 'fbft/non-canonical-message' }
  | { readonly code: 'fbft/invalid-seal'; readonly reason: string }
  | { readonly code: 'fbft/invalid-mark'; readonly reason: string }
  | { readonly code: 'fbft/invalid-config'; readonly option: string; readonly reason: string }
  | { readonly code: 'fbft/out-of-range'; readonly what: string; readonly reason: string };

/**
 * Thrown by `@polyphony/fbft` on bad input.
 *
 * @example try { decodeMessage(bytes) } catch (error) { if (error instanceof FbftError) error.code }
 */
export class FbftError extends ProtocolError<FbftErrorDetails> {
  override readonly name = 'FbftError';

  constructor(details: FbftErrorDetails, options?: ErrorOptions) {
    super(details, describe(details), options);
  }
}

function describe(details: FbftErrorDetails): string {
  switch (details.code) {
    case 'fbft/invalid-envelope':
      return `invalid gossip payload: ${details.reason}`;
    case 'fbft/invalid-protobuf':
      return `invalid protobuf at byte ${details.offset}: ${details.reason}`;
    case 'fbft/invalid-message':
      return `invalid consensus message: ${details.field} ${details.reason}`;
    case 'fbft/unknown-field':
      return `unknown field ${details.field} in ${details.where}`;
    case 'fbft/non-canonical-message':
      return 'message is not in its one canonical encoding';
    case 'fbft/invalid-seal':
      return `invalid seal: ${details.reason}`;
    case 'fbft/invalid-mark':
      return `invalid signed mark: ${details.reason}`;
    case 'fbft/invalid-config':
      return `option ${details.option} ${details.reason}`;
    case 'fbft/out-of-range':
      return `${details.what} ${details.reason}`;
  }
}
