// Hot path. IPv6 extension headers (RFC 8200, 4; the list is IANA's).
//
// ESP and "no next header" end the chain, as does a later fragment. 253 and 254 (experiments) are taken for transport.

import type { Sample } from '#2-decode/sample.ts'
import { decodeTransport, skipTransport } from './transport.ts'

const EXTENSION = {
  hopByHop: 0,
  routing: 43,
  fragment: 44,
  /** RFC 4302. */
  authentication: 51,
  destination: 60,
  /** RFC 6275. */
  mobility: 135,
  /** RFC 7401. */
  hostIdentity: 139,
  /** RFC 5533. */
  shim6: 140,
} as const

/** The RFC wants at most one or two of each; a longer chain is left where it is, and the sample is marked as cut. */
const MAX_EXTENSION_HEADERS = 16

const MORE_FRAGMENTS = 1
const OFFSET = 0xfff8

/** Walks from the header `next` at `at` to the transport header. When the chain is cut, `protocol` is the header where it stopped. */
export function decodeExtensions(
  frame: DataView,
  at: number,
  limit: number,
  next: number,
  sample: Sample,
): number {
  at |= 0
  next |= 0
  for (let headers = 0; headers < MAX_EXTENSION_HEADERS; headers++) {
    let bytes: number
    switch (next) {
      case EXTENSION.hopByHop:
      case EXTENSION.routing:
      case EXTENSION.destination:
      case EXTENSION.mobility:
      case EXTENSION.hostIdentity:
      case EXTENSION.shim6:
        if (limit - at < 2) return skipTransport(next, 1, sample)
        bytes = (frame.getUint8(at + 1) + 1) << 3
        break
      case EXTENSION.authentication:
        if (limit - at < 2) return skipTransport(next, 1, sample)
        bytes = (frame.getUint8(at + 1) + 2) << 2
        break
      case EXTENSION.fragment:
        if (limit - at < 4) return skipTransport(next, 1, sample)
        noteFragment(frame.getUint16(at + 2), sample)
        if (sample.fragmentOffset !== 0) return skipTransport(frame.getUint8(at), 0, sample)
        bytes = 8
        break
      default:
        return decodeTransport(frame, at, limit, next, sample)
    }
    next = frame.getUint8(at)
    at += bytes
  }
  return skipTransport(next, 1, sample)
}

/** A fragment header on a whole packet (offset 0, nothing more: "atomic", RFC 6946) makes no fragment. */
function noteFragment(field: number, sample: Sample): void {
  if ((field & (OFFSET | MORE_FRAGMENTS)) !== 0) sample.isFragment = 1
  sample.fragmentOffset = field & OFFSET
}
