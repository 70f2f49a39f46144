// One capture thread: opens its ring, counts block after block, and ends when the control block says so.
//
// It blocks in poll(2) for a fraction of a tick at a time, so a wish to stop is seen soon. What goes wrong is told once and
// tried again; capture is never given up.

import { parentPort, workerData } from 'node:worker_threads'
import { BLOCK } from '#1-capture/af-packet/layout.ts'
import { openRing, type Ring, type RingEvent } from '#1-capture/af-packet/ring.ts'
import { CountedTo } from '#3-traffic/counted-to.ts'
import { bindChangeable, type ChangeableCounting } from '#3-traffic/counting.ts'
import { compileExempt } from '#3-traffic/exempt.ts'
import { ExemptSieve } from '#3-traffic/exempt-sieve.ts'
import { CONTROL } from '#3-traffic/host-tables.ts'
import { prefixesOf } from '#3-traffic/hostgroup.ts'
import { assert } from '#lib/assert.ts'
import { endStart } from '#lib/compile-cache.ts'
import { defaultInterface } from '#lib/linux/interface.ts'
import { InterfaceRequests } from '#lib/linux/interface-request.ts'
import { SystemCallError } from '#lib/linux/libc.ts'
import { goFirst } from '#lib/linux/priority.ts'
import { PlanInbox } from './plan-inbox.ts'
import { type CaptureMessage, type CapturePlan, type CaptureTask, LINK_STATE } from './task.ts'

/** Whom a worker counts. */
type CountingPlan = { -readonly [Key in 'networks' | 'exempt']: CaptureTask[Key] }

const RETRY_MS = 5000
/** So often it says of a silent interface that there is nothing to count: a quarter of a tick. */
const POLL_MS = 25
const STATISTICS_MS = 1000

const port = parentPort
assert(port !== null, 'a capture worker runs in a thread of its own')
const task = workerData as CaptureTask
const control = task.tables.control
const tell = (message: CaptureMessage): void => port.postMessage(message)
const isStopped = (): boolean => Atomics.load(control, CONTROL.stop) !== 0

const inbox = new PlanInbox(port, control)
/** Whom it counts: plans change it. */
const plan: CountingPlan = { networks: task.networks, exempt: task.exempt }

goFirst()
const ring = await openWhenPossible()
if (ring !== undefined) {
  const bound = await bindChangeable(task.tables, ring.buffer, {
    ...task.counting,
    prefixes: prefixesOf(plan.networks),
    link: ring.linkType,
  })
  const sieve = new ExemptSieve(compileExempt(plan.exempt), {
    ...task.counting,
    frames: ring.buffer,
    link: ring.linkType,
    totals: task.tables.totals,
  })
  endStart()
  capture(ring, bound, sieve)
  ring.close()
}

async function openWhenPossible(): Promise<Ring | undefined> {
  let told = ''
  while (!isStopped()) {
    const opened = tryOpen()
    if (typeof opened !== 'string') return opened
    if (opened !== told) tell({ kind: 'trouble', problem: opened })
    told = opened
    // It sleeps, and is awake at once when there is a plan or the end is asked for.
    inbox.wait(RETRY_MS)
    takePlans(() => {})
  }
  return undefined
}

/** The ring, or why there is none. */
function tryOpen(): Ring | string {
  const name = task.interface ?? defaultInterface()
  if (name === undefined)
    return 'there is no default route: name the interface to capture on (floodwarden run eth0)'
  try {
    const opened = openRing({ ...task.ring, interface: name, onLink })
    tell({ kind: 'capturing', interface: name, offloads: offloadsOf(name) })
    return opened
  } catch (error) {
    if (error instanceof SystemCallError) return `cannot capture on ${name}: ${error.message}`
    throw error
  }
}

/** Offloads that join packets before we see them. */
function offloadsOf(name: string): string[] {
  const requests = new InterfaceRequests()
  const offloads = requests.offloadsOf(name)
  requests.close()
  if (offloads === undefined) return []
  return [...(offloads.gro ? ['gro'] : []), ...(offloads.lro ? ['lro'] : [])]
}

function onLink(event: RingEvent): void {
  if (event.kind === 'refused') tell({ kind: 'refused', problem: event.error.message })
  else tell({ kind: 'link', event: event.kind })
}

/** Takes the plans that were sent since it last looked; costs a load when there is none. */
function takePlans(take: (plan: CapturePlan) => void): void {
  for (const sent of inbox.fresh()) {
    plan.networks = sent.networks ?? plan.networks
    plan.exempt = sent.exempt
    take(sent)
    tell({ kind: 'planned', plan: sent.plan })
  }
}

function capture(ring: Ring, { counting, changeNetworks }: ChangeableCounting, sieve: ExemptSieve): void {
  const change = (plan: CapturePlan): void => {
    if (plan.networks !== undefined) changeNetworks(prefixesOf(plan.networks))
    sieve.exempt = compileExempt(plan.exempt)
  }
  const words = new Int32Array(ring.buffer)
  // Chosen from a list, so that V8 compiles counting for itself, with all it calls, and not as a part of this endless loop.
  const counts = [() => {}, counting.countBlock] as const
  const countedTo = new CountedTo(control)
  let statisticsAt = 0
  while (!isStopped()) {
    takePlans(change)
    const block = ring.next(POLL_MS)
    // After the wait, so that a block is never counted for a tick that ended while it was waited for.
    counting.syncEpoch()
    const isBlock = block >= 0
    const at = isBlock ? block >> 2 : 0
    const packets = isBlock
      ? sieve.block(block + (words[at + BLOCK.first] ?? 0), words[at + BLOCK.packets] ?? 0)
      : 0
    counts[isBlock ? 1 : 0](sieve.first, packets)
    if (isBlock) {
      countedTo.block(words[at + BLOCK.lastSeconds] ?? 0, words[at + BLOCK.lastNanoseconds] ?? 0)
      add(CONTROL.captured, words[at + BLOCK.packets] ?? 0)
      ring.release()
      add(CONTROL.blocks, 1)
    } else countedTo.silence(Date.now() - ring.heldMilliseconds)
    const now = performance.now()
    if (now < statisticsAt) continue
    statisticsAt = now + STATISTICS_MS
    report(ring)
  }
  report(ring)
}

function report(ring: Ring): void {
  const { packets, drops, freezes } = ring.statistics()
  add(CONTROL.kernelPackets, packets)
  add(CONTROL.kernelDrops, drops)
  add(CONTROL.kernelFreezes, freezes)
  control[CONTROL.linkState] = LINK_STATE[ring.linkState()]
  add(CONTROL.heartbeat, 1)
}

function add(word: number, amount: number): void {
  control[word] = ((control[word] ?? 0) + amount) | 0
}
