import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TRAFFIC } from '#2-decode/interface-traffic.ts'
import { InterfaceCounters } from '#2-decode/sflow/interface-counters.ts'
import type { InterfacesFacts } from './interface-facts.ts'
import { interfacesView } from './interfaces-view.ts'

function facts(
  index: number,
  at: number,
  packets: number,
  more: Partial<InterfacesFacts> = {},
): InterfacesFacts {
  const totals = new Float64Array(TRAFFIC.words)
  totals.set([packets, packets * 100], at)
  const rates = totals.map(each => each / 10)
  return { name: 'edge', traffic: [{ index, totals, rates }], counters: [], unlistedPackets: 0, ...more }
}

test('what workers know of an interface is one row, by where it was recorded', () => {
  const known = [
    facts(7, TRAFFIC.inByIngress, 10),
    facts(7, TRAFFIC.inByIngress, 20),
    facts(7, TRAFFIC.inByEgress, 500),
    facts(3, TRAFFIC.outByIngress, 40, { name: '', unlistedPackets: 2.4 }),
  ]

  const view = interfacesView('192.0.2.1', known, 10)
  const first = interfacesView('192.0.2.1', known, 1)

  assert.deepEqual(
    view?.interfaces.map(({ index }) => index),
    [3, 7],
  )
  assert.deepEqual(view?.interfaces[1]?.incoming, {
    ...{ packets: 30, bytes: 3000, packetsPerSecond: 3, bitsPerSecond: 2400 },
  })
  // Nothing was recorded going out there: the other end tells.
  assert.equal(view?.interfaces[0]?.outgoing.packets, 40)
  assert.deepEqual([view?.name, view?.total, view?.unlistedPackets], ['edge', 2, 2])
  assert.deepEqual([first?.interfaces.length, first?.total], [1, 2])
  assert.equal(interfacesView('192.0.2.1', [], 1), undefined)
})

test('rates of what an exporter counts itself come from its last two reports', () => {
  const counters = new InterfaceCounters()
  const report = (bytes: number, at: number) => {
    const view = new DataView(new ArrayBuffer(88))
    view.setUint32(0, 7)
    view.setUint32(20, 3)
    view.setBigUint64(24, BigInt(bytes))
    view.setUint32(32, bytes / 100)
    view.setBigUint64(56, 0xffff_ffff_ffff_ffffn)
    counters.readGeneric(view, 0, at)
  }
  const shown = () => {
    const row = { index: 7, counters: { ...counters } }
    return interfacesView('192.0.2.1', [facts(7, 0, 1, { counters: [row] })], 1)?.interfaces[0]?.counters
  }

  report(10_000, 1000)
  const once = shown()
  report(60_000, 21_000)
  const twice = shown()
  report(100, 41_000)
  const anew = shown()

  assert.deepEqual([once?.inBytes, once?.inBitsPerSecond, once?.outBytes], [10_000, undefined, undefined])
  assert.deepEqual([twice?.inBitsPerSecond, twice?.inPacketsPerSecond], [20_000, 25])
  assert.equal(twice?.outBitsPerSecond, undefined)
  assert.deepEqual([anew?.inBytes, anew?.inBitsPerSecond], [100, undefined])
  assert.deepEqual(
    [twice?.isUp, twice?.isAdministrativelyUp, twice?.at],
    [true, true, new Date(21_000).toISOString()],
  )
})
