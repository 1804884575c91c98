/** Replay of the resharding code of 2019 and of the random numbers it used; not for anything new. */
export { type GoRandom, goRandom } from './go-random.js';
export { type Resharding2019, reshard2019, type Shard2019 } from './reshard-2019.js';
