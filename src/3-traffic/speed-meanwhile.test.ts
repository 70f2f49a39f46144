// What a reader tells of a line while its worker counts: packets and bytes of flow records, of which each stands for many.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { buildFrame } from '../../lab/frame.ts'
import { countingSetup } from './counting-for-tests.ts'
import { CLASS, LINE, lineOf } from './host-tables.ts'
import { METRIC } from './metric.ts'
import { speedReader } from './speed-for-tests.ts'

const HOST = '10.0.0.1'
const SECONDS = 1
const [PACKETS, BYTES] = [100, 500] as const

/** Adds records to a pair of counters, packets first, with a pause after each, until it is terminated. */
const COUNTS = `
  const { parentPort, workerData: { counters, at, packets, bytes } } = require('node:worker_threads')
  parentPort.postMessage('counts')
  for (let seed = 1; ; ) {
    counters[at] += packets
    counters[at + 1] += bytes
    for (let pause = 0; pause < 100; pause++) seed = Math.imul(seed, 48271) + 1
    if (seed === 0) Atomics.store(counters, at, counters[at])
  }
`

test('bytes are never told before the packets they belong to', async () => {
  const worker = await countingSetup(['10.0.0.0/24'])
  const reader = speedReader([worker])
  const source = '198.18.0.7'
  const bytes = buildFrame([
    { kind: 'ethernet' },
    { kind: 'ipv4', source, target: HOST },
    { kind: 'udp', sourcePort: 53, targetPort: 4000 },
  ])
  worker.block([{ bytes, wire: BYTES / PACKETS }])
  reader.tick()
  const line = reader.lineOf(HOST, 'incoming')
  const at = lineOf(worker.slotOf(HOST), 0) * LINE + CLASS.udp
  const workerData = { counters: worker.tables.counters, at, packets: PACKETS, bytes: BYTES }
  const thread = new Worker(COUNTS, { eval: true, workerData })
  await new Promise(resolve => thread.once('message', resolve))

  let [packets, told, mostAhead] = [0, 0, 0]
  const until = performance.now() + SECONDS * 1000
  for (let nowMs = 1000; performance.now() < until; nowMs++) {
    reader.pass.read(line, nowMs)
    packets += reader.pass.row[METRIC.packets]!
    told += reader.pass.row[METRIC.bytes]!
    mostAhead = Math.max(mostAhead, told - packets * (BYTES / PACKETS))
  }
  await thread.terminate()

  assert.ok(packets > 100_000, `${packets} packets were counted meanwhile`)
  assert.equal(mostAhead, 0)
})
