/**
 * The port to an EVM: run one message on a state.
 *
 * The executor decides everything around a message (nonce, gas payment, fees, receipt); the EVM
 * decides what the message does, moves its value, and takes its own changes back when it fails. An
 * EVM that only transfers values is here; one that runs code is another package's.
 *
 * @source harmony/core/vm/evm.go: Call, Create
 */
import type { Log } from '@polyphony/chain';
import { isActive, type Network } from '@polyphony/networks';
import type { Address, Hash } from '@polyphony/primitives';
import { ExecutionError } from './errors.js';
import type { State } from './state/state.js';

/** The block that a message runs in. */
export interface BlockContext {
  readonly network: Network;
  readonly shardId: number;
  readonly epoch: bigint;
  readonly number: bigint;
  /** Seconds since 1970. */
  readonly timestamp: bigint;
  readonly gasLimit: bigint;
  /** The account of the leader's slot; from staking on this is not the header's field. */
  readonly coinbase: Address;
  /** The header's VRF field; empty when there is none. */
  readonly vrf: Uint8Array;
  /** Hash of one of the 256 blocks before; undefined for any other number. */
  readonly blockHash: (number: bigint) => Hash | undefined;
}

/** A message: the top-level call or creation of a transaction. */
export interface Message {
  /** Who signed the transaction. */
  readonly from: Address;
  /** Undefined to create a contract. */
  readonly to: Address | undefined;
  /** Atto. */
  readonly value: bigint;
  readonly data: Uint8Array;
  /** What is left after the intrinsic gas. */
  readonly gas: bigint;
  /** Atto per unit of gas. */
  readonly gasPrice: bigint;
}

/** What a message did. */
export interface MessageResult {
  /** On failure the EVM has taken back all changes of the message but a creator's nonce. */
  readonly status: 'success' | 'failure';
  readonly gasLeft: bigint;
  /** The refund counter; the executor caps it. */
  readonly gasRefund: bigint;
  /** Empty on failure. */
  readonly logs: readonly Log[];
  /** The contract that was created. */
  readonly createdAddress: Address | undefined;
  readonly output: Uint8Array;
}

/** Runs messages. */
export interface Evm {
  /**
   * Runs a message on a state. The sender has paid for its gas; for a call the executor has raised
   * the sender's nonce, for a creation the EVM does. The balance was seen to cover the value.
   *
   * @throws {@link ExecutionError} `executor/execution-unsupported` for what this EVM cannot run.
   */
  runMessage(
    state: State,
    message: Message,
    block: BlockContext,
  ): MessageResult | Promise<MessageResult>;
}

/**
 * Whether an address runs built-in code in an epoch.
 *
 * @activation `s3`, `istanbul`, `vrf`, `sha3`, `stakingPrecompile`, `crossShardXferPrecompile`,
 * `eip2537Precompile`
 * @source harmony/core/vm/contracts.go, contracts_write.go
 */
export function isPrecompile(network: Network, epoch: bigint, address: Address): boolean {
  if (!address.startsWith('0x00000000000000000000000000000000000000')) return false;
  const byte = Number.parseInt(address.slice(-2), 16);
  const on = (...activations: Parameters<typeof isActive>[1][]): boolean =>
    activations.some((activation) => isActive(network, activation, epoch));
  if (byte >= 0x01 && byte <= 0x04) return true;
  // Each set lists the earlier ones, so a later switch brings them along.
  if (byte >= 0x05 && byte <= 0x08) return on('s3', 'istanbul', 'vrf', 'sha3', 'stakingPrecompile');
  if (byte === 0x09) return on('istanbul', 'vrf', 'sha3', 'stakingPrecompile');
  if (byte >= 0x0b && byte <= 0x11) return on('eip2537Precompile');
  if (byte === 0xff) return on('vrf', 'sha3', 'stakingPrecompile');
  if (byte === 0xfd || byte === 0xfe) return on('sha3', 'stakingPrecompile');
  if (byte === 0xfb || byte === 0xfc) return on('stakingPrecompile');
  return byte === 0xf9 && on('crossShardXferPrecompile');
}

/** Moves a value as the top of a call does. */
function transfer(state: State, { from, to, value }: Message & { to: Address }, s3: boolean): void {
  if (!state.exists(to)) {
    // EIP-158: sending nothing to nobody leaves nobody.
    if (s3 && value === 0n) return;
    state.createAccount(to);
  }
  state.subtractBalance(from, value);
  state.addBalance(to, value);
}

/**
 * An EVM that moves values to accounts without code and refuses everything else: contract creation,
 * calls of contracts and of precompiles. Data sent along is paid for and has no effect, as for any
 * account without code.
 *
 * @example
 * executeBlock({ network, shardId, evm: transferOnlyEvm, … })
 */
export const transferOnlyEvm: Evm = {
  runMessage(state, message, block): MessageResult {
    const { to } = message;
    const unsupported = (
      what: 'contract-creation' | 'contract-call' | 'precompile-call',
    ): never => {
      throw new ExecutionError({ code: 'executor/execution-unsupported', what, to });
    };
    if (to === undefined) return unsupported('contract-creation');
    if (isPrecompile(block.network, block.epoch, to)) return unsupported('precompile-call');
    if (state.getCode(to).length > 0) return unsupported('contract-call');
    transfer(state, { ...message, to }, isActive(block.network, 's3', block.epoch));
    return {
      status: 'success',
      gasLeft: message.gas,
      gasRefund: 0n,
      logs: [],
      createdAddress: undefined,
      output: new Uint8Array(),
    };
  },
};
