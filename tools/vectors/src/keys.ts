/** secp256k1, keccak, mnemonics, key files and messages, recomputed with ethers. */
import {
  computeAddress,
  decryptKeystoreJsonSync,
  getBytes,
  HDNodeWallet,
  hashMessage,
  keccak256,
  SigningKey,
  Transaction,
  TypedDataEncoder,
  Wallet,
} from 'ethers';
import { bech32Address } from './bech32.js';
import { expectEqual, type Oracle, outOf, refuses } from './oracle.js';

const prefixed = (hex: string): string => (hex.startsWith('0x') ? hex : `0x${hex}`);
const plain = (hex: string): string => hex.replace(/^0x/, '');
const half = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

const oracle = (check: Oracle['check']): Oracle => ({
  against: 'ethers',
  check: (entry) => (entry.error === undefined ? check(entry) : null),
});

/** Public key and address of a secret key. */
const keys = oracle((entry) => {
  const given = entry.in as { secretKey?: string; privateKey?: string };
  const out = outOf<{ publicKey: string; address: string; bech32?: string }>(entry);
  const key = new SigningKey(prefixed((given.secretKey ?? given.privateKey)!));
  const address = computeAddress(key).toLowerCase();
  return (
    expectEqual(plain(key.publicKey), plain(out.publicKey)) ??
    expectEqual(address, out.address) ??
    (out.bech32 && expectEqual(bech32Address('one', plain(address)), out.bech32)) ??
    undefined
  );
});

/** The key that a signature gives back; none where `s` is high, which ethers would let pass. */
function recovers(digest: string, r: string, s: string, yParity: 0 | 1): string | undefined {
  if (BigInt(prefixed(s)) > half) return undefined;
  let key: string | undefined;
  refuses(() => {
    key = SigningKey.recoverPublicKey(prefixed(digest), {
      r: prefixed(r),
      s: prefixed(s),
      yParity,
    });
  });
  return key;
}

/** Oracles by vector file. */
export const keyOracles: Readonly<Record<string, Oracle>> = {
  'crypto/keys': keys,
  'accounts/keys': keys,

  'crypto/keccak': oracle((entry) => {
    const { data } = entry.in as { data: string };
    return expectEqual(plain(keccak256(prefixed(data))), outOf<{ hash: string }>(entry).hash);
  }),

  'crypto/signatures': oracle((entry) => {
    const { secretKey, digest } = entry.in as { secretKey: string; digest: string };
    const { r, s, yParity } = new SigningKey(prefixed(secretKey)).sign(prefixed(digest));
    const found = { r: plain(r), s: plain(s), recovery: yParity };
    return expectEqual(found, outOf(entry));
  }),

  'crypto/recover-refused': {
    against: 'ethers',
    check: (entry) => {
      const { digest, r, s, recovery } = entry.in as Record<'digest' | 'r' | 's', string> & {
        recovery: 0 | 1;
      };
      const key = [0, 1].includes(recovery) ? recovers(digest, r, s, recovery) : undefined;
      return key && `gives the key ${key}, the file refuses it`;
    },
  },

  'accounts/mnemonics': oracle((entry) => {
    const { mnemonic, path } = entry.in as { mnemonic: string; path: string };
    const out = outOf<{ privateKey?: string; address?: string; bech32: string }>(entry);
    const wallet = HDNodeWallet.fromPhrase(mnemonic, undefined, path);
    const address = wallet.address.toLowerCase();
    return (
      (out.privateKey && expectEqual(wallet.privateKey, out.privateKey)) ||
      (out.address && expectEqual(address, out.address)) ||
      expectEqual(bech32Address('one', plain(address)), out.bech32)
    );
  }),

  'accounts/keystore': oracle((entry) => {
    const { keystore, password } = entry.in as {
      keystore: { crypto: { kdfparams: { r?: number } } };
      password: string;
    };
    const { privateKey } = outOf<{ privateKey: string }>(entry);
    // ethers opens files with keys of 32 bytes only, and refuses scrypt with few blocks.
    if (plain(privateKey).length !== 64 || keystore.crypto.kdfparams.r === 1) return null;
    const opened = decryptKeystoreJsonSync(JSON.stringify(keystore), password);
    return expectEqual(plain(opened.privateKey), plain(privateKey));
  }),

  'accounts/message': oracle((entry) => {
    const given = entry.in as { privateKey: string; message?: string; bytes?: string };
    const message = given.bytes === undefined ? given.message! : getBytes(given.bytes);
    const out = outOf<{ digest: string; signature: string }>(entry);
    const signature = new SigningKey(given.privateKey).sign(hashMessage(message)).serialized;
    return expectEqual(hashMessage(message), out.digest) ?? expectEqual(signature, out.signature);
  }),

  'accounts/typed-data': oracle((entry) => {
    const { privateKey, data } = entry.in as {
      privateKey: string;
      data: {
        types: Record<string, { name: string; type: string }[]>;
        domain: Record<string, string>;
        primaryType: string;
        message: Record<string, unknown>;
      };
    };
    const out = outOf<{ digest: string; signature: string }>(entry);
    const { EIP712Domain: _, ...types } = data.types;
    // ethers works out the primary type by itself and refuses what it calls circular or empty.
    let digest: string | undefined;
    const unable = refuses(() => {
      const encoder = TypedDataEncoder.from(types);
      if (encoder.primaryType !== data.primaryType) throw new Error('another primary type');
      digest = TypedDataEncoder.hash(data.domain, types, data.message);
    });
    if (unable) return null;
    return (
      expectEqual(digest, out.digest) ??
      expectEqual(new SigningKey(privateKey).sign(digest!).serialized, out.signature)
    );
  }),

  'accounts/transactions': oracle((entry) => {
    const given = entry.in as Record<string, string> & { form: string };
    const out = outOf<Record<string, string>>(entry);
    const wallet = new Wallet(given.privateKey!);
    if (out.from !== undefined) {
      const wrong = expectEqual(wallet.address.toLowerCase(), out.from);
      if (wrong !== undefined) return wrong;
    }
    const { r, s } = wallet.signingKey.sign(out.signingHash!);
    const same =
      expectEqual(keccak256(out.signingPayload!), out.signingHash) ??
      expectEqual(
        [r, s].map(BigInt).map(String),
        [out.r, out.s].map((v) => String(BigInt(v!))),
      ) ??
      expectEqual(keccak256(out.raw!), out.hash);
    if (same !== undefined || given.form !== 'ethereum') return same;
    const parsed = Transaction.from(out.raw!);
    return (
      expectEqual(parsed.from?.toLowerCase(), wallet.address.toLowerCase()) ??
      expectEqual(parsed.unsignedHash, out.signingHash)
    );
  }),
};
