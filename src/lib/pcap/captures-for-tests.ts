// Capture files for tests: blocks of pcapng in either byte order, and a reader that is given bytes in pieces.

import { openPcap } from './open-pcap.ts'
import type { PcapProblem, PcapReader, PcapRecord } from './record.ts'

export interface ReadPacket {
  readonly bytes: readonly number[]
  readonly wire: number
  readonly seconds: number
  readonly nanoseconds: number
  readonly link: number
}

/** Reads a whole file as it would arrive: `piece` bytes more each time the reader asks. */
export function readAll(
  file: Uint8Array,
  piece = file.length,
): { packets: ReadPacket[]; problem: PcapProblem | undefined; left: number } {
  const record: PcapRecord = { at: 0, captured: 0, wire: 0, seconds: 0, nanoseconds: 0, link: 0 }
  // A copy whose buffer ends with the file: a read beyond it throws.
  const bytes = Uint8Array.from(file)
  const view = new DataView(bytes.buffer)
  const packets: ReadPacket[] = []
  let reader: PcapReader | undefined
  let end = Math.min(piece, bytes.length)
  for (;;) {
    if (reader === undefined) {
      const opened = openPcap(view, 0, end, record)
      if (opened.kind === 'opened') reader = opened.reader
      else if (opened.kind !== 'more') return { packets, problem: opened, left: bytes.length }
    }
    const step = reader?.next(view, reader.position, end) ?? 'more'
    if (step === 'packet') {
      const { at, captured, wire, seconds, nanoseconds, link } = record
      packets.push({ bytes: [...bytes.subarray(at, at + captured)], wire, seconds, nanoseconds, link })
    } else if (step === 'broken' || end === bytes.length) {
      return { packets, problem: reader?.problem, left: bytes.length - (reader?.position ?? 0) }
    } else {
      end = Math.min(end + piece, bytes.length)
    }
  }
}

type Bytes = readonly number[]

/** Writes the blocks of pcapng in one byte order. */
export class BlockBuilder {
  readonly #isLittle: boolean

  constructor(isLittle: boolean) {
    this.#isLittle = isLittle
  }

  u16(value: number): number[] {
    return this.#ordered([(value >>> 8) & 255, value & 255])
  }

  u32(value: number): number[] {
    return this.#ordered([value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255])
  }

  u64(value: bigint): number[] {
    const high = this.u32(Number((value >> 32n) & 0xffff_ffffn))
    const low = this.u32(Number(value & 0xffff_ffffn))
    return this.#isLittle ? [...low, ...high] : [...high, ...low]
  }

  block(type: number, body: Bytes): number[] {
    const padded = padTo4(body)
    const length = this.u32(padded.length + 12)
    return [...this.u32(type), ...length, ...padded, ...length]
  }

  section(major = 1): number[] {
    const unknownLength = Array<number>(8).fill(255)
    return this.block(0x0a0d0d0a, [
      ...this.u32(0x1a2b3c4d),
      ...this.u16(major),
      ...this.u16(0),
      ...unknownLength,
    ])
  }

  interface(link: number, options: Bytes = [], snap = 0): number[] {
    return this.block(1, [...this.u16(link), 0, 0, ...this.u32(snap), ...options])
  }

  option(code: number, value: Bytes): number[] {
    return [...this.u16(code), ...this.u16(value.length), ...padTo4(value)]
  }

  enhanced(index: number, time: bigint, bytes: Bytes, wire = bytes.length, options: Bytes = []): number[] {
    const head = [...this.u32(index), ...this.#time(time), ...this.u32(bytes.length), ...this.u32(wire)]
    return this.block(6, [...head, ...padTo4(bytes), ...options])
  }

  /** The packet block that came before the enhanced one. */
  old(index: number, time: bigint, bytes: Bytes, wire = bytes.length): number[] {
    const head = [...this.u16(index), ...this.u16(7), ...this.#time(time)]
    return this.block(2, [...head, ...this.u32(bytes.length), ...this.u32(wire), ...bytes])
  }

  simple(bytes: Bytes, wire = bytes.length): number[] {
    return this.block(3, [...this.u32(wire), ...bytes])
  }

  /** The high word stands first in either order. */
  #time(time: bigint): number[] {
    return [...this.u32(Number(time >> 32n)), ...this.u32(Number(time & 0xffff_ffffn))]
  }

  #ordered(bytes: number[]): number[] {
    return this.#isLittle ? bytes.reverse() : bytes
  }
}

const padTo4 = (bytes: Bytes): number[] => [...bytes, ...Array<number>((4 - (bytes.length % 4)) % 4).fill(0)]
