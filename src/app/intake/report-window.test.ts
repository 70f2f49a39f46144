import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ForeignEvent } from '#4-detection/foreign-event.ts'
import { ReportWindow } from './report-window.ts'

const report = (source: string, confidence: number, host = '192.0.2.1'): ForeignEvent => ({
  ...{
    source,
    confidence,
    host,
    at: 0,
    action: 'ban',
    direction: 'incoming',
    vector: 'udp_flood',
    ports: [],
  },
})

test('of each detector the surest report within the window counts, from when it was repeated last', () => {
  const window = new ReportWindow(() => 100)
  window.add(report('a', 0.9), 0)
  window.add(report('a', 0.4), 90)
  window.add(report('b', 0.5), 100)

  assert.deepEqual(
    window.about('192.0.2.1', 150).map(({ source, confidence, atMs }) => [source, confidence, atMs]),
    [
      ['a', 0.9, 90],
      ['b', 0.5, 100],
    ],
  )
  assert.deepEqual(
    window.about('192.0.2.1', 195).map(({ source }) => source),
    ['b'],
  )
  assert.deepEqual(window.about('192.0.2.1', 500), [])
})

test('what was said before the window does not make a later report surer, and what is taken back counts no more', () => {
  const window = new ReportWindow(() => 100)
  window.add(report('a', 0.9), 0)
  window.add(report('a', 0.4), 101)
  assert.equal(window.about('192.0.2.1', 101)[0]?.confidence, 0.4)

  window.takeBack(report('a', 0))

  assert.deepEqual(window.about('192.0.2.1', 101), [])
})

test('detectors that fell silent leave room for others', () => {
  const window = new ReportWindow(() => 100)
  for (let source = 0; source < 33; source++) window.add(report(`s${source}`, 0.5), 0)
  assert.equal(window.about('192.0.2.1', 0).length, 32)

  window.add(report('late', 0.5), 101)

  assert.deepEqual(
    window.about('192.0.2.1', 101).map(({ source }) => source),
    ['late'],
  )
})

test('no more hosts are remembered than there is room for', () => {
  const window = new ReportWindow(() => 100, 2)
  for (const host of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) window.add(report('a', 1, host), 0)

  assert.deepEqual(
    ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map(host => window.about(host, 0).length),
    [0, 1, 1],
  )
})
