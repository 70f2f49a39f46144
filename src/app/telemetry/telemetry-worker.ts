// One telemetry thread: opens its socket, counts batch after batch, and ends when the control block says so.
//
// It blocks in recvmmsg(2) for at most 20 ms at a time: so finely is spread what earlier records have still to count. Small
// batches are waited for a millisecond, because ten datagrams in one system call cost little more than one.

import { parentPort, workerData } from 'node:worker_threads'
import { DatagramMemory } from '#1-capture/udp/datagram-memory.ts'
import { bindRecords } from '#3-traffic/counting-records.ts'
import { compileExempt } from '#3-traffic/exempt.ts'
import { prefixesOf } from '#3-traffic/hostgroup.ts'
import { HEADER_BYTES } from '#3-traffic/record-header.ts'
import { assert } from '#lib/assert.ts'
import { endStart } from '#lib/compile-cache.ts'
import { goFirst } from '#lib/linux/priority.ts'
import { PlanInbox } from '../capture/plan-inbox.ts'
import { FlowCollector } from './flow-collector.ts'
import { receptionOf } from './reception.ts'
import { RecordLooks } from './record-looks.ts'
import type { TelemetryMessage, TelemetryRequest, TelemetryTask } from './task.ts'
import { TelemetryRounds } from './telemetry-rounds.ts'
import type { Reception } from './turns.ts'

const RETRY_MS = 5000
/** Datagrams of one system call. */
const BATCH_DATAGRAMS = 256

const port = parentPort
assert(port !== null, 'a telemetry worker runs in a thread of its own')
const task = workerData as TelemetryTask
const { control, totals } = task.tables
const tell = (message: TelemetryMessage): void => port.postMessage(message)
const inbox = new PlanInbox<TelemetryRequest>(port, control)

const places = task.plan.receiver === 'batch' ? BATCH_DATAGRAMS : 1
const memory = new DatagramMemory(places, HEADER_BYTES + 4)
const frames = { memory: memory.bytes, headerAt: memory.spareAt }
const bound = await bindRecords(task.tables, memory.bytes, {
  ...task.counting,
  prefixes: prefixesOf(task.networks),
  headerAt: memory.spareAt,
})
const { exporters, insideTunnels, archive } = task
const { counting } = bound
const looks = new RecordLooks(prefixesOf(task.networks))
const collector = new FlowCollector({
  ...{ ...frames, counting, totals, exporters, insideTunnels, archive, looks },
})
collector.exempt = compileExempt(task.exempt)
const rounds = new TelemetryRounds({ memory, bound, collector, looks, inbox, control, tell })

goFirst()
const reception = await openWhenPossible()
if (reception !== undefined) {
  rounds.reception = reception
  endStart()
  await reception.run(rounds)
  rounds.report()
  reception.close()
}

async function openWhenPossible(): Promise<Reception | undefined> {
  let told = ''
  while (!rounds.isStopped()) {
    const opened = await receptionOf(task, memory)
    if (opened.kind === 'open') {
      tell({ kind: 'listening', ...opened.reception.facts, fallback: opened.fallback })
      return opened.reception
    }
    const { problem } = opened
    if (problem !== told) tell({ kind: 'trouble', problem })
    told = problem
    rest()
  }
  return undefined
}

/** Sleeps, and is awake at once when something is asked or the end is wanted. */
function rest(): void {
  const until = performance.now() + RETRY_MS
  while (performance.now() < until && !rounds.isStopped()) {
    inbox.wait(Math.max(1, until - performance.now()))
    rounds.answer()
  }
}
