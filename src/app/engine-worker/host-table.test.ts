import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configWith, engineLab, flood, fromHost, SYN } from '../engine-for-tests.ts'
import { CLASS_COLUMN, CLASS_COLUMNS } from './class-averages.ts'
import { HostTables } from './host-table.ts'
import { networkRowsOf } from './network-rows.ts'

const SECONDS = 30

async function setUp() {
  const config = configWith({ traffic: { averageSeconds: 2 } })
  const lab = await engineLab(config)
  const sources = [{ tables: lab.worker.tables, samplingRate: 1 }]
  const tables = new HostTables(lab.engine, sources, config.traffic.averageSeconds)
  return { lab, tables }
}

test('classes are averaged from look to look, like the totals of a host', async () => {
  const { lab, tables } = await setUp()
  const frames = [...flood('10.0.0.1', 30), ...flood('10.0.0.1', 10, SYN), ...fromHost('10.0.0.1', 5)]

  for (let second = 0; second < SECONDS; second++) {
    lab.run(1, frames)
    tables.read({ from: 0, most: 1000, classes: true })
  }
  const table = tables.read({ from: 0, most: 1000, classes: true })

  const read = (side: 0 | 1, column: number) => Math.round(table.classes[side * CLASS_COLUMNS + column]!)
  assert.equal(table.count, 1)
  assert.equal(Math.round(table.packets[0]!), 400)
  assert.equal(read(0, CLASS_COLUMN.udp), 300)
  assert.equal(read(0, CLASS_COLUMN.tcp), 100)
  assert.equal(read(0, CLASS_COLUMN.tcpSyn), 100)
  assert.equal(read(0, CLASS_COLUMN.icmp), 0)
  assert.equal(read(1, CLASS_COLUMN.udp), 50)
  assert.equal(read(1, CLASS_COLUMN.udp + 1), Math.round(table.bytes[1]!))
  const { prefixes, rows } = networkRowsOf(lab.engine)
  assert.deepEqual(prefixes, ['2001:db8::/64', '10.0.0.0/24'])
  assert.equal(Math.round(rows[32]!), 400)
  assert.equal(Math.round(rows[32 + 16]!), 50)
})

test('portions join to the whole, and hosts without traffic are left out', async () => {
  const { lab, tables } = await setUp()
  const hosts = Array.from({ length: 20 }, (_, host) => `10.0.0.${host}`)
  lab.run(
    3,
    hosts.flatMap(host => flood(host, 3)),
  )
  lab.run(
    29,
    hosts.slice(0, 12).flatMap(host => flood(host, 3)),
  )

  const seen: number[] = []
  for (let from: number | undefined = 0; from !== undefined; ) {
    const table = tables.read({ from, most: 7, classes: false })
    for (let row = 0; row < table.count; row++) seen.push(table.addresses[row * 4]! >>> 24)
    from = table.next
  }

  assert.deepEqual(
    seen.sort((a, b) => a - b),
    hosts.slice(0, 12).map((_, host) => host),
  )
})
