// Speeds of each of our networks as a whole: sums over its hosts once per flow window, averaged like those of hosts.
//
// A host counts for the longest network that holds it; at the end of a window each network is added to the next wider
// one that holds it, so the work per visit does not grow with how networks are nested.

import type { Address } from '#lib/ip/address.ts'
import { formatPrefix, type Prefix } from '#lib/ip/prefix.ts'
import { addRow, INCOMING, OUTGOING, ROW, type Speeds, speedsOf } from './metric.ts'
import { NetworkTable } from './network-table.ts'

/** Average speeds per second of one of our networks. */
export interface NetworkSpeed {
  readonly prefix: Prefix
  readonly incoming: Speeds
  readonly outgoing: Speeds
}

const PAIR = ROW * 2

export class NetworkSpeeds {
  networks: readonly Prefix[] = []
  #table = new NetworkTable<number>([])
  /** By network: number of the next wider one that holds it, -1 for none. */
  #wider = new Int32Array(0)
  /** By host: number of its network + 1, 0 for none. */
  readonly #networkOf: Int32Array
  /** Sums of the window in progress, and averages per second: a pair of rows by network. */
  #sums = new Float64Array(0)
  #averages = new Float64Array(0)
  readonly #constant: number

  /** `hosts`: highest host number + 1. `averageSeconds`: time constant of the averages. */
  constructor(networks: readonly Prefix[], hosts: number, averageSeconds: number) {
    this.#networkOf = new Int32Array(hosts)
    this.#constant = averageSeconds
    this.change(networks)
  }

  /** Other networks; those that stay keep their speeds. Hosts below `bound` count for none until they are attached again. */
  change(networks: readonly Prefix[], bound = 0): void {
    const before = new Map(this.networks.map((prefix, number) => [formatPrefix(prefix), number]))
    const [sums, averages] = [this.#sums, this.#averages]
    this.networks = distinct(networks)
    this.#table = new NetworkTable(this.networks.map((prefix, number) => [prefix, number] as const))
    this.#wider = Int32Array.from(
      this.networks,
      prefix => this.#table.longest(prefix, prefix.length)?.value ?? -1,
    )
    this.#networkOf.fill(0, 0, bound)
    this.#sums = new Float64Array(this.networks.length * PAIR)
    this.#averages = new Float64Array(this.networks.length * PAIR)
    for (const [number, prefix] of this.networks.entries()) {
      const from = before.get(formatPrefix(prefix))
      if (from === undefined) continue
      this.#sums.set(sums.subarray(from * PAIR, (from + 1) * PAIR), number * PAIR)
      this.#averages.set(averages.subarray(from * PAIR, (from + 1) * PAIR), number * PAIR)
    }
  }

  attached(host: number, address: Address): void {
    this.#networkOf[host] = (this.#table.longest(address)?.value ?? -1) + 1
  }

  /** Number of the longest network that holds the host, -1 for none. */
  networkOf(host: number): number {
    return this.#networkOf[host]! - 1
  }

  /** Number of the next wider network that holds this one, -1 for none. */
  widerThan(network: number): number {
    return this.#wider[network] ?? -1
  }

  /** Takes in what a line (2 x host + direction) did since its last visit. */
  add(line: number, row: Float64Array): void {
    const network = this.#networkOf[line >> 1]! - 1
    if (network >= 0) this.addTo(network, line & 1, row)
  }

  /** Takes in a row of traffic of this network (by number) and side that belongs to no line. */
  addTo(network: number, side: number, row: Float64Array): void {
    addRow(this.#sums, network * PAIR + side * ROW, row)
  }

  /** Ends a window of `seconds`. */
  endWindow(seconds: number): void {
    // Longest first: what a network adds to a wider one is whole by then.
    for (let network = 0; network < this.networks.length; network++) {
      const wider = this.#wider[network]!
      for (let at = 0; wider >= 0 && at < PAIR; at++)
        this.#sums[wider * PAIR + at]! += this.#sums[network * PAIR + at]!
    }
    const step = Math.exp(-seconds / this.#constant)
    for (let at = 0; at < this.#sums.length; at++) {
      const speed = this.#sums[at]! / seconds
      this.#averages[at] = speed + step * (this.#averages[at]! - speed)
    }
    this.#sums.fill(0)
  }

  /** Average speeds of a network, a pair of rows (METRIC); a view that changes. */
  pairOf(network: number): Float64Array {
    return this.#averages.subarray(network * PAIR, (network + 1) * PAIR)
  }

  /** All networks, longest prefixes first, with their average speeds. Flows are not summed: they are 0. */
  get list(): readonly NetworkSpeed[] {
    return this.networks.map((prefix, network) => {
      const rows = this.#averages.subarray(network * PAIR, (network + 1) * PAIR)
      return { prefix, incoming: speedsOf(rows, INCOMING), outgoing: speedsOf(rows, OUTGOING) }
    })
  }
}

/** Each prefix once, longest first; of equal length in the order given. */
function distinct(prefixes: readonly Prefix[]): Prefix[] {
  const byText = new Map(
    prefixes.map(prefix => [`${prefix.family}/${prefix.value}/${prefix.length}`, prefix]),
  )
  return [...byText.values()].sort((a, b) => b.length - a.length)
}
