// A snapshot as rows of FastNetMon's tables, tab-separated, in batches for one table each.

import { METRIC, ROW } from '#3-traffic/metric.ts'
import { type AddressForm, hostText, isIpv6, prefixText } from '../push/address-text.ts'
import { bitsOf, CLASSES, sumOf } from '../push/classes.ts'
import { CLASS_COLUMNS, type HostColumns, type Snapshot, type TotalRow } from '../push/snapshot.ts'
import { TABLES, type Table } from './tables.ts'

/** Rows of one table that are inserted together. */
export interface Batch {
  readonly table: Table
  readonly text: string
  readonly rows: number
}

export interface RowOptions {
  readonly hosts: boolean
  readonly addressForm: AddressForm
}

/** ClickHouse likes few and large inserts; so many rows of hosts are some megabytes. */
export const BATCH_ROWS = 20_000

const PAIRED = CLASSES.filter(([name]) => name !== 'dropped')

class Rows {
  readonly #table: Table
  readonly #time: string
  #text = ''
  rows = 0

  /** `seconds`: since 1970, which ClickHouse reads whatever its time zone. */
  constructor(table: Table, seconds: number) {
    this.#table = table
    this.#time = String(seconds)
  }

  add(subject: string, values: readonly (number | string)[]): void {
    this.#text += `${this.#time}\t${subject}\t${values.join('\t')}\n`
    this.rows++
  }

  take(): Batch[] {
    if (this.rows === 0) return []
    const batch = { table: this.#table, text: this.#text, rows: this.rows }
    this.#text = ''
    this.rows = 0
    return [batch]
  }
}

/** Totals, our own counters and networks first, then hosts as they are gathered. */
export async function* clickhouseRows(snapshot: Snapshot, options: RowOptions): AsyncGenerator<Batch> {
  const seconds = Math.floor(snapshot.at / 1000)
  yield* totals(snapshot, seconds)
  yield* counters(snapshot, seconds)
  yield* networks(snapshot, options.addressForm, seconds)
  if (options.hosts) yield* hosts(snapshot, options.addressForm, seconds)
}

function* totals({ totals, networks }: Snapshot, seconds: number): Generator<Batch> {
  const both = new Rows(TABLES.total, seconds)
  const ofFamily = { 4: new Rows(TABLES.totalIpv4, seconds), 6: new Rows(TABLES.totalIpv6, seconds) }
  const sums = new Map<string, number[]>()
  for (const total of totals) {
    const values = totalValues(total, networks)
    ofFamily[total.family].add(total.direction, values)
    const before = sums.get(total.direction)
    sums.set(total.direction, before === undefined ? values : before.map((sum, at) => sum + values[at]!))
  }
  for (const [direction, values] of sums) both.add(direction, values)
  for (const rows of [both, ofFamily[4], ofFamily[6]]) yield* rows.take()
}

function totalValues(total: TotalRow, networks: Snapshot['networks']): number[] {
  const side = total.direction === 'incoming' ? 0 : total.direction === 'outgoing' ? 1 : undefined
  const sum = (at: number) => (side === undefined ? 0 : sumOf(networks, total.family, side, at))
  return [
    Math.floor(total.packetsPerSecond),
    bitsOf(total.bitsPerSecond / 8),
    Math.floor(total.flowsPerSecond ?? 0),
    ...CLASSES.flatMap(([, metric]) => [Math.floor(sum(METRIC[metric])), bitsOf(sum(METRIC[metric] + 1))]),
  ]
}

function* counters(snapshot: Snapshot, seconds: number): Generator<Batch> {
  const rows = new Rows(TABLES.system, seconds)
  for (const [name, value, kind] of snapshot.counters) rows.add(name, [kind, Math.floor(value)])
  yield* rows.take()
}

function* networks({ networks }: Snapshot, form: AddressForm, seconds: number): Generator<Batch> {
  const ipv4 = new Rows(TABLES.network, seconds)
  const ipv6 = new Rows(TABLES.networkIpv6, seconds)
  for (const [network, prefix] of networks.prefixes.entries()) {
    const ins = network * 2 * ROW
    const pair = (at: number, whole: (value: number) => number) => [
      whole(networks.rows[ins + at]!),
      whole(networks.rows[ins + ROW + at]!),
    ]
    const both = (at: number) => [...pair(at, Math.floor), ...pair(at + 1, bitsOf)]
    const values = [METRIC.packets, ...PAIRED.map(([, metric]) => METRIC[metric])].flatMap(both)
    const rows = isIpv6(prefix) ? ipv6 : ipv4
    rows.add(prefixText(prefix, form), values)
  }
  yield* ipv4.take()
  yield* ipv6.take()
}

async function* hosts(snapshot: Snapshot, form: AddressForm, seconds: number): AsyncGenerator<Batch> {
  const ipv4 = new Rows(TABLES.host, seconds)
  const ipv6 = new Rows(TABLES.hostIpv6, seconds)
  for await (const columns of snapshot.hosts()) {
    for (let row = 0; row < columns.count; row++) {
      const rows = columns.families[row] === 4 ? ipv4 : ipv6
      rows.add(hostText(columns, row, '.', form), hostValues(columns, row))
      if (rows.rows >= BATCH_ROWS) yield* rows.take()
    }
  }
  yield* ipv4.take()
  yield* ipv6.take()
}

function hostValues({ packets, bytes, flows, classes }: HostColumns, row: number): number[] {
  const ins = row * 2
  const outs = ins + 1
  const values = [
    ...[Math.floor(packets[ins]!), Math.floor(packets[outs]!), bitsOf(bytes[ins]!), bitsOf(bytes[outs]!)],
    ...[Math.floor(flows[ins]!), Math.floor(flows[outs]!)],
  ]
  for (const [, , column] of PAIRED) {
    const at = (side: number) => side * CLASS_COLUMNS + column
    values.push(Math.floor(classes[at(ins)]!), Math.floor(classes[at(outs)]!))
    values.push(bitsOf(classes[at(ins) + 1]!), bitsOf(classes[at(outs) + 1]!))
  }
  return values
}
