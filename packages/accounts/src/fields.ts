/** Fields of key files: JSON of a stranger, read name by name. */
import { hexToBytes, isProtocolError } from '@polyphony/primitives';

/** Makes the error of the file kind that is read. */
export type FieldFailure = (reason: string) => Error;

/** Longest key file in characters. */
const MAX_FILE_CHARACTERS = 65_536;

/** A JSON text that is an object. */
export function parseFile(text: string, fail: FieldFailure): object {
  if (text.length > MAX_FILE_CHARACTERS)
    throw fail(`a key file has at most ${MAX_FILE_CHARACTERS} characters`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw fail('the file is not JSON');
  }
  return asObject(value, 'the file', fail);
}

/** A value that must be an object. */
export function asObject(value: unknown, what: string, fail: FieldFailure): object {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw fail(`${what} must be an object`);
  return value;
}

/** An own member of an object. */
export function ownField(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? (object as Record<string, unknown>)[name] : undefined;
}

/** A member that must be text. */
export function textField(object: object, name: string, fail: FieldFailure): string {
  const value = ownField(object, name);
  if (typeof value !== 'string') throw fail(`${name} must be text`);
  return value;
}

/** A member that must be a number. */
export function numberField(object: object, name: string, fail: FieldFailure): number {
  const value = ownField(object, name);
  if (typeof value !== 'number') throw fail(`${name} must be a number`);
  return value;
}

/** A member that must be hexadecimal text, without 0x, of a number of bytes in a range. */
export function hexField(
  object: object,
  name: string,
  min: number,
  max: number,
  fail: FieldFailure,
): Uint8Array {
  const text = textField(object, name, fail);
  const range = min === max ? `${min}` : `${min} to ${max}`;
  const refused = fail(`${name} must be ${range} bytes as hexadecimal text`);
  if (text.length > 2 * max || text.startsWith('0x')) throw refused;
  try {
    const bytes = hexToBytes(text);
    if (bytes.length < min || bytes.length > max) throw refused;
    return bytes;
  } catch (error) {
    throw isProtocolError(error) ? refused : error;
  }
}
