// Hot path. Records that are more than a count of packets: two directions in one, a frame, a drop, an address translation.

import type { Domain } from '#2-decode/exporter.ts'
import type { FlowRecord, TakeRecord } from '#2-decode/flow-record.ts'
import { decodeFrame, decodeIp } from '#2-decode/frame/decode-frame.ts'
import { PROTOCOL } from '#2-decode/frame/transport.ts'
import { LINK, OUTCOME, type Sample } from '#2-decode/sample.ts'
import { deliverRecord } from './deliver-record.ts'
import { PLAN as SHARED_PLAN } from './plan.ts'
import { slotNumber } from './read-core.ts'
import { GROUP, SLOT } from './slots.ts'

const PLAN = SHARED_PLAN
const { tcp: TCP, icmp: ICMP, icmpv6: ICMPV6 } = PROTOCOL
const { decoded } = OUTCOME
const { fate: FATE, details: DETAILS, twoWay: TWO_WAY, frame: FRAME_GROUP } = GROUP
const STATUS = 2 * SLOT.forwardingStatus
const NAT_EVENT = 2 * SLOT.natEvent
const FRAGMENT_OFFSET = 2 * SLOT.fragmentOffset
const FRAGMENT_FLAGS = 2 * SLOT.fragmentFlags
const ICMP_TYPE_CODE = 2 * SLOT.icmpTypeCode
const ICMP_TYPE = 2 * SLOT.icmpType
const ICMP_CODE = 2 * SLOT.icmpCode
const TCP_SOURCE_PORT = 2 * SLOT.tcpSourcePort
const TCP_TARGET_PORT = 2 * SLOT.tcpTargetPort
const INITIATOR_BYTES = 2 * SLOT.initiatorBytes
const RESPONDER_BYTES = 2 * SLOT.responderBytes
const INITIATOR_PACKETS = 2 * SLOT.initiatorPackets
const RESPONDER_PACKETS = 2 * SLOT.responderPackets
const REVERSE_BYTES = 2 * SLOT.reverseBytes
const REVERSE_PACKETS = 2 * SLOT.reversePackets
const REVERSE_FLAGS = 2 * SLOT.reverseTcpFlags
const FRAME = 2 * SLOT.frameSection
const IP_SECTION = 2 * SLOT.ipSection
const FRAME_BYTES = 2 * SLOT.frameBytes
const SECTION_BYTES = 2 * SLOT.sectionBytes
const FRAME_TYPE = 2 * SLOT.frameType

/** The upper two bits of a forwarding status, and what they say of a packet that was dropped (RFC 7270, 4.12). */
const STATUS_MASK = 0xc0
const STATUS_DROPPED = 0x80
const MORE_FRAGMENTS = 0x20
const FRAME_ETHERNET = 1

/** Reads what is rare of a record whose other parts were read, and gives it to the taker, once or twice. `groups` says what there is. */
export function takeRare(
  view: DataView,
  at: number,
  record: FlowRecord,
  domain: Domain,
  take: TakeRecord,
  groups: number,
): void {
  const { counters } = domain.exporter
  if ((groups & FATE) !== 0) {
    if (slotNumber(view, at, NAT_EVENT) !== 0) {
      counters.natEvents++
      return
    }
    // Cisco IOS-XR sends the status in four bytes; it is in the last.
    record.isDropped = (slotNumber(view, at, STATUS) & STATUS_MASK) === STATUS_DROPPED ? 1 : 0
  }
  if ((groups & FRAME_GROUP) !== 0 && !readSection(view, at, record, domain)) {
    counters.undecodedFrames++
    return
  }
  if ((groups & DETAILS) !== 0) readDetails(view, at, record)
  if ((groups & TWO_WAY) !== 0) takeTwoWays(view, at, record, domain, take)
  else deliverRecord(record, counters, take)
}

