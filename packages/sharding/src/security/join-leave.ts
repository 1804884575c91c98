/**
 * An attack on the assignment, played against the real draw: the attacker's seats outside the shard it
 * wants leave and join again in every epoch, to be dealt anew, while those inside stay.
 */
import { deal, type Member, type ReshardingParameters } from '../deal.js';
import type { Fraction } from '../fraction.js';
import { epochBytes, randomStream } from '../random-stream.js';
import { losingSeats } from './takeover.js';

/** An attack by leaving and joining. */
export interface JoinLeaveAttack {
  readonly parameters: ReshardingParameters;
  /** Seats of one shard. */
  readonly shardSize: number;
  /** Part of all seats that the attacker holds, rounded down. */
  readonly malicious: Fraction;
  /** Seats that the attacker lets leave and join in one epoch, at most. */
  readonly rejoins: number;
  /** Honest seats that are replaced by other honest ones in one epoch, anywhere. */
  readonly honestChurn: number;
  readonly epochs: number;
  /** How often the attack is played. */
  readonly runs: number;
  /** Equal seeds give equal outcomes. */
  readonly seed: Uint8Array;
}

/** What came of an attack. */
export interface JoinLeaveOutcome {
  readonly runs: number;
  /** Runs in which a third of a shard's seats was the attacker's after some epoch. */
  readonly takenOver: number;
  /** Most seats of a shard that the attacker had in each run, averaged. */
  readonly meanPeak: Fraction;
  /** Seats that were moved to another shard, of all seats and epochs. */
  readonly moved: Fraction;
}

function seatsByShard(shards: readonly (readonly number[])[], attackers: number): number[] {
  return shards.map((members) => members.filter((member) => member < attackers).length);
}

function mostOf(counts: readonly number[]): number {
  return counts.indexOf(Math.max(...counts));
}

/**
 * Plays the attack. Members are numbers, the attacker's first; a seat that leaves and joins is dealt as
 * a newcomer. The attacker wants the shard where it has most seats at the time.
 */
export function simulateJoinLeave(attack: JoinLeaveAttack): JoinLeaveOutcome {
  const { parameters, shardSize, malicious, rejoins, honestChurn, epochs, runs, seed } = attack;
  const { shardCount } = parameters;
  const total = shardCount * shardSize;
  const attackers = Number((BigInt(total) * malicious.numerator) / malicious.denominator);
  const losing = losingSeats(shardSize);
  let takenOver = 0;
  let peaks = 0;
  let moved = 0;
  for (let run = 0; run < runs; run++) {
    const random = randomStream('polyphony/join-leave/1', seed, epochBytes(BigInt(run)));
    const honest = Array.from({ length: total - attackers }, (_, index) => attackers + index);
    let members: Member[] = Array.from({ length: total }, () => ({ held: [], seats: 1 }));
    let { shards } = deal(members, parameters, random);
    let peak = Math.max(...seatsByShard(shards, attackers));
    for (let epoch = 0; epoch < epochs; epoch++) {
      const target = mostOf(seatsByShard(shards, attackers));
      random.drawToFront(honest, honestChurn);
      const leaving = new Set(honest.slice(0, honestChurn));
      const outside = shards.flatMap((seats, shard) =>
        shard === target ? [] : seats.filter((member) => member < attackers),
      );
      for (const member of outside.slice(0, rejoins)) leaving.add(member);
      const held: number[][] = Array.from({ length: total }, () => []);
      shards.forEach((seats, shard) => {
        for (const member of seats) if (!leaving.has(member)) held[member]!.push(shard);
      });
      members = held.map((places) => ({ held: places, seats: 1 }));
      const next = deal(members, parameters, random);
      shards = next.shards;
      moved += next.moves.length;
      peak = Math.max(peak, ...seatsByShard(shards, attackers));
    }
    if (peak >= losing) takenOver += 1;
    peaks += peak;
  }
  return {
    runs,
    takenOver,
    meanPeak: { numerator: BigInt(peaks), denominator: BigInt(runs * shardSize) },
    moved: { numerator: BigInt(moved), denominator: BigInt(total) * BigInt(epochs) * BigInt(runs) },
  };
}
