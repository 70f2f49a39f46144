import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAddress } from '#lib/ip/address.ts'
import { formatPrefix } from '#lib/ip/prefix.ts'
import { METRIC, ROW } from './metric.ts'
import { NetworkSpeeds } from './network-speeds.ts'
import { prefixesFor } from './slots-for-tests.ts'

const NETWORKS = ['10.0.0.0/8', '10.10.0.0/16', '2001:db8::/32', '10.10.0.0/16']
const ADDRESSES = ['10.1.1.1', '10.10.1.1', '2001:db8::1', '192.0.2.1']

function setUp(averageSeconds = 1e-9) {
  const speeds = new NetworkSpeeds(prefixesFor(...NETWORKS), 8, averageSeconds)
  for (const [at, text] of ADDRESSES.entries()) speeds.attached(at + 1, parseAddress(text)!)
  const row = new Float64Array(ROW)
  row[METRIC.packets] = 100
  row[METRIC.udpPackets] = 1
  row[METRIC.udpBytes] = 5000
  const told = () =>
    speeds.list.map(({ prefix, incoming, outgoing }) => [
      formatPrefix(prefix),
      incoming.packets,
      outgoing.packets,
    ])
  return { speeds, row, told }
}

test('each network is told once, with the sums of its hosts and of the networks in it', () => {
  const { speeds, row, told } = setUp()

  for (const line of [2, 4, 4, 5, 6, 8]) speeds.add(line, row)
  speeds.endWindow(2)

  assert.deepEqual(told(), [
    ['2001:db8::/32', 50, 0],
    ['10.10.0.0/16', 100, 50],
    ['10.0.0.0/8', 150, 50],
  ])
  assert.equal(speeds.list[1]?.incoming.udpBytes, 5000)
  assert.equal(speeds.networkOf(4), -1)
  assert.equal(speeds.widerThan(speeds.networkOf(2)), speeds.networkOf(1))
})

test('speeds are averaged like those of hosts, and calm down in silence', () => {
  const { speeds, row, told } = setUp(5)

  speeds.add(6, row)
  speeds.endWindow(1)
  const climbing = Number(told()[0]?.[1])
  speeds.endWindow(1)

  assert.ok(Math.abs(climbing - 100 * (1 - Math.exp(-1 / 5))) < 1e-9)
  assert.ok(Math.abs(Number(told()[0]?.[1]) - climbing * Math.exp(-1 / 5)) < 1e-9)
})

test('hostgroups are summed beside networks, and a host without room for its cell counts for its network alone', () => {
  const options = { hostgroups: ['web', 'dns'], cellsMax: 2 }
  const speeds = new NetworkSpeeds(prefixesFor('10.0.0.0/8', '10.10.0.0/16'), 8, 1e-9, options)
  const hosts: [string, number][] = [
    ['10.1.1.1', 0],
    ['10.10.1.1', 0],
    ['10.1.1.2', 0],
    ['10.10.1.2', 1],
    ['192.0.2.1', 1],
  ]
  for (const [at, [text, group]] of hosts.entries()) speeds.attached(at + 1, parseAddress(text)!, group)
  const row = new Float64Array(ROW)
  row[METRIC.packets] = 10
  const packets = (pair: Float64Array) => [
    pair[METRIC.packets],
    pair[METRIC.flows],
    pair[ROW + METRIC.packets],
  ]

  for (const line of [2, 4, 6, 8, 9, 10]) speeds.add(line, row)
  speeds.addFlows(4, 3)
  speeds.addTo(0, 1, row, 1)
  speeds.endWindow(1)

  assert.equal(speeds.cellsRefused, 1)
  assert.deepEqual(
    [0, 1].map(group => packets(speeds.pairOfHostgroup(group))),
    [
      [30, 3, 0],
      [0, 0, 10],
    ],
  )
  assert.deepEqual(
    [0, 1].map(network => packets(speeds.pairOf(network))),
    [
      [20, 3, 20],
      [40, 3, 20],
    ],
  )
})

test('hostgroups that stay keep their speeds when others come, and what was seen of this window', () => {
  const networks = prefixesFor('10.0.0.0/8')
  const speeds = new NetworkSpeeds(networks, 8, 5, { hostgroups: ['web', 'dns'] })
  speeds.attached(1, parseAddress('10.1.1.1')!, 1)
  const row = new Float64Array(ROW)
  row[METRIC.packets] = 10
  speeds.add(2, row)
  speeds.endWindow(1)
  const before = speeds.pairOfHostgroup(1)[METRIC.packets]!
  speeds.add(2, row)

  speeds.change(networks, 8, ['new', 'dns'])
  const after = speeds.pairOfHostgroup(1)[METRIC.packets]!
  speeds.endWindow(1)

  assert.ok(before > 1)
  assert.deepEqual([after, speeds.pairOfHostgroup(0)[METRIC.packets]], [before, 0])
  const step = Math.exp(-1 / 5)
  assert.equal(speeds.pairOfHostgroup(1)[METRIC.packets], 10 + step * (before - 10))
  assert.equal(speeds.pairOf(0)[METRIC.packets], 10 + step * (before - 10))
})
