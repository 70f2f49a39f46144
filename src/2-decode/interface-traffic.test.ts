import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DIRECTION, FlowRecord } from './flow-record.ts'
import { INTERFACES_MAX, InterfaceTraffic, TRAFFIC } from './interface-traffic.ts'

function record(input: number, output: number, direction: number, packets = 10): FlowRecord {
  const made = new FlowRecord()
  Object.assign(made, { inputInterface: input, outputInterface: output, direction, packets })
  Object.assign(made, { bytes: packets * 100, rate: 4 })
  return made
}

test('a record counts at both its interfaces, by the way it was recorded, multiplied by its rate', () => {
  const traffic = new InterfaceTraffic()

  traffic.count(record(1, 2, DIRECTION.ingress))
  traffic.count(record(1, 2, DIRECTION.egress))
  traffic.count(record(0, 2, DIRECTION.unknown))

  const [one, two] = [traffic.byIndex.get(1)!, traffic.byIndex.get(2)!]
  assert.deepEqual([one[TRAFFIC.inByIngress], one[TRAFFIC.inByIngress + 1]], [40, 4000])
  assert.deepEqual([one[TRAFFIC.inByEgress], one[TRAFFIC.outByIngress]], [40, 0])
  assert.deepEqual([two[TRAFFIC.outByIngress], two[TRAFFIC.outByEgress]], [80, 40])
  assert.deepEqual([...traffic.byIndex.keys()], [1, 2])
})

test('rates are those of the last half to whole minute', () => {
  const traffic = new InterfaceTraffic()
  traffic.begin(1000)
  const rate = (now: number) => traffic.ratesOf(1, now)[TRAFFIC.inByIngress]

  traffic.count(record(1, 0, DIRECTION.ingress, 75))
  assert.equal(rate(11_000), 30)
  traffic.roll(31_000)
  assert.equal(rate(31_000), 10)
  traffic.roll(32_000)
  traffic.roll(61_000)
  assert.equal(rate(61_000), 0)
  assert.equal(traffic.ratesOf(9, 61_000)[0], 0)
})

test('interfaces beyond the bound are counted together', () => {
  const traffic = new InterfaceTraffic()
  for (let index = 1; index <= INTERFACES_MAX + 5; index++)
    traffic.count(record(index, 0, DIRECTION.ingress, 1))

  traffic.count(record(1, 0, DIRECTION.ingress, 1))

  assert.equal(traffic.byIndex.size, INTERFACES_MAX)
  assert.equal(traffic.unlistedPackets, 5 * 4)
  assert.equal(traffic.byIndex.get(1)![TRAFFIC.inByIngress], 8)
})
