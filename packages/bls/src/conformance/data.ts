/**
 * Known answers and malformed encodings of both ciphersuites, for `conformance.ts`. Hex text.
 *
 * The answers of `harmony` come from the network's C++ library of 2019, those of `ietf` from blst
 * (proofs of possession from mcl); see `vectors/` for more of them.
 */
import type { BlsErrorDetails } from '../errors.js';

/** A signature that is known to be right. */
export interface KnownSignature {
  readonly secretKey: string;
  readonly publicKey: string;
  readonly message: string;
  readonly signature: string;
}

/** Bytes that are not a key or a signature, and why. */
export interface Malformed {
  readonly name: string;
  readonly what: 'public key' | 'signature';
  readonly bytes: string;
  readonly code: BlsErrorDetails['code'];
}

/** What the checks know of a ciphersuite. */
export interface SuiteData {
  /** The first two are by different keys over one message. */
  readonly signatures: readonly [KnownSignature, KnownSignature, ...KnownSignature[]];
  /** Proof of possession of the first signature's key, where the suite has a standard one. */
  readonly possession: string | undefined;
  readonly malformed: readonly Malformed[];
  readonly identityKey: string;
  readonly identitySignature: string;
  /** 32 bytes each, out of range. */
  readonly badSecretKeys: readonly string[];
  /** Messages without a curve point. */
  readonly unsignable: readonly string[];
}

const HARMONY_SIGNATURES: SuiteData['signatures'] = [
  {
    secretKey: '0101010101010101010101010101010101010101010101010101010101010101',
    publicKey:
      '379c145c93865aea5965c5dfab842fad5f4d14c743ce6b15f6181cdc4febc35e562f6a8451b0c64f31cc4241de2db006',
    message:
      'e803000000000000404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f0200000000000000',
    signature:
      '62c35dbf8f17f16d461764a8401bd2b4343e5e31c26856f86d7644420dcb579008b230359adc3bacb13e7422b31faf12f5ff7198ea71dca427e819845c288bb5c954712fcd8718b6ec757b90f35486a51dd5020db790e1479225d384bd39348c',
  },
  {
    secretKey: '0202020202020202020202020202020202020202020202020202020202020202',
    publicKey:
      '31d7b72eede65c4487606bf2f256113454efda7fb9113eeb307029c34d6f44792e060cb22bbe75ea5b9c7ad2f2e1a202',
    message:
      'e803000000000000404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f0200000000000000',
    signature:
      '3d9aa75b7e2f810d6a01171f218659778cd0360c8345c1a7a80153f5530778d81ebc20555d02371c0a2d87dd1128d91458bdffa29db3a220d612d3727ed1b47eaefc36a51a9fd1465465092234354c63ae75dc3027fe1131254eec0d0fe8fc98',
  },
  {
    secretKey: 'c6d7603520311f7a4e6aac0b26701fc433b75b38df504cd416ef2b900cd66205',
    publicKey:
      '30b2c38b1316da91e068ac3bd8751c0901ef6c02a1d58bc712104918302c6ed03d5894671d0c816dad2b4d303320f202',
    message: '1eaafe555c82d1cb51afd79875683437858a9fb883c07487717921757d6717f9',
    signature:
      '68f800b6adf657b674903e04708060912b893b7c7b500788808247550ab3e186e56a44ebf3ca488f8ed1a42f6cef3a04bd5d2b2b7eb5a767848d3135b362e668ce6bba42c7b9d5666d8e3a83be707b5708e722c58939fe9b07c170f3b7062414',
  },
  {
    secretKey: '902a4aca6d95ca12ae2bee6729a6e98c910af0055ff1c09a71c3428914539206',
    publicKey:
      '9d08da4b07654627fed64ea82ff6c23c4f6754f759069c8964eed400d1b6dfd6b29d5b9f7ec533ab25cb0aeccaf3f888',
    message: '01',
    signature:
      '3d3eb4c7202cf4d9153ed6caca8d314648dd4ad8956d1f46081c899959eb33f18e83cc28bea4273eeca623e5ca7d4a180dcc58f1cdf314947cab31c8d25b2257fbed11c77cdf4271755a9c4c0e88d21ef07c2e383afe0d3e1a814170dacda919',
  },
  {
    secretKey: '902a4aca6d95ca12ae2bee6729a6e98c910af0055ff1c09a71c3428914539206',
    publicKey:
      '9d08da4b07654627fed64ea82ff6c23c4f6754f759069c8964eed400d1b6dfd6b29d5b9f7ec533ab25cb0aeccaf3f888',
    message:
      '001884f053811e176c568d75db1d24f6bcf21b0de40a98975c11c6fc75b9aa266f3ca04858586adf49de3282cddbd4ad2ec181d80f4b7c36f4a9a0c7f4e20ac4719821c89e32e67e614dae985ea0530d03a3f000aee9e7badc5bbb69770920debcb34818e477db139f8876af1b2868fb42831f2be08b03c9bee633a35b5ee0013f',
    signature:
      '39fe1073906cbd0db3c29f132f15b024a77311286464fb72e3fc717fd28b7aebf6c058ea032d022ebc6a80eef7796a163c05bb7680e201d07aaa61afcebaba03964177b2b1748148fb00770dcd6cbf63d13622dd99636d35796e90280968910e',
  },
];

