// Hot path. Counters over time: what each line (host and direction) with traffic did since it was last looked at.
//
// A tick visits the busy lines: those that counted another n packets of some class since the last one, where n is far
// below what any limit allows in a tick. At the end of a flow window (a second) all lines touched in it are visited. A
// worker may still be in a block it began before, with packets of lines it has already announced; so those lines are
// visited once more a window later, and nothing is missed.

import type { Address } from '#lib/ip/address.ts'
import { flowsBefore, flowsNow } from './flow-sketch.ts'
import {
  CLASS,
  CONTROL,
  FRAGMENT,
  type HostTables,
  LINE,
  PAGE_FREE,
  RECORD,
  STAMP,
  WATCH,
} from './host-tables.ts'
import { type HostListener, Hosts } from './hosts.ts'
import { type Averaged, LineRecords, RECORD_LINE } from './line-records.ts'
import { METRIC, ROW } from './metric.ts'

/** A worker's tables, and for how many packets each of its packets stands. */
export interface CountedSource {
  readonly tables: HostTables
  readonly samplingRate: number
}

export interface SpeedTiming {
  readonly averageSeconds: number
  /** Length of a flow window: a line with traffic is visited at least so often. */
  readonly windowSeconds: number
  /** A line is busy when it has counted so many more packets of a class: a power of two. */
  readonly busyPackets: number
}

/** Lines to visit: the first `count` of `lines`. */
export interface Visits {
  readonly lines: Int32Array
  count: number
}

export class SpeedPass {
  readonly #sources: readonly CountedSource[]
  readonly #records: readonly LineRecords[]
  /** By worker: how far its lists were read, and how far the list of touched lines went when the window ended. */
  readonly #tails: { touched: number; busy: number; touchedEnd: number }[]
  /** Length of a flow window. */
  readonly windowSeconds: number
  /** By line: the tick it was last put on the list for. */
  readonly #stamps: Int32Array
  readonly #visits: Visits
  /** Lines touched in the window that ended last and in the one before; a line stands there once per worker. */
  #touched: { readonly before: Visits; readonly now: Visits }
  #window = 0
  #epoch = 0
  readonly hosts: Hosts
  /** What the line in hand did since its last visit, after `read`: packets and bytes by METRIC. */
  readonly row = new Float64Array(ROW)
  /** Times the list of touched lines had overflowed and all were looked at instead. */
  overflows = 0

  constructor(sources: readonly CountedSource[], timing: SpeedTiming, listener: HostListener) {
    this.#sources = sources
    this.windowSeconds = timing.windowSeconds
    this.#tails = sources.map(() => ({ touched: 0, busy: 0, touchedEnd: 0 }))
    this.#records = sources.map(({ tables }) => new LineRecords(tables.slots, timing.averageSeconds))
    for (const { tables } of sources) tables.control[CONTROL.busyMask] = timing.busyPackets - 1
    const tables = sources.map(source => source.tables)
    this.hosts = new Hosts(tables, listener, (worker, slot) => this.#records[worker]!.clear(slot))
    const lines = this.hosts.capacity * 2
    this.#stamps = new Int32Array(lines)
    const none = (): Visits => ({ lines: new Int32Array(lines), count: 0 })
    this.#visits = none()
    this.#touched = { before: none(), now: none() }
  }

  /** Begins tick `epoch` for all workers; `isWindow`: a window of flow counting begins with it. */
  begin(epoch: number, isWindow: boolean): void {
    this.#epoch = epoch
    if (isWindow) this.#window++
    for (const [worker, { tables }] of this.#sources.entries()) {
      // What is announced from here on may belong to the window that begins, and is read when that one ends.
      if (isWindow) this.#tails[worker]!.touchedEnd = Atomics.load(tables.control, CONTROL.touchedHead)
      tables.control[CONTROL.window] = this.#window
      Atomics.store(tables.control, CONTROL.epoch, epoch)
    }
  }

  /**
   * Lines (2 x host + direction) to visit in this tick, each once: the busy ones, and with `isWindow`, because a window
   * has ended, all that were touched in it or in the one before.
   */
  due(isWindow: boolean): Visits {
    const visits = this.#visits
    visits.count = 0
    for (let worker = 0; worker < this.#sources.length; worker++) {
      const { tables } = this.#sources[worker]!
      const tails = this.#tails[worker]!
      const head = Atomics.load(tables.control, CONTROL.busyHead)
      this.#announced(worker, tables.busy, tails.busy, head, visits)
      tails.busy = head
    }
    if (isWindow) this.#addTouched(visits)
    return visits
  }

  /** What was touched is kept as it was announced: a line that is busy as well may have a late packet like any other. */
  #addTouched(visits: Visits): void {
    const { before, now } = this.#touched
    now.count = 0
    for (let worker = 0; worker < this.#sources.length; worker++) {
      const { tables } = this.#sources[worker]!
      const tails = this.#tails[worker]!
      this.#announced(worker, tables.touched, tails.touched, tails.touchedEnd, visits, now)
      tails.touched = tails.touchedEnd
    }
    for (let i = 0; i < before.count; i++) this.#add(before.lines[i]!, visits)
    this.#touched = { before: now, now: before }
  }

