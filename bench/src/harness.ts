/**
 * Measures contenders that do the same work, side by side in one run.
 *
 * Equality comes before speed: every contender's output must equal the baseline's before the first
 * timed call. Rounds are interleaved and rotated, batches last about 50 ms, and a result is the
 * median of work per CPU-second over the rounds. A ratio is the median of the rounds' own ratios:
 * what slows the machine for a while slows both sides of a round. On a shared machine ratios move
 * less than absolutes, so targets are mostly ratios to a named peer. What is measured is left to the rows files.
 *
 * A contender whose `run` returns a promise is awaited call by call, as its users must.
 */
import { isDeepStrictEqual } from 'node:util';

/** What a contender hands over for comparison. Hex strings and byte arrays are different outputs. */
export type BenchOutput =
  | Uint8Array
  | string
  | bigint
  | number
  | boolean
  | undefined
  | readonly BenchOutput[];

/** One implementation of a row's work. */
export interface Contender {
  /** Package and, where it has several, engine: `viem`, `polyphony (wasm)`. */
  readonly name: string;
  /** Does the work once: `perRun` units of it. A promise is awaited before the next call. */
  readonly run: () => unknown;
  /** The result of the same work in a form that is equal for all contenders of the row. */
  readonly output: () => BenchOutput | Promise<BenchOutput>;
}

/** A figure to reach. With both `perSecond` and `ratio` either of the two meets it. */
export interface Target {
  /** Name of the contender that should reach it. */
  readonly contender: string;
  /** Units of work per CPU-second. */
  readonly perSecond?: number;
  /** Times the speed of contender `to`. */
  readonly ratio?: number;
  readonly to?: string;
}

/** One line of comparison. */
export interface BenchRow {
  readonly name: string;
  /** What is counted: `tx`, `signatures`, `commits`. */
  readonly unit: string;
  /** Units of work in one `run()`. Left out: 1. */
  readonly perRun?: number;
  /** At most so many rounds, where one run takes seconds. Odd. */
  readonly maxRounds?: number;
  readonly contenders: readonly Contender[];
  /** The contender that the printed ratios refer to. */
  readonly baseline: string;
  readonly targets?: readonly Target[];
  /** Peers that cannot do this work, with the reason: they are printed, not measured. */
  readonly unable?: readonly { readonly name: string; readonly reason: string }[];
}

/** Median, least and greatest of a contender's rounds. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** What was measured for one contender. */
export interface Measured {
  readonly name: string;
  /** Units per CPU-second of this process, all threads. */
  readonly perCpuSecond: Spread;
  /** Units per second of wall time. */
  readonly perWallSecond: Spread;
  /** Speed over the baseline's, by CPU time: the median of the rounds. */
  readonly ratio: number;
  /** Units per CPU-second of every round, in order. */
  readonly samples: readonly number[];
}

/** Outcome of one target. */
export interface TargetResult {
  readonly target: Target;
  readonly text: string;
  readonly reached: string;
  readonly met: boolean;
}

/** One measured row. */
export interface RowResult {
  readonly name: string;
  readonly unit: string;
  readonly baseline: string;
  readonly measured: readonly Measured[];
  readonly targets: readonly TargetResult[];
  readonly unable: readonly { readonly name: string; readonly reason: string }[];
}

/** How long to measure. */
export interface MeasureOptions {
  /** Odd, so that the median is a sample. */
  readonly rounds: number;
  readonly batchMs: number;
}

/** Every contender runs for as long as so many batches before one is timed. */
const WARM_BATCHES = 8;

/** Checks a row's words: unknown baseline or target names, repeated contenders. */
export function row(value: BenchRow): BenchRow {
  const names = value.contenders.map((contender) => contender.name);
  const fail = (problem: string): never => {
    throw new Error(`bench row "${value.name}": ${problem}`);
  };
  if (new Set(names).size !== names.length) fail('a contender is named twice');
  if (!names.includes(value.baseline)) fail(`no contender is named "${value.baseline}"`);
  if (!(value.perRun === undefined || value.perRun > 0)) fail('perRun must be positive');
  for (const target of value.targets ?? []) {
    if (!names.includes(target.contender)) fail(`target for unknown "${target.contender}"`);
    if ((target.ratio === undefined) !== (target.to === undefined))
      fail('"ratio" and "to" belong together');
    if (target.ratio === undefined && target.perSecond === undefined)
      fail('a target has no figure');
    if (target.to !== undefined && !names.includes(target.to))
      fail(`target against unknown "${target.to}"`);
  }
  return value;
}

/** @throws when a contender's output differs from the baseline's. */
export async function assertEqualOutputs(value: BenchRow): Promise<void> {
  const baseline = value.contenders.find((contender) => contender.name === value.baseline)!;
  const expected = await baseline.output();
  for (const contender of value.contenders) {
    const actual = contender === baseline ? expected : await contender.output();
    if (!isDeepStrictEqual(plain(actual), plain(expected))) {
      throw new Error(
        `bench row "${value.name}": ${contender.name} gives ${show(actual)}, ${baseline.name} gives ${show(expected)}`,
      );
    }
  }
}

/** A Buffer and a Uint8Array of the same bytes are the same output. */
function plain(value: BenchOutput): unknown {
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  return Array.isArray(value) ? value.map((item) => plain(item as BenchOutput)) : value;
}

