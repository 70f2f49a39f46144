// A snapshot in InfluxDB's line protocol, with FastNetMon's measurements, tags and fields. Numbers are floats there.

import { METRIC, ROW } from '#3-traffic/metric.ts'
import { type AddressForm, hostText, isIpv6, prefixText } from '../push/address-text.ts'
import { bitsOf, CLASSES, sumOf } from '../push/classes.ts'
import { type Chunk, LineChunks } from '../push/line-chunks.ts'
import {
  CLASS_COLUMNS,
  type HostColumns,
  type NetworkColumns,
  type Snapshot,
  type TotalRow,
} from '../push/snapshot.ts'
import type { InfluxdbConfig } from './config.ts'

export interface InfluxdbForm {
  readonly form: InfluxdbConfig['form']
  readonly addressForm: AddressForm
}

/** All points of a snapshot: totals, our own counters, networks, then hosts as they are gathered. */
export async function* influxdbLines(snapshot: Snapshot, form: InfluxdbForm): AsyncGenerator<Chunk> {
  const chunks = new LineChunks()
  // Whole seconds, in nanoseconds.
  const time = `${Math.floor(snapshot.at / 1000)}000000000`
  for (const total of snapshot.totals) chunks.add(totalPoint(total, snapshot.networks, form, time))
  if (snapshot.counters.length > 0) chunks.add(countersPoint(snapshot.counters, time))
  for (let network = 0; network < snapshot.networks.prefixes.length; network++) {
    chunks.add(networkPoint(snapshot.networks, network, form, time))
    if (chunks.isFull) yield chunks.take()
  }
  yield chunks.take()
  for await (const hosts of snapshot.hosts()) {
    for (let row = 0; row < hosts.count; row++) {
      chunks.add(hostPoint(hosts, row, form, time))
      if (chunks.isFull) yield chunks.take()
    }
  }
  yield chunks.take()
}

function totalPoint(total: TotalRow, networks: NetworkColumns, { form }: InfluxdbForm, time: string): string {
  const fields = [`bits=${bitsOf(total.bitsPerSecond / 8)}`]
  if (total.flowsPerSecond !== undefined) fields.push(`flows=${Math.floor(total.flowsPerSecond)}`)
  fields.push(`packets=${Math.floor(total.packetsPerSecond)}`)
  const side = total.direction === 'incoming' ? 0 : total.direction === 'outgoing' ? 1 : undefined
  if (form === 'head' && side !== undefined) {
    for (const [field, metric] of CLASSES) {
      const sum = (at: number) => Math.floor(sumOf(networks, total.family, side, at))
      fields.push(`${field}_bits=${sum(METRIC[metric] + 1) * 8}`, `${field}_packets=${sum(METRIC[metric])}`)
    }
  }
  return `total_traffic${total.family === 4 ? '' : '_ipv6'},direction=${total.direction} ${fields.join(',')} ${time}`
}

function countersPoint(counters: Snapshot['counters'], time: string): string {
  const fields = counters.map(([name, value]) => `${name}=${Math.floor(value)}`)
  return `system_counters,metric=metric_value ${fields.join(',')} ${time}`
}

function networkPoint(
  { prefixes, rows }: NetworkColumns,
  network: number,
  { form, addressForm }: InfluxdbForm,
  time: string,
): string {
  const prefix = prefixes[network]!
  const ins = network * 2 * ROW
  const outs = ins + ROW
  let fields = pair('bits', bitsOf(rows[ins + METRIC.bytes]!), bitsOf(rows[outs + METRIC.bytes]!))
  fields += `,${pair('packets', Math.floor(rows[ins + METRIC.packets]!), Math.floor(rows[outs + METRIC.packets]!))}`
  for (const [field, metric] of form === 'head' ? CLASSES : []) {
    const at = METRIC[metric]
    fields += `,${pair(`${field}_bits`, bitsOf(rows[ins + at + 1]!), bitsOf(rows[outs + at + 1]!))}`
    fields += `,${pair(`${field}_packets`, Math.floor(rows[ins + at]!), Math.floor(rows[outs + at]!))}`
  }
  const measurement = isIpv6(prefix) ? 'networks_ipv6_traffic' : 'networks_traffic'
  return `${measurement},network=${prefixText(prefix, addressForm)} ${fields} ${time}`
}

function hostPoint(
  hosts: HostColumns,
  row: number,
  { form, addressForm }: InfluxdbForm,
  time: string,
): string {
  const { packets, bytes, flows, classes } = hosts
  const ins = row * 2
  const outs = ins + 1
  let fields = pair('bits', bitsOf(bytes[ins]!), bitsOf(bytes[outs]!))
  fields += `,${pair('flows', Math.floor(flows[ins]!), Math.floor(flows[outs]!))}`
  fields += `,${pair('packets', Math.floor(packets[ins]!), Math.floor(packets[outs]!))}`
  for (const [field, , column] of form === 'head' ? CLASSES : []) {
    const read = (side: number, which: 0 | 1) =>
      column < 0 ? 0 : classes[side * CLASS_COLUMNS + column + which]!
    fields += `,${pair(`${field}_bits`, bitsOf(read(ins, 1)), bitsOf(read(outs, 1)))}`
    fields += `,${pair(`${field}_packets`, Math.floor(read(ins, 0)), Math.floor(read(outs, 0)))}`
  }
  const measurement = hosts.families[row] === 4 ? 'hosts_traffic' : 'hosts_ipv6_traffic'
  return `${measurement},host=${hostText(hosts, row, '.', addressForm)} ${fields} ${time}`
}

const pair = (name: string, incoming: number, outgoing: number): string =>
  `${name}_incoming=${incoming},${name}_outgoing=${outgoing}`
