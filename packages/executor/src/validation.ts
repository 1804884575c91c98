/**
 * Whether a block follows its parent: header, body, and what executing it must give.
 *
 * The first rule that is broken is named with what was expected and what came. Not here: the seal of
 * the parent, the VRF proof, and whether the next committees are the right ones.
 *
 * @source harmony/internal/chain/engine.go: VerifyHeader; core/block_validator.go: ValidateBody,
 * ValidateState; node/harmony/worker/worker.go: GetNewEpoch
 */
import {
  type Block,
  type BodyLists,
  computeGasLimit,
  computeHeaderHash,
  EMPTY_ROOT,
  gasBoundsAt,
  type Header,
  headerVersionAt,
  incomingReceiptsRoot,
  latestHeaderTime,
  transactionsRoot,
  ZERO_HASH,
} from '@polyphony/chain';
import { nobleEngine } from '@polyphony/crypto';
import { activationEpoch, isActive, isLastBlockOfEpoch, type Network } from '@polyphony/networks';
import { bytesToHex, type Hash, isProtocolError } from '@polyphony/primitives';
import { computeShardStateHash, decodeShardState, type ShardState } from '@polyphony/sharding';
import {
  type BlockOptions,
  type BlockResult,
  type ExecutionEnvironment,
  executeBlock,
} from './block.js';
import { assertSame, ExecutionError } from './errors.js';
import type { State } from './state/state.js';

const BEACON_SHARD_ID = 0;
const VRF_LENGTH = 128;

/**
 * Which rules hold.
 *
 * `strict` adds what every honest block obeys and the Go node does not look at: gas limit by the
 * worker's rule, empty extra data, mix digest and VDF, no uncles, committees only in the last block
 * of an epoch. Blocks of 2019 were made with other gas rules: replay them with `network`.
 */
export type ValidationRules = 'strict' | 'network';

/** Options of {@link validateHeader}. */
export interface HeaderOptions {
  readonly network: Network;
  readonly shardId: number;
  /** Default: the pure one. */
  readonly engine?: ExecutionEnvironment['engine'];
  /** The verifier's clock in milliseconds since 1970. Left out: not compared with any clock. */
  readonly nowMs?: number;
  /** Default `strict`. */
  readonly rules?: ValidationRules;
}

function readShardState(header: Header): ShardState {
  try {
    return decodeShardState(header.shardState);
  } catch (cause) {
    if (!isProtocolError(cause)) throw cause;
    throw new ExecutionError(
      {
        code: 'executor/mismatch',
        field: 'shardState',
        expected: 'an encoded shard state',
        actual: cause.message,
      },
      { cause },
    );
  }
}

/**
 * Epoch of the block after `parent`: that of the committees which the parent carries, if they name a
 * staking epoch; else one more if the parent ends an epoch; else the parent's.
 *
 * @throws {@link ExecutionError} `executor/mismatch` when the parent's committees do not decode.
 * @source harmony/node/harmony/worker/worker.go: GetNewEpoch
 */
export function epochAfter(network: Network, parent: Header): bigint {
  if (parent.shardState.length === 0) return parent.epoch;
  const { epoch } = readShardState(parent);
  if (epoch !== undefined && isActive(network, 'staking', epoch)) return epoch;
  return parent.number === 0n ? parent.epoch : parent.epoch + 1n;
}

/** Hash of the committees in a header of versions 0 to 2; zero without committees, and in version 3. */
export function shardStateHashOf(header: Header): Hash {
  if (header.version === 3 || header.shardState.length === 0) return ZERO_HASH;
  return computeShardStateHash(readShardState(header));
}

/**
 * Checks a header against its parent: refused hashes, parent, number, shard, epoch, version, gas,
 * time, and with `strict` rules what the Go node leaves unchecked.
 *
 * @throws {@link ExecutionError} `executor/refused-block`; `executor/mismatch`;
 * `executor/future-block`, which a later check may lift: do not punish for it.
 * @activation `timestampValidation`: time rules; `vrf`: the field may be filled.
 * @source harmony/internal/chain/engine.go: VerifyHeader
 */
export function validateHeader(header: Header, parent: Header, options: HeaderOptions): void {
  const { network, shardId, engine = nobleEngine, rules = 'strict' } = options;
  const hash = computeHeaderHash(header, engine);
  if (network.refusedBlocks.includes(hash)) {
    throw new ExecutionError({ code: 'executor/refused-block', hash });
  }
  assertSame('parentHash', computeHeaderHash(parent, engine), header.parentHash);
  assertSame('number', parent.number + 1n, header.number);
  assertSame('shardId', shardId, header.shardId);
  const epoch = epochAfter(network, parent);
  assertSame('epoch', epoch, header.epoch);
  assertSame('version', headerVersionAt(network, epoch), header.version);
  if (header.gasUsed > header.gasLimit) {
    throw mismatch('gasUsed', `at most ${header.gasLimit}`, String(header.gasUsed));
  }
  assertTime(header, parent, options);
  if (rules === 'strict') assertStrict(header, parent, network);
}

function mismatch(field: string, expected: string, actual: string): ExecutionError {
  return new ExecutionError({ code: 'executor/mismatch', field, expected, actual });
}

/**
 * @activation `timestampValidation`; with `strict` rules a block is later than its parent always.
 * @source harmony/internal/chain/engine.go: VerifyHeader
 */