const HARMONY_MALFORMED: readonly Malformed[] = [
  {
    name: 'on the curve, not in the prime-order subgroup',
    what: 'public key',
    bytes:
      '0c8a92c872798742031c612acea7b686a58b16722a02e072442f14ad4f9499e934da97f4db7d1a68307a96335e06bb0c',
    code: 'bls/not-in-subgroup',
  },
  {
    name: '47 bytes',
    what: 'public key',
    bytes:
      'ea3dd645e21e621a58456b6f43a09ea6ab20b8c11a96c9e79959ddc6e9beefb9aff085f65acf2aa47ff1e22e2f1739',
    code: 'bls/invalid-length',
  },
  {
    name: '49 bytes; the library of 2019 reads the first bytes',
    what: 'public key',
    bytes:
      'ea3dd645e21e621a58456b6f43a09ea6ab20b8c11a96c9e79959ddc6e9beefb9aff085f65acf2aa47ff1e22e2f17390800',
    code: 'bls/invalid-length',
  },
  { name: 'empty', what: 'public key', bytes: '', code: 'bls/invalid-length' },
  {
    name: 'x is not on the curve',
    what: 'public key',
    bytes:
      '0dc09cbe79f3ca7cd4996de4b0de9ec8a48b41afe31e989c8720b5c5b170227500000000000000000000000000000000',
    code: 'bls/not-on-curve',
  },
  {
    name: 'x not reduced modulo p',
    what: 'public key',
    bytes:
      '95e8d545e21e61d45745bf2042a04ac5cf1669b8bb68fa4e596c62ba6e0a671e879dd139117746ef19d8626819293a22',
    code: 'bls/invalid-encoding',
  },
  {
    name: 'zero x with the sign bit set',
    what: 'public key',
    bytes:
      '000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000080',
    code: 'bls/not-in-subgroup',
  },
  {
    name: '95 bytes',
    what: 'signature',
    bytes:
      'ea27ad912261ed9c3f736a27080712abfaeaf254724f95730bea98af8cca9e2ba8082174cf43cf932839919dd142e303e39bcd050c2a52e51b639649d83078ce834aa019703e4ae8ff35aeddd81e581896303f0f7972a09d9d52473cb3e001',
    code: 'bls/invalid-length',
  },
  {
    name: '97 bytes; the library of 2019 reads the first bytes',
    what: 'signature',
    bytes:
      'ea27ad912261ed9c3f736a27080712abfaeaf254724f95730bea98af8cca9e2ba8082174cf43cf932839919dd142e303e39bcd050c2a52e51b639649d83078ce834aa019703e4ae8ff35aeddd81e581896303f0f7972a09d9d52473cb3e0018c00',
    code: 'bls/invalid-length',
  },
  {
    name: '48 bytes',
    what: 'signature',
    bytes:
      'ea27ad912261ed9c3f736a27080712abfaeaf254724f95730bea98af8cca9e2ba8082174cf43cf932839919dd142e303',
    code: 'bls/invalid-length',
  },
  {
    name: 'x is not on the curve',
    what: 'signature',
    bytes:
      'e8a7daed3d2abe3338c0c536df593222152b1441899a19148c91052ff94b5f1f00000000000000000000000000000000070000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000',
    code: 'bls/not-on-curve',
  },
  {
    name: 'on the curve, not in the prime-order subgroup',
    what: 'signature',
    bytes:
      '927be40244dc30b52fcdd062d3354b044fd1f2453c6df7f308a65962d4f12a7200000000000000000000000000000000090000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000',
    code: 'bls/not-in-subgroup',
  },
  {
    name: 'first coordinate of x not reduced modulo p',
    what: 'signature',
    bytes:
      '95d2ac912261ec563f73bed80607bec91ee1a34b1322c6dacafc1da3111616907fb56cb785ebeadec21f11d7bb54e41de39bcd050c2a52e51b639649d83078ce834aa019703e4ae8ff35aeddd81e581896303f0f7972a09d9d52473cb3e0018c',
    code: 'bls/invalid-encoding',
  },
  {
    name: 'second coordinate of x not reduced modulo p',
    what: 'signature',
    bytes:
      'ea27ad912261ed9c3f736a27080712abfaeaf254724f95730bea98af8cca9e2ba8082174cf43cf932839919dd142e3038e46cd050c2a519f1b63eafad63024eda740511011117b4fbf4833d15d6acf7c6ddd8a522f1abce83739c7759df202a6',
    code: 'bls/invalid-encoding',
  },
];

