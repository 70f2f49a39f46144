import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AT, hostColumns, snapshotWith } from '../push/snapshots-for-tests.ts'
import { type Batch, clickhouseRows } from './rows.ts'
import { createStatement, insertStatement, TABLES } from './tables.ts'

const SECONDS = Math.floor(AT / 1000)

async function batchesOf(...given: Parameters<typeof clickhouseRows>): Promise<Batch[]> {
  return Array.fromAsync(clickhouseRows(...given))
}

/** A row by the names of its columns. */
function rowOf(batch: Batch | undefined, row = 0): Record<string, string> {
  const cells = batch?.text.split('\n')[row]?.split('\t') ?? []
  const columns = ['time', batch?.table.subject ?? '', ...(batch?.table.columns ?? [])]
  assert.equal(cells.length, columns.length)
  return Object.fromEntries(columns.map((column, at) => [column, cells[at] ?? '']))
}

test('a snapshot is rows of totals, counters, networks and hosts, each in the table FastNetMon has for it', async () => {
  const hosts = hostColumns([
    { host: '10.99.1.1', incoming: [100.7, 2000.9, 3], udp: [90.2, 1800.8] },
    { host: '2001:db8:99::1', outgoing: [5, 500, 1] },
  ])

  const batches = await batchesOf(snapshotWith(hosts), { hosts: true, addressForm: 'canonical' })

  assert.deepEqual(
    batches.map(({ table, rows }) => [table.name, rows]),
    [
      ['total_metrics', 2],
      ['total_metrics_ipv4', 2],
      ['total_metrics_ipv6', 1],
      ['system_metrics', 2],
      ['network_metrics', 1],
      ['network_metrics_ipv6', 1],
      ['host_metrics', 1],
      ['host_metrics_ipv6', 1],
    ],
  )
  const of = (name: string) => batches.find(({ table }) => table.name === name)
  // Both IP versions together.
  const total = rowOf(of('total_metrics'))
  assert.deepEqual([total['direction'], total['packets'], total['flows']], ['incoming', '43424', '16376'])
  const ipv4 = rowOf(of('total_metrics_ipv4'))
  assert.equal(ipv4['time'], String(SECONDS))
  assert.deepEqual([ipv4['packets'], ipv4['udp_packets'], ipv4['tcp_packets']], ['21712', '21712', '0'])
  assert.equal(ipv4['udp_bits'], String(4_342_553 * 8))
  assert.equal(rowOf(of('total_metrics_ipv4'), 1)['direction'], 'other')
  const counter = rowOf(of('system_metrics'))
  assert.deepEqual(
    [counter['name'], counter['type'], counter['value']],
    ['influxdb_writes_total', 'counter', '14'],
  )
  const network = rowOf(of('network_metrics'))
  assert.deepEqual([network['network'], network['packets_incoming']], ['10.99.0.0/16', '21712'])
  assert.equal(network['udp_bits_incoming'], String(4_342_553 * 8))
  const host = rowOf(of('host_metrics'))
  assert.deepEqual(
    [host['host'], host['packets_incoming'], host['bits_incoming'], host['flows_incoming']],
    ['10.99.1.1', '100', String(2000 * 8), '3'],
  )
  assert.deepEqual([host['udp_packets_incoming'], host['udp_bits_incoming']], ['90', String(1800 * 8)])
  const host6 = rowOf(of('host_metrics_ipv6'))
  assert.deepEqual([host6['host'], host6['packets_outgoing']], ['2001:db8:99::1', '5'])
})

test('hosts are left out when nobody wants them, and come in batches of 20,000 rows', async () => {
  const many = hostColumns(
    Array.from({ length: 15_000 }, (_, at) => ({
      host: `10.99.${at >> 8}.${at & 255}`,
      incoming: [2, 2, 2] as const,
    })),
  )

  const without = await batchesOf(snapshotWith(many), { hosts: false, addressForm: 'canonical' })
  const batches = await batchesOf(snapshotWith(many, many, many), { hosts: true, addressForm: 'canonical' })

  assert.ok(!without.some(({ table }) => table.subject === 'host'))
  const rows = batches.filter(({ table }) => table === TABLES.host).map(batch => batch.rows)
  assert.deepEqual(rows, [20_000, 20_000, 5000])
})

test('columns are those FastNetMon makes and fills', () => {
  const { columns } = TABLES.host

  assert.equal(new Set(columns).size, 26)
  assert.deepEqual(columns.slice(0, 6), [
    ...['packets_incoming', 'packets_outgoing', 'bits_incoming', 'bits_outgoing'],
    ...['flows_incoming', 'flows_outgoing'],
  ])
  for (const name of ['tcp', 'udp', 'icmp', 'fragmented', 'tcp_syn'])
    assert.ok(columns.includes(`${name}_packets_incoming`) && columns.includes(`${name}_bits_outgoing`))
  assert.ok(!columns.some(column => column.startsWith('dropped')))
  assert.ok(TABLES.total.columns.includes('dropped_bits'))
  assert.match(
    createStatement('db', TABLES.system, 7),
    /type String, value UInt64.* TTL metricDate \+ toIntervalDay\(7\)/,
  )
  assert.doesNotMatch(createStatement('db', TABLES.system, 0), /TTL/)
  assert.match(
    insertStatement('db', TABLES.total),
    /^INSERT INTO db\.total_metrics \(metricDateTime, direction, packets,/,
  )
})
