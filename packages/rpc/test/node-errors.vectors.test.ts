import type { Hex } from '@polyphony/primitives';
import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { readReply } from '../src/envelope.js';
import { formatJson, nodeError, parseJson, type RpcError } from '../src/index.js';

interface Given {
  code: number;
  message: string;
  data?: Hex;
}
interface Expected {
  code: string;
  reason?: string;
  minimumGasPrice?: string;
}

describe('errors of nodes', () => {
  for (const { name, in: given, out } of loadVectors<Given, Expected>(
    import.meta.url,
    'node-errors',
    { in: ['code', 'message', 'data'], out: ['code', 'reason', 'minimumGasPrice'] },
  )) {
    test(name, () => {
      const reply = formatJson({ jsonrpc: '2.0', id: 1, error: { ...given } });
      let caught: RpcError | undefined;
      try {
        readReply(parseJson(reply), 1);
      } catch (error) {
        caught = error as RpcError;
      }
      const direct = nodeError(BigInt(given.code), given.message, given.data);
      expect(caught!.details).toEqual(direct.details);
      expect(caught!.code).toBe(out!.code);
      expect(caught!.details).toMatchObject({
        nodeCode: BigInt(given.code),
        nodeMessage: given.message,
      });
      const details = caught!.details;
      if (details.code === 'rpc/underpriced')
        expect(details.minimumGasPrice?.toString()).toBe(out!.minimumGasPrice);
      if (details.code === 'rpc/reverted') {
        expect(details.reason).toBe(out!.reason);
        expect(details.data).toBe(given.data);
      }
      expect(caught!.message).toContain(given.message);
    });
  }

  test('a very long text is kept but not searched to its end', () => {
    const text = `${'x'.repeat(5000)}nonce too low`;
    const error = nodeError(-32000n, text);
    expect(error.code).toBe('rpc/node-error');
    expect(error.details).toMatchObject({ nodeMessage: text });
  });
});
