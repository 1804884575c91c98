/** What a host is asked to verify. */

/** One signature by one or, summed, by several keys. */
export interface SignatureCheck {
  /** Never empty. */
  readonly keys: readonly Uint8Array[];
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}
