/**
 * One way to be hostile for all decoders: named hostile bytes, arbitrary bytes, and valid samples
 * under mutations that fast-check draws and shrinks. Each input must be refused with the decoder's
 * own error class or re-encode to itself, in a time linear in its length and without allocating more
 * than a few times its length.
 */
import fc from 'fast-check';
import { hostileBytes } from './hostile.js';
import { type Mutation, mutate } from './mutations.js';

/** A decoder under attack. */
export interface FuzzTarget {
  readonly name: string;
  /** The class of every refusal. */
  readonly refusal: abstract new (
    ...args: never[]
  ) => Error;
  /** Valid inputs; each must be accepted. Mutations start from them. */
  readonly samples: readonly Uint8Array[];
  /**
   * Decodes and encodes again. Undefined: accepted, with nothing to compare (text with several
   * spellings, a verdict).
   */
  readonly run: (bytes: Uint8Array) => Uint8Array | undefined;
  /** CPU time of any input that is not due to its length, milliseconds. Default 4. */
  readonly baseMs?: number;
  /** Leave out the bound on allocation: for what hashes or keeps state of its own. Default false. */
  readonly allocates?: boolean;
}

/** What came of a run. */
export interface FuzzReport {
  readonly name: string;
  readonly executions: number;
  readonly accepted: number;
  /** Bytes of all inputs. */
  readonly bytes: number;
  readonly milliseconds: number;
  /** What was found, shrunk; empty is what a test wants. */
  readonly finding: string | undefined;
}

/** How a run is made. */
export interface FuzzOptions {
  readonly executions: number;
  readonly seed: number;
}

/** Milliseconds that each byte of an input may take on a loaded machine. */
const MS_PER_BYTE = 0.004;
/** Bytes outside the JavaScript heap that decoding and encoding may take beside eight times the input. */
const BASE_BYTES = 4096;
/** Of this many executions one is measured for allocation. */
const MEASURED = 32;

function show(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
  return `${bytes.length} bytes 0x${hex.slice(0, 600)}${hex.length > 600 ? '…' : ''}`;
}

function cpuMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

/** Whether an input takes too long each of three times: collections of garbage do not count. */
function isSlow(target: FuzzTarget, bytes: Uint8Array): boolean {
  const limit = (target.baseMs ?? 4) + MS_PER_BYTE * bytes.length;
  for (let attempt = 0; attempt < 3; attempt++) {
    const start = process.cpuUsage();
    try {
      target.run(bytes);
    } catch {
      // Only the time counts here.
    }
    if (cpuMs(start) <= limit) return false;
  }
  return true;
}

function allocated(target: FuzzTarget, bytes: Uint8Array): number {
  const before = process.memoryUsage().arrayBuffers;
  try {
    target.run(bytes);
  } catch {
    // Only the memory counts here.
  }
  return process.memoryUsage().arrayBuffers - before;
}

/** Checks one input; throws when the decoder breaks a rule. */
function attack(target: FuzzTarget, bytes: Uint8Array, measured: boolean): boolean {
  const start = performance.now();
  let again: Uint8Array | undefined;
  let accepted = true;
  try {
    again = target.run(bytes);
  } catch (error) {
    if (!(error instanceof target.refusal)) throw error;
    accepted = false;
  }
  const limit = (target.baseMs ?? 4) + MS_PER_BYTE * bytes.length;
  if (performance.now() - start > limit && isSlow(target, bytes))
    throw new Error(`takes more than ${limit.toFixed(1)} ms`);
  if (again !== undefined && Buffer.compare(again, bytes) !== 0)
    throw new Error(`is accepted and re-encodes to ${show(again)}`);
  if (measured && target.allocates !== true) {
    const most = 8 * bytes.length + BASE_BYTES;
    const took = allocated(target, bytes);
    if (took > most && allocated(target, bytes) > most)
      throw new Error(`takes ${took} bytes, at most ${most} are allowed`);
  }
  return accepted;
}

const mutations: fc.Arbitrary<Mutation[]> = fc.array(
  fc
    .tuple(fc.nat(0xffff), fc.nat(0xffffff), fc.nat(0xffff))
    .map(([kind, place, value]) => ({ kind, place, value })),
  { minLength: 1, maxLength: 4 },
);

/** Inputs: mutated samples, with now and then arbitrary bytes. */
function inputs(samples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const arbitrary = fc.uint8Array({ maxLength: 200 });
  if (samples.length === 0) return arbitrary;
  const mutated = fc
    .tuple(fc.nat(samples.length - 1), fc.nat(samples.length - 1), mutations)
    .map(([at, other, list]) => mutate(samples[at]!, samples[other]!, list));
  return fc.oneof({ weight: 15, arbitrary: mutated }, { weight: 1, arbitrary });
}

/**
 * Runs a decoder over the hostile bytes, its samples and drawn inputs, `executions` in all.
 *
 * @returns What came of it. A finding ends the run and is named in the report.
 */
export function fuzz(target: FuzzTarget, { executions, seed }: FuzzOptions): FuzzReport {
  let done = 0;
  let accepted = 0;
  let bytes = 0;
  let finding: string | undefined;
  const started = process.cpuUsage();
  const execute = (input: Uint8Array): boolean => {
    const measured = done++ % MEASURED === 0;
    bytes += input.length;
    const taken = attack(target, input, measured);
    if (taken) accepted++;
    return taken;
  };
  /** Whether the rules hold; keeps the last failure, which is the shrunk one. */
  const holds = (input: Uint8Array, valid: boolean): boolean => {
    try {
      if (execute(input) || !valid) return true;
      finding = `a valid sample is refused: ${show(input)}`;
    } catch (error) {
      finding = `${show(input)}: ${String(error)}`;
    }
    return false;
  };
  const fixed =
    target.samples.every((sample) => holds(sample, true)) &&
    hostileBytes.every(([, input]) => holds(input, false));
  if (fixed) {
    const property = fc.property(inputs(target.samples), (input) => holds(input, false));
    fc.check(property, { numRuns: Math.max(1, executions - done), seed });
  }
  return {
    name: target.name,
    executions: done,
    accepted,
    bytes,
    milliseconds: cpuMs(started),
    finding,
  };
}

/** A table of reports for a terminal. */
export function fuzzTable(title: string, reports: readonly FuzzReport[]): string {
  const width = Math.max(...reports.map(({ name }) => name.length));
  const rows = reports.map(
    ({ name, executions, accepted, bytes, milliseconds, finding }) =>
      `  ${name.padEnd(width)} ${String(executions).padStart(8)} executions ` +
      `${String(accepted).padStart(8)} accepted ` +
      `${((1000 * milliseconds) / executions).toFixed(1).padStart(8)} us each ` +
      `${((1e6 * milliseconds) / Math.max(1, bytes)).toFixed(0).padStart(6)} ns/byte  ` +
      `${finding === undefined ? 'no finding' : `FINDING: ${finding}`}`,
  );
  return [title, ...rows, ''].join('\n');
}
