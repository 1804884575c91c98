/** What a memory network tells of messages and handlers. */
import type { PeerId } from './ports.js';

/** What the network reports. `channel` is the topic or the protocol. */
export type NetworkEvent =
  | {
      readonly type: 'delivered';
      readonly from: PeerId;
      readonly to: PeerId;
      readonly channel: string;
      readonly bytes: number;
    }
  | {
      readonly type: 'dropped';
      readonly from: PeerId;
      readonly to: PeerId;
      readonly channel: string;
      /** By the dice; by a partition or isolation; the receiver's queue was full; the receiver left. */
      readonly reason: 'fault' | 'separated' | 'queue-full' | 'left';
    }
  | {
      readonly type: 'handler-failed';
      readonly peer: PeerId;
      readonly channel: string;
      readonly error: unknown;
    };
