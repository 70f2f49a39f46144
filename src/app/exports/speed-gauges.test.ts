import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ROW } from '#3-traffic/metric.ts'
import type { HostRow } from '#api/contract/traffic.ts'
import { MetricRegistry } from '#lib/metrics/registry.ts'
import { METRICS } from './metrics.ts'
import { hostGauges, networkGauges } from './speed-gauges.ts'

const row = (host: string, packets: number): HostRow => ({
  ...{ host, packets, bits: packets * 800, flows: 3, banned: false },
})

const side = (...hosts: HostRow[]) => ({ packets: 0, bits: 0, flows: 0, hosts })

test('a host that is no longer among the busiest has no value any more', () => {
  const registry = new MetricRegistry()
  let sides = { incoming: side(row('10.0.0.1', 9), row('10.0.0.2', 8)), outgoing: side(row('10.0.0.1', 1)) }
  registry.add(METRICS, () => hostGauges(sides))
  const hosts = () =>
    registry
      .read()
      .find(({ declaration }) => declaration.name === 'floodwarden_host_bits_per_second')
      ?.values.map(({ labels, value }) => [labels?.['host'], labels?.['direction'], value])

  const before = hosts()
  sides = { incoming: side(row('10.0.0.3', 7)), outgoing: side() }

  assert.deepEqual(before, [
    ['10.0.0.1', 'incoming', 7200],
    ['10.0.0.2', 'incoming', 6400],
    ['10.0.0.1', 'outgoing', 800],
  ])
  assert.deepEqual(hosts(), [['10.0.0.3', 'incoming', 5600]])
})

test('of more than 1,000 networks the longest prefixes are left out and counted', () => {
  const prefixes = Array.from({ length: 1002 }, (_, at) => `10.${at >> 8}.${at & 255}.0/24`)
  const rows = new Float64Array(prefixes.length * 2 * ROW)
  rows[1001 * 2 * ROW] = 12.4

  const values = networkGauges({ at: 0, prefixes, rows, widest: new Uint8Array(prefixes.length) })

  assert.equal(values.length, 1000 * 2 * 2 + 1)
  assert.deepEqual(values[0]?.labels, { network: '10.0.2.0/24', direction: 'incoming' })
  assert.equal(values.at(-5)?.value, 12)
  assert.deepEqual(values.at(-1), { name: 'floodwarden_networks_left_out', value: 2 })
})
