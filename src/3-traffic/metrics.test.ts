import assert from 'node:assert/strict'
import { test } from 'node:test'
import { METRICS as DECODE_METRICS } from '#2-decode/metrics.ts'
import { OUTCOME } from '#2-decode/sample.ts'
import { createHostTables, TOTAL } from './host-tables.ts'
import { Hosts } from './hosts.ts'
import { decodeSource, METRICS, slotSource, trafficSource } from './metrics.ts'
import { slotSetup } from './slots-for-tests.ts'
import { Totals } from './totals.ts'

test('every declared metric has a value: traffic by direction and family, hosts, samples', () => {
  const { tables, see4 } = slotSetup(['10.0.0.0/24'], 1, 0)
  const totals = new Totals([{ tables, samplingRate: 1 }], 5)
  const hosts = new Hosts([tables], { attached() {}, detached() {} })
  hosts.hostAt(0, see4('10.0.0.1'))
  tables.totals[TOTAL.incoming + TOTAL.ipv6] = 7
  tables.totals[TOTAL.other + 1] = 99
  tables.totals[TOTAL.ignored] = 3
  totals.update(1)
  const slots = { evicted: 1, refused: 2, released: 4, samplesSkipped: 8, used: 16, ipv6: 32 }

  const values = [...trafficSource(totals, hosts, () => 5)(), ...slotSource(() => slots)()]

  const value = (name: string, labels: object = {}) =>
    values.find(
      one =>
        one.name === `floodwarden_${name}` && JSON.stringify(one.labels ?? {}) === JSON.stringify(labels),
    )?.value
  assert.deepEqual(new Set(values.map(({ name }) => name)), new Set(METRICS.map(({ name }) => name)))
  assert.equal(value('traffic_packets_total', { direction: 'incoming', family: 'ipv6' }), 7)
  assert.equal(value('traffic_packets_total', { direction: 'incoming', family: 'ipv4' }), 0)
  assert.equal(value('traffic_bytes_total', { direction: 'other', family: 'ipv4' }), 99)
  assert.equal(value('traffic_ignored_packets_total'), 3)
  assert.equal(value('hosts'), 1)
  assert.deepEqual(
    ['hosts_evicted', 'hosts_refused', 'hosts_released', 'samples_skipped', 'touched_overflows'].map(name =>
      value(`${name}_total`),
    ),
    [1, 2, 4, 8, 5],
  )
})

test('packets are counted by decode outcome', () => {
  const tables = createHostTables(256, 128)
  const totals = new Totals([{ tables, samplingRate: 1 }], 5)
  tables.totals[TOTAL.outcome + OUTCOME.cut] = 4
  totals.update(1)

  const values = [...decodeSource(totals)()]

  assert.deepEqual(
    values.map(({ labels, value }) => `${labels?.['outcome']} ${value}`),
    ['decoded 0', 'notIp 0', 'cut 4', 'malformed 0'],
  )
  assert.deepEqual(
    DECODE_METRICS.map(({ name }) => name),
    [...new Set(values.map(({ name }) => name))],
  )
})
