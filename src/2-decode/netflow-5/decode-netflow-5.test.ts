// NetFlow v5, byte by byte.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Collector, EXPORT_SECONDS, netflow5, record5, UPTIME_MS } from '#2-decode/flow-exports-for-tests.ts'
import { word } from '#2-decode/frame/decode-for-tests.ts'

test('a record says who sent what to whom, through which interfaces, and when', () => {
  const collector = new Collector()

  const [record] = collector.decode(netflow5([record5({ protocol: 6, flags: 0x12 })]))

  assert.ok(record)
  assert.equal(record['sourceA'], word([198, 18, 0, 7]))
  assert.equal(record['targetA'], word([10, 99, 1, 250]))
  assert.deepEqual([record['family'], record['protocol'], record['tcpFlags']], [4, 6, 0x12])
  assert.deepEqual([record['sourcePort'], record['targetPort']], [1900, 80])
  assert.deepEqual([record['packets'], record['bytes'], record['rate']], [10, 5000, 1])
  assert.deepEqual([record['inputInterface'], record['outputInterface']], [3, 4])
  assert.deepEqual([record['sourceAs'], record['targetAs']], [64_500, 64_501])
  assert.equal(record['durationMs'], 2000)
  assert.equal(record['endMs'], EXPORT_SECONDS * 1000 + 250 - 1000)
})

test('every protocol keeps its number, and ICMP its type and code', () => {
  const collector = new Collector()

  const records = collector.decode(
    netflow5([record5({ protocol: 47 }), record5({ protocol: 1, ports: [0, 0x0b01] })]),
  )

  assert.deepEqual(
    records.map(record => [record['protocol'], record['targetPort'], record['icmpType'], record['icmpCode']]),
    [
      [47, 80, 0, 0],
      [1, 0, 11, 1],
    ],
  )
})

test('the sampling interval is in the lower 14 bits, below the mode; 0 leaves the fallback', () => {
  const collector = new Collector()

  const rates = [0x0000, 0x4000 | 1000, 0x8000 | 1000].map(
    (sampling, sequence) => collector.decode(netflow5([record5()], { sampling, sequence }))[0]?.['rate'],
  )

  assert.deepEqual(rates, [1, 1000, 1000])
  assert.equal(collector.exporter.takeEvents().length, 1, 'the change is told once')
})

test('lost records show in the sequence, for each engine by itself', () => {
  const collector = new Collector()
  const three = [record5(), record5(), record5()]

  collector.decode(netflow5(three, { sequence: 100 }))
  collector.decode(netflow5(three, { sequence: 103 }))
  collector.decode(netflow5(three, { sequence: 9, domain: 0x0102 }))
  collector.decode(netflow5(three, { sequence: 136 }))

  const domains = [...collector.exporter.domains.values()]
  assert.deepEqual(
    domains.map(({ id, sequence }) => [id, sequence.lost]),
    [
      [0, 30],
      [0x0102, 0],
    ],
  )
})

test('a record longer than 49 days since start, or one that ends before it begins, does not mislead', () => {
  const collector = new Collector()

  const [wrapped, backwards] = collector.decode(
    netflow5([
      record5({ first: 0xffff_fc18, last: 1000 }),
      record5({ first: UPTIME_MS - 1000, last: UPTIME_MS - 3000 }),
    ]),
  )

  assert.equal(wrapped?.['durationMs'], 2000)
  assert.equal(backwards?.['durationMs'], 0)
  assert.equal(collector.exporter.counters.negativeDurations, 1)
})

test('a count that the datagram does not hold is malformed; the records that are there count', () => {
  const collector = new Collector()

  const records = collector.decode(netflow5([record5(), record5()], { stated: 30 }))

  assert.equal(records.length, 2)
  assert.equal(collector.exporter.counters.malformed, 1)
})
