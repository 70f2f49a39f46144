// Hot path. Counters over time: what each line (host and direction) with traffic did since it was last looked at.
//
// A tick visits the busy lines: those that counted n packets of some class in it, where n is far below what any limit
// allows in a tick. At the end of a flow window (a second) all lines touched in it are visited. A
// worker may still be in a block it began before, with packets of lines it has already announced; so those lines are
// visited once more a window later, and nothing is missed.

import type { Address } from '#lib/ip/address.ts'
import { CoveredTime } from './covered-time.ts'
import { flowsBefore, flowsNow } from './flow-sketch.ts'
import {
  CLASS,
  CONTROL,
  FRAGMENT,
  type HostTables,
  LINE,
  lineOf,
  PAGE_FREE,
  PAGE_SLOTS,
  PAGE_V6,
  type SideNumber,
  STAMP,
  sideOfLine,
  slotOfLine,
  WATCH,
} from './host-tables.ts'
import { type HostListener, Hosts } from './hosts.ts'
import { type Averaged, LineRecords, RECORD_LINE } from './line-records.ts'
import { METRIC, ROW } from './metric.ts'
import { ExtraCounts } from './record-tables.ts'

/** A worker's tables, and for how many packets each of its packets stands. */
export interface CountedSource {
  readonly tables: HostTables
  readonly samplingRate: number
}

/** A line is busy when it has counted so many more packets or bytes of a class: powers of two. */
export interface BusyMarks {
  readonly busyPackets: number
  readonly busyBytes: number
}

export interface SpeedTiming extends BusyMarks {
  readonly averageSeconds: number
  /** Length of a flow window: a line with traffic is visited at least so often. */
  readonly windowSeconds: number
}

/** Lines to visit: the first `count` of `lines`. */
export interface Visits {
  readonly lines: Int32Array
  count: number
}

/** What `speedsOf` tells of a host: packets, bytes and flows per second, incoming and then outgoing. */
export const HOST_SPEEDS = 6

const SIDES = [0, 1] as const
/** Older than any window. */
const NO_AGE = 2 ** 31
/** More packets than pass between two visits: a counter that went back looks like that. */
const LEAP = 2 ** 31
/** So often packets and bytes of a class are looked at once more, when packets were counted in between. */
const LOOKS_MAX = 8

export class SpeedPass {
  readonly #sources: readonly CountedSource[]
  readonly #records: readonly LineRecords[]
  /** What stands beside the lines of workers that count flow records. */
  readonly #extras: readonly (ExtraCounts | undefined)[]
  /** By worker: how far its list of busy lines was read. */
  readonly #tails: Int32Array
  /** How long the flow window lasted that ended last. */
  windowSeconds: number
  /** By line: the tick it was last put on the list for. */
  readonly #stamps: Int32Array
  readonly #visits: Visits
  #window = 0
  #epoch = 0
  #isWindow = false
  readonly hosts: Hosts
  /** What the line in hand did since its last visit, after `read`: packets and bytes by METRIC. */
  readonly row = new Float64Array(ROW)
  /** Flows of all lines in the window that ended last: IPv4 incoming, outgoing, then IPv6. */
  readonly flowSums = new Float64Array(4)
  /** Flows of the line in hand in the window that ended, when its visit is the one at the end of a window. */
  windowFlows = 0
  /** Times a list of busy lines had overflowed and all were looked at instead. */
  overflows = 0
  readonly #covered: CoveredTime

  constructor(sources: readonly CountedSource[], timing: SpeedTiming, listener: HostListener) {
    this.#sources = sources
    this.windowSeconds = timing.windowSeconds
    this.#tails = new Int32Array(sources.length)
    this.#covered = new CoveredTime(sources)
    this.#records = sources.map(({ tables }) => new LineRecords(tables.lines, timing.averageSeconds))
    this.#extras = sources.map(({ tables }) => tables.extras && new ExtraCounts(tables.extras))
    this.busy = timing
    const tables = sources.map(source => source.tables)
    this.hosts = new Hosts(tables, listener, (worker, slot) => {
      // Records of a slot that never changed its host are as they were reserved: zero, and without memory yet.
      if (tables[worker]!.generations[slot] === 0) return
      this.#records[worker]!.clear(slot)
      this.#extras[worker]?.clear(slot)
    })
    const lines = this.hosts.capacity * 2
    this.#stamps = new Int32Array(lines)
    this.#visits = { lines: new Int32Array(lines), count: 0 }
  }

