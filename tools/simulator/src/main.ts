/** `pnpm simulate`: the consensus simulator from the command line; see the text of `--help`. */
import type { Outcome, Plan } from '@polyphony/fbft/simulator';
import { oneOf, orExplain, readOptions, wholeNumber } from '@polyphony/testkit';
import { BUGS } from './bugs.js';
import { measureLiveness } from './liveness.js';
import { loadSimulator, type Simulator } from './load.js';
import { search } from './search.js';

const HELP = `Runs the consensus in virtual time, with faults, and looks for forks and halts.

  pnpm simulate --seed 7 --nodes 4 --profile guarded   one run, told in words
  pnpm simulate --seeds 1000 --nodes 4,7,10            many runs, from --first on
  pnpm simulate --twins 10000 --profile strict         Twins scenarios
  pnpm simulate --plan '{…}'                           a plan, as a failing run prints it
  pnpm simulate --liveness                             how long dead leaders, skew and delay take
  pnpm simulate --bugs [--only 'part of a name']       plants bugs and looks for them in --seeds runs

  --profile NAME[,NAME]   guarded, strict, compat        guarded
  --nodes N[,N]           sizes of the committee         4
  --first N               the first seed                 1

A run that fails is made smaller, and the command that repeats it is printed.`;

const MOST = 2 ** 32 - 1;

const values = readOptions(HELP, {
  seed: { type: 'string' },
  seeds: { type: 'string' },
  first: { type: 'string', default: '1' },
  nodes: { type: 'string', default: '4' },
  profile: { type: 'string', default: 'guarded' },
  twins: { type: 'string' },
  plan: { type: 'string' },
  liveness: { type: 'boolean', default: false },
  bugs: { type: 'boolean', default: false },
  only: { type: 'string', default: '' },
});
const { first, sizes, profiles, counts, plan } = orExplain(HELP, () => {
  const count = (name: 'seed' | 'seeds' | 'twins'): number | undefined => {
    const text = values[name];
    return text === undefined ? undefined : wholeNumber(name, text, name === 'seed' ? 0 : 1, MOST);
  };
  return {
    first: wholeNumber('first', values.first, 0, MOST),
    sizes: values.nodes.split(',').map((text) => wholeNumber('nodes', text, 1, 1000)),
    profiles: values.profile
      .split(',')
      .map((text) => oneOf('profile', text, ['guarded', 'strict', 'compat'])),
    counts: { seed: count('seed'), seeds: count('seeds'), twins: count('twins') },
    plan: values.plan === undefined ? undefined : (JSON.parse(values.plan) as Plan),
  };
});

/** Says now and then how far a long run is, on the error stream. */
function createProgress(total: number, unit: string): (done: number) => void {
  const start = Date.now();
  let last = start;
  return (done) => {
    const now = Date.now();
    if (now - last < 5000) return;
    last = now;
    const rate = done / ((now - start) / 1000);
    const left = Math.round((total - done) / rate);
    console.error(`${done} of ${total} ${unit}, ${rate.toFixed(1)} a second, ${left} s to go`);
  };
}

function tell(simulator: Simulator, outcome: Outcome): void {
  const { plan } = outcome;
  console.log(
    `seed ${plan.seed}, ${plan.nodes} nodes, ${plan.profile}, views by ${plan.viewIds}, ` +
      `${plan.leaders} leaders, ${plan.change * 100} % of the committee change with an epoch`,
  );
  for (const fault of plan.faults) console.log(`  ${simulator.describeFault(fault)}`);
  const seconds = (outcome.simulatedMs / 1000).toFixed(1);
  console.log(
    `${outcome.verdict} after ${seconds} s of virtual time, ${outcome.steps} steps, ` +
      `${outcome.messages} messages; blocks: ${outcome.heights.join(' ')}`,
  );
  if (outcome.released > 0) console.log(`operators released ${outcome.released} height(s)`);
  if (outcome.verdict !== 'pass') console.log(outcome.reason);
  console.log(`trace ${outcome.trace}`);
}

/** Tells a failure, makes it smaller, and says how to repeat both. */
function tellFailure(simulator: Simulator, outcome: Outcome): void {
  process.exitCode = 1;
  tell(simulator, outcome);
  const { seed, nodes, profile } = outcome.plan;
  console.log(`repeat: pnpm simulate --seed ${seed} --nodes ${nodes} --profile ${profile}`);
  const { verdict } = outcome;
  const small = simulator.shrinkPlan(outcome.plan, { fails: (other) => other.verdict === verdict });
  console.log(`\nsmaller, after ${small.runs} runs:`);
  tell(simulator, small.outcome);
  console.log(`repeat: pnpm simulate --plan '${JSON.stringify(small.outcome.plan)}'`);
}

