// Speeds of each of our networks and hostgroups as wholes: sums over their hosts once per flow window, averaged like those of
// hosts.
//
// A host counts for the longest network that holds it and for its hostgroup. Both at once are a cell, and a visit adds to
// one cell alone, so its work does not grow with hostgroups; at the end of a window each cell is added to its network and
// its hostgroup, and each network to the next wider one that holds it.

import type { Address } from '#lib/ip/address.ts'
import { formatPrefix, type Prefix } from '#lib/ip/prefix.ts'
import { addRow, INCOMING, METRIC, OUTGOING, ROW, type Speeds, speedsOf } from './metric.ts'
import { NetworkTable } from './network-table.ts'

/** Average speeds per second of one of our networks. */
export interface NetworkSpeed {
  readonly prefix: Prefix
  readonly incoming: Speeds
  readonly outgoing: Speeds
}

const PAIR = ROW * 2

/** Cells beside those of networks alone; 256 bytes each. Hosts of further ones count for their network and no hostgroup. */
const CELLS_MAX = 16_384

export class NetworkSpeeds {
  networks: readonly Prefix[] = []
  /** Names of hostgroups that are summed. */
  hostgroups: readonly string[] = []
  /** Hosts that appeared and found no room for a cell: what they do is in no hostgroup. */
  cellsRefused = 0
  readonly #cellsMax: number
  #table = new NetworkTable<number>([])
  /** By network: number of the next wider one that holds it, -1 for none. */
  #wider = new Int32Array(0)
  /** By host: number of its cell + 1, 0 for none. The first cells are those of networks without a hostgroup. */
  readonly #cellOf: Int32Array
  /** By cell: its network and its hostgroup, -1 for none. */
  #networkOf = new Int32Array(0)
  #groupOf = new Int32Array(0)
  #cells = 0
  readonly #byPlace = new Map<number, number>()
  /** Sums of the window in progress by cell, and averages per second by network and by hostgroup: a pair of rows each. */
  #sums = new Float64Array(0)
  #averages = new Float64Array(0)
  #groupSums = new Float64Array(0)
  #groupAverages = new Float64Array(0)
  readonly #constant: number

  /** `hosts`: highest host number + 1. `averageSeconds`: time constant of the averages. */
  constructor(
    networks: readonly Prefix[],
    hosts: number,
    averageSeconds: number,
    { hostgroups = [], cellsMax = CELLS_MAX }: { hostgroups?: readonly string[]; cellsMax?: number } = {},
  ) {
    this.#cellOf = new Int32Array(hosts)
    this.#constant = averageSeconds
    this.#cellsMax = cellsMax
    this.change(networks, 0, hostgroups)
  }

