/**
 * What the local network tells its page: a snapshot, then one message per finalised block.
 *
 * Integers above 2^53 travel as decimal text. Times are milliseconds.
 */

/** One committee member of a shard. */
export interface ValidatorView {
  /** Position in the committee. */
  readonly index: number;
  /** Account in `one1…` form. */
  readonly account: string;
  /** Whether this process runs it at the moment. */
  readonly running: boolean;
}

/** A finalised transaction. */
export interface TransactionView {
  readonly shardId: number;
  readonly blockNumber: string;
  readonly hash: string;
  readonly from: string;
  readonly to: string | null;
  /** Amount in ONE, exact decimal text. */
  readonly amount: string;
  readonly status: 'success' | 'failure';
}

/** A finalised block. */
export interface BlockView {
  readonly shardId: number;
  readonly number: string;
  readonly hash: string;
  readonly viewId: string;
  readonly epoch: string;
  /** Committee position of the proposer, -1 when it is not in the committee. */
  readonly leader: number;
  /** Committee positions that signed the commit, ascending. */
  readonly signers: readonly number[];
  readonly committeeSize: number;
  /** Seconds since 1970, from the header. */
  readonly timestamp: number;
  /** From the proposal's announcement to the commit, as the proposer saw it; absent when unknown. */
  readonly finalityMs: number | null;
  readonly gasUsed: string;
  readonly transactionCount: number;
  /** The first transactions of the block. */
  readonly transactions: readonly TransactionView[];
}

/** One shard at one moment. */
export interface ShardView {
  readonly shardId: number;
  readonly httpUrl: string;
  readonly wsUrl: string;
  readonly validators: readonly ValidatorView[];
  readonly height: string;
  readonly viewId: string;
  readonly epoch: string;
  readonly viewChanges: number;
  readonly finalityP50: number | null;
  readonly finalityP99: number | null;
  readonly transactionCount: number;
  /** Newest first. */
  readonly blocks: readonly BlockView[];
  /** Newest first. */
  readonly transactions: readonly TransactionView[];
}

/** The figures of a shard without its lists. */
export type ShardFigures = Omit<ShardView, 'blocks' | 'transactions'>;

/** The whole network at one moment. */
export interface NetworkView {
  readonly network: string;
  /** Milliseconds since 1970 when this process started. */
  readonly startedAt: number;
  readonly shards: readonly ShardView[];
}

/** A message of the event stream. */
export type DashboardMessage =
  | { readonly type: 'snapshot'; readonly view: NetworkView }
  | {
      readonly type: 'block';
      readonly block: BlockView;
      readonly shard: ShardFigures;
    }
  | {
      readonly type: 'validators';
      readonly shardId: number;
      readonly validators: readonly ValidatorView[];
    };
