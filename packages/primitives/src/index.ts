/** The words all packages share: bytes, addresses, units, fixed-point decimals, RLP and the error base. */
export { type Address, addressFromBytes, addressToBytes, ZERO_ADDRESS } from './address.js';
export {
  assertLength,
  bigIntToBytes,
  bytesToBigInt,
  bytesToBigIntLE,
  compareBytes,
  concatBytes,
  equalBytes,
  isZeroBytes,
  uint32ToBytes,
  uint64ToBytesLE,
  utf8ToBytes,
} from './bytes.js';
export {
  type ErrorDetails,
  isProtocolError,
  PrimitivesError,
  type PrimitivesErrorDetails,
  ProtocolError,
} from './errors.js';
export { bytesToHex, bytesToPlainHex, type Hash, type Hex, hexToBytes } from './hex.js';
export { keccak256 } from './keccak.js';
export {
  decodeRlp,
  encodeRlp,
  MAX_RLP_DEPTH,
  openRlpList,
  type RawRlp,
  type RlpInput,
  type RlpItem,
  RlpReader,
} from './rlp.js';