  /** See SpeedTiming; the workers take it over with the next tick. */
  set busy({ busyPackets, busyBytes }: BusyMarks) {
    for (const { tables } of this.#sources) {
      tables.control[CONTROL.busyMask] = busyPackets - 1
      tables.control[CONTROL.busyBits] = Math.log2(busyBytes)
    }
  }

  /** Begins tick `epoch` for all workers; with `endedSeconds` a window of flow counting, after one that lasted so long. */
  begin(epoch: number, endedSeconds: number | undefined): void {
    this.#epoch = epoch
    if (endedSeconds !== undefined) {
      this.#window++
      this.windowSeconds = endedSeconds
    }
    for (const { tables } of this.#sources) {
      tables.control[CONTROL.window] = this.#window
      Atomics.store(tables.control, CONTROL.epoch, epoch)
    }
  }

  /** Seconds of traffic that were counted in a tick of `seconds`; call it once a tick, just before its lines are read. */
  coveredSeconds(seconds: number): number {
    return this.#covered.tick(seconds)
  }

  /**
   * Lines (2 x host + direction) to visit in this tick, each once: the busy ones, and with `isWindow`, because a window
   * has ended, all that were touched in it or in the one before.
   */
  due(isWindow: boolean): Visits {
    const visits = this.#visits
    visits.count = 0
    this.#isWindow = isWindow
    if (isWindow) this.flowSums.fill(0)
    for (let worker = 0; worker < this.#sources.length; worker++) {
      this.#addBusy(worker, visits)
      // The window that begins, the one that ended, and the one before that.
      if (isWindow) this.#addTouched(worker, visits, 2)
    }
    return visits
  }

