// Counters over time: what each host with traffic sent and received since it was last looked at.
//
// A tick visits the hosts touched since the last one. A worker may still be in a block it began before the tick, with
// packets of lines it has already announced; so each host is visited once more in the tick after, and nothing is missed.

import type { Address } from '#lib/ip/address.ts'
import { flowsOf } from './flow-sketch.ts'
import {
  CLASS,
  CONTROL,
  DROPPED,
  FRAGMENT,
  type HostTables,
  RECORD,
  RECORD_OUT,
  STAMP,
  WATCH,
} from './host-tables.ts'
import { type HostListener, Hosts } from './hosts.ts'
import { METRIC, ROW } from './metric.ts'

/** Counter words per direction that are read, and per host. */
const LINE_WORDS = 14
const HOST_WORDS = LINE_WORDS * 2
/** A worker may be one epoch behind, and its lines are visited in the epoch after: older ones have nothing new. */
const STALE_EPOCHS = 3

/** A worker's tables, and for how many packets each of its packets stands. */
export interface CountedSource {
  readonly tables: HostTables
  readonly samplingRate: number
}

export class SpeedPass {
  readonly #sources: readonly CountedSource[]
  readonly #before: readonly Int32Array[]
  readonly #tails: number[]
  readonly #stamps: Int32Array
  #epoch = 0
  #touched: number[] = []
  readonly hosts: Hosts
  /** What the host in hand did since its last visit, after `read`: packets and bytes, incoming then outgoing. */
  readonly row = new Float64Array(ROW * 2)
  /** Times the list of touched hosts had overflowed and all hosts were looked at instead. */
  overflows = 0

  constructor(sources: readonly CountedSource[], listener: HostListener) {
    this.#sources = sources
    this.#tails = sources.map(() => 0)
    this.#before = sources.map(({ tables }) => new Int32Array(tables.slots * HOST_WORDS))
    this.hosts = new Hosts(
      sources.map(source => source.tables),
      listener,
      (worker, slot) => this.#before[worker]!.fill(0, slot * HOST_WORDS, (slot + 1) * HOST_WORDS),
    )
    this.#stamps = new Int32Array(this.hosts.capacity)
  }

  /** Begins tick `epoch` for all workers. `window` is the number of the flow window it belongs to. */
  begin(epoch: number, window: number): void {
    this.#epoch = epoch
    for (const { tables } of this.#sources) {
      tables.control[CONTROL.window] = window
      Atomics.store(tables.control, CONTROL.epoch, epoch)
    }
  }

