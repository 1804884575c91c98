/**
 * What Go nodes call the parts of consensus, in logs and in answers of their RPC.
 *
 * @source harmony/consensus/enums.go; harmony/consensus/quorum/quorum.go
 */
import type { Mode, Phase } from './types.js';

/** Modes of a Go node, by its numbers for them. */
export const NODE_MODES = ['Normal', 'ViewChanging', 'Syncing', 'Listening'] as const;

/** Phases of a height, by the Go node's numbers for them. */
export const NODE_PHASES = ['Announce', 'Prepare', 'Commit'] as const;

/** What votes are counted for, by the Go node's numbers for them. */
export const COUNTING_PHASES = ['Prepare', 'Commit', 'viewChange'] as const;

/** When votes are enough, by the Go node's numbers for it: before staking, and since. */
export const QUORUM_POLICIES = ['SuperMajorityVote', 'SuperMajorityStake'] as const;

/**
 * The Go node's name of a mode. A machine that has not been started is `Syncing`.
 *
 * @source harmony/consensus/enums.go: Mode.String
 */
export function modeName(mode: Mode): (typeof NODE_MODES)[number] {
  const names = {
    normal: 'Normal',
    'view-changing': 'ViewChanging',
    idle: 'Syncing',
    listening: 'Listening',
  } as const;
  return names[mode];
}

/**
 * The Go node's name of a phase. A height that waits for late votes or for its block is in `Commit`.
 *
 * @source harmony/consensus/enums.go: FBFTPhase.String
 */
export function phaseName(phase: Phase): (typeof NODE_PHASES)[number] {
  const names = {
    announce: 'Announce',
    prepare: 'Prepare',
    commit: 'Commit',
    deciding: 'Commit',
  } as const;
  return names[phase];
}
