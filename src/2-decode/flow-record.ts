// Hot path. What one flow record says: a sample of its packets, and how many they were, when, and where they passed.
//
// One object is reused for all records of a worker; whoever wants to keep a record copies it. Numbers that may pass 2^31
// begin as fractions: V8 then keeps them as floating-point numbers from the start instead of rebuilding code at the first
// large one.

import { Sample } from '#2-decode/sample.ts'

/** How a record of two directions, of a packet that was dropped, or of an unknown direction says so. */
export const DIRECTION = { unknown: -1, ingress: 0, egress: 1 } as const

/** Who calls for records: must neither keep nor change the object. */
export type TakeRecord = (record: FlowRecord) => void

export class FlowRecord {
  /** Addresses, ports, protocol, flags; `ipLength` and the offsets say nothing, except of frames (`frameLength` is not 0). */
  readonly sample = new Sample()
  /**
   * Bytes of the packets the exporter saw, IP header included, not multiplied by `rate`. Of sFlow it is the frame as a
   * mirror port would show it: its length on the wire without `strippedBytes`.
   */
  bytes = 0.5
  /**
   * What sFlow counts on the wire beyond `bytes`: the checksum of the frame, and encapsulations that were removed. FastNetMon
   * counts both together, or `sample.ipLength` with its option sflow_read_packet_length_from_ip_header.
   */
  strippedBytes = 0
  /** Packets the exporter saw, not multiplied by `rate`. */
  packets = 0.5
  /** How many packets each stands for: 1 when nothing was sampled, may be a fraction. */
  rate = 0.5
  /** When the last packet passed, by the clock of the exporter (ms since 1970); the time of export when it is not said. */
  endMs = 0.5
  /** From first to last packet, never negative; 0 when it is not said. */
  durationMs = 0.5
  /** When the datagram arrived, by our clock (ms since 1970); earlier than now for records that waited for a template. */
  receivedMs = 0.5
  /** SNMP indexes, 0 when they are not said. */
  inputInterface = 0.5
  outputInterface = 0.5
  sourceAs = 0.5
  targetAs = 0.5
  /** Sampler or selector that chose the packets; -1 when it is not said. */
  sampler = 0.5
  /** One of DIRECTION, as seen by the interface that was watched. */
  direction = 0
  /** 1 when the exporter dropped these packets (forwardingStatus; in sFlow the output interface, or the kind of sample). */
  isDropped = 0
  /** Why sFlow says they were dropped: a code of ICMP "unreachable", from 256 on one of sFlow's own; -1 unknown. */
  dropReason = -1
  /** 1 when this is the way back of a record that told both. */
  isReverse = 0
  /** Why the exporter sent the record (flowEndReason): 1 idle, 2 active timeout, 3 end of flow, 4 forced, 5 no room; 0 unknown. */
  endReason = 0
  /**
   * Where the packet itself stands in the view of the datagram, as far as the exporter sent it, and the link layer it
   * begins with (LINK in sample.ts). All 0 when it sent none, or when the record had to wait for its template.
   */
  frameAt = 0
  frameLength = 0
  frameLink = 0

  constructor() {
    this.clear()
  }

  /** All that a record says is unknown; the time of arrival and the sampling rate stay. */
  clear(): void {
    this.sample.clear()
    this.bytes = this.packets = this.strippedBytes = 0
    this.endMs = this.durationMs = 0
    this.inputInterface = this.outputInterface = 0
    this.sourceAs = this.targetAs = 0
    this.sampler = -1
    this.direction = DIRECTION.unknown
    this.isDropped = this.isReverse = this.endReason = 0
    this.dropReason = -1
    this.clearFrame()
  }

  clearFrame(): void {
    this.frameAt = this.frameLength = this.frameLink = 0
  }

  /** Turns the record around: what was the source is the target, what came in goes out. */
  reverse(): void {
    const { sample } = this
    const { sourceA, sourceB, sourceC, sourceD, sourcePort } = sample
    sample.sourceA = sample.targetA
    sample.sourceB = sample.targetB
    sample.sourceC = sample.targetC
    sample.sourceD = sample.targetD
    sample.sourcePort = sample.targetPort
    sample.targetA = sourceA
    sample.targetB = sourceB
    sample.targetC = sourceC
    sample.targetD = sourceD
    sample.targetPort = sourcePort
    const { inputInterface, sourceAs } = this
    this.inputInterface = this.outputInterface
    this.outputInterface = inputInterface
    this.sourceAs = this.targetAs
    this.targetAs = sourceAs
    this.isReverse = 1 - this.isReverse
  }
}
