// Classic pcap (draft-ietf-opsawg-pcap): a file header, then records of a fixed head and the packet's bytes.

import {
  MAX_CAPTURED,
  MAX_WIRE,
  type PcapProblem,
  type PcapReader,
  type PcapRecord,
  type PcapStep,
} from './record.ts'

export const CLASSIC_HEADER_BYTES = 24
const RECORD_HEAD_BYTES = 16
/** Interface, protocol and packet type stand before the bytes. */
const MODIFIED_HEAD_BYTES = 24
const NANOS_PER_SECOND = 1_000_000_000

interface ClassicFormat {
  readonly isLittle: boolean
  readonly isNanos: boolean
  readonly isModified: boolean
  readonly link: number
}

export class ClassicReader implements PcapReader {
  position: number
  offset = CLASSIC_HEADER_BYTES
  readonly isWithinBlock = false
  problem: PcapProblem | undefined
  readonly #record: PcapRecord
  readonly #isLittle: boolean
  readonly #nanosPerUnit: number
  readonly #headBytes: number

  /** `at` is where the file header begins, which has been read already. */
  constructor(record: PcapRecord, at: number, format: ClassicFormat) {
    this.position = at + CLASSIC_HEADER_BYTES
    this.#record = record
    this.#record.link = format.link
    this.#isLittle = format.isLittle
    this.#nanosPerUnit = format.isNanos ? 1 : 1000
    this.#headBytes = format.isModified ? MODIFIED_HEAD_BYTES : RECORD_HEAD_BYTES
  }

  next(view: DataView, at: number, end: number): PcapStep {
    this.position = at
    const headBytes = this.#headBytes
    if (end - at < headBytes) return 'more'
    const isLittle = this.#isLittle
    const captured = view.getUint32(at + 8, isLittle)
    const wire = view.getUint32(at + 12, isLittle)
    if (captured > MAX_CAPTURED || wire > MAX_WIRE) return this.#breakOff(captured, wire)
    if (end - at - headBytes < captured) return 'more'
    const record = this.#record
    record.at = at + headBytes
    record.captured = captured
    record.wire = wire < captured ? captured : wire
    record.seconds = view.getUint32(at, isLittle)
    record.nanoseconds = view.getUint32(at + 4, isLittle) * this.#nanosPerUnit
    if (record.nanoseconds >= NANOS_PER_SECOND) carrySeconds(record)
    this.position = at + headBytes + captured
    this.offset += headBytes + captured
    return 'packet'
  }

  #breakOff(captured: number, wire: number): PcapStep {
    const reason = `a packet of ${wire} bytes, ${captured} of them captured, cannot be`
    this.problem = { kind: 'broken', at: this.offset, reason }
    return 'broken'
  }
}

/** Some writers let the fraction run over. */
function carrySeconds(record: PcapRecord): void {
  record.seconds += Math.floor(record.nanoseconds / NANOS_PER_SECOND)
  record.nanoseconds %= NANOS_PER_SECOND
}