  /** Hosts to visit in this tick, each once: those touched since the last tick and those touched in the tick before. */
  touched(epoch: number): readonly number[] {
    const visits: number[] = []
    for (const worker of this.#sources.keys()) this.#announced(worker, epoch, visits)
    const fresh = visits.slice()
    for (const host of this.#touched) {
      if (this.#stamps[host] === epoch) continue
      this.#stamps[host] = epoch
      visits.push(host)
    }
    this.#touched = fresh
    return visits
  }

  #announced(worker: number, epoch: number, visits: number[]): void {
    const { touched, control } = this.#sources[worker]!.tables
    const head = Atomics.load(control, CONTROL.touchedHead)
    const count = (head - this.#tails[worker]!) | 0
    if (count > touched.length) this.#all(worker, epoch, visits)
    else {
      for (let i = 0; i < count; i++) {
        const line = touched[(this.#tails[worker]! + i) & (touched.length - 1)]!
        this.#visit(worker, line >> 1, epoch, visits)
      }
    }
    this.#tails[worker] = head
  }

  /** The list came round before it was read: look at every slot in use. */
  #all(worker: number, epoch: number, visits: number[]): void {
    this.overflows++
    const { tables } = this.#sources[worker]!
    for (let slot = 1; slot < tables.slots; slot++) {
      if (tables.pageKinds[slot >> 8] !== 0) this.#visit(worker, slot, epoch, visits)
    }
  }

  #visit(worker: number, slot: number, epoch: number, visits: number[]): void {
    const host = this.hosts.hostAt(worker, slot)
    if (host === 0 || this.#stamps[host] === epoch) return
    this.#stamps[host] = epoch
    visits.push(host)
  }

  address(host: number): Address {
    return this.hosts.address(host)
  }

  /** Fills `row` with what the host did since its last visit. */
  read(host: number): void {
    this.row.fill(0)
    for (const [worker, source] of this.#sources.entries()) {
      const slot = this.hosts.slotOf[worker]![host]!
      if (slot !== 0) this.#add(source, this.#before[worker]!, slot)
    }
  }

  #add(source: CountedSource, before: Int32Array, slot: number): void {
    const { tables, samplingRate } = source
    const { counters, generations } = tables
    const generation = Atomics.load(generations, slot)
    for (let direction = 0; direction < 2; direction++) {
      const from = slot * RECORD + direction * RECORD_OUT
      // A line that was not written lately holds what it held at the last visit.
      if (((this.#epoch - counters[from + STAMP]!) | 0) > STALE_EPOCHS) continue
      this.#addLine(
        counters,
        from,
        before,
        slot * HOST_WORDS + direction * LINE_WORDS,
        direction * ROW,
        samplingRate,
      )
    }
    // The slot changed its host while we read: what we have belongs to nobody.
    if (Atomics.load(generations, slot) !== generation) this.row.fill(0)
  }

  #addLine(
    counters: Int32Array,
    from: number,
    before: Int32Array,
    kept: number,
    to: number,
    rate: number,
  ): void {
    const row = this.row
    for (let word = 0; word < LINE_WORDS; word++) {
      const now = counters[from + word]!
      const passed = now - before[kept + word]!
      if (passed === 0) continue
      before[kept + word] = now
      const amount = (passed >>> 0) * rate
      row[to + METRIC_OF[word]!]! += amount
      if (word < FRAGMENT) row[to + METRIC.packets + (word & 1)]! += amount
      if (word === CLASS.syn || word === CLASS.syn + 1) row[to + METRIC.tcpPackets + (word & 1)]! += amount
    }
  }

  /** Distinct flows of a host in a window that has ended. Each worker sees flows of its own, so they add up. */
  flows(host: number, direction: 0 | 1, window: number): number {
    let flows = 0
    for (const [worker, { tables }] of this.#sources.entries()) {
      const slot = this.hosts.slotOf[worker]![host]!
      if (slot !== 0) flows += flowsOf(tables, slot * 2 + direction, window)
    }
    return flows
  }

  /** Flows of the current window so far, or of the one before if that had more. */
  flowsLately(host: number, direction: 0 | 1): number {
    let flows = 0
    for (const [worker, { tables }] of this.#sources.entries()) {
      const slot = this.hosts.slotOf[worker]![host]!
      if (slot === 0) continue
      const window = tables.control[CONTROL.window]!
      const line = slot * 2 + direction
      flows += Math.max(flowsOf(tables, line, window), flowsOf(tables, line, window - 1))
    }
    return flows
  }

  /** Asks the workers to copy every n-th packet of the host (n a power of two; 0 stops). */
  watch(host: number, every: number): void {
    for (const [worker, { tables }] of this.#sources.entries()) {
      const slot = this.hosts.slotOf[worker]![host]!
      if (slot === 0) continue
      tables.counters[slot * RECORD + WATCH] = every
      tables.counters[slot * RECORD + RECORD_OUT + WATCH] = every
    }
  }
}

/** Where each counter word of a line goes in a row, before totals and TCP with SYN are summed. */
const METRIC_OF = new Int32Array(LINE_WORDS)
const SPARE = ROW - 1
for (const [word, metric] of [
  [CLASS.other, SPARE],
  [CLASS.other + 1, SPARE],
  [CLASS.udp, METRIC.udpPackets],
  [CLASS.udp + 1, METRIC.udpBytes],
  [CLASS.tcp, METRIC.tcpPackets],
  [CLASS.tcp + 1, METRIC.tcpBytes],
  [CLASS.syn, METRIC.synPackets],
  [CLASS.syn + 1, METRIC.synBytes],
  [CLASS.icmp, METRIC.icmpPackets],
  [CLASS.icmp + 1, METRIC.icmpBytes],
  [FRAGMENT, METRIC.fragmentPackets],
  [FRAGMENT + 1, METRIC.fragmentBytes],
  [DROPPED, METRIC.droppedPackets],
  [DROPPED + 1, METRIC.droppedBytes],
] as const) {
  METRIC_OF[word] = metric
}
