// pcapng (draft-ietf-opsawg-pcapng): sections of blocks. Packets name an interface, which says link type and time unit.

import { InterfaceClock } from './interface-clock.ts'
import {
  MAX_CAPTURED,
  MAX_SECONDS,
  MAX_WIRE,
  type PcapProblem,
  type PcapReader,
  type PcapRecord,
  type PcapStep,
} from './record.ts'

/** The same in both byte orders. */
export const SECTION_HEADER = 0x0a0d0d0a
const BLOCK = { interface: 1, oldPacket: 2, simplePacket: 3, enhancedPacket: 6 } as const
const BYTE_ORDER_MAGIC = 0x1a2b3c4d
const OPTION = { end: 0, resolution: 9, offset: 14 } as const
const MICROSECONDS = 6

/** Type and length before the body, the length again behind it. */
const FRAME_BYTES = 12
const BODY_AT = 8
const SECTION_BYTES = 28
const INTERFACE_BYTES = 20
const SIMPLE_PACKET_BYTES = 16
const PACKET_BYTES = 32
/** A packet, its options and room to spare; blocks that are skipped may be longer. */
const MAX_BLOCK = 1 << 20
const MAX_INTERFACES = 4096

interface Interface {
  readonly link: number
  /** Longest piece of a packet that was captured; 0 for no limit. */
  readonly snap: number
  readonly clock: InterfaceClock
}

export class PcapngReader implements PcapReader {
  position: number
  offset = 0
  problem: PcapProblem | undefined
  readonly #record: PcapRecord
  #interfaces: Interface[] = []
  #isLittle = true
  #skip = 0

  /** `at` is where the first section header begins. */
  constructor(record: PcapRecord, at: number) {
    this.#record = record
    this.position = at
  }

  get isWithinBlock(): boolean {
    return this.#skip > 0
  }

