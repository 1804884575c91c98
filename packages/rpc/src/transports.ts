/** Ways to a node: HTTP, WebSocket, several in order, and the clock that waiting uses. */

export type { RpcCall, Transport } from './transport.js';
export { delay, isTransient, type RetryOptions } from './transports/attempts.js';
export { systemClock, type WaitClock } from './transports/clock.js';
export { fallback } from './transports/fallback.js';
export { type Fetch, type HttpOptions, http } from './transports/http.js';
export type { Socket } from './transports/platform.js';
export { type WebSocketOptions, webSocket } from './transports/web-socket.js';
