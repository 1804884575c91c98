/** How fast an assignment forgets: how much each epoch moves, and how many seats are where they began. */
import { deal, type ReshardingParameters } from '../deal.js';
import type { Fraction } from '../fraction.js';
import { randomStream } from '../random-stream.js';

/** A network in which nobody joins or leaves. */
export interface MixingQuestion {
  readonly parameters: ReshardingParameters;
  /** Seats of one shard. */
  readonly shardSize: number;
  readonly epochs: number;
  /** Equal seeds give equal outcomes. */
  readonly seed: Uint8Array;
}

/** What happened in each epoch, the first resharding first. */
export interface Mixing {
  /** Part of all seats that was moved to another shard. */
  readonly moved: readonly Fraction[];
  /** Part of all seats that is in the shard it was in before the first resharding. */
  readonly atHome: readonly Fraction[];
}

/** Reshards a network again and again. Where shards are mixed, the part at home is 1 / shards. */
export function simulateMixing(question: MixingQuestion): Mixing {
  const { parameters, shardSize, epochs, seed } = question;
  const total = parameters.shardCount * shardSize;
  const random = randomStream('polyphony/mixing/1', seed);
  const homes: number[] = Array.from({ length: total }, () => 0);
  const newcomers = homes.map(() => ({ held: [], seats: 1 }));
  let { shards } = deal(newcomers, parameters, random);
  shards.forEach((seats, shard) => {
    for (const member of seats) homes[member] = shard;
  });
  const part = (count: number): Fraction => ({
    numerator: BigInt(count),
    denominator: BigInt(total),
  });
  const moved: Fraction[] = [];
  const atHome: Fraction[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    const held: number[] = [];
    shards.forEach((seats, shard) => {
      for (const member of seats) held[member] = shard;
    });
    const next = deal(
      held.map((shard) => ({ held: [shard], seats: 1 })),
      parameters,
      random,
    );
    shards = next.shards;
    moved.push(part(next.moves.length));
    atHome.push(
      part(
        shards.reduce(
          (sum, seats, shard) => sum + seats.filter((member) => homes[member] === shard).length,
          0,
        ),
      ),
    );
  }
  return { moved, atHome };
}