function assertTime(header: Header, parent: Header, options: HeaderOptions): void {
  const { network, nowMs, rules = 'strict' } = options;
  const active = isActive(network, 'timestampValidation', header.epoch);
  if ((active || rules === 'strict') && header.timestamp <= parent.timestamp) {
    throw mismatch('timestamp', `above ${parent.timestamp}`, String(header.timestamp));
  }
  if (!active || nowMs === undefined) return;
  const latest = latestHeaderTime(nowMs, parent.timestamp);
  if (header.timestamp > latest) {
    const actual = header.timestamp;
    throw new ExecutionError({ code: 'executor/future-block', latest, actual });
  }
}

function assertStrict(header: Header, parent: Header, network: Network): void {
  const { epoch } = header;
  assertSame('gasLimit', computeGasLimit(parent, gasBoundsAt(network, epoch)), header.gasLimit);
  assertSame('extraData', '0x', bytesToHex(header.extraData));
  assertSame('mixDigest', ZERO_HASH, header.mixDigest);
  if (!carriesRandomness(header, network)) assertSame('vdf', '0x', bytesToHex(header.vdf));
  if (header.vrf.length > 0) {
    const length = isActive(network, 'vrf', epoch) ? VRF_LENGTH : 0;
    if (header.vrf.length !== length) {
      throw mismatch('vrf', `${length} bytes`, `${header.vrf.length} bytes`);
    }
  }
  if (header.shardId === BEACON_SHARD_ID) {
    const last = isLastBlockOfEpoch(network, header.number);
    assertSame('shardState', presence(last), presence(header.shardState.length > 0));
  }
  if (header.shardState.length > 0) {
    assertSame('shardStateHash', shardStateHashOf(header), header.shardStateHash);
  }
}

/** Whether the field that the deployed networks leave empty has a use: what is in it, the node checks. */
function carriesRandomness(header: Header, network: Network): boolean {
  return network.randomSharding !== undefined && header.shardId === BEACON_SHARD_ID;
}

function presence(given: boolean): string {
  return given ? 'the next committees' : 'empty';
}

/**
 * Checks the lists of a block against its header: the root of the transactions, that of incoming
 * receipts, and with `strict` rules that there are no uncles.
 *
 * @throws {@link ExecutionError} `executor/mismatch`.
 * @source harmony/core/block_validator.go: ValidateBody
 */
export function validateBody(
  block: Block,
  options: Pick<HeaderOptions, 'engine' | 'rules'> = {},
): void {
  const { engine = nobleEngine, rules = 'strict' } = options;
  const { header, transactions, stakingTransactions } = block;
  assertSame(
    'transactionsRoot',
    transactionsRoot(transactions, stakingTransactions, engine),
    header.transactionsRoot,
  );
  if (header.version > 0) {
    assertSame(
      'incomingReceiptsRoot',
      incomingReceiptsRoot(block.incomingReceipts, engine),
      header.incomingReceiptsRoot,
    );
  }
  if (rules === 'strict') assertSame('uncles', 0, block.uncles.length);
}

/** A block to validate, and what it builds on. */
export interface ValidateBlockInput extends BlockOptions {
  readonly block: Block;
  readonly parent: Header;
  /** The state of the parent; changed by a valid block, as before after an error. */
  readonly state: State;
  /** The verifier's clock in milliseconds since 1970. Left out: not compared with any clock. */
  readonly nowMs?: number;
  /** Default `strict`. */
  readonly rules?: ValidationRules;
}

/** Compares what execution gave with what the header says. */
function assertResult(
  environment: ExecutionEnvironment,
  header: Header,
  result: BlockResult,
  rules: ValidationRules,
): void {
  assertSame('gasUsed', result.gasUsed, header.gasUsed);
  assertSame('logsBloom', bytesToHex(result.logsBloom), bytesToHex(header.logsBloom));
  assertSame('receiptsRoot', result.receiptsRoot, header.receiptsRoot);
  const crossTx = activationEpoch(environment.network, 'crossTx');
  const outgoing = crossTx !== undefined && header.epoch > crossTx;
  if (outgoing || (rules === 'strict' && header.version > 0)) {
    assertSame('outgoingReceiptsRoot', EMPTY_ROOT, header.outgoingReceiptsRoot);
  }
  assertSame('stateRoot', result.stateRoot, header.stateRoot);
}

/**
 * Checks a whole block: header, body, then every transaction again on the parent's state, and that
 * gas used, bloom, receipts root and state root are those of the header.
 *
 * After success the state holds the block's changes: commit it and write its operations with the
 * block.
 *
 * @throws {@link ExecutionError} as {@link validateHeader}, {@link validateBody} and `executeBlock`.
 * @source harmony/core/block_validator.go: ValidateBody, ValidateState
 */
export async function validateBlock(
  environment: ExecutionEnvironment,
  input: ValidateBlockInput,
): Promise<BlockResult> {
  const { block, parent, state, nowMs, rules = 'strict' } = input;
  const { network, shardId, engine } = environment;
  const { header } = block;
  validateHeader(header, parent, {
    network,
    shardId,
    rules,
    ...(engine === undefined ? {} : { engine }),
    ...(nowMs === undefined ? {} : { nowMs }),
  });
  validateBody(block, engine === undefined ? { rules } : { rules, engine });
  assertSame('stateRoot of the given state', parent.stateRoot, state.computeRoot());
  const snapshot = state.snapshot();
  const body: BodyLists = block;
  const result = await executeBlock(environment, state, header, body, input);
  try {
    assertResult(environment, header, result, rules);
  } catch (error) {
    state.revert(snapshot);
    throw error;
  }
  return result;
}
