/** Every decoder of the package with valid inputs: what the hostile-input tests run over. */
import { utf8ToBytes } from '@polyphony/primitives';
import { type FuzzTarget, loadVectors } from '@polyphony/testkit';
import { decodeAnswer } from '../src/apdu.js';
import { legacyBoxes, readBlsKeyFileBox } from '../src/bls-key-file.js';
import { AccountsError } from '../src/errors.js';
import {
  accountFromSecretKey,
  accountPath,
  decodeSignature,
  encodeSignature,
  hashTypedData,
  parseMnemonic,
  recoverDigestSigner,
  type TypedData,
} from '../src/index.js';
import { readKeystore } from '../src/keystore.js';
import { typedDataText } from '../src/typed-data.js';
import { failureOf } from '../src/wallet-failure.js';

/** Bytes as text: UTF-8 where they are, so that JSON stays JSON. */
function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function verdict(name: string, samples: readonly string[], read: (text: string) => unknown) {
  const target: FuzzTarget = {
    name,
    samples: samples.map(utf8ToBytes),
    refusal: AccountsError,
    // Text has a form of its own on the heap, and buffers for its way there.
    allocates: true,
    run: (bytes) => {
      read(textOf(bytes));
      return undefined;
    },
  };
  return target;
}

/** JSON of a stranger; what is no JSON is refused like the rest. */
function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new AccountsError({ code: 'accounts/invalid-option', reason: 'not JSON' });
  }
}

const BLS_KEY_FILE = {
  type: 'polyphony-bls-key',
  version: 1,
  publicKey: 'ab'.repeat(48),
  crypto: {
    cipher: 'aes-256-gcm',
    nonce: '01'.repeat(12),
    ciphertext: '02'.repeat(48),
    kdf: 'scrypt',
    kdfparams: { n: 4096, r: 8, p: 1, salt: '03'.repeat(32) },
  },
};

/** All decoders. */
export function decoders(): readonly FuzzTarget[] {
  const files = loadVectors<{ file?: object; keystore?: object }, unknown>(
    import.meta.url,
    'keystore',
  ).map((entry) => JSON.stringify(entry.in.keystore ?? entry.in.file));
  const typed = loadVectors<{ data: TypedData }, unknown>(import.meta.url, 'typed-data').map(
    (entry) => JSON.stringify(entry.in.data),
  );
  const mnemonics = loadVectors<{ mnemonic: string }, unknown>(import.meta.url, 'mnemonics').map(
    (entry) => entry.in.mnemonic,
  );
  const signature = new Uint8Array(65).fill(7);
  signature[64] = 27;
  const digest = new Uint8Array(32).fill(9);
  return [
    verdict('account file', files, (text) => readKeystore(text)),
    verdict('account file as data', files, (text) => {
      const value = json(text);
      if (typeof value === 'object' && value !== null) readKeystore(value);
      else json('');
    }),
    verdict('BLS key file', [JSON.stringify(BLS_KEY_FILE)], (text) => readBlsKeyFileBox(text)),
    {
      name: 'BLS key file of the old format',
      samples: [utf8ToBytes('ab'.repeat(92)), utf8ToBytes(`\n${'09'.repeat(92)} `)],
      refusal: AccountsError,
      allocates: true,
      run: (bytes) => {
        for (const content of [bytes, Buffer.from(bytes).toString('latin1')]) {
          for (const [, box] of legacyBoxes(content)) {
            if (box.length !== 92) throw new Error('another length');
          }
        }
        return undefined;
      },
    },
    verdict('typed data', typed, (text) => {
      const data = json(text) as TypedData;
      const hash = Buffer.from(hashTypedData(data));
      const again = hashTypedData(JSON.parse(typedDataText(data)) as TypedData);
      if (!hash.equals(again)) throw new Error('the text for wallets has another digest');
    }),
    verdict('mnemonic', mnemonics, (text) => {
      if (parseMnemonic(parseMnemonic(text)) !== parseMnemonic(text)) throw new Error('unstable');
    }),
    {
      name: 'signature',
      samples: [signature],
      refusal: AccountsError,
      run: (bytes) => {
        const again = encodeSignature(decodeSignature(bytes));
        // 0 and 1 are spellings of 27 and 28.
        if (bytes[64]! < 27) again[64]! -= 27;
        return again;
      },
    },
    {
      name: 'signer of a digest',
      samples: [accountFromSecretKey(new Uint8Array(32).fill(1)).signMessage('a')],
      refusal: AccountsError,
      allocates: true,
      baseMs: 20,
      run: (bytes) => {
        const padded = new Uint8Array(65);
        padded.set(bytes.subarray(0, 65));
        padded[64]! &= 1;
        recoverDigestSigner(digest, padded);
        return undefined;
      },
    },
    {
      name: "answer of a Ledger's app",
      samples: [Uint8Array.of(0x90, 0), Uint8Array.of(1, 2, 3, 0x90, 0)],
      refusal: AccountsError,
      run: (bytes) => {
        const data = decodeAnswer(bytes, 0);
        return Uint8Array.from([...data, 0x90, 0]);
      },
    },
    verdict(
      'error of a wallet',
      ['{"code":4001,"message":"no"}', '{"data":{"originalError":{"code":4902}}}'],
      (text) => {
        const value = json(text);
        const error = failureOf(value, 'eth_accounts', 1n);
        if (error.message.length > 300) throw new Error('a long message');
      },
    ),
    verdict('index of a path', ['0', '7', '2147483647'], (text) => accountPath(1023, Number(text))),
  ];
}
