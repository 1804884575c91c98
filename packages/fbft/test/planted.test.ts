/**
 * Who tests the tester: bugs are planted in the machine's modules, and the simulator must notice
 * each of them within a few seeds. A bug that goes unnoticed here means a fault that the random
 * schedules do not draw.
 */
import { afterEach, describe, expect, test, vi } from 'vitest';

type Module = Record<string, unknown>;

/** Modules to replace, by path, each with a change of its exports. */
const PLANTED: readonly [name: string, path: string, change: (real: Module) => Module][] = [
  [
    'no voting rules at all',
    '../src/invariants.js',
    () => ({ refusePrepare: () => undefined, refuseCommit: () => undefined }),
  ],
  [
    'no lock (R2)',
    '../src/invariants.js',
    ({ refusePrepare, refuseCommit }) => ({
      refusePrepare: (mark: Module, ...rest: unknown[]) =>
        (refusePrepare as CallableFunction)({ ...mark, lock: undefined }, ...rest),
      refuseCommit: (mark: Module, ...rest: unknown[]) =>
        (refuseCommit as CallableFunction)({ ...mark, lock: undefined }, ...rest),
    }),
  ],
  [
    'no R3',
    '../src/invariants.js',
    ({ refuseCommit }) => ({
      refuseCommit: (mark: Module, ...rest: unknown[]) =>
        (refuseCommit as CallableFunction)({ ...mark, prepared: undefined }, ...rest),
    }),
  ],
  [
    'votes are not entered in the mark',
    '../src/invariants.js',
    () => ({
      markPrepare: (mark: unknown) => mark,
      markCommit: (mark: unknown) => mark,
      isMarked: () => true,
    }),
  ],
  [
    'the lock is not written to disk',
    '../src/mark.js',
    ({ encodeSignedMark }) => ({
      encodeSignedMark: ({
        lock: _lock,
        prepared: _prepared,
        proposal: _proposal,
        ...mark
      }: Module) => (encodeSignedMark as CallableFunction)(mark),
    }),
  ],
  [
    'signed before the mark is durable',
    '../src/signing.js',
    ({ castPrepare, castCommit, onPersisted }) => {
      const early =
        (cast: CallableFunction) =>
        (turn: { effects: { type: string; plan?: unknown }[] }, ...rest: unknown[]) => {
          const before = turn.effects.length;
          const permitted = cast(turn, ...rest);
          for (const effect of turn.effects.slice(before))
            if (effect.type === 'persist') turn.effects.push({ type: 'sign', plan: effect.plan });
          return permitted;
        };
      return {
        castPrepare: early(castPrepare as CallableFunction),
        castCommit: early(castCommit as CallableFunction),
        onPersisted,
      };
    },
  ],
  [
    'a member is counted twice',
    '../src/votes.js',
    () => ({
      addBallot: (
        tally: { ballots: unknown[]; signers: number[] },
        ballot: { signers: number[] },
      ) => ({
        outcome: 'counted',
        tally: {
          ...tally,
          ballots: [...tally.ballots, ballot],
          signers: [...tally.signers, ...ballot.signers].sort((a, b) => a - b),
        },
      }),
      weighBallot: () => 'counted',
    }),
  ],
  [
    'a seal needs no quorum',
    '../src/seal.js',
    ({ sealSigners }) => ({
      sealSigners: (committee: Module, seal: unknown) =>
        (sealSigners as CallableFunction)({ ...committee, hasQuorum: () => true }, seal),
    }),
  ],
  [
    'the mark is not read after a restart',
    '../src/heights.js',
    ({ onStart }) => ({
      onStart: (turn: unknown, head: unknown) =>
        (onStart as CallableFunction)(turn, head, undefined),
    }),
  ],
  [
    'the chain goes on without the height being final',
    '../src/phases.js',
    ({ onPrepareSummed, onCommitSummed }) => ({
      onPrepareSummed: (
        turn: { state: { phase: string; commitVotes: unknown } },
        item: Module,
        sum: unknown,
      ) => {
        (onPrepareSummed as CallableFunction)(turn, item, sum);
        // The prepare seal is taken for the commit seal.
        turn.state = { ...turn.state, phase: 'deciding' };
        (onCommitSummed as CallableFunction)(turn, item, sum);
      },
    }),
  ],
];

afterEach(() => {
  vi.doUnmock('../src/invariants.js');
  vi.resetModules();
});

/** Runs what the suite runs on every change, with the modules of the moment. */
async function findsSomething(seeds: number): Promise<string | undefined> {
  const { seededRandom } = await import('@polyphony/testkit');
  const { runSeed } = await import('../src/simulator/run.js');
  const { swiftTiming: fastTiming } = await import('../src/simulator/swift.js');
  const { createSimulation } = await import('../src/simulator/simulation.js');
  const { quiet } = await import('../src/simulator/world.js');
  const { corrupt } = await import('./support/adversary.js');
  const { decodeSignedMark } = await import('../src/mark.js');
  for (let seed = 1; seed <= seeds; seed++) {
    try {
      if (seed % 4 === 1) {
        // The first leader dies right after an effect, on a slow disk, and comes back.
        const net = createSimulation({
          seed,
          nodes: 4,
          timing: fastTiming,
          faults: { ...quiet, disk: [30, 60] },
        });
        let left = 1 + (seed >> 2);
        net.filter = (node, { type }) => {
          if (node.id === 1 && type !== 'event' && --left === 0) {
            net.at(5, () => net.crash(1));
            net.at(10, () => net.start(1));
          }
          return true;
        };
        net.start();
        net.run(1500);
        continue;
      }
      if (seed % 2 === 0) {
        const { verdict, reason } = runSeed({ seed, nodes: 4, profile: 'guarded' });
        if (verdict !== 'pass') return reason;
        continue;
      }
      const net = createSimulation({ seed, nodes: 4, timing: fastTiming });
      corrupt(net, [seed % 4], seededRandom(seed));
      net.start();
      for (let i = 0; i < 8; i++) {
        net.run(200);
        net.crash(i % 4).start(i % 4);
      }
      for (const { mark } of net.nodes) if (mark) decodeSignedMark(mark);
    } catch (error) {
      return String(error);
    }
  }
  return undefined;
}

describe('planted bugs are found', () => {
  for (const [name, path, change] of PLANTED) {
    test(name, async () => {
      vi.resetModules();
      vi.doMock(path, async (original) => {
        const real = await original<Module>();
        return { ...real, ...change(real) };
      });
      expect(await findsSomething(200)).toBeDefined();
      vi.doUnmock(path);
    });
  }

  test('without a bug there is nothing to find', async () => {
    vi.resetModules();
    expect(await findsSomething(16)).toBeUndefined();
  });
});
