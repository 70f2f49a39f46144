// Hot path. GRE (RFC 2784, RFC 2890) and its enhanced form in PPTP (RFC 2637).

import { OUTCOME } from '#2-decode/sample.ts'
import { step } from './layer.ts'

const { notIp, cut } = OUTCOME

const BASE_BYTES = 4
const WORD_BYTES = 4

const CHECKSUM = 0x8000
const ROUTING = 0x4000
const KEY = 0x2000
const SEQUENCE = 0x1000
/** Version 1 only. */
const ACKNOWLEDGEMENT = 0x0080
const VERSION = 0x0007

/** The packet inside: its EtherType stands in the header. Acknowledgements and source routes (RFC 1701) carry none we follow. */
export function stepGre(frame: DataView, at: number, limit: number): number {
  if (limit - at < BASE_BYTES) return -cut
  const flags = frame.getUint16(at)
  const version = flags & VERSION
  if (version > 1 || (flags & ROUTING) !== 0) return -notIp
  if (version === 1 && (flags & SEQUENCE) === 0) return -notIp
  let bytes = BASE_BYTES
  if ((flags & CHECKSUM) !== 0) bytes += WORD_BYTES
  if ((flags & KEY) !== 0) bytes += WORD_BYTES
  if ((flags & SEQUENCE) !== 0) bytes += WORD_BYTES
  if (version === 1 && (flags & ACKNOWLEDGEMENT) !== 0) bytes += WORD_BYTES
  return step(bytes, frame.getUint16(at + 2))
}
