// Hot path. What nearly every record has: addresses, ports, protocol, flags, bytes, packets, interfaces, systems.

import type { FlowRecord } from '#2-decode/flow-record.ts'
import { PROTOCOL } from '#2-decode/frame/transport.ts'
import type { Sample } from '#2-decode/sample.ts'
import { PLAN as SHARED_PLAN } from './plan.ts'
import { SLOT } from './slots.ts'
import { unsigned } from './unsigned.ts'

const PLAN = SHARED_PLAN
const { tcp: TCP, icmp: ICMP, icmpv6: ICMPV6 } = PROTOCOL
const SOURCE_V4 = 2 * SLOT.sourceV4
const TARGET_V4 = 2 * SLOT.targetV4
const SOURCE_V6 = 2 * SLOT.sourceV6
const TARGET_V6 = 2 * SLOT.targetV6
const PROTOCOL_NUMBER = 2 * SLOT.protocol
const TCP_FLAGS = 2 * SLOT.tcpFlags
const SOURCE_PORT = 2 * SLOT.sourcePort
const TARGET_PORT = 2 * SLOT.targetPort
const BYTES = 2 * SLOT.bytes
const PACKETS = 2 * SLOT.packets
const INPUT = 2 * SLOT.inputInterface
const OUTPUT = 2 * SLOT.outputInterface
const SOURCE_AS = 2 * SLOT.sourceAs
const TARGET_AS = 2 * SLOT.targetAs
const DIRECTION = 2 * SLOT.direction
const VLAN = 2 * SLOT.vlan
const TTL = 2 * SLOT.ttl
const END_REASON = 2 * SLOT.endReason

/** The number in a slot; 0 when the record does not have it. */
export function slotNumber(view: DataView, at: number, place: number): number {
  const bytes = PLAN[place + 1]!
  return bytes === 0 ? 0 : unsigned(view, at + PLAN[place]!, bytes)
}

export function readCore(view: DataView, at: number, record: FlowRecord): void {
  const { sample } = record
  if ((PLAN[SOURCE_V6 + 1]! | PLAN[TARGET_V6 + 1]!) === 0) readV4(view, at, sample)
  else readV6(view, at, sample)
  const protocol =
    PLAN[PROTOCOL_NUMBER + 1]! === 1
      ? view.getUint8(at + PLAN[PROTOCOL_NUMBER]!)
      : slotNumber(view, at, PROTOCOL_NUMBER) & 255
  sample.protocol = protocol
  const source =
    PLAN[SOURCE_PORT + 1]! === 2 ? view.getUint16(at + PLAN[SOURCE_PORT]!) : slotNumber(view, at, SOURCE_PORT)
  const target =
    PLAN[TARGET_PORT + 1]! === 2 ? view.getUint16(at + PLAN[TARGET_PORT]!) : slotNumber(view, at, TARGET_PORT)
  setPorts(sample, protocol, source & 0xffff, target & 0xffff)
  if (protocol === TCP) {
    sample.tcpFlags =
      PLAN[TCP_FLAGS + 1]! === 1
        ? view.getUint8(at + PLAN[TCP_FLAGS]!)
        : slotNumber(view, at, TCP_FLAGS) & 255
  }
  record.bytes = PLAN[BYTES + 1]! === 4 ? view.getUint32(at + PLAN[BYTES]!) : slotNumber(view, at, BYTES)
  record.packets =
    PLAN[PACKETS + 1]! === 4 ? view.getUint32(at + PLAN[PACKETS]!) : slotNumber(view, at, PACKETS)
}

/** Flows of ICMP carry type and code where others have the target port. */
export function setPorts(sample: Sample, protocol: number, source: number, target: number): void {
  const isIcmp = protocol === ICMP || protocol === ICMPV6
  sample.sourcePort = isIcmp ? 0 : source
  sample.targetPort = isIcmp ? 0 : target
  sample.icmpType = isIcmp ? target >>> 8 : 0
  sample.icmpCode = isIcmp ? target & 255 : 0
  sample.tcpFlags = 0
}

function readV4(view: DataView, at: number, sample: Sample): void {
  const hasSource = PLAN[SOURCE_V4 + 1]! !== 0
  const hasTarget = PLAN[TARGET_V4 + 1]! !== 0
  sample.family = hasSource || hasTarget ? 4 : 0
  sample.sourceA = hasSource ? view.getInt32(at + PLAN[SOURCE_V4]!, true) : 0
  sample.targetA = hasTarget ? view.getInt32(at + PLAN[TARGET_V4]!, true) : 0
  sample.sourceB = sample.sourceC = sample.sourceD = 0
  sample.targetB = sample.targetC = sample.targetD = 0
}

/** Templates for both versions leave the addresses of the other one zero. */
function readV6(view: DataView, at: number, sample: Sample): void {
  const source = PLAN[SOURCE_V6 + 1]! === 0 ? -1 : at + PLAN[SOURCE_V6]!
  const target = PLAN[TARGET_V6 + 1]! === 0 ? -1 : at + PLAN[TARGET_V6]!
  sample.sourceA = source < 0 ? 0 : view.getInt32(source, true)
  sample.sourceB = source < 0 ? 0 : view.getInt32(source + 4, true)
  sample.sourceC = source < 0 ? 0 : view.getInt32(source + 8, true)
  sample.sourceD = source < 0 ? 0 : view.getInt32(source + 12, true)
  sample.targetA = target < 0 ? 0 : view.getInt32(target, true)
  sample.targetB = target < 0 ? 0 : view.getInt32(target + 4, true)
  sample.targetC = target < 0 ? 0 : view.getInt32(target + 8, true)
  sample.targetD = target < 0 ? 0 : view.getInt32(target + 12, true)
  sample.family = 6
  if ((PLAN[SOURCE_V4 + 1]! | PLAN[TARGET_V4 + 1]!) !== 0 && isZeroV6(sample)) readV4(view, at, sample)
}

function isZeroV6(sample: Sample): boolean {
  const { sourceA, sourceB, sourceC, sourceD, targetA, targetB, targetC, targetD } = sample
  return (sourceA | sourceB | sourceC | sourceD | targetA | targetB | targetC | targetD) === 0
}

/** Where the packets passed. */
export function readContext(view: DataView, at: number, record: FlowRecord): void {
  record.inputInterface =
    PLAN[INPUT + 1]! === 4 ? view.getUint32(at + PLAN[INPUT]!) : slotNumber(view, at, INPUT)
  record.outputInterface =
    PLAN[OUTPUT + 1]! === 4 ? view.getUint32(at + PLAN[OUTPUT]!) : slotNumber(view, at, OUTPUT)
  record.sourceAs =
    PLAN[SOURCE_AS + 1]! === 4 ? view.getUint32(at + PLAN[SOURCE_AS]!) : slotNumber(view, at, SOURCE_AS)
  record.targetAs =
    PLAN[TARGET_AS + 1]! === 4 ? view.getUint32(at + PLAN[TARGET_AS]!) : slotNumber(view, at, TARGET_AS)
  const direction = PLAN[DIRECTION + 1]! === 0 ? -1 : slotNumber(view, at, DIRECTION)
  record.direction = direction === 0 || direction === 1 ? direction : -1
  record.sample.vlan = PLAN[VLAN + 1]! === 0 ? 0 : slotNumber(view, at, VLAN) & 0xfff
  record.sample.ttl = PLAN[TTL + 1]! === 0 ? 0 : slotNumber(view, at, TTL) & 255
  record.endReason = PLAN[END_REASON + 1]! === 0 ? 0 : slotNumber(view, at, END_REASON) & 7
}
