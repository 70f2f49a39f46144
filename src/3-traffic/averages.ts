// Exponential averages of what the screen shows for each host: packets and bytes per second, both directions.
//
// They are brought up to date when a host is visited and read with the decay of the time since, so a silent host costs
// nothing. Six numbers a host would be too many to keep in double precision; single is exact enough for a screen.

import { INCOMING, METRIC, OUTGOING } from './metric.ts'

const NUMBERS = 4
const IN_PACKETS = 0
const IN_BYTES = 1
const OUT_PACKETS = 2
const OUT_BYTES = 3

export interface HostAverages {
  readonly incomingPackets: number
  readonly incomingBytes: number
  readonly outgoingPackets: number
  readonly outgoingBytes: number
}

export class Averages {
  readonly #values: Float32Array
  /** Seconds since the start of counting at the last update. */
  readonly #updated: Float64Array
  readonly #constant: number

  /** `averageSeconds` is the time constant: a step shows 63 % of itself after so long. */
  constructor(hosts: number, averageSeconds: number) {
    this.#values = new Float32Array(hosts * NUMBERS)
    this.#updated = new Float64Array(hosts)
    this.#constant = averageSeconds
  }

  begin(host: number, now: number): void {
    this.#values.fill(0, host * NUMBERS, (host + 1) * NUMBERS)
    this.#updated[host] = now
  }

  /** Takes in what the host did in the `seconds` before `now`. */
  update(host: number, row: Float64Array, now: number, seconds: number): void {
    const at = host * NUMBERS
    const idle = Math.max(0, now - seconds - this.#updated[host]!)
    const kept = Math.exp(-idle / this.#constant)
    const step = Math.exp(-seconds / this.#constant)
    this.#updated[host] = now
    this.#mix(at + IN_PACKETS, row[INCOMING + METRIC.packets]! / seconds, kept, step)
    this.#mix(at + IN_BYTES, row[INCOMING + METRIC.bytes]! / seconds, kept, step)
    this.#mix(at + OUT_PACKETS, row[OUTGOING + METRIC.packets]! / seconds, kept, step)
    this.#mix(at + OUT_BYTES, row[OUTGOING + METRIC.bytes]! / seconds, kept, step)
  }

  #mix(at: number, speed: number, kept: number, step: number): void {
    const before = this.#values[at]! * kept
    this.#values[at] = speed + step * (before - speed)
  }

  read(host: number, now: number): HostAverages {
    const at = host * NUMBERS
    const kept = Math.exp(-Math.max(0, now - this.#updated[host]!) / this.#constant)
    return {
      incomingPackets: this.#values[at + IN_PACKETS]! * kept,
      incomingBytes: this.#values[at + IN_BYTES]! * kept,
      outgoingPackets: this.#values[at + OUT_PACKETS]! * kept,
      outgoingBytes: this.#values[at + OUT_BYTES]! * kept,
    }
  }

  /** One number of `read` by position, without an object: for walks over all hosts. */
  valueAt(host: number, number: number, now: number): number {
    const value = this.#values[host * NUMBERS + number]!
    return value === 0 ? 0 : value * Math.exp(-Math.max(0, now - this.#updated[host]!) / this.#constant)
  }
}

/** Positions for `valueAt`. */
export const AVERAGE = {
  incomingPackets: IN_PACKETS,
  incomingBytes: IN_BYTES,
  outgoingPackets: OUT_PACKETS,
  outgoingBytes: OUT_BYTES,
} as const
