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
