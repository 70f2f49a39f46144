// What each host of the ladder got and sent in the window in progress, and whether it had traffic in the one before.

import { METRIC } from '#3-traffic/metric.ts'
import { weighed } from './prefix-law.ts'

/** Numbers of a host: incoming packets, bytes and SYN, outgoing packets. */
const PACKETS = 0
const BYTES = 1
const SYN = 2
const SENT = 3
const PER_HOST = 4

export class HostLoads {
  readonly #loads: Float32Array
  /** By host: the window its numbers are of; those of a window before count for nothing. */
  readonly #windowOf: Int32Array
  /** By host: the window it last had incoming traffic in. */
  readonly #seen: Int32Array
  /** By host: the general limit as a share of its own, 0 for one that is never judged. */
  readonly #weights: Float32Array
  /** From 2: a host that was never seen was not seen in the window before the first one either. */
  #window = 2

  constructor(hosts: number) {
    this.#loads = new Float32Array(hosts * PER_HOST)
    this.#windowOf = new Int32Array(hosts)
    this.#seen = new Int32Array(hosts)
    this.#weights = new Float32Array(hosts)
  }

  attached(host: number, weight: number): void {
    this.#weights[host] = weight
    this.#seen[host] = 0
    this.clear(host)
  }

  /** Takes in what a line did since its last visit. */
  add(line: number, row: Float64Array): void {
    const host = line >> 1
    if (this.#windowOf[host] !== this.#window) this.#begin(host)
    const at = host * PER_HOST
    if ((line & 1) === 1) {
      this.#loads[at + SENT]! += row[METRIC.packets]!
      return
    }
    this.#loads[at + PACKETS]! += row[METRIC.packets]!
    this.#loads[at + BYTES]! += row[METRIC.bytes]!
    this.#loads[at + SYN]! += row[METRIC.synPackets]!
  }

  /** Incoming packets as the ladder weighs them. */
  packets(host: number): number {
    if (this.#windowOf[host] !== this.#window) return 0
    const at = host * PER_HOST
    const loads = this.#loads
    const incoming = loads[at + PACKETS]!
    return incoming === 0 ? 0 : weighed(incoming, loads[at + SYN]!, loads[at + SENT]!) * this.#weights[host]!
  }

  /** Incoming bytes, in the proportion in which its packets are weighed. */
  bytes(host: number, weighedPackets: number): number {
    const at = host * PER_HOST
    return (this.#loads[at + BYTES]! * weighedPackets) / this.#loads[at + PACKETS]!
  }

  /** The host had traffic in this window; whether it had some in the one before, too. */
  see(host: number): boolean {
    const isKnown = this.#seen[host] === this.#window - 1
    this.#seen[host] = this.#window
    return isKnown
  }

  /** Ends the window: all begin anew. */
  endWindow(): void {
    this.#window++
  }

  clear(host: number): void {
    this.#windowOf[host] = 0
  }

  #begin(host: number): void {
    const at = host * PER_HOST
    this.#windowOf[host] = this.#window
    this.#loads[at + PACKETS] = 0
    this.#loads[at + BYTES] = 0
    this.#loads[at + SYN] = 0
    this.#loads[at + SENT] = 0
  }
}
