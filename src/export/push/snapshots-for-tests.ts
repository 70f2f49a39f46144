// Snapshots for tests, in columns as the engine gives them.

import { METRIC, ROW } from '#3-traffic/metric.ts'
import { wireWords } from '#3-traffic/network-table.ts'
import { parseAddress } from '#lib/ip/address.ts'
import { CLASS_COLUMNS, type HostColumns, type Snapshot } from './snapshot.ts'

export interface TestHost {
  readonly host: string
  /** Packets, bytes and flows per second. */
  readonly incoming?: readonly [packets: number, bytes: number, flows: number]
  readonly outgoing?: readonly [packets: number, bytes: number, flows: number]
  /** Packets and bytes per second of incoming UDP. */
  readonly udp?: readonly [packets: number, bytes: number]
}

/** 2026-11-20 10:19:07.4 UTC. */
export const AT = 1_795_169_947_400

export function hostColumns(hosts: readonly TestHost[]): HostColumns {
  const count = hosts.length
  const columns: HostColumns = {
    count,
    families: new Uint8Array(count),
    addresses: new Int32Array(count * 4),
    packets: new Float32Array(count * 2),
    bytes: new Float32Array(count * 2),
    flows: new Float32Array(count * 2),
    classes: new Float32Array(count * 2 * CLASS_COLUMNS),
  }
  for (const [row, { host, incoming = [0, 0, 0], outgoing = [0, 0, 0], udp = [0, 0] }] of hosts.entries()) {
    const { family, value } = parseAddress(host)!
    columns.families[row] = family
    columns.addresses.set(family === 6 ? wireWords(value) : [wireWords(value << 96n)[0]], row * 4)
    for (const [side, [packets, bytes, flows]] of [incoming, outgoing].entries()) {
      columns.packets[row * 2 + side] = packets
      columns.bytes[row * 2 + side] = bytes
      columns.flows[row * 2 + side] = flows
    }
    columns.classes.set(udp, row * 2 * CLASS_COLUMNS)
  }
  return columns
}

/** One network with incoming UDP, the totals FastNetMon sent with it, and these hosts, in portions. */
export function snapshotWith(...portions: readonly HostColumns[]): Snapshot {
  const rows = new Float64Array(ROW * 2 * 2)
  rows[METRIC.packets] = rows[METRIC.udpPackets] = 21_712.9
  rows[METRIC.bytes] = rows[METRIC.udpBytes] = 4_342_553.7
  const total = (direction: 'incoming' | 'outgoing' | 'internal' | 'other', family: 4 | 6) => ({
    direction,
    family,
    packetsPerSecond: direction === 'incoming' ? 21_712.9 : 0,
    bitsPerSecond: direction === 'incoming' ? 34_740_429.6 : 0,
    flowsPerSecond: family === 4 && direction === 'incoming' ? 16_376 : undefined,
  })
  return {
    at: AT,
    totals: [total('incoming', 4), total('other', 4), total('incoming', 6)],
    networks: { prefixes: ['10.99.0.0/16', '2001:db8:99::/48'], rows, widest: new Uint8Array([1, 1]) },
    counters: [
      ['influxdb_writes_total', 14, 'counter'],
      ['total_ipv4_packets', 175_344, 'counter'],
    ],
    hosts: async function* () {
      yield* portions
    },
  }
}
