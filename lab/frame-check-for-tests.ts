// Reads frames as a receiver does and looks for wrong checksums; knows nothing of how they were built.

import { addWords, checksumOf } from './checksum.ts'

const TAGS = [0x8100, 0x88a8]
const MPLS = 0x8847
const PPPOE = 0x8864
const EXTENSIONS = [0, 43, 44, 60]
const HAS_CHECKSUM = [1, 6, 17, 58]

/** Number of wrong checksums (IP header, transport) in an Ethernet frame that is known to hold IP. */
export function wrongChecksums(frame: DataView): number {
  const at = ipOffset(frame)
  if (frame.getUint8(at) >> 4 === 6) return wrongTransport(frame, at, ipv6Transport(frame, at))
  const headerEnd = at + (frame.getUint8(at) & 15) * 4
  const end = at + frame.getUint16(at + 2)
  const isLater = (frame.getUint16(at + 6) & 0x1fff) > 0
  const wrongIp = checksumOf(addWords(frame, at, headerEnd)) === 0 ? 0 : 1
  const transport = { protocol: frame.getUint8(at + 9), at: headerEnd, end, isLater }
  return wrongIp + wrongTransport(frame, at, transport)
}

interface Transport {
  readonly protocol: number
  readonly at: number
  readonly end: number
  /** A later fragment has no transport header. */
  readonly isLater: boolean
}

function ipOffset(frame: DataView): number {
  let at = 12
  while (TAGS.includes(frame.getUint16(at))) at += 4
  const type = frame.getUint16(at)
  if (type === PPPOE) return at + 10
  at += 2
  if (type !== MPLS) return at
  while ((frame.getUint8(at + 2) & 1) === 0) at += 4
  return at + 4
}

function ipv6Transport(frame: DataView, ip: number): Transport {
  let protocol = frame.getUint8(ip + 6)
  let at = ip + 40
  let isLater = false
  while (EXTENSIONS.includes(protocol)) {
    const isFragment = protocol === 44
    if (isFragment) isLater = frame.getUint16(at + 2) >> 3 > 0
    const bytes = isFragment ? 8 : (frame.getUint8(at + 1) + 1) * 8
    protocol = frame.getUint8(at)
    at += bytes
  }
  return { protocol, at, end: ip + 40 + frame.getUint16(ip + 4), isLater }
}

function wrongTransport(frame: DataView, ip: number, { protocol, at, end, isLater }: Transport): number {
  if (isLater || !HAS_CHECKSUM.includes(protocol)) return 0
  const [from, to] = frame.getUint8(ip) >> 4 === 4 ? [ip + 12, ip + 20] : [ip + 8, ip + 40]
  const pseudo = protocol === 1 ? 0 : addWords(frame, from, to, protocol + end - at)
  return checksumOf(addWords(frame, at, end, pseudo)) === 0 ? 0 : 1
}
