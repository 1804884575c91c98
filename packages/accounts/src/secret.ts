/**
 * Handling of secret bytes: where random ones come from, how they are compared and cleared, and
 * how an object carries them without printing them. JavaScript cannot promise that no copy stays
 * in memory; clearing removes the ones we made.
 */
import { invalidOption } from './errors.js';

/** A source of random bytes: `length` bytes that nobody can predict. */
export type RandomBytes = (length: number) => Uint8Array;

/** Random bytes of the platform's generator, at most 65,536. */
export const platformRandomBytes: RandomBytes = (length) =>
  crypto.getRandomValues(new Uint8Array(length));

/** Draws bytes and checks that the source gave as many as were asked for. */
export function draw(random: RandomBytes, length: number): Uint8Array {
  const bytes = random(length);
  if (!(bytes instanceof Uint8Array)) throw new TypeError('random bytes must be a Uint8Array');
  if (bytes.length !== length)
    throw invalidOption(`the random source gave ${bytes.length} bytes instead of ${length}`);
  return bytes;
}

/** Overwrites bytes with zeros. */
export function wipe(...secrets: readonly Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0);
}

/** Whether two byte strings are equal, in a time that depends on their lengths only. */
export function constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/**
 * A frozen object whose hidden members are used like any other but do not show up in logs, JSON,
 * spreads or enumerations.
 *
 * @param shown - Members that may be printed.
 * @param hidden - Members that must not be.
 * @param label - What a Node console prints for the object.
 */
export function concealed<Shown extends object, Hidden extends object>(
  shown: Shown,
  hidden: Hidden,
  label: string,
): Readonly<Shown & Hidden> {
  const result = { ...shown };
  Object.defineProperties(result, {
    ...Object.fromEntries(
      Object.entries(Object.getOwnPropertyDescriptors(hidden)).map(([name, descriptor]) => [
        name,
        { ...descriptor, enumerable: false },
      ]),
    ),
    [INSPECT]: { value: () => label, enumerable: false },
  });
  return Object.freeze(result) as Readonly<Shown & Hidden>;
}
