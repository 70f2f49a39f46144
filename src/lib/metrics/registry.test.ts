import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MetricRegistry } from './registry.ts'

const PACKETS = {
  name: 'floodwarden_packets_total',
  kind: 'counter',
  help: 'Packets.',
  labels: ['interface'],
} as const
const HOSTS = { name: 'floodwarden_hosts', kind: 'gauge', help: 'Hosts.' } as const

test('values are gathered per metric in the order of declaration, whoever offers them', () => {
  const registry = new MetricRegistry()
  registry.add([PACKETS, HOSTS], () => [
    { name: HOSTS.name, value: 7 },
    { name: PACKETS.name, value: 1, labels: { interface: 'eth0' } },
  ])
  registry.add([], () => [{ name: PACKETS.name, value: 2, labels: { interface: 'eth1' } }])

  const families = registry.read()

  assert.deepEqual(
    families.map(family => [family.declaration.name, family.values.map(value => value.value)]),
    [
      [PACKETS.name, [1, 2]],
      [HOSTS.name, [7]],
    ],
  )
})

test('a metric without a value now is left out', () => {
  const registry = new MetricRegistry()
  registry.add([HOSTS], () => [])

  assert.deepEqual(registry.read(), [])
})

test('our own mistakes are asserted: twice declared, badly named, not declared, other labels', () => {
  const registry = new MetricRegistry()
  registry.add([PACKETS], () => [{ name: PACKETS.name, value: 1 }])

  assert.throws(() => registry.add([PACKETS], () => []), /declared once/)
  assert.throws(() => registry.add([{ ...HOSTS, name: 'Hosts-now' }], () => []), /well formed/)
  assert.throws(() => registry.read(), /labels of floodwarden_packets_total/)
  assert.throws(() => {
    const other = new MetricRegistry()
    other.add([], () => [{ name: 'unknown', value: 1 }])
    other.read()
  }, /unknown is declared/)
})