function runOne(simulator: Simulator, plan: Plan): void {
  const outcome = simulator.runPlan(plan);
  if (outcome.verdict === 'pass') tell(simulator, outcome);
  else tellFailure(simulator, outcome);
}

function runMany(simulator: Simulator, count: number): void {
  for (const profile of profiles)
    for (const nodes of sizes) {
      const progress = createProgress(count, `seeds of ${nodes} nodes, ${profile}`);
      const sums = { released: 0, steps: 0, simulatedMs: 0, failed: 0, recoveryMs: 0 };
      const start = Date.now();
      for (let i = 0; i < count; i++) {
        const outcome = simulator.runSeed({ seed: first + i, nodes, profile });
        if (outcome.released > 0) sums.released++;
        sums.steps += outcome.steps;
        sums.simulatedMs += outcome.simulatedMs;
        sums.recoveryMs = Math.max(sums.recoveryMs, outcome.released ? 0 : outcome.recoveryMs);
        if (outcome.verdict !== 'pass') {
          sums.failed++;
          tellFailure(simulator, outcome);
        }
        progress(i + 1);
      }
      const ms = Date.now() - start;
      console.log(
        `${profile}, ${nodes} nodes: ${count} seeds from ${first}, ${sums.failed} failed, ` +
          `${sums.released} with a release, slowest recovery ${Math.round(sums.recoveryMs)} ms, ` +
          `${sums.steps} steps, ${(ms / 1000).toFixed(1)} s, ` +
          `${Math.round(sums.simulatedMs / ms)} times real time`,
      );
    }
}

function runTwins(simulator: Simulator, count: number): void {
  const { createRandom, everyRound, exploreTwins } = simulator;
  const rounds = everyRound(4, ['view-change', 'announce', 'prepared', 'committed']);
  for (const profile of profiles) {
    if (profile === 'compat') throw new Error('twins: compat forks without them');
    const progress = createProgress(count, `Twins scenarios, ${profile}`);
    const start = Date.now();
    let scenarios = 0;
    let decided = 0;
    for (let seed = first; scenarios < count; seed++) {
      const report = exploreTwins({
        members: 4,
        profile,
        rounds,
        depth: 4,
        most: Math.min(1000, count - scenarios),
        choose: (path) => {
          const random = createRandom(seed, path.join());
          return Array.from({ length: 6 }, () => random.below(rounds.length));
        },
      });
      scenarios += report.scenarios;
      decided += report.decided;
      progress(scenarios);
    }
    const seconds = ((Date.now() - start) / 1000).toFixed(1);
    console.log(
      `${profile}: ${scenarios} Twins scenarios of 4 views from ${first}, ` +
        `${decided} with a final block, no violation, ${seconds} s`,
    );
  }
}

async function runBugs(): Promise<void> {
  let missed = 0;
  const wanted = BUGS.filter(({ name }) => name.includes(values.only));
  const seeds = counts.seeds ?? 1000;
  for (const { name, edits, profile = 'guarded', nodes } of wanted) {
    const simulator = await loadSimulator(edits);
    const found = search(simulator, { profile, seeds, ...(nodes && { nodes }) });
    if (!found) missed++;
    const where = found ? `${found.seeds} seeds, ${found.twins} Twins` : 'NOT FOUND';
    console.log(`${where.padEnd(24)} ${name} — ${found?.what.slice(0, 90) ?? ''}`);
  }
  console.log(`${wanted.length - missed} of ${wanted.length} planted bugs found`);
  if (missed > 0) process.exitCode = 1;
}

if (values.bugs) {
  await runBugs();
} else {
  const simulator = await loadSimulator();
  if (values.liveness) for (const line of measureLiveness(simulator)) console.log(line);
  else if (plan !== undefined) runOne(simulator, plan);
  else if (counts.twins !== undefined) runTwins(simulator, counts.twins);
  else if (counts.seeds !== undefined) runMany(simulator, counts.seeds);
  else {
    const seed = counts.seed ?? first;
    runOne(simulator, simulator.drawPlan({ seed, nodes: sizes[0]!, profile: profiles[0]! }));
  }
}
