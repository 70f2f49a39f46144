// Traffic is a function of its description and a seed; scenarios take changes where they make sense.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { isScenarioName, SCENARIOS, scenarioTraffic } from './scenario.ts'
import { mergedTimeline, timeline } from './timeline.ts'
import { boundsOf, type Traffic } from './traffic.ts'

const BOTH_FAMILIES: Traffic = {
  rate: 1000,
  seconds: 10,
  parts: [
    { share: 3, protocol: 'udp', bytes: 'imix', sources: '198.18.0.0/15', targets: '10.10.10.10' },
    { share: 1, protocol: 'tcp', bytes: 80, sources: '2001:db8:ffff::/96', targets: '2001:db8:10::10' },
  ],
}

function digest(seed: number): string {
  const hash = createHash('sha256')
  for (const { nanos, bytes } of timeline(BOTH_FAMILIES, seed)) hash.update(String(nanos)).update(bytes)
  return hash.digest('hex')
}

test('the same seed gives the same bytes at the same times', () => {
  assert.equal(digest(7), digest(7))
})

test('the bytes of a seed never change, since recorded expectations rest on them', () => {
  assert.equal(digest(1), '75b9a7c3b98cf6ef4957b5dc5e0fa2e7e81b00b9046c36f4d9bc2b0e6e4f46aa')
})

test('another seed gives other bytes', () => {
  assert.notEqual(digest(7), digest(8))
})

test('frames are evenly spaced at the rate', () => {
  const times = [...timeline(scenarioTraffic('web', { rate: 1000, packets: 3 }), 1)].map(({ nanos }) => nanos)

  assert.deepEqual(times, [0, 1_000_000, 2_000_000])
})

test('the number of packets follows from rate and time', () => {
  const frames = [...timeline(scenarioTraffic('web', { rate: 100, seconds: 0.5 }), 1)]

  assert.equal(frames.length, 50)
})

test('pieces are merged in order of time', () => {
  const pieces = [
    { traffic: scenarioTraffic('web', { rate: 10, packets: 4 }), startSeconds: 0 },
    { traffic: scenarioTraffic('syn-flood', { rate: 20, packets: 3 }), startSeconds: 0.1 },
  ]

  const milliseconds = [...mergedTimeline(pieces, 1)].map(({ nanos }) => nanos / 1e6)

  assert.deepEqual(milliseconds, [0, 100, 100, 150, 200, 200, 300])
})

test('changes reach the parts of their own family only', () => {
  const { rate, parts } = scenarioTraffic('mixed', { target: '10.10.9.9', rate: 'max', bytes: 100 })

  assert.equal(rate, 'max')
  assert.deepEqual(new Set(parts.map(part => part.targets)), new Set(['10.10.9.9', '2001:db8:10::10']))
  assert.deepEqual(new Set(parts.map(part => part.bytes)), new Set([100]))
})

test('no run is longer than the caps', () => {
  assert.deepEqual(boundsOf(scenarioTraffic('udp-flood', { seconds: 1e9, packets: 1e12, rate: 'max' })), {
    seconds: 120,
    packets: 500_000_000,
  })
})

test('every scenario makes frames', () => {
  for (const name of Object.keys(SCENARIOS).filter(isScenarioName)) {
    const frames = [...timeline(scenarioTraffic(name, { packets: 10 }), 1)]

    assert.equal(frames.length, 10, name)
  }
})

test('names of object members are not scenarios', () => {
  assert.equal(isScenarioName('constructor'), false)
})
