/** Gossip and request/response ports between nodes, and the names of Harmony's topics. */
export { P2pError, type P2pErrorDetails } from './errors.js';
export type {
  Gossip,
  GossipHandler,
  GossipMessage,
  PeerId,
  PeerRequests,
  RequestHandler,
  RequestOptions,
} from './ports.js';
export { clientTopicOf, type NamedNetwork, topicOf, topicPrefix } from './topics.js';
