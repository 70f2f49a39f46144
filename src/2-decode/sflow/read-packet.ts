// Hot path. The packet a sample tells of: by its first bytes, or by fields of IP; then what the exporter knew about it.

import type { Domain } from '#2-decode/exporter.ts'
import type { FlowRecord } from '#2-decode/flow-record.ts'
import { decodeFrame } from '#2-decode/frame/decode-frame.ts'
import { OUTCOME } from '#2-decode/sample.ts'
import { readInnerPacket } from './decapsulate.ts'
import { linkOf } from './formats.ts'
import { FOUND_AT, FOUND as SHARED_FOUND } from './found.ts'
import { readGateway } from './gateway.ts'
import { readIpFields } from './ip-fields.ts'

const FOUND = SHARED_FOUND
const {
  header: HEADER,
  headerBytes: HEADER_BYTES,
  ipv4: IPV4,
  ipv6: IPV6,
  switch: SWITCH,
  gateway: GATEWAY,
  gatewayEnd: GATEWAY_END,
  vlans: VLANS,
  decapsulate: DECAPSULATE,
} = FOUND_AT
const { decoded } = OUTCOME

/** Bytes before the header itself: protocol, length of the frame, bytes stripped, length of the header. */
const HEADER_AT = 16
/** No frame is longer, not even one that a network card has put together (BIG TCP). */
const FRAME_BYTES_MAX = 1 << 20
const VLAN_MASK = 0xfff

/** Fills the record from the records that FOUND names. False when there is nothing to count; why is counted. */
export function readPacket(view: DataView, record: FlowRecord, domain: Domain): boolean {
  const { counters } = domain.exporter
  const at = FOUND[HEADER]!
  if (at === 0 || !readHeader(view, at, FOUND[HEADER_BYTES]!, record, domain)) {
    record.clearFrame()
    if ((FOUND[IPV4]! | FOUND[IPV6]!) === 0) {
      if (at === 0) counters.withoutAddress++
      else counters.undecodedFrames++
      return false
    }
    readIpFields(view, record)
  }
  if (record.bytes > FRAME_BYTES_MAX || record.bytes < 0) {
    counters.implausible++
    return false
  }
  if ((FOUND[SWITCH]! | FOUND[VLANS]!) !== 0) readVlan(view, record)
  if (FOUND[GATEWAY]! === 0) record.sourceAs = record.targetAs = 0
  else if (!readGateway(view, FOUND[GATEWAY]!, FOUND[GATEWAY_END]!, record)) counters.malformed++
  return true
}

/**
 * Decodes the header of a packet in a record of `bytes` at `at`. The length it states of itself must lie within the record,
 * whose own length has been held against the datagram. False when it is not IP or not sound.
 */
function readHeader(view: DataView, at: number, bytes: number, record: FlowRecord, domain: Domain): boolean {
  const { counters, sflow, insideTunnels } = domain.exporter
  const headerBytes = view.getInt32(at + 12)
  if (headerBytes < 0 || headerBytes > bytes - HEADER_AT) {
    sflow.malformedHeaders++
    counters.malformed++
    return false
  }
  const link = linkOf(view.getInt32(at))
  if (link < 0) {
    sflow.unknownHeaders++
    return false
  }
  const first = at + HEADER_AT
  const end = first + headerBytes
  const { sample } = record
  if (decodeFrame(view, first, end, link, insideTunnels, sample) !== decoded) return false
  if (insideTunnels && FOUND[DECAPSULATE]! !== 0)
    readInnerPacket(view, first, end, view.getInt32(FOUND[DECAPSULATE]!), link, sample)
  const length = view.getInt32(at + 4)
  const stripped = view.getInt32(at + 8)
  const isStripped = stripped > 0 && stripped < length
  record.strippedBytes = isStripped ? stripped : 0
  record.bytes = isStripped ? length - stripped : length === 0 ? sample.ipLength || headerBytes : length
  record.frameAt = first
  record.frameLength = headerBytes
  record.frameLink = link
  return true
}

/** The outermost tag: one that was taken off before, else one in the header, else what the switch says of the way in. */
function readVlan(view: DataView, record: FlowRecord): void {
  const { sample } = record
  if (FOUND[VLANS]! !== 0 && view.getInt32(FOUND[VLANS]!) > 0)
    sample.vlan = view.getInt32(FOUND[VLANS]! + 4) & VLAN_MASK
  if (sample.vlan !== 0 || FOUND[SWITCH]! === 0) return
  const vlan = view.getInt32(FOUND[SWITCH]!)
  // Unknown is a number of all ones.
  if (vlan > 0 && vlan < VLAN_MASK) sample.vlan = vlan
}