const IETF_SIGNATURES: SuiteData['signatures'] = [
  {
    secretKey: '263dbd792f5b1be47ed85f8938c0f29586af0d3ac7b977f21c278fe1462040e3',
    publicKey:
      'a491d1b0ecd9bb917989f0e74f0dea0422eac4a873e5e2644f368dffb9a6e20fd6e10c1b77654d067c0618f6e5a7f79a',
    message: '0000000000000000000000000000000000000000000000000000000000000000',
    signature:
      'b6ed936746e01f8ecf281f020953fbf1f01debd5657c4a383940b020b26507f6076334f91e2366c96e9ab279fb5158090352ea1c5b0c9274504f4f0e7053af24802e51e4568d164fe986834f41e55c8e850ce1f98458c0cfc9ab380b55285a55',
  },
  {
    secretKey: '47b8192d77bf871b62e87859d653922725724a5c031afeabc60bcef5ff665138',
    publicKey:
      'b301803f8b5ac4a1133581fc676dfedc60d891dd5fa99028805e5ea5b08d3491af75d0707adab3b70c6a6a580217bf81',
    message: '0000000000000000000000000000000000000000000000000000000000000000',
    signature:
      'b23c46be3a001c63ca711f87a005c200cc550b9429d5f4eb38d74322144f1b63926da3388979e5321012fb1a0526bcd100b5ef5fe72628ce4cd5e904aeaa3279527843fae5ca9ca675f4f51ed8f83bbf7155da9ecc9663100a885d5dc6df96d9',
  },
  {
    secretKey: '0000000000000000000000000000000000000000000000000000000000000001',
    publicKey:
      '97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb',
    message: '616263',
    signature:
      '94b38e10fd6d2d63dfe704c3f0b1741474dfeaef88d6cdca4334413320701c74e5df8c7859947f6901c0a3c30dba23c91400ddb63494b2f3717d8706a834f928323cef590dd1f2bc8edaf857889e82c9b4cf242324526c9045bc8fec05f98fe9',
  },
  {
    secretKey: '263dbd792f5b1be47ed85f8938c0f29586af0d3ac7b977f21c278fe1462040e3',
    publicKey:
      'a491d1b0ecd9bb917989f0e74f0dea0422eac4a873e5e2644f368dffb9a6e20fd6e10c1b77654d067c0618f6e5a7f79a',
    message: '',
    signature:
      'b6b4caa2a4bfa3612b79437d0e549aba52551d434315717635f823337431c0e068d47cf616a40a47b81b489e9c73381706355724af3542ae49b16c6341b120b7d664369f9816b3cedce7cc9c4707f514e2865ba2131211de29e09a6e42f686da',
  },
  {
    secretKey: '73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000000',
    publicKey:
      'b7f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb',
    message: '0000000000000000000000000000000000000000000000000000000000000000',
    signature:
      'b7502412bcfc3f1d88b71f1ad9b60fa37c332d19466fba1dc991d42bcd09bcd9f1c22a562646ffce0922793b6c69938b076e5cd6cfb3c361fc767e5f40ce05486e1668825ffeecab89d7daa455a179736a387ae93b9b15d283d45ffa14cd4af7',
  },
  {
    secretKey: '263dbd792f5b1be47ed85f8938c0f29586af0d3ac7b977f21c278fe1462040e3',
    publicKey:
      'a491d1b0ecd9bb917989f0e74f0dea0422eac4a873e5e2644f368dffb9a6e20fd6e10c1b77654d067c0618f6e5a7f79a',
    message:
      '5656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656565656',
    signature:
      'afdc13ba2339968ce37e3d0248e0b1c51ba2577db6cc1d30eda48ad2ae873371e0748833487cec5a726e6737e80c6c9b067ad10b96217ac90e279b14848459b034d60a1ba78cd125729213b9825736ae83eda54858b79c4743574c0c0c6a5327',
  },
];

