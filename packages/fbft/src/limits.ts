/**
 * Every bound of the machine's memory in one place.
 *
 * A peer can fill what is listed here and nothing more. Votes and view-change reports are bounded
 * by the committee instead: at most one of each kind for each slot.
 */

/** A message this far above the current height is only a hint. @source harmony/consensus/checks.go */
export const MAX_FAR_HEIGHT = 100n;
/** A view this far above the current one is not believed. @source harmony/consensus/checks.go */
export const MAX_FAR_VIEW = 249n;
/** Blocks of the current height that are kept, with their bytes. */
export const MAX_CANDIDATES = 4;
/** Messages kept for a later height or view. */
export const MAX_EARLY_MESSAGES = 256;
/** Of these, from one peer; also how many bytes in all. */
export const MAX_EARLY_PER_PEER = 32;
/** Bytes of all early messages together. */
export const MAX_EARLY_BYTES: number = 16 << 20;
/**
 * Longest block that is proposed, kept or carried: any message around it stays below 2 MiB, for
 * committees up to 16,384 keys.
 */
export const MAX_BLOCK_BYTES: number = (1 << 21) - (1 << 14);
/** Most keys in a committee: the bitmaps and slots of messages are no longer. */
export const MAX_COMMITTEE_KEYS: number = 1 << 14;
