/** How the repository's own commands read their options, and say what is wrong with them. */
import { type ParseArgsConfig, parseArgs } from 'node:util';

type Described = NonNullable<ParseArgsConfig['options']>;

/** The values of a command's options. */
export type OptionValues<O extends Described> = ReturnType<
  typeof parseArgs<{ options: O }>
>['values'];

/**
 * The options a command was called with. `--help` prints the help and ends the process; so does an
 * option that is not known, with status 2.
 */
export function readOptions<const O extends Described>(help: string, options: O): OptionValues<O> {
  return orExplain(help, () => {
    const all = { ...options, help: { type: 'boolean', short: 'h' } } as const;
    const { help: wanted, ...values } = parseArgs({ options: all }).values as Record<
      string,
      unknown
    >;
    if (wanted === true) {
      console.log(help);
      process.exit(0);
    }
    return values as OptionValues<O>;
  });
}

/** What a function reads from options; if it throws, its message and the help, and the process ends with status 2. */
export function orExplain<T>(help: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`);
    process.exit(2);
  }
}

/** The whole number that an option gives. @throws when it is none, or out of bounds. */
export function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text === '' || !Number.isInteger(value) || value < least || value > most)
    throw new Error(`--${name} must be an integer from ${least} to ${most}, got "${text}"`);
  return value;
}

/** The one of some words that an option gives. @throws when it is none of them. */
export function oneOf<const T extends string>(
  name: string,
  text: string,
  allowed: readonly T[],
): T {
  const found = allowed.find((value) => value === text);
  if (found === undefined)
    throw new Error(`--${name} must be ${allowed.join(' or ')}, got "${text}"`);
  return found;
}