  /**
   * Other networks and hostgroups; those that stay keep their speeds. Hosts below `bound` count for none until they are
   * attached again.
   */
  change(networks: readonly Prefix[], bound = 0, hostgroups: readonly string[] = []): void {
    const before = new Map(this.networks.map((prefix, number) => [formatPrefix(prefix), number]))
    const groupsBefore = new Map(this.hostgroups.map((name, number) => [name, number]))
    this.#gather()
    const [sums, averages] = [this.#sums, this.#averages]
    const [groupSums, groupAverages] = [this.#groupSums, this.#groupAverages]
    this.networks = distinct(networks)
    this.hostgroups = [...hostgroups]
    this.#table = new NetworkTable(this.networks.map((prefix, number) => [prefix, number] as const))
    this.#wider = Int32Array.from(
      this.networks,
      prefix => this.#table.longest(prefix, prefix.length)?.value ?? -1,
    )
    this.#cellOf.fill(0, 0, bound)
    this.#byPlace.clear()
    this.#cells = this.networks.length
    this.#networkOf = Int32Array.from(this.networks, (_, number) => number)
    this.#groupOf = new Int32Array(this.networks.length).fill(-1)
    const networkOf = (number: number) => before.get(formatPrefix(this.networks[number] as Prefix))
    this.#sums = moved(sums, this.networks.length, networkOf)
    this.#averages = moved(averages, this.networks.length, networkOf)
    const groupOf = (number: number) => groupsBefore.get(this.hostgroups[number] as string)
    this.#groupSums = moved(groupSums, this.hostgroups.length, groupOf)
    this.#groupAverages = moved(groupAverages, this.hostgroups.length, groupOf)
  }

  /** `hostgroup`: its number, -1 for none that is summed. */
  attached(host: number, address: Address, hostgroup = -1): void {
    const network = this.#table.longest(address)?.value ?? -1
    this.#cellOf[host] = network < 0 ? 0 : this.#cellFor(network, hostgroup) + 1
  }

  #cellFor(network: number, hostgroup: number): number {
    if (hostgroup < 0) return network
    const place = hostgroup * this.networks.length + network
    const known = this.#byPlace.get(place)
    if (known !== undefined) return known
    if (this.#byPlace.size >= this.#cellsMax) {
      this.cellsRefused++
      return network
    }
    const cell = this.#cells++
    this.#byPlace.set(place, cell)
    if (cell >= this.#networkOf.length) this.#grow(Math.max(64, cell * 2))
    this.#networkOf[cell] = network
    this.#groupOf[cell] = hostgroup
    return cell
  }

  #grow(cells: number): void {
    const larger = (numbers: Int32Array) => {
      const next = new Int32Array(cells)
      next.set(numbers)
      return next
    }
    this.#networkOf = larger(this.#networkOf)
    this.#groupOf = larger(this.#groupOf)
    const sums = new Float64Array(cells * PAIR)
    sums.set(this.#sums)
    this.#sums = sums
  }

  /** Number of the longest network that holds the host, -1 for none. */
  networkOf(host: number): number {
    const cell = this.#cellOf[host]! - 1
    return cell < 0 ? -1 : this.#networkOf[cell]!
  }

  /** Number of the next wider network that holds this one, -1 for none. */
  widerThan(network: number): number {
    return this.#wider[network] ?? -1
  }

  /** Takes in what a line (2 x host + direction) did since its last visit. */
  add(line: number, row: Float64Array): void {
    const cell = this.#cellOf[line >> 1]! - 1
    if (cell >= 0) addRow(this.#sums, cell * PAIR + (line & 1) * ROW, row)
  }

  /** Takes in the flows of a line in the window that is about to end. */
  addFlows(line: number, flows: number): void {
    const cell = this.#cellOf[line >> 1]! - 1
    if (cell >= 0 && flows !== 0) this.#sums[cell * PAIR + (line & 1) * ROW + METRIC.flows]! += flows
  }

  /** Takes in a row of traffic of this network and hostgroup (by number, -1 for none) and side that belongs to no line. */
  addTo(network: number, side: number, row: Float64Array, hostgroup = -1): void {
    addRow(this.#sums, network * PAIR + side * ROW, row)
    if (hostgroup >= 0) addRow(this.#groupSums, hostgroup * PAIR + side * ROW, row)
  }

  /** Adds cells to their networks and hostgroups. */
  #gather(): void {
    for (let cell = this.networks.length; cell < this.#cells; cell++) {
      const [network, group] = [this.#networkOf[cell]! * PAIR, this.#groupOf[cell]! * PAIR]
      for (let at = 0; at < PAIR; at++) {
        const sum = this.#sums[cell * PAIR + at]!
        if (sum === 0) continue
        this.#sums[network + at]! += sum
        this.#groupSums[group + at]! += sum
      }
    }
    this.#sums.fill(0, this.networks.length * PAIR)
  }

  /** Ends a window of `seconds`. */
  endWindow(seconds: number): void {
    this.#gather()
    // Longest first: what a network adds to a wider one is whole by then.
    for (let network = 0; network < this.networks.length; network++) {
      const wider = this.#wider[network]!
      for (let at = 0; wider >= 0 && at < PAIR; at++)
        this.#sums[wider * PAIR + at]! += this.#sums[network * PAIR + at]!
    }
    const step = Math.exp(-seconds / this.#constant)
    average(this.#averages, this.#sums, seconds, step)
    average(this.#groupAverages, this.#groupSums, seconds, step)
    this.#sums.fill(0)
    this.#groupSums.fill(0)
  }

  /** Average speeds of a network, a pair of rows (METRIC); a view that changes. */
  pairOf(network: number): Float64Array {
    return this.#averages.subarray(network * PAIR, (network + 1) * PAIR)
  }

  /** The same of a hostgroup. */
  pairOfHostgroup(hostgroup: number): Float64Array {
    return this.#groupAverages.subarray(hostgroup * PAIR, (hostgroup + 1) * PAIR)
  }

  /** All networks, longest prefixes first, with their average speeds. */
  get list(): readonly NetworkSpeed[] {
    return this.networks.map((prefix, network) => {
      const rows = this.pairOf(network)
      return { prefix, incoming: speedsOf(rows, INCOMING), outgoing: speedsOf(rows, OUTGOING) }
    })
  }
}

function average(averages: Float64Array, sums: Float64Array, seconds: number, step: number): void {
  for (let at = 0; at < averages.length; at++) {
    const speed = sums[at]! / seconds
    averages[at] = speed + step * (averages[at]! - speed)
  }
}

/** Pairs of rows in another order, zero where there was none before. */
function moved(
  pairs: Float64Array,
  count: number,
  before: (number: number) => number | undefined,
): Float64Array<ArrayBuffer> {
  const next = new Float64Array(count * PAIR)
  for (let number = 0; number < count; number++) {
    const from = before(number)
    if (from !== undefined) next.set(pairs.subarray(from * PAIR, (from + 1) * PAIR), number * PAIR)
  }
  return next
}

/** Each prefix once, longest first; of equal length in the order given. */
function distinct(prefixes: readonly Prefix[]): Prefix[] {
  const byText = new Map(
    prefixes.map(prefix => [`${prefix.family}/${prefix.value}/${prefix.length}`, prefix]),
  )
  return [...byText.values()].sort((a, b) => b.length - a.length)
}
