/** What can go wrong between peers: one class, a closed union of reasons with stable codes. */
import { ProtocolError } from '@polyphony/primitives';

/** Details of {@link P2pError}. */
export type P2pErrorDetails =
  | { readonly code: 'p2p/left' }
  | { readonly code: 'p2p/unknown-peer'; readonly peer: string }
  | { readonly code: 'p2p/peer-exists'; readonly peer: string }
  | { readonly code: 'p2p/disconnected'; readonly peer: string }
  | { readonly code: 'p2p/timeout'; readonly peer: string; readonly timeoutMs: number }
  | { readonly code: 'p2p/unsupported-protocol'; readonly peer: string; readonly protocol: string }
  | { readonly code: 'p2p/protocol-taken'; readonly protocol: string }
  | { readonly code: 'p2p/request-failed'; readonly peer: string; readonly protocol: string }
  | { readonly code: 'p2p/overloaded'; readonly peer: string; readonly limit: number }
  | { readonly code: 'p2p/message-too-large'; readonly limit: number; readonly actual: number }
  | { readonly code: 'p2p/invalid-frame'; readonly reason: string }
  | { readonly code: 'p2p/invalid-protocol-id'; readonly reason: string }
  | { readonly code: 'p2p/invalid-sync-message'; readonly reason: string }
  | { readonly code: 'p2p/invalid-argument'; readonly what: string; readonly reason: string }
  | { readonly code: 'p2p/conformance-failed'; readonly check: string; readonly reason: string };

/** Thrown, or rejected with, by `@polyphony/p2p`. */
export class P2pError extends ProtocolError<P2pErrorDetails> {
  override readonly name = 'P2pError';

  constructor(details: P2pErrorDetails, options?: ErrorOptions) {
    super(details, describe(details), options);
  }
}

function describe(details: P2pErrorDetails): string {
  switch (details.code) {
    case 'p2p/left':
      return 'this peer has left the network';
    case 'p2p/unknown-peer':
      return `there is no peer ${details.peer}`;
    case 'p2p/peer-exists':
      return `a peer ${details.peer} has joined already`;
    case 'p2p/disconnected':
      return `peer ${details.peer} left before it answered`;
    case 'p2p/timeout':
      return `peer ${details.peer} did not answer within ${details.timeoutMs} ms`;
    case 'p2p/unsupported-protocol':
      return `peer ${details.peer} does not serve ${details.protocol}`;
    case 'p2p/protocol-taken':
      return `this peer serves ${details.protocol} already`;
    case 'p2p/request-failed':
      return `peer ${details.peer} failed to answer ${details.protocol}`;
    case 'p2p/overloaded':
      return `more than ${details.limit} requests are open at peer ${details.peer}`;
    case 'p2p/message-too-large':
      return `a message may have ${details.limit} bytes, got ${details.actual}`;
    case 'p2p/invalid-frame':
      return `not a frame: ${details.reason}`;
    case 'p2p/invalid-protocol-id':
      return `not the identifier of a stream protocol: ${details.reason}`;
    case 'p2p/invalid-sync-message':
      return `not a message of stream sync: ${details.reason}`;
    case 'p2p/invalid-argument':
      return `${details.what} ${details.reason}`;
    case 'p2p/conformance-failed':
      return `${details.check}: ${details.reason}`;
  }
}