function show(value: BenchOutput): string {
  const text = JSON.stringify(value, (_, item: unknown) => {
    if (typeof item === 'bigint') return `${item}n`;
    return item instanceof Uint8Array ? Buffer.from(item).toString('hex') : item;
  });
  return text === undefined ? 'nothing' : text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** Runs one row: equality, calibration, interleaved rounds, medians, targets. */
export async function measureRow(value: BenchRow, options: MeasureOptions): Promise<RowResult> {
  row(value);
  await assertEqualOutputs(value);
  const perRun = value.perRun ?? 1;
  const lanes: { contender: Contender; times: number; cpu: number[]; wall: number[] }[] = [];
  for (const contender of value.contenders)
    lanes.push({
      contender,
      times: await calibrate(contender.run, options.batchMs),
      cpu: [],
      wall: [],
    });
  const rounds = Math.min(options.rounds, value.maxRounds ?? options.rounds);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < lanes.length; turn++) {
      const lane = lanes[(round + turn) % lanes.length]!;
      const { cpuSeconds, wallSeconds } = await timeBatch(lane.contender.run, lane.times);
      lane.cpu.push((lane.times * perRun) / cpuSeconds);
      lane.wall.push((lane.times * perRun) / wallSeconds);
    }
  }
  const base = lanes.find((lane) => lane.contender.name === value.baseline)!.cpu;
  const measured = lanes.map((lane) => ({
    name: lane.contender.name,
    perCpuSecond: spread(lane.cpu),
    perWallSecond: spread(lane.wall),
    ratio: ratioOf(lane.cpu, base),
    samples: lane.cpu,
  }));
  return {
    name: value.name,
    unit: value.unit,
    baseline: value.baseline,
    measured,
    targets: (value.targets ?? []).map((target) => judge(target, measured)),
    unable: value.unable ?? [],
  };
}

/**
 * How many calls fill a batch, after the code is warm: whatever the engine still compiles for one
 * contender in a timed round is charged to it, and to the next.
 */
async function calibrate(run: () => unknown, batchMs: number): Promise<number> {
  let times = 1;
  let spentMs = 0;
  for (;;) {
    const { wallSeconds } = await timeBatch(run, times);
    const ms = wallSeconds * 1000;
    spentMs += ms;
    if (ms < batchMs)
      times = ms < batchMs / 8 ? times * 4 : Math.ceil((times * batchMs * 1.1) / ms);
    else if (spentMs < WARM_BATCHES * batchMs) times = Math.ceil((times * batchMs * 1.1) / ms);
    else return Math.max(1, Math.round((times * batchMs) / ms));
  }
}

async function timeBatch(
  run: () => unknown,
  times: number,
): Promise<{ readonly cpuSeconds: number; readonly wallSeconds: number }> {
  const cpuBefore = process.cpuUsage();
  const before = process.hrtime.bigint();
  // The first call tells the kind; a synchronous contender pays for no await.
  const first = run();
  if (first instanceof Promise) {
    await first;
    for (let i = 1; i < times; i++) await run();
  } else for (let i = 1; i < times; i++) run();
  const wallSeconds = Number(process.hrtime.bigint() - before) / 1e9;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { cpuSeconds: Math.max(1, user + system) / 1e6, wallSeconds };
}

/** Median, least and greatest. */
export function spread(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median =
    sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)! };
}

/** Median over the rounds of one contender's speed over another's in the same round. */
export function ratioOf(samples: readonly number[], base: readonly number[]): number {
  return spread(samples.map((sample, round) => sample / base[round]!)).median;
}

/** Whether a target was reached, in words. */
export function judge(
  target: Target,
  measured: readonly Pick<Measured, 'name' | 'samples'>[],
): TargetResult {
  const samplesOf = (name: string): readonly number[] =>
    measured.find((entry) => entry.name === name)!.samples;
  const speed = spread(samplesOf(target.contender)).median;
  const wanted: string[] = [];
  const reached: string[] = [];
  let met = false;
  if (target.perSecond !== undefined) {
    wanted.push(`${formatCount(target.perSecond)}/CPU-s`);
    reached.push(`${formatCount(speed)}/CPU-s`);
    met ||= speed >= target.perSecond;
  }
  if (target.ratio !== undefined && target.to !== undefined) {
    const ratio = ratioOf(samplesOf(target.contender), samplesOf(target.to));
    wanted.push(`${formatRatio(target.ratio)} ${target.to}`);
    reached.push(`${formatRatio(ratio)} ${target.to}`);
    met ||= ratio >= target.ratio;
  }
  return {
    target,
    text: `${target.contender} at least ${wanted.join(' or ')}`,
    reached: reached.join(', '),
    met,
  };
}

/** `1.23 M`, `45.6 k`, `789`, `12.3`. */
export function formatCount(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M`;
  if (value >= 1e4) return `${(value / 1e3).toFixed(1)} k`;
  if (value >= 100) return value.toFixed(0);
  return value.toFixed(value >= 10 ? 1 : 2);
}

/** `0.95x`, `12.3x`; small ones keep two significant digits: `0.0042x`. */
export function formatRatio(value: number): string {
  const digits = value >= 10 ? 1 : 2;
  if (value >= 0.1 || !(value > 0)) return `${value.toFixed(digits)}x`;
  return `${value.toFixed(Math.min(1 - Math.floor(Math.log10(value)), 20))}x`;
}