  #addBusy(worker: number, visits: Visits): void {
    const { control, busy } = this.#sources[worker]!.tables
    const head = Atomics.load(control, CONTROL.busyHead)
    const tail = this.#tails[worker]!
    this.#tails[worker] = head
    const count = (head - tail) | 0
    if (count > busy.length) {
      // The list came round before it was read: look at every line that has had traffic.
      this.overflows++
      this.#addTouched(worker, visits, NO_AGE)
      return
    }
    const mask = busy.length - 1
    for (let i = 0; i < count; i++) this.#announce(worker, busy[(tail + i) & mask]!, visits)
  }

  /**
   * Lines that had traffic not more than `windows` windows ago, in the order they lie in memory: the processor then
   * fetches them ahead, which it cannot when they come as packets did.
   */
  #addTouched(worker: number, visits: Visits, windows: number): void {
    const { counters, pageKinds, pageSeen } = this.#sources[worker]!.tables
    const records = this.#records[worker]!
    const window = this.#window
    for (let page = 1; page < pageKinds.length; page++) {
      if (pageKinds[page] === PAGE_FREE || window - pageSeen[page]! > windows) continue
      for (const side of SIDES) {
        const first = lineOf(page * PAGE_SLOTS, side)
        for (let line = first; line < first + PAGE_SLOTS; line++) {
          const stamp = counters[line * LINE + STAMP]!
          if (stamp === 0 || window - stamp > windows) continue
          // Silent in the window that ended: only a late packet of the one before is news.
          if (window - stamp === 2 && !records.isBehind(line, counters, line * LINE)) continue
          this.#announce(worker, line, visits)
        }
      }
    }
  }

  #announce(worker: number, workerLine: number, visits: Visits): void {
    const host = this.hosts.hostAt(worker, slotOfLine(workerLine))
    if (host === 0) return
    const line = host * 2 + sideOfLine(workerLine)
    if (this.#stamps[line] === this.#epoch) return
    this.#stamps[line] = this.#epoch
    visits.lines[visits.count++] = line
  }

  /** Fills `row` with what the line did since its last visit, and takes it into its averages. `nowMs` is when the tick ended. */
  read(line: number, nowMs: number): void {
    const row = this.row
    // For so few numbers a loop costs half of `fill`.
    for (let at = 0; at < ROW; at++) row[at] = 0
    this.windowFlows = 0
    for (let worker = 0; worker < this.#sources.length; worker++) {
      const slot = this.hosts.slotBefore(worker, line >> 1)
      if (slot !== 0) this.#readLine(worker, slot, lineOf(slot, (line & 1) as SideNumber), nowMs)
    }
  }

  #readLine(worker: number, slot: number, line: number, nowMs: number): void {
    const { tables, samplingRate } = this.#sources[worker]!
    const records = this.#records[worker]!
    const { counters } = tables
    const before = records.words
    const row = this.row
    const at = line * LINE
    const kept = line * RECORD_LINE
    let packets = 0
    let bytes = 0
    let most = 0
    for (let word = 0; word < FRAGMENT; word += 2) {
      let nowPackets = counters[at + word]!
      if (nowPackets === before[kept + word]) continue
      let nowBytes = counters[at + word + 1]!
      // What is counted between these two looks would be told with its bytes alone, and a flow record stands for many packets.
      for (let looks = 0; looks < LOOKS_MAX && nowPackets !== Atomics.load(counters, at + word); looks++) {
        nowPackets = Atomics.load(counters, at + word)
        nowBytes = counters[at + word + 1]!
      }
      const passed = (nowPackets - before[kept + word]!) >>> 0
      if (passed > most) most = passed
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
    bytes += this.#extras[worker]?.read(line, row) ?? 0
    // The slot changed its host while we read: what we have belongs to nobody. A look that the processor made too early
    // shows in a counter that went back to zero.
    if (!this.hosts.seemsCurrent(worker, slot) || (most > LEAP && !this.hosts.isCurrent(worker, slot))) {
      row.fill(0)
      return
    }
    row[METRIC.packets]! += packets
    row[METRIC.bytes]! += bytes
    records.average(line, packets, bytes, nowMs | 0, this.windowSeconds)
    if (!this.#isWindow) return
    const family = (tables.pageKinds[slot >> 8]! & PAGE_V6) === 0 ? 0 : 2
    const flows = flowsBefore(tables, line, this.#window)
    this.windowFlows += flows
    this.flowSums[family + sideOfLine(line)]! += flows
  }

  /** Average packets or bytes per second of a line. */
  average(line: number, which: Averaged, nowMs: number): number {
    let sum = 0
    for (let worker = 0; worker < this.#sources.length; worker++) {
      const slot = this.hosts.slotIn(worker, line >> 1)
      if (slot !== 0)
        sum += this.#records[worker]!.read(lineOf(slot, (line & 1) as SideNumber), which, nowMs | 0)
    }
    return sum
  }

  /**
   * Average packets and bytes, and flows in the window that ended last, all per second, of the first `count` hosts of a list:
   * HOST_SPEEDS numbers for each. A loop of its own, so that V8 compiles it once and not with each that asks.
   */
  speedsOf(hosts: Int32Array, count: number, nowMs: number, into: Float64Array): void {
    into.fill(0, 0, count * HOST_SPEEDS)
    for (let i = 0; i < count; i++)
      for (let worker = 0; worker < this.#sources.length; worker++) {
        const slot = this.hosts.slotIn(worker, hosts[i]!)
        if (slot !== 0) this.#addSpeeds(worker, slot, nowMs | 0, into, i * HOST_SPEEDS)
      }
  }

  #addSpeeds(worker: number, slot: number, nowMs: number, into: Float64Array, from: number): void {
    const { tables } = this.#sources[worker]!
    const records = this.#records[worker]!
    for (let side = 0; side < 2; side++) {
      const line = lineOf(slot, side as SideNumber)
      const at = from + side * 3
      into[at]! += records.read(line, 'packets', nowMs)
      into[at + 1]! += records.read(line, 'bytes', nowMs)
      into[at + 2]! += flowsBefore(tables, line, this.#window) / this.windowSeconds
    }
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
      if (slot !== 0)
        sum += read(this.#sources[worker]!.tables, lineOf(slot, (line & 1) as SideNumber), this.#window)
    }
    return sum
  }

  /** Asks the workers to copy every n-th packet of the host (n a power of two; 0 stops). */
  watch(host: number, every: number): void {
    for (const [worker, { tables }] of this.#sources.entries()) {
      const slot = this.hosts.slotIn(worker, host)
      if (slot === 0) continue
      tables.counters[lineOf(slot, 0) * LINE + WATCH] = every
      tables.counters[lineOf(slot, 1) * LINE + WATCH] = every
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
