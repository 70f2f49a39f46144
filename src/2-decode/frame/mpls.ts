// Hot path. MPLS label stacks (RFC 3032) and what lies beneath them.
//
// A label does not say what it carries. As routers do for load balancing, the first nibble decides: 4 and 6 are IP, and
// anything else may be an Ethernet frame, with a control word before it when the nibble is 0 (RFC 4385, RFC 4448).

import { OUTCOME } from '#2-decode/sample.ts'
import { ETHER_TYPE, step } from './layer.ts'

const { ipv4, ipv6, customerTag, serviceTag, oldServiceTag, mpls, pppoeSession, ethernet } = ETHER_TYPE
const { cut } = OUTCOME

const ENTRY_BYTES = 4
const CONTROL_WORD_BYTES = 4
const ETHER_TYPE_AT = 12

/** One label; a stack is walked label by label down to its bottom. */
export function stepMpls(frame: DataView, at: number, end: number): number {
  if (end - at < ENTRY_BYTES) return -cut
  const isBottom = (frame.getUint8(at + 2) & 1) === 1
  return isBottom ? stepPayload(frame, at + ENTRY_BYTES, end) : step(ENTRY_BYTES, mpls)
}

function stepPayload(frame: DataView, at: number, end: number): number {
  if (end - at < 1) return -cut
  const nibble = frame.getUint8(at) >> 4
  if (nibble === 4) return step(ENTRY_BYTES, ipv4)
  if (nibble === 6) return step(ENTRY_BYTES, ipv6)
  // An address may also begin with nibble 0, so the control word must be followed by a frame that makes sense.
  const isControlWord = nibble === 0 && carriesPackets(frame, at + CONTROL_WORD_BYTES, end)
  return step(isControlWord ? ENTRY_BYTES + CONTROL_WORD_BYTES : ENTRY_BYTES, ethernet)
}

/** Whether an Ethernet frame at this place would have an EtherType that leads to IP. */
export function carriesPackets(frame: DataView, at: number, end: number): boolean {
  if (end - at < ETHER_TYPE_AT + 2) return false
  switch (frame.getUint16(at + ETHER_TYPE_AT)) {
    case ipv4:
    case ipv6:
    case customerTag:
    case serviceTag:
    case oldServiceTag:
    case mpls:
    case pppoeSession:
      return true
    default:
      return false
  }
}