/** A record may count both directions of a connection. */
function takeTwoWays(view: DataView, at: number, record: FlowRecord, domain: Domain, take: TakeRecord): void {
  let bytes = slotNumber(view, at, REVERSE_BYTES)
  let packets = slotNumber(view, at, REVERSE_PACKETS)
  if (record.bytes === 0 && record.packets === 0) {
    // Cisco ASA counts for the one who began the connection and the one who answered.
    record.bytes = slotNumber(view, at, INITIATOR_BYTES)
    record.packets = slotNumber(view, at, INITIATOR_PACKETS)
    bytes ||= slotNumber(view, at, RESPONDER_BYTES)
    packets ||= slotNumber(view, at, RESPONDER_PACKETS)
  }
  const isTwoWay = bytes !== 0 || packets !== 0
  // With traffic one way only there is nothing odd about the other way having none.
  if (!isTwoWay || record.bytes !== 0 || record.packets !== 0)
    deliverRecord(record, domain.exporter.counters, take)
  if (isTwoWay) takeReverse(view, at, record, domain, take, bytes, packets)
}

/** The way back (RFC 5103). What it does not tell of its own, such as times, is that of the way there. */
function takeReverse(
  view: DataView,
  at: number,
  record: FlowRecord,
  domain: Domain,
  take: TakeRecord,
  bytes: number,
  packets: number,
): void {
  record.reverse()
  record.bytes = bytes
  record.packets = packets
  if (record.direction >= 0) record.direction = 1 - record.direction
  record.sample.tcpFlags = record.sample.protocol === TCP ? slotNumber(view, at, REVERSE_FLAGS) & 255 : 0
  deliverRecord(record, domain.exporter.counters, take)
  record.isReverse = 0
}

/** Fragments, ports that are TCP's own, and ICMP by elements of its own, which other protocols leave zero. */
function readDetails(view: DataView, at: number, record: FlowRecord): void {
  const { sample } = record
  sample.fragmentOffset = (slotNumber(view, at, FRAGMENT_OFFSET) & 0x1fff) * 8
  sample.isFragment =
    sample.fragmentOffset !== 0 || (slotNumber(view, at, FRAGMENT_FLAGS) & MORE_FRAGMENTS) !== 0 ? 1 : 0
  if (sample.protocol === TCP) {
    sample.sourcePort ||= slotNumber(view, at, TCP_SOURCE_PORT) & 0xffff
    sample.targetPort ||= slotNumber(view, at, TCP_TARGET_PORT) & 0xffff
  }
  if (sample.protocol !== ICMP && sample.protocol !== ICMPV6) return
  const typeCode = slotNumber(view, at, ICMP_TYPE_CODE)
  const type = typeCode >>> 8 || slotNumber(view, at, ICMP_TYPE)
  const code = typeCode || slotNumber(view, at, ICMP_CODE)
  if (type !== 0) sample.icmpType = type & 255
  if (code !== 0) sample.icmpCode = code & 255
}

/** Decodes the packet a record brings along. Unless the record counts more, it stands for that one packet. */
function readSection(view: DataView, at: number, record: FlowRecord, domain: Domain): boolean {
  const isFrame = PLAN[FRAME + 1]! !== 0
  const place = isFrame ? FRAME : IP_SECTION
  const first = at + PLAN[place]!
  const exported = slotNumber(view, at, SECTION_BYTES)
  const bytes = exported > 0 && exported < PLAN[place + 1]! ? exported : PLAN[place + 1]!
  const end = first + bytes
  const { sample } = record
  record.clearFrame()
  if (PLAN[place + 1]! === 0) {
    // The record before may have had one.
    clearPacket(sample)
    return true
  }
  const { insideTunnels } = domain.exporter
  if (isFrame && PLAN[FRAME_TYPE + 1]! !== 0 && slotNumber(view, at, FRAME_TYPE) !== FRAME_ETHERNET)
    return false
  const outcome = isFrame
    ? decodeFrame(view, first, end, LINK.ethernet, insideTunnels, sample)
    : decodeIp(view, first, end, insideTunnels, sample)
  if (outcome !== decoded) return false
  if (!domain.isReleasing) {
    record.frameAt = first
    record.frameLength = bytes
    record.frameLink = isFrame ? LINK.ethernet : LINK.rawIp
  }
  if (record.packets === 0) {
    record.packets = 1
    record.bytes = slotNumber(view, at, FRAME_BYTES) || sample.ipLength || bytes
  }
  return true
}

/** What only packets say, and no field of these records. */
function clearPacket(sample: Sample): void {
  sample.isFragment = sample.fragmentOffset = sample.isCut = 0
  sample.ipLength = sample.ipOffset = sample.transportOffset = 0
}
