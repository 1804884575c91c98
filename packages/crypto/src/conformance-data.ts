/**
 * Known answers for `./conformance`: keys and RFC 6979 signatures that several projects publish, and
 * digests at the borders. All values are hexadecimal without a prefix, addresses excepted.
 */

/** A secret key, its 65-byte public key and its account. */
export interface KnownKey {
  readonly secretKey: string;
  readonly publicKey: string;
  readonly address: string;
}

/** A deterministic signature with a low `s`. */
export interface KnownSignature {
  readonly secretKey: string;
  readonly digest: string;
  readonly r: string;
  readonly s: string;
  readonly recovery: 0 | 1;
}

/** Public test keys of wallets and of EIP-155, and the smallest and largest key. */
export const KNOWN_KEYS: readonly KnownKey[] = [
  {
    secretKey: 'e2f88b4974ae763ca1c2db49218802c2e441293a09eaa9ab681779e05d1b7b94',
    publicKey:
      '04c0909cb17c5f600b100be598bc366a5f1f53bd578fab9a0af82276e5ab31d54e9144e29d0c56574fb74b8df25a41928078fd86600e1f1796ec946902902c4a51',
    address: '0xed1ebe4fd1f73f86388f231997859ca42c07da5d',
  },
  {
    secretKey: '1f84c95ac16e6a50f08d44c7bde7aff8742212fda6e4321fde48bf83bef266dc',
    publicKey:
      '045511a8279528f916b85b875cc69bbee575110221c473de8c16e83bcf802e76ecdafa40ab8d1020cceb4d39fe92cd78832aca7f556deced0750e981b91e598ec9',
    address: '0xa5241513da9f4463f1d4874b548dfbac29d91f34',
  },
  {
    secretKey: '0123456789012345678901234567890123456789012345678901234567890123',
    publicKey:
      '046655feed4d214c261e0a6b554395596f1f1476a77d999560e5a8df9b8a1a3515217e88dd05e938efdd71b2cce322bf01da96cd42087b236e8f5043157a9c068e',
    address: '0x14791697260e4c9a71f18484c9f997b308e59325',
  },
  {
    secretKey: '4646464646464646464646464646464646464646464646464646464646464646',
    publicKey:
      '044bc2a31265153f07e70e0bab08724e6b85e217f8cd628ceb62974247bb493382ce28cab79ad7119ee1ad3ebcdb98a16805211530ecc6cfefa1b88e6dff99232a',
    address: '0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f',
  },
  {
    secretKey: '0000000000000000000000000000000000000000000000000000000000000001',
    publicKey:
      '0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8',
    address: '0x7e5f4552091a69125d5dfcb7b8c2659029395bdf',
  },
  {
    secretKey: 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140',
    publicKey:
      '0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798b7c52588d95c3b9aa25b0403f1eef75702e84bb7597aabe663b82f6f04ef2777',
    address: '0x80c0dbf239224071c59dd8970ab9d542e3414ab2',
  },
];

/** The shared RFC 6979 rows for secp256k1, EIP-155's example, and digests of zero, order and 2^256 - 1. */
export const KNOWN_SIGNATURES: readonly KnownSignature[] = [
  {
    secretKey: '0000000000000000000000000000000000000000000000000000000000000001',
    digest: 'a0dc65ffca799873cbea0ac274015b9526505daaaed385155425f7337704883e',
    r: '934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8',
    s: '2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5',
    recovery: 1,
  },
  {
    secretKey: '0000000000000000000000000000000000000000000000000000000000000001',
    digest: '7d1833f54854ac51659521afcd0ec6dca2ce2351429614bfa28a756b1b3c637f',
    r: '8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b',
    s: '547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21',
    recovery: 0,
  },
  {
    secretKey: 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140',
    digest: 'a0dc65ffca799873cbea0ac274015b9526505daaaed385155425f7337704883e',
    r: 'fd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d0',
    s: '6b39cd0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5',
    recovery: 0,
  },
  {
    secretKey: 'f8b8af8ce3c7cca5e300d33939540c10d45ce001b8f252bfbc57ba0342904181',
    digest: '4ba38d48a60f1b29e9eb726eaff08b2e83d8d81e031666fee50e85900d7dc1ef',
    r: '7063ae83e7f62bbb171798131b4a0564b956930092b33b07b395615d9ec7e15c',
    s: '58dfcc1e00a35e1572f366ffe34ba0fc47db1e7189759b9fb233c5b05ab388ea',
    recovery: 0,
  },
  {
    secretKey: 'e91671c46231f833a6406ccbea0e3e392c76c167bac1cb013f6f1013980455c2',
    digest: '1609a53bb33ef00e0cc1e784b436d7924956d87ec2b399574378312f07cba3e8',
    r: 'b552edd27580141f3b2a5463048cb7cd3e047b97c9f98076c32dbdf85a68718b',
    s: '279fa72dd19bfae05577e06c7c0c1900c371fcd5893f7e1d56a37d30174671f6',
    recovery: 1,
  },
  {
    secretKey: '4646464646464646464646464646464646464646464646464646464646464646',
    digest: 'daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53',
    r: '28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276',
    s: '67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83',
    recovery: 0,
  },
  {
    secretKey: 'e2f88b4974ae763ca1c2db49218802c2e441293a09eaa9ab681779e05d1b7b94',
    digest: '0000000000000000000000000000000000000000000000000000000000000000',
    r: '0ad664f4dfbd34be2b672326fdc3d47ea4c077cfd69c291cc4b395d1df8c8d78',
    s: '178f348cae3131eb4b8100b731556a0a0ba5eeb53df1d03634046b79904bdbcf',
    recovery: 1,
  },
  {
    secretKey: '0123456789012345678901234567890123456789012345678901234567890123',
    digest: 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141',
    r: '615a373bb368a656e667bbe6766b8f546f87698567af8c51c2080c7d1b62e868',
    s: '5f14b74c1fccfaea8c1b229e8f437c64a06fad53e4abaf92cc1f6b7391d93ab5',
    recovery: 1,
  },
  {
    secretKey: '0123456789012345678901234567890123456789012345678901234567890123',
    digest: 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    r: '3e8c8ab887abeb72cfa33636e9a2eeca158e50daa1d273115eb35f571c0babef',
    s: '061526952b74c2287b2e8eb7d1d039c4a4ec23259ffbf32dd8c32582cd19e49d',
    recovery: 0,
  },
];
