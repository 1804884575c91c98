/** A Ledger without a device: the script holds each command's bytes and the answer to it. */
import type { Directive } from '@polyphony/chain/directive';
import { bytesToHex, formatOneAddress, hexToBytes, parseOneAddress } from '@polyphony/primitives';
import { loadVectors, rejectedCode } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { accountFromMnemonic } from '../src/account.js';
import { connectLedger, type LedgerExchange } from '../src/ledger.js';

interface Step {
  readonly command: string;
  readonly answer: string;
}
interface Given {
  readonly operation: 'version' | 'address' | 'transaction' | 'staking';
  readonly confirm?: boolean;
  readonly chainId: string;
  readonly nonce: string;
  readonly gasPrice: string;
  readonly gasLimit: string;
  readonly shardId: number;
  readonly toShardId: number;
  readonly to: string;
  readonly value: string;
  readonly data: string;
  readonly type: 'delegate' | 'undelegate' | 'collect-rewards';
  readonly delegator: string;
  readonly validator: string;
  readonly amount: string;
}
interface Expected {
  readonly exchange: readonly Step[];
  readonly raw?: string;
  readonly address?: string;
  readonly version?: readonly number[];
}

const FIELDS = {
  in: [
    ...['operation', 'confirm', 'chainId', 'nonce', 'gasPrice', 'gasLimit', 'shardId', 'toShardId'],
    ...['to', 'value', 'data', 'type', 'delegator', 'validator', 'amount'],
  ],
  out: ['exchange', 'raw', 'address', 'version'],
};
const cases = loadVectors<Given, Expected>(import.meta.url, 'ledger-apdu', FIELDS);
const MNEMONIC = 'equip will roof matter pink blind book anxiety banner elbow sun young';
const account = accountFromMnemonic(MNEMONIC);

/** Steps of a case by its name. */
function stepsOf(name: string): readonly Step[] {
  return cases.find((entry) => entry.name === name)!.out!.exchange;
}
const VERSION = stepsOf('version');
const SILENT = stepsOf('address, without a question on the device');

/** A device that only plays its script: another command, or one too many, fails the test. */
function scripted(steps: readonly Step[]) {
  const left = [...steps];
  const exchange: LedgerExchange = async (command) => {
    const step = left.shift();
    expect(bytesToHex(command)).toBe(step?.command);
    return hexToBytes(step!.answer);
  };
  return { exchange, left };
}

function directiveOf(given: Given): Directive {
  const delegatorAddress = parseOneAddress(given.delegator);
  if (given.type === 'collect-rewards') return { type: given.type, delegatorAddress };
  const validatorAddress = parseOneAddress(given.validator);
  return { type: given.type, delegatorAddress, validatorAddress, amount: BigInt(given.amount) };
}

async function sign(given: Given, exchange: LedgerExchange) {
  const signer = await connectLedger(exchange);
  const chainId = BigInt(given.chainId);
  const gas = {
    nonce: BigInt(given.nonce),
    gasPrice: BigInt(given.gasPrice),
    gasLimit: BigInt(given.gasLimit),
  };
  if (given.operation === 'staking') {
    const tx = { ...gas, directive: directiveOf(given) };
    const signed = await signer.signStakingTransaction(tx, { chainId });
    expect(signed).toEqual(account.signStakingTransaction(tx, { chainId }));
    return signed;
  }
  const tx = {
    ...gas,
    shardId: given.shardId,
    toShardId: given.toShardId,
    to: parseOneAddress(given.to),
    value: BigInt(given.value),
    data: hexToBytes(given.data),
  };
  const signed = await signer.signTransaction(tx, { form: 'harmony', chainId });
  expect(signed).toEqual(account.signTransaction(tx, { form: 'harmony', chainId }));
  return signed;
}

describe('commands and answers', () => {
  for (const { name, in: given, out, error } of cases) {
    test(name, async () => {
      if (given.operation === 'version' || given.operation === 'address') {
        const steps = given.operation === 'version' ? SILENT : out!.exchange;
        const device = scripted([...VERSION, ...steps]);
        const confirmAddress = given.confirm === true;
        const signer = await connectLedger(device.exchange, { confirmAddress });
        if (out!.version !== undefined) expect(signer.version).toEqual(out!.version);
        if (out!.address !== undefined) expect(formatOneAddress(signer.address)).toBe(out!.address);
        expect(device.left).toEqual([]);
        return;
      }
      const device = scripted([...VERSION, ...SILENT, ...(out?.exchange ?? [])]);
      if (error !== undefined) {
        expect(await rejectedCode(sign(given, device.exchange))).toBe(error);
      } else {
        expect(bytesToHex((await sign(given, device.exchange)).raw)).toBe(out!.raw);
      }
      expect(device.left).toEqual([]);
    });
  }
});
