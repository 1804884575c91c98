import { type Address, bytesToHex, hexToBytes } from '@polyphony/primitives';
import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import {
  accountFromSecretKey,
  hashMessage,
  hashTypedData,
  recoverMessageSigner,
  type TypedData,
  verifyMessage,
  verifyTypedData,
} from '../src/index.js';

interface Signed {
  digest: string;
  address: Address;
  signature: string;
}

describe('messages', () => {
  for (const { name, in: given, out: expected } of loadVectors<
    { privateKey: string; message?: string; bytes?: string },
    Signed
  >(import.meta.url, 'message', {
    in: ['privateKey', 'message', 'bytes'],
    out: ['digest', 'address', 'signature'],
  })) {
    test(name, () => {
      const out = expected!;
      const message = given.message ?? hexToBytes(given.bytes!);
      const account = accountFromSecretKey(hexToBytes(given.privateKey));
      expect(bytesToHex(hashMessage(message))).toBe(out.digest);
      expect(bytesToHex(account.signMessage(message))).toBe(out.signature);
      const signature = hexToBytes(out.signature);
      expect(recoverMessageSigner(message, signature)).toBe(out.address);
      expect(verifyMessage(message, signature, out.address)).toBe(true);
      expect(verifyMessage('another message', signature, out.address)).toBe(false);
    });
  }
});

describe('typed data', () => {
  for (const { name, in: given, out: expected } of loadVectors<
    { privateKey: string; data: TypedData },
    Signed
  >(import.meta.url, 'typed-data', {
    in: ['privateKey', 'data'],
    out: ['digest', 'address', 'signature'],
  })) {
    test(name, () => {
      const out = expected!;
      const account = accountFromSecretKey(hexToBytes(given.privateKey));
      expect(bytesToHex(hashTypedData(given.data))).toBe(out.digest);
      expect(bytesToHex(account.signTypedData(given.data))).toBe(out.signature);
      expect(verifyTypedData(given.data, hexToBytes(out.signature), out.address)).toBe(true);
      const other = { ...given.data, domain: { name: 'another domain' } };
      const types = { ...other.types };
      delete types.EIP712Domain;
      expect(verifyTypedData({ ...other, types }, hexToBytes(out.signature), out.address)).toBe(
        false,
      );
    });
  }
});
