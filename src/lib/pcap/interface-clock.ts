// Timestamps of pcapng: 64 bits in a unit of the interface's choice, exactly as seconds and nanoseconds.

import { MAX_SECONDS, type PcapRecord } from './record.ts'

const NANOS_PER_SECOND = 1_000_000_000
const WORD = 0x1_0000_0000

export class InterfaceClock {
  readonly #unitsPerSecond: bigint
  readonly #offsetSeconds: number
  /** When units are whole nanoseconds; 0 and 0 for others, which always take the long way. */
  readonly #units: number
  readonly #nanosPerUnit: number
  /** Beginning of the second of the packet before, in units, and which second it is: most packets fall into the same. */
  #startHigh = -1
  #startLow = 0
  #seconds = 0

  /** `resolution` is the option `if_tsresol`: a power of ten, or of two when the first bit is set. */
  constructor(resolution: number, offsetSeconds: number) {
    const exponent = resolution & 0x7f
    const isBinary = (resolution & 0x80) !== 0
    this.#unitsPerSecond = (isBinary ? 2n : 10n) ** BigInt(exponent)
    this.#offsetSeconds = offsetSeconds
    const isWhole = !isBinary && exponent <= 9
    this.#units = isWhole ? Number(this.#unitsPerSecond) : 0
    this.#nanosPerUnit = isWhole ? NANOS_PER_SECOND / this.#units : 0
  }

  /** Sets the time of the record from the two words at `at`, high word first. False when it is before 1970 or after the year 9999. */
  read(view: DataView, at: number, isLittle: boolean, record: PcapRecord): boolean {
    const high = view.getUint32(at, isLittle)
    const low = view.getUint32(at + 4, isLittle)
    const units = (high - this.#startHigh) * WORD + (low - this.#startLow)
    if (units < 0 || units >= this.#units) return this.#readExactly(high, low, record)
    record.seconds = this.#seconds
    record.nanoseconds = units * this.#nanosPerUnit
    return true
  }

  #readExactly(high: number, low: number, record: PcapRecord): boolean {
    const time = BigInt(high) * BigInt(WORD) + BigInt(low)
    const rest = time % this.#unitsPerSecond
    const seconds = Number(time / this.#unitsPerSecond) + this.#offsetSeconds
    if (seconds < 0 || seconds > MAX_SECONDS) return false
    record.seconds = seconds
    record.nanoseconds = Number((rest * BigInt(NANOS_PER_SECOND)) / this.#unitsPerSecond)
    this.#seconds = seconds
    this.#startHigh = Number((time - rest) / BigInt(WORD))
    this.#startLow = Number((time - rest) % BigInt(WORD))
    return true
  }
}
