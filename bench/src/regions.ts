/**
 * Ten regions of one cloud, and how far apart they are.
 *
 * Mean round trips in milliseconds between N. Virginia, N. California, Oregon, Ireland, Frankfurt, Tokyo,
 * Seoul, Singapore, Sydney and Sao Paulo: the upper triangle of the table "Latency Between AWS Global
 * Regions" as of April 2017, figures rounded to whole milliseconds.
 *
 * @source https://acomputerscientistlearnsaws.blogspot.com/2017/04/aws-regions.html
 */
const ROUND_TRIPS: readonly (readonly number[])[] = [
  [0, 73, 87, 81, 89, 145, 178, 217, 230, 120],
  [0, 19, 153, 167, 103, 132, 174, 158, 193],
  [0, 137, 160, 89, 118, 161, 162, 183],
  [0, 20, 212, 242, 239, 310, 191],
  [0, 237, 266, 326, 324, 195],
  [0, 31, 74, 104, 257],
  [0, 72, 134, 286],
  [0, 175, 328],
  [0, 323],
  [0],
];

/** Names, in the order of the table. */
export const REGIONS: readonly string[] = [
  'N. Virginia',
  'N. California',
  'Oregon',
  'Ireland',
  'Frankfurt',
  'Tokyo',
  'Seoul',
  'Singapore',
  'Sydney',
  'Sao Paulo',
];

/** Round trip between two members that are spread over the regions in turn; 1 ms within a region. */
export function roundTrip(from: number, to: number): number {
  const a = from % REGIONS.length;
  const b = to % REGIONS.length;
  return a === b ? 1 : ROUND_TRIPS[Math.min(a, b)]![Math.abs(a - b)]!;
}

/**
 * The least time in which a leader can know a block final: two round trips to the nearest members
 * that make a quorum with it, when nobody needs any time for anything.
 */
export function twoRoundTrips(leader: number, members: number, quorum: number): number {
  const trips: number[] = [];
  for (let id = 0; id < members; id++) if (id !== leader) trips.push(roundTrip(leader, id));
  trips.sort((a, b) => a - b);
  return 2 * trips[quorum - 2]!;
}
