/** What can go wrong with a store: one class, a closed union of reasons with stable codes. */
import { ProtocolError } from '@polyphony/primitives';

/** Details of {@link StorageError}. */
export type StorageErrorDetails =
  | { readonly code: 'storage/closed' }
  | { readonly code: 'storage/invalid-range'; readonly reason: string }
  | { readonly code: 'storage/locked'; readonly path: string }
  | { readonly code: 'storage/corrupt'; readonly path: string; readonly reason: string }
  | { readonly code: 'storage/cannot-open'; readonly path: string; readonly reason: string }
  | { readonly code: 'storage/read-failed'; readonly reason: string }
  | { readonly code: 'storage/write-failed'; readonly reason: string }
  | {
      readonly code: 'storage/conformance-failed';
      readonly check: string;
      readonly reason: string;
    };

/** Thrown, or rejected with, by every store of `@polyphony/storage`. */
export class StorageError extends ProtocolError<StorageErrorDetails> {
  override readonly name = 'StorageError';

  constructor(details: StorageErrorDetails, options?: ErrorOptions) {
    super(details, describe(details), options);
  }
}

function describe(details: StorageErrorDetails): string {
  switch (details.code) {
    case 'storage/closed':
      return 'the store is closed';
    case 'storage/invalid-range':
      return `range ${details.reason}`;
    case 'storage/locked':
      return `the database at ${details.path} is in use by another process or store`;
    case 'storage/corrupt':
      return `the database at ${details.path} is damaged: ${details.reason}`;
    case 'storage/cannot-open':
      return `cannot open a database at ${details.path}: ${details.reason}`;
    case 'storage/read-failed':
      return `read failed: ${details.reason}`;
    case 'storage/write-failed':
      return `write failed, nothing of the batch was applied: ${details.reason}`;
    case 'storage/conformance-failed':
      return `${details.check}: ${details.reason}`;
  }
}
