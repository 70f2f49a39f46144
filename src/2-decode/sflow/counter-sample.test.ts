// Interface counters: the latest of each interface, in a table with a bound.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXPORT_PROTOCOL } from '#2-decode/export-protocol.ts'
import { EXPORTER_LIMITS, ExporterState } from '#2-decode/exporter.ts'
import { Collector, number } from '#2-decode/flow-exports-for-tests.ts'
import { filled } from '#2-decode/frame/frames-for-tests.ts'
import {
  counterSample,
  ethernetCounters,
  expandedCounters,
  genericCounters,
  sflow,
  structure,
} from './sflow-for-tests.ts'

const RATES = { override: 0, fallback: 1 }
const known = (collector: Collector, branch = 0) =>
  collector.exporter.knownDomain(EXPORT_PROTOCOL.sflow, branch)?.interfaces
const small = (interfaces: number) =>
  new Collector(new ExporterState('192.0.2.1', RATES, { ...EXPORTER_LIMITS, interfaces }))

test('generic and Ethernet counters of one interface are kept with their time', () => {
  const collector = new Collector()

  collector.decode(sflow([counterSample([ethernetCounters(500), genericCounters(3, 100)])]))

  const counters = known(collector)?.get(3)
  assert.ok(counters)
  assert.deepEqual([counters.genericMs, counters.ethernetMs], [collector.nowMs, collector.nowMs])
  assert.deepEqual([counters.type, counters.speedBitsPerSecond, counters.duplex], [6, 10_000_000_000, 1])
  assert.deepEqual(
    [counters.isAdministrativelyUp, counters.isUp, counters.isPromiscuous],
    [true, true, false],
  )
  assert.deepEqual([counters.inBytes, counters.outBytes], [2 ** 32 + 100, 107])
  const { inUnicastPackets, inMulticastPackets, inBroadcastPackets, inDiscards, inErrors } = counters
  assert.deepEqual(
    [inUnicastPackets, inMulticastPackets, inBroadcastPackets, inDiscards, inErrors],
    [101, 102, 103, 104, 105],
  )
  const { outUnicastPackets, outMulticastPackets, outBroadcastPackets, outDiscards, outErrors } = counters
  assert.deepEqual(
    [counters.inUnknownProtocols, outUnicastPackets, outMulticastPackets, outBroadcastPackets],
    [106, 108, 109, 110],
  )
  assert.deepEqual([outDiscards, outErrors], [111, 112])
  const { alignmentErrors, checksumErrors, singleCollisions, carrierErrors, tooLong, symbolErrors } = counters
  assert.deepEqual(
    [alignmentErrors, checksumErrors, singleCollisions, carrierErrors, tooLong, symbolErrors],
    [500, 501, 502, 509, 510, 512],
  )
})

test('counters the exporter does not keep are not numbers', () => {
  const collector = new Collector()
  const unkept = structure(1, [...number(9, 4), ...filled(20, 0), ...filled(60, 0xff), ...number(2, 4)])

  collector.decode(sflow([expandedCounters([unkept])]))

  const counters = known(collector)?.get(9)
  assert.deepEqual(
    [counters?.inBytes, counters?.inUnicastPackets, counters?.outBytes, counters?.outErrors],
    [-1, -1, -1, -1],
  )
  assert.deepEqual([counters?.isUp, counters?.ethernetMs], [false, 0])
})

test('the latest numbers stand, in samples of both forms', () => {
  const collector = new Collector()
  collector.decode(sflow([counterSample([genericCounters(3, 100)])]))
  collector.nowMs += 20_000

  collector.decode(sflow([expandedCounters([genericCounters(3, 900)])]))

  assert.deepEqual(
    [known(collector)?.size, known(collector)?.get(3)?.inBytes, known(collector)?.get(3)?.genericMs],
    [1, 2 ** 32 + 900, collector.nowMs],
  )
  assert.equal(collector.taken.length, 0)
  assert.deepEqual([collector.exporter.sflow.counterSamples, collector.exporter.counters.records], [2, 0])
})

test('at the bound the interface that was silent longest gives way', () => {
  const collector = small(3)
  for (const index of [1, 2, 3, 1, 4])
    collector.decode(sflow([counterSample([genericCounters(index, index)], { source: index })]))

  assert.deepEqual([...(known(collector)?.keys() ?? [])], [3, 1, 4])
  assert.deepEqual([collector.exporter.interfaces, collector.exporter.sflow.evictedInterfaces], [3, 1])
})

test('a sub-agent that has no interface cannot take those of another', () => {
  const collector = small(2)
  for (const index of [1, 2]) collector.decode(sflow([counterSample([genericCounters(index, index)])]))

  collector.decode(sflow([counterSample([genericCounters(7, 7)])], { branch: 5 }))

  assert.deepEqual([known(collector)?.size, known(collector, 5)?.size], [2, 0])
  assert.equal(collector.exporter.sflow.refusedInterfaces, 1)
})

test('counters of other kinds are skipped, and blocks that are too short refused', () => {
  const collector = new Collector()
  const processor = structure(1001, filled(28, 1))

  collector.decode(
    sflow([
      counterSample([
        processor,
        structure(1, filled(84, 1)),
        structure(2, filled(48, 1)),
        genericCounters(3, 1),
      ]),
    ]),
  )

  const { sflow: counted, counters } = collector.exporter
  assert.deepEqual([known(collector)?.size, counted.otherRecords, counters.malformed], [1, 1, 2])
})

test('counts and lengths that cannot be are malformed, and what came before them stands', () => {
  const forms = [
    counterSample([genericCounters(3, 1)], { stated: 2 }),
    counterSample([genericCounters(3, 1)], { stated: 0xffff_ffff }),
    counterSample([genericCounters(3, 1), structure(2, filled(52), 0x7fff_ffff)]),
    counterSample([genericCounters(3, 1), structure(2, filled(52), 0xffff_fff0)]),
    structure(2, filled(11)),
    structure(4, filled(15)),
  ]
  for (const [index, form] of forms.entries()) {
    const collector = new Collector()

    collector.decode(sflow([form]))

    const { sflow: counted, counters } = collector.exporter
    assert.deepEqual([counted.malformedSamples, counters.malformed], [1, 1], `form ${index}`)
    assert.equal(collector.exporter.interfaces, [1, 0, 1, 1, 0, 0][index])
  }
})
