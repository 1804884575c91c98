/** A validating node put together from the packages. */
export type { FinalBlock } from './application.js';
export {
  createReferenceNode,
  type NodeEvent,
  type NodeOptions,
  type Peer,
  type ReferenceNode,
} from './assembly.js';
export { carriedSeals } from './finalize.js';
export type { DelayService, EpochSeed } from './randomness.js';
export type { Dispatcher } from './rpc/dispatcher.js';
export { type RpcServer, startRpcServer } from './rpc/server.js';