const IETF_MALFORMED: readonly Malformed[] = [
  {
    name: 'infinity with the sign bit',
    what: 'public key',
    bytes:
      'e00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000',
    code: 'bls/invalid-encoding',
  },
  {
    name: 'infinity with a low bit in the first byte',
    what: 'public key',
    bytes:
      'c10000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000',
    code: 'bls/invalid-encoding',
  },
  {
    name: 'infinity with a bit at the end',
    what: 'public key',
    bytes:
      'c00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001',
    code: 'bls/invalid-encoding',
  },
  {
    name: 'infinity without the compression bit',
    what: 'public key',
    bytes:
      '400000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000',
    code: 'bls/invalid-encoding',
  },
  {
    name: 'all zero',
    what: 'public key',
    bytes:
      '000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000',
    code: 'bls/invalid-encoding',
  },
  {
    name: 'all ones',
    what: 'public key',
    bytes:
      'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    code: 'bls/invalid-encoding',
  },
  {
    name: 'without the compression bit',
    what: 'public key',
    bytes:
      '2491d1b0ecd9bb917989f0e74f0dea0422eac4a873e5e2644f368dffb9a6e20fd6e10c1b77654d067c0618f6e5a7f79a',
    code: 'bls/invalid-encoding',
  },
  {
    name: 'first coordinate is p',
    what: 'public key',
    bytes:
      '9a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab',
    code: 'bls/invalid-encoding',
  },
  {
    name: 'one byte short',
    what: 'public key',
    bytes:
      'a491d1b0ecd9bb917989f0e74f0dea0422eac4a873e5e2644f368dffb9a6e20fd6e10c1b77654d067c0618f6e5a7f7',
    code: 'bls/invalid-length',
  },
  {
    name: 'one byte long',
    what: 'public key',
    bytes:
      'a491d1b0ecd9bb917989f0e74f0dea0422eac4a873e5e2644f368dffb9a6e20fd6e10c1b77654d067c0618f6e5a7f79a00',
    code: 'bls/invalid-length',
  },
  { name: 'empty', what: 'public key', bytes: '', code: 'bls/invalid-length' },
  {
    name: 'infinity with the sign bit',
    what: 'signature',
    bytes:
      'e00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000',
    code: 'bls/invalid-encoding',
  },
  {
    name: 'infinity with a low bit in the first byte',
    what: 'signature',
    bytes:
      'c10000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000',
    code: 'bls/invalid-encoding',
  },
  {
    name: 'infinity with a bit at the end',
    what: 'signature',
    bytes:
      'c00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001',
    code: 'bls/invalid-encoding',
  },
  {
    name: 'infinity without the compression bit',
    what: 'signature',
    bytes:
      '400000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000',
    code: 'bls/invalid-encoding',
  },
  {
    name: 'all zero',
    what: 'signature',
    bytes:
      '000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000',
    code: 'bls/invalid-encoding',
  },
  {
    name: 'all ones',
    what: 'signature',
    bytes:
      'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    code: 'bls/invalid-encoding',
  },
  {
    name: 'without the compression bit',
    what: 'signature',
    bytes:
      '231751779876b59bddbd8896f966ab41b07556c0f020fbac55e862e027d48e79e57caba6153d7ec47db1219dca1b070d13a6469139855bd90ed9bb08b6686ee07836703f90547be20e7715a76de94115280b07b9238da2ea23704a1e1a71c2fe',
    code: 'bls/invalid-encoding',
  },
  {
    name: 'first coordinate is p',
    what: 'signature',
    bytes:
      '9a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000',
    code: 'bls/invalid-encoding',
  },
  {
    name: 'one byte short',
    what: 'signature',
    bytes:
      'a31751779876b59bddbd8896f966ab41b07556c0f020fbac55e862e027d48e79e57caba6153d7ec47db1219dca1b070d13a6469139855bd90ed9bb08b6686ee07836703f90547be20e7715a76de94115280b07b9238da2ea23704a1e1a71c2',
    code: 'bls/invalid-length',
  },
  {
    name: 'one byte long',
    what: 'signature',
    bytes:
      'a31751779876b59bddbd8896f966ab41b07556c0f020fbac55e862e027d48e79e57caba6153d7ec47db1219dca1b070d13a6469139855bd90ed9bb08b6686ee07836703f90547be20e7715a76de94115280b07b9238da2ea23704a1e1a71c2fe00',
    code: 'bls/invalid-length',
  },
  { name: 'empty', what: 'signature', bytes: '', code: 'bls/invalid-length' },
  {
    name: 'second coordinate is p',
    what: 'signature',
    bytes:
      '8000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab',
    code: 'bls/invalid-encoding',
  },
  {
    name: 'uncompressed, 96 bytes',
    what: 'public key',
    bytes:
      '0491d1b0ecd9bb917989f0e74f0dea0422eac4a873e5e2644f368dffb9a6e20fd6e10c1b77654d067c0618f6e5a7f79a17cd7061575d3e8034fcea62adaa1a3bc38dca4b50e4c5c01d04dd78037c9cee914e17944ea99e7ad84278e5d49f36c4',
    code: 'bls/invalid-length',
  },
  {
    name: 'x not on the curve',
    what: 'public key',
    bytes:
      '800000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001',
    code: 'bls/not-on-curve',
  },
  {
    name: 'outside the subgroup',
    what: 'public key',
    bytes:
      '800000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004',
    code: 'bls/not-in-subgroup',
  },
  {
    name: 'x = 0, a point of order 3',
    what: 'public key',
    bytes:
      '800000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000',
    code: 'bls/not-in-subgroup',
  },
  {
    name: 'x not on the curve',
    what: 'signature',
    bytes:
      '800000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001',
    code: 'bls/not-on-curve',
  },
  {
    name: 'outside the subgroup',
    what: 'signature',
    bytes:
      '800000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000002',
    code: 'bls/not-in-subgroup',
  },
];

