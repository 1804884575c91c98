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

/** One validator's standing. Amounts in ONE, exact decimal text. */
export interface StakerView {
  readonly account: string;
  readonly name: string;
  readonly status: string;
  /** Shards where its keys sit in the epoch of the beacon's head; none when it was not elected. */
  readonly shards: readonly number[];
  /** Whether it sat in other shards the epoch before. */
  readonly moved: boolean;
  readonly stake: string;
  /** What counts of it in the committees, of all its slots; null when it was not elected. */
  readonly effectiveStake: string | null;
  /** Everything that it and its delegators ever earned. */
  readonly rewards: string;
  /** Blocks of the epoch so far that are counted: to be signed, and signed. */
  readonly toSign: string;
  readonly signed: string;
}

/** The economy at the beacon's head. Amounts in ONE, exact decimal text. */
export interface EconomyView {
  readonly epoch: string;
  /** Last beacon block of the epoch. */
  readonly lastBlock: string;
  /** What the epoch was assigned by, in hex, and where it came from; null without random sharding. */
  readonly seed: string | null;
  readonly seedOrigin: string | null;
  /** The same of the next epoch, once it is settled. */
  readonly nextSeed: string | null;
  /** By effective stake, then stake, descending. */
  readonly validators: readonly StakerView[];
  readonly issued: string;
  readonly burntFees: string;
  readonly burntStake: string;
  /** Issued less burnt; may be negative. */
  readonly netIssuance: string;
  /** Fewest validators that hold more than a third of the stake, and of the effective stake. */
  readonly nakamotoStake: number | null;
  readonly nakamotoEffective: number | null;
}

/** The whole network at one moment. */
export interface NetworkView {
  readonly network: string;
  /** Null while no beacon node runs. */
  readonly economy: EconomyView | null;
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
  | { readonly type: 'economy'; readonly economy: EconomyView }
  | {
      readonly type: 'validators';
      readonly shardId: number;
      readonly validators: readonly ValidatorView[];
    };
