/** Gossip and request/response ports between nodes, and what Harmony's network calls and frames. */
export { P2pError, type P2pErrorDetails } from './errors.js';
export {
  decodeFrame,
  encodeFrame,
  type FrameOptions,
  type FrameReader,
  frameReader,
  MAX_FRAME_BYTES,
  readFrames,
} from './frames.js';
export { gossipMessageId, harmonyGossip } from './gossip-rules.js';
export type {
  Gossip,
  GossipHandler,
  GossipMessage,
  PeerId,
  PeerRequests,
  RequestHandler,
  RequestOptions,
} from './ports.js';
export {
  compareVersions,
  formatProtocolId,
  MAX_PROTOCOL_ID_LENGTH,
  matchesProtocol,
  parseProtocolId,
  STREAM_VERSION,
  type StreamProtocol,
  type StreamProtocolQuery,
} from './protocol-id.js';
export { clientTopicOf, type NamedNetwork, topicOf, topicPrefix } from './topics.js';