  /** Puts what a list of a worker announced from `tail` up to `head` on the visits, and all of it into `kept`. */
  #announced(
    worker: number,
    list: Int32Array,
    tail: number,
    head: number,
    visits: Visits,
    kept?: Visits,
  ): void {
    const count = (head - tail) | 0
    if (count > list.length) {
      this.#all(worker, visits, kept)
      return
    }
    const mask = list.length - 1
    for (let i = 0; i < count; i++) this.#announce(worker, list[(tail + i) & mask]!, visits, kept)
  }

  /** The list came round before it was read: look at every line that has had traffic. */
  #all(worker: number, visits: Visits, kept: Visits | undefined): void {
    this.overflows++
    const { counters, pageKinds, slots } = this.#sources[worker]!.tables
    for (let line = 0; line < slots * 2; line++) {
      if (pageKinds[line >> 9] === PAGE_FREE || counters[line * LINE + STAMP] === 0) continue
      this.#announce(worker, line, visits, kept)
    }
  }

  #announce(worker: number, workerLine: number, visits: Visits, kept: Visits | undefined): void {
    const host = this.hosts.hostAt(worker, workerLine >> 1)
    if (host === 0) return
    const line = host * 2 + (workerLine & 1)
    this.#add(line, visits)
    // Windows that were missed may announce a line again and again; all of them are visited now in any case.
    if (kept !== undefined && kept.count < kept.lines.length) kept.lines[kept.count++] = line
  }

  #add(line: number, visits: Visits): void {
    if (this.#stamps[line] === this.#epoch) return
    this.#stamps[line] = this.#epoch
    visits.lines[visits.count++] = line
  }

  /** Fills `row` with what the line did since its last visit, and takes it into its averages. `nowMs` is when the tick ended. */
  read(line: number, nowMs: number): void {
    const row = this.row
    row.fill(0)
    for (let worker = 0; worker < this.#sources.length; worker++) {
      const slot = this.hosts.slotIn(worker, line >> 1)
      if (slot !== 0) this.#readLine(worker, slot * 2 + (line & 1), nowMs)
    }
  }

  #readLine(worker: number, line: number, nowMs: number): void {
    const { tables, samplingRate } = this.#sources[worker]!
    const records = this.#records[worker]!
    const { counters } = tables
    const before = records.words
    const row = this.row
    const at = line * LINE
    const kept = line * RECORD_LINE
    let packets = 0
    let bytes = 0
    for (let word = 0; word < FRAGMENT; word += 2) {
      const nowPackets = counters[at + word]!
      const passed = (nowPackets - before[kept + word]!) >>> 0
      if (passed === 0) continue
      const nowBytes = counters[at + word + 1]!
      const passedBytes = ((nowBytes - before[kept + word + 1]!) >>> 0) * samplingRate
      before[kept + word] = nowPackets
      before[kept + word + 1] = nowBytes
      packets += passed * samplingRate
      bytes += passedBytes
      addClass(row, word, passed * samplingRate, passedBytes)
    }
    const fragments = (counters[at + FRAGMENT]! - before[kept + FRAGMENT]!) >>> 0
    if (fragments !== 0) {
      row[METRIC.fragmentPackets]! += fragments * samplingRate
      row[METRIC.fragmentBytes]! +=
        ((counters[at + FRAGMENT + 1]! - before[kept + FRAGMENT + 1]!) >>> 0) * samplingRate
      before[kept + FRAGMENT] = counters[at + FRAGMENT]!
      before[kept + FRAGMENT + 1] = counters[at + FRAGMENT + 1]!
    }
    // The slot changed its host while we read: what we have belongs to nobody.
    if (!this.hosts.isCurrent(worker, line >> 1)) {
      row.fill(0)
      return
    }
    row[METRIC.packets]! += packets
    row[METRIC.bytes]! += bytes
    records.average(line, packets, bytes, nowMs | 0, this.windowSeconds)
  }

  /** Average packets or bytes per second of a line. */
  average(line: number, which: Averaged, nowMs: number): number {
    let sum = 0
    for (let worker = 0; worker < this.#sources.length; worker++) {
      const slot = this.hosts.slotIn(worker, line >> 1)
      if (slot !== 0) sum += this.#records[worker]!.read(slot * 2 + (line & 1), which, nowMs | 0)
    }
    return sum
  }

  address(host: number): Address {
    return this.hosts.address(host)
  }

  /** Distinct flows of a line in the window that ended last. Each worker sees flows of its own, so they add up. */
  flows(line: number): number {
    return this.#sumFlows(line, flowsBefore)
  }

  /** Flows of the current window so far, or of the one before if that had more. */
  flowsLately(line: number): number {
    return Math.max(this.#sumFlows(line, flowsBefore), this.#sumFlows(line, flowsNow))
  }

  #sumFlows(line: number, read: typeof flowsBefore): number {
    let sum = 0
    for (let worker = 0; worker < this.#sources.length; worker++) {
      const slot = this.hosts.slotIn(worker, line >> 1)
      if (slot !== 0) sum += read(this.#sources[worker]!.tables, slot * 2 + (line & 1), this.#window)
    }
    return sum
  }

  /** Asks the workers to copy every n-th packet of the host (n a power of two; 0 stops). */
  watch(host: number, every: number): void {
    for (const [worker, { tables }] of this.#sources.entries()) {
      const slot = this.hosts.slotIn(worker, host)
      if (slot === 0) continue
      tables.counters[slot * RECORD + WATCH] = every
      tables.counters[slot * RECORD + LINE + WATCH] = every
    }
  }
}

/** Adds one class of packets to a row; TCP with SYN is TCP too. */
function addClass(row: Float64Array, word: number, packets: number, bytes: number): void {
  switch (word) {
    case CLASS.udp:
      row[METRIC.udpPackets]! += packets
      row[METRIC.udpBytes]! += bytes
      break
    case CLASS.syn:
      row[METRIC.synPackets]! += packets
      row[METRIC.synBytes]! += bytes
      row[METRIC.tcpPackets]! += packets
      row[METRIC.tcpBytes]! += bytes
      break
    case CLASS.tcp:
      row[METRIC.tcpPackets]! += packets
      row[METRIC.tcpBytes]! += bytes
      break
    case CLASS.icmp:
      row[METRIC.icmpPackets]! += packets
      row[METRIC.icmpBytes]! += bytes
      break
  }
}