/** The group order, big-endian and little-endian. */
const ORDER = '73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001';
const ORDER_REVERSED = '01000000fffffffffe5bfeff02a4bd5305d8a10908d83933487d9d2953a7ed73';

/** What the checks know of the network's own ciphersuite. */
export const harmonyData: SuiteData = {
  signatures: HARMONY_SIGNATURES,
  possession: undefined,
  malformed: HARMONY_MALFORMED,
  identityKey: '00'.repeat(48),
  identitySignature: '00'.repeat(96),
  badSecretKeys: ['00'.repeat(32), ORDER_REVERSED, 'ff'.repeat(32), `${'00'.repeat(31)}74`],
  unsignable: ['', '00', '00'.repeat(32), `${'00'.repeat(48)}01`, `${'00'.repeat(47)}20`],
};

/** What the checks know of the IETF ciphersuite. */
export const ietfData: SuiteData = {
  signatures: IETF_SIGNATURES,
  possession:
    'b803eb0ed93ea10224a73b6b9c725796be9f5fefd215ef7a5b97234cc956cf6870db6127b7e4d824ec62276078e787db05584ce1adbf076bc0808ca0f15b73d59060254b25393d95dfc7abe3cda566842aaedf50bbb062aae1bbb6ef3b1f77e1',
  malformed: IETF_MALFORMED,
  identityKey: `c0${'00'.repeat(47)}`,
  identitySignature: `c0${'00'.repeat(95)}`,
  badSecretKeys: ['00'.repeat(32), ORDER, 'ff'.repeat(32), `74${'00'.repeat(31)}`],
  unsignable: [],
};
