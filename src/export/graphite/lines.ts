// A snapshot as lines of Carbon's plaintext protocol (`name value seconds`), under the names FastNetMon gives.

import { METRIC, ROW } from '#3-traffic/metric.ts'
import { hostText, isIpv6 } from '../push/address-text.ts'
import { type Chunk, LineChunks } from '../push/line-chunks.ts'
import type { HostColumns, NetworkColumns, Snapshot, TotalRow } from '../push/snapshot.ts'
import type { GraphiteConfig } from './config.ts'

export type GraphiteForm = Pick<GraphiteConfig, 'prefix' | 'form' | 'ipv6'>

const SIDES = ['incoming', 'outgoing'] as const

/** All lines of a snapshot: totals, networks, then hosts as they are gathered. A host's zero is not sent. */
export async function* graphiteLines(snapshot: Snapshot, form: GraphiteForm): AsyncGenerator<Chunk> {
  const chunks = new LineChunks()
  const time = Math.floor(snapshot.at / 1000)
  const add = (name: string, value: number) => chunks.add(`${form.prefix}.${name} ${value} ${time}`)
  for (const total of snapshot.totals) if (form.ipv6 || total.family === 4) addTotal(add, total)
  for (let network = 0; network < snapshot.networks.prefixes.length; network++) {
    addNetwork(add, snapshot.networks, network, form)
    if (chunks.isFull) yield chunks.take()
  }
  yield chunks.take()
  for await (const hosts of snapshot.hosts()) {
    for (let row = 0; row < hosts.count; row++) {
      if (form.ipv6 || hosts.families[row] === 4) addHost(add, hosts, row, form)
      if (chunks.isFull) yield chunks.take()
    }
  }
  yield chunks.take()
}

type Add = (name: string, value: number) => void

function addTotal(add: Add, total: TotalRow): void {
  const name = `total${total.family === 4 ? '' : '_ipv6'}.${total.direction}`
  add(`${name}.pps`, Math.floor(total.packetsPerSecond))
  add(`${name}.bps`, Math.floor(total.bitsPerSecond / 8) * 8)
  if (total.flowsPerSecond !== undefined) add(`${name}.flows`, Math.floor(total.flowsPerSecond))
}

function addNetwork(add: Add, networks: NetworkColumns, network: number, form: GraphiteForm): void {
  const prefix = networks.prefixes[network]!
  if (isIpv6(prefix) && !form.ipv6) return
  const name = `networks${isIpv6(prefix) ? '_ipv6' : ''}.${prefix.replaceAll(/[.:/]/g, '_')}`
  for (const [side, direction] of SIDES.entries()) {
    const at = (network * 2 + side) * ROW
    add(`${name}.${direction}.pps`, Math.floor(networks.rows[at + METRIC.packets]!))
    add(`${name}.${direction}.bps`, Math.floor(networks.rows[at + METRIC.bytes]!) * 8)
  }
}

function addHost(add: Add, hosts: HostColumns, row: number, { form }: GraphiteForm): void {
  const isV6 = hosts.families[row] === 6
  const text = hostText(hosts, row, '_', 'canonical')
  const name = isV6 ? `hosts_ipv6.${text.replaceAll(':', '_')}` : `hosts.${text}`
  const average = form === 'classic' ? '.average' : ''
  for (let side = 0; side < 2; side++) {
    const at = row * 2 + side
    const of = `${name}.${SIDES[side]}${average}`
    const packets = Math.floor(hosts.packets[at]!)
    const bytes = Math.floor(hosts.bytes[at]!)
    const flows = Math.floor(hosts.flows[at]!)
    if (packets > 0) add(`${of}.pps`, packets)
    if (bytes > 0) add(`${of}.bps`, bytes * 8)
    if (flows > 0) add(`${of}.flows`, flows)
  }
}
