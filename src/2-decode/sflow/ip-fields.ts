// Hot path. A packet told in fields instead of by its header: structures sampled_ipv4 and sampled_ipv6.

import { setPorts } from '#2-decode/elements/read-core.ts'
import type { FlowRecord } from '#2-decode/flow-record.ts'
import { PROTOCOL } from '#2-decode/frame/transport.ts'
import type { Sample } from '#2-decode/sample.ts'
import { FOUND_AT, FOUND as SHARED_FOUND } from './found.ts'

const FOUND = SHARED_FOUND
const { ethernet: ETHERNET, ipv4: IPV4, ipv6: IPV6 } = FOUND_AT
const { tcp: TCP } = PROTOCOL

const ADDRESSES_AT = 8
const PORTS_AT_4 = 16
const PORTS_AT_6 = 40
/** Checksum of an Ethernet frame, which the length of sampled_ethernet includes. */
const CHECKSUM_BYTES = 4

/** Fills the record from the fields that FOUND names. The frame is as long as the record of Ethernet says, else as the packet. */
export function readIpFields(view: DataView, record: FlowRecord): void {
  const { sample } = record
  sample.clear()
  if (FOUND[IPV4]! !== 0) readV4(view, FOUND[IPV4]!, sample)
  else readV6(view, FOUND[IPV6]!, sample)
  const at = FOUND[IPV4]! || FOUND[IPV6]!
  const length = view.getInt32(at)
  const frameLength = FOUND[ETHERNET]! === 0 ? 0 : view.getInt32(FOUND[ETHERNET]!)
  const isFrame = frameLength - CHECKSUM_BYTES >= length
  record.strippedBytes = isFrame ? CHECKSUM_BYTES : 0
  record.bytes = isFrame ? frameLength - CHECKSUM_BYTES : length
  // Beyond 16 bits it is refused as a whole.
  sample.ipLength = length & 0xffff
}

function readV4(view: DataView, at: number, sample: Sample): void {
  sample.family = 4
  sample.sourceA = view.getInt32(at + ADDRESSES_AT, true)
  sample.targetA = view.getInt32(at + ADDRESSES_AT + 4, true)
  readTransport(view, view.getUint8(at + 7), at + PORTS_AT_4, sample)
}

function readV6(view: DataView, at: number, sample: Sample): void {
  sample.family = 6
  const source = at + ADDRESSES_AT
  sample.sourceA = view.getInt32(source, true)
  sample.sourceB = view.getInt32(source + 4, true)
  sample.sourceC = view.getInt32(source + 8, true)
  sample.sourceD = view.getInt32(source + 12, true)
  sample.targetA = view.getInt32(source + 16, true)
  sample.targetB = view.getInt32(source + 20, true)
  sample.targetC = view.getInt32(source + 24, true)
  sample.targetD = view.getInt32(source + 28, true)
  readTransport(view, view.getUint8(at + 7), at + PORTS_AT_6, sample)
}

/** Ports and flags in words of 32 bits each. What ICMP has instead of ports is nowhere laid down. */
function readTransport(view: DataView, protocol: number, at: number, sample: Sample): void {
  sample.protocol = protocol
  setPorts(sample, protocol, view.getUint16(at + 2), view.getUint16(at + 6))
  sample.icmpType = sample.icmpCode = 0
  if (protocol === TCP) sample.tcpFlags = view.getUint8(at + 11)
}
