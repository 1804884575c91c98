/** The words all packages share: bytes, addresses, units, fixed-point decimals, RLP and the error base. */
export { type Address, addressFromBytes, addressToBytes, ZERO_ADDRESS } from './address.js';
export {
  type AddressPrefix,
  checksumAddress,
  formatOneAddress,
  isBech32Address,
  parseAddress,
  parseOneAddress,
} from './address-text.js';
export {
  assertLength,
  compareBytes,
  concatBytes,
  equalBytes,
  isZeroBytes,
  joinBytes,
  utf8ToBytes,
} from './bytes.js';
export {
  absDec,
  addDec,
  ceilDec,
  DEC_ONE,
  DEC_PRECISION,
  DEC_SMALLEST,
  DEC_ZERO,
  type Dec,
  decFromBigInt,
  decFromBigIntWithPrecision,
  decFromRaw,
  decRlp,
  formatDec,
  isIntegerDec,
  maxDec,
  minDec,
  mulDec,
  mulIntDec,
  mulTruncateDec,
  negDec,
  parseDec,
  quoDec,
  quoIntDec,
  quoRoundUpDec,
  quoTruncateDec,
  readDec,
  roundIntDec,
  subDec,
  truncateDec,
  truncateIntDec,
} from './dec.js';
export {
  type ErrorDetails,
  isProtocolError,
  PrimitivesError,
  type PrimitivesErrorDetails,
  ProtocolError,
} from './errors.js';
export { bytesToHex, bytesToPlainHex, type Hash, type Hex, hexToBytes } from './hex.js';
export {
  bigIntToBytes,
  bytesToBigInt,
  bytesToBigIntLE,
  uint32ToBytes,
  uint64ToBytesLE,
} from './integers.js';
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
export {
  ATTO_PER_NANO,
  ATTO_PER_ONE,
  formatNano,
  formatOne,
  formatUnits,
  parseNano,
  parseOne,
  parseUnits,
} from './units.js';
