/** Random auctions, and the same auction done plainly: every bid a big integer, everything sorted. */
import { isDeepStrictEqual } from 'node:util';
import {
  type Address,
  addDec,
  addressFromBytes,
  DEC_ONE,
  type Dec,
  decFromRaw,
  mulDec,
  subDec,
} from '@polyphony/primitives';
import type { SeededRandom } from '@polyphony/testkit';
import { effectiveStake, medianStake, runAuction, type SlotOrder } from '../src/auction.js';
import { ONE } from './support.js';

const SCALE = 10n ** 18n;

function randomAddress(random: SeededRandom, used: Set<Address>): Address {
  for (;;) {
    const bytes = new Uint8Array(20);
    bytes.set(random.bytes(random.below(2) === 0 ? 20 : 1), 0);
    const address = addressFromBytes(bytes);
    if (used.has(address)) continue;
    used.add(address);
    return address;
  }
}

/** Stakes that are equal, that differ in their last atto, tiny or huge ones, none. */
function randomStake(random: SeededRandom, common: bigint): bigint {
  switch (random.below(8)) {
    case 0:
      return common;
    case 1:
      return common + BigInt(random.below(5)) - 2n;
    case 2:
      return common * BigInt(1 + random.below(6));
    case 3:
      return BigInt(random.below(120));
    case 4:
      return random.bigint(random.below(200));
    default:
      return BigInt(random.below(1_000_000)) * ONE + random.bigint(60);
  }
}

/** Orders of validators in any order, and a number of slots from none to more than there are keys. */
export function randomAuction(random: SeededRandom) {
  const used = new Set<Address>();
  const common = 10_000n * ONE + random.bigint(70);
  const orders: SlotOrder[] = Array.from({ length: random.below(40) }, () => ({
    address: randomAddress(random, used),
    stake: randomStake(random, common),
    blsPublicKeys: Array.from({ length: random.below(6) }, () => random.bytes(48)),
  }));
  const keys = orders.reduce((sum, { blsPublicKeys }) => sum + blsPublicKeys.length, 0);
  return { orders, slots: random.below(keys + 3) };
}

/** Winners and median as the rule says them, one key after the other. */
export function plainAuction(orders: readonly SlotOrder[], slots: number, bound: Dec) {
  const winners = [...orders]
    .sort((a, b) => (a.address < b.address ? -1 : 1))
    .flatMap(({ address, stake, blsPublicKeys }) =>
      blsPublicKeys.map((blsPublicKey) => ({
        address,
        blsPublicKey,
        rawStake: decFromRaw((stake * SCALE) / BigInt(blsPublicKeys.length)),
      })),
    )
    .sort((a, b) => (a.rawStake < b.rawStake ? 1 : a.rawStake > b.rawStake ? -1 : 0))
    .slice(0, slots);
  const median = medianStake(winners.map(({ rawStake }) => rawStake));
  return {
    median,
    winners: winners.map((winner) => ({
      ...winner,
      effectiveStake: effectiveStake(winner.rawStake, median, bound),
    })),
  };
}

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/**
 * Runs one random auction and throws unless it is equal to the plain one whatever the order of the
 * orders, effective stakes fall with the stakes and stay within the bounds, no validator's winners
 * stand for more than its stake, and a validator with more stake never wins fewer slots.
 */
export function runRandomAuction(random: SeededRandom, bound: Dec): number {
  const { orders, slots } = randomAuction(random);
  const { median, winners } = runAuction(orders, slots, bound);
  const plain = plainAuction(orders, slots, bound);
  check(median === plain.median, 'another median');
  check(isDeepStrictEqual(winners, plain.winners), 'other winners');
  const mixed = orders.toSorted(() => random.below(3) - 1);
  check(isDeepStrictEqual(runAuction(mixed, slots, bound).winners, winners), 'order matters');

  const highest = mulDec(addDec(DEC_ONE, bound), median);
  const lowest = mulDec(subDec(DEC_ONE, bound), median);
  const counted = new Map<Address, bigint>();
  winners.forEach(({ address, rawStake, effectiveStake: effective }, i) => {
    check(lowest <= effective && effective <= highest, 'out of bounds');
    const next = winners[i + 1];
    check(next === undefined || next.effectiveStake <= effective, 'less stake counts more');
    counted.set(address, (counted.get(address) ?? 0n) + rawStake);
  });
  for (const { address, stake } of orders) {
    check((counted.get(address) ?? 0n) <= stake * SCALE, 'more stake than there is');
  }
  if (orders.length > 0) {
    const lucky = random.pick(orders);
    const richer = orders.map((order) =>
      order === lucky ? { ...order, stake: order.stake + 1n + random.bigint(80) } : order,
    );
    const wonBy = (list: readonly SlotOrder[]) =>
      runAuction(list, slots, bound).winners.filter(({ address }) => address === lucky.address);
    check(wonBy(richer).length >= wonBy(orders).length, 'more stake wins fewer slots');
  }
  return winners.length;
}