  next(view: DataView, at: number, end: number): PcapStep {
    this.position = at
    for (;;) {
      this.#passOver(end)
      const block = this.position
      if (end - block < FRAME_BYTES) return 'more'
      const type = view.getUint32(block, this.#isLittle)
      if (type === SECTION_HEADER && !this.#takeByteOrder(view, block)) return 'broken'
      const length = view.getUint32(block + 4, this.#isLittle)
      if (length < FRAME_BYTES || length % 4 !== 0)
        return this.#breakOff(`a block of ${length} bytes cannot be`)
      if (!isRead(type)) {
        this.#skip = length
        continue
      }
      if (length > MAX_BLOCK) return this.#breakOff(`a block of ${length} bytes is longer than ${MAX_BLOCK}`)
      if (end - block < length) return 'more'
      if (view.getUint32(block + length - 4, this.#isLittle) !== length) {
        return this.#breakOff('the two lengths of a block differ')
      }
      const step = this.#read(view, type, block, length)
      if (step === 'broken') return step
      this.position += length
      this.offset += length
      if (step === 'packet') return step
    }
  }

  /** Skips what is left of a block nobody needs. */
  #passOver(end: number): void {
    const bytes = Math.min(this.#skip, end - this.position)
    this.#skip -= bytes
    this.position += bytes
    this.offset += bytes
  }

  /** Each section has a byte order of its own. */
  #takeByteOrder(view: DataView, at: number): boolean {
    this.#isLittle = view.getUint32(at + BODY_AT, true) === BYTE_ORDER_MAGIC
    if (this.#isLittle || view.getUint32(at + BODY_AT) === BYTE_ORDER_MAGIC) return true
    this.#breakOff('a section without byte-order magic')
    return false
  }

  /** `more` stands for a block that holds no packet. */
  #read(view: DataView, type: number, at: number, length: number): PcapStep {
    switch (type) {
      case BLOCK.enhancedPacket:
        return this.#readPacket(view, at, length, view.getUint32(at + BODY_AT, this.#isLittle))
      case BLOCK.oldPacket:
        return this.#readPacket(view, at, length, view.getUint16(at + BODY_AT, this.#isLittle))
      case BLOCK.simplePacket:
        return this.#readSimplePacket(view, at, length)
      case BLOCK.interface:
        return this.#readInterface(view, at, length)
      default:
        return this.#readSection(view, at, length)
    }
  }

  #readSection(view: DataView, at: number, length: number): PcapStep {
    if (length < SECTION_BYTES) return this.#breakOff('a section header that is too short')
    const major = view.getUint16(at + BODY_AT + 4, this.#isLittle)
    if (major !== 1) return this.#breakOff(`pcapng version ${major} is not known (1 is)`)
    this.#interfaces = []
    return 'more'
  }

  #readInterface(view: DataView, at: number, length: number): PcapStep {
    if (length < INTERFACE_BYTES) return this.#breakOff('an interface description that is too short')
    if (this.#interfaces.length === MAX_INTERFACES)
      return this.#breakOff(`more than ${MAX_INTERFACES} interfaces`)
    const clock = readClock(view, at + 16, at + length - 4, this.#isLittle)
    if (clock === undefined) return this.#breakOff('options of an interface that cannot be')
    this.#interfaces.push({
      link: view.getUint16(at + BODY_AT, this.#isLittle),
      snap: view.getUint32(at + BODY_AT + 4, this.#isLittle),
      clock,
    })
    return 'more'
  }

  /** Enhanced packets and their predecessor differ in the width of the interface number only. */
  #readPacket(view: DataView, at: number, length: number, index: number): PcapStep {
    if (length < PACKET_BYTES) return this.#breakOff('a packet block that is too short')
    const origin = this.#interfaces[index]
    if (origin === undefined) return this.#breakOff(`a packet of interface ${index}, which was not described`)
    const isLittle = this.#isLittle
    if (!origin.clock.read(view, at + 12, isLittle, this.#record)) {
      return this.#breakOff('a packet before 1970 or after the year 9999')
    }
    const captured = view.getUint32(at + 20, isLittle)
    return this.#take(
      at + 28,
      captured,
      view.getUint32(at + 24, isLittle),
      length - PACKET_BYTES,
      origin.link,
    )
  }

  /** Simple packets are those of the first interface; they have no time, so that of the packet before stays. */
  #readSimplePacket(view: DataView, at: number, length: number): PcapStep {
    if (length < SIMPLE_PACKET_BYTES) return this.#breakOff('a packet block that is too short')
    const origin = this.#interfaces[0]
    if (origin === undefined) return this.#breakOff('a packet of interface 0, which was not described')
    const wire = view.getUint32(at + BODY_AT, this.#isLittle)
    const captured = origin.snap === 0 ? wire : Math.min(wire, origin.snap)
    return this.#take(at + 12, captured, wire, length - SIMPLE_PACKET_BYTES, origin.link)
  }

  #take(at: number, captured: number, wire: number, room: number, link: number): PcapStep {
    if (captured > room || captured > MAX_CAPTURED || wire > MAX_WIRE) {
      return this.#breakOff(
        `a packet of ${wire} bytes, ${captured} of them captured, in a block with room for ${room}`,
      )
    }
    const record = this.#record
    record.at = at
    record.captured = captured
    record.wire = wire < captured ? captured : wire
    record.link = link
    return 'packet'
  }

  #breakOff(reason: string): 'broken' {
    this.problem = { kind: 'broken', at: this.offset, reason }
    return 'broken'
  }
}

const isRead = (type: number): boolean =>
  type === BLOCK.enhancedPacket ||
  type === BLOCK.simplePacket ||
  type === BLOCK.oldPacket ||
  type === BLOCK.interface ||
  type === SECTION_HEADER

/** Time unit and offset from the options of an interface; `undefined` when an option runs over their end or is of a wrong size. */
function readClock(view: DataView, at: number, end: number, isLittle: boolean): InterfaceClock | undefined {
  let unit: number = MICROSECONDS
  let offset = 0n
  while (end - at >= 4) {
    const code = view.getUint16(at, isLittle)
    const length = view.getUint16(at + 2, isLittle)
    at += 4
    if (code === OPTION.end) break
    if (length > end - at) return undefined
    if (code === OPTION.resolution) {
      if (length !== 1) return undefined
      unit = view.getUint8(at)
    }
    if (code === OPTION.offset) {
      if (length !== 8) return undefined
      offset = view.getBigInt64(at, isLittle)
    }
    at += (length + 3) & ~3
  }
  if (offset > MAX_SECONDS || offset < -MAX_SECONDS) return undefined
  return new InterfaceClock(unit, Number(offset))
}
