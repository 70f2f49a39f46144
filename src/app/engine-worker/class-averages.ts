// Average speeds of each line by class of traffic, for an exporter that wants them: what was counted since its last look.
//
// The engine itself keeps averages of packets and bytes only. These cost memory for hosts with traffic and only when
// somebody asks for them; a look is cheap for a line that was silent.

import { CLASS, COUNTED_WORDS, FRAGMENT, LINE, lineOf, type SideNumber } from '#3-traffic/host-tables.ts'
import type { Hosts } from '#3-traffic/hosts.ts'
import type { CountedSource } from '#3-traffic/speed.ts'

/** Position of packets per second in a row; bytes per second stand behind. TCP with SYN is TCP too. */
export const CLASS_COLUMN = { udp: 0, tcp: 2, tcpSyn: 4, icmp: 6, fragmented: 8 } as const
export const CLASS_COLUMNS = 10

/** Words of a line that are kept: those of the classes with a name, and of fragments. */
const FIRST = CLASS.udp
const KEPT = COUNTED_WORDS - FIRST

interface Kept {
  readonly source: CountedSource
  /** By line: its counters at the last look, and averages per second. */
  readonly before: Int32Array
  readonly averages: Float32Array
  /** By line: when that was, in ms; 0 for never. */
  readonly looked: Float64Array
  /** By line: whose counters these were. */
  readonly generations: Int32Array
}

export class ClassAverages {
  readonly #workers: readonly Kept[]
  readonly #constant: number

  /** `averageSeconds`: time constant of the averages. */
  constructor(sources: readonly CountedSource[], averageSeconds: number) {
    // Memory that is never touched costs nothing.
    this.#workers = sources.map(source => ({
      source,
      before: new Int32Array(source.tables.lines * KEPT),
      averages: new Float32Array(source.tables.lines * KEPT),
      looked: new Float64Array(source.tables.lines),
      generations: new Int32Array(source.tables.lines),
    }))
    this.#constant = averageSeconds
  }

  /** Adds the averages of a host and direction at `nowMs` to the row that begins at `at`. */
  addTo(row: Float32Array, at: number, hosts: Hosts, host: number, side: SideNumber, nowMs: number): void {
    for (const [worker, kept] of this.#workers.entries()) {
      const slot = hosts.slotIn(worker, host)
      if (slot === 0) continue
      const line = lineOf(slot, side)
      this.#look(kept, slot, line, nowMs)
      const average = (word: number) => kept.averages[line * KEPT + word - FIRST]!
      for (const which of [0, 1]) {
        row[at + CLASS_COLUMN.udp + which]! += average(CLASS.udp + which)
        row[at + CLASS_COLUMN.tcp + which]! += average(CLASS.tcp + which) + average(CLASS.syn + which)
        row[at + CLASS_COLUMN.tcpSyn + which]! += average(CLASS.syn + which)
        row[at + CLASS_COLUMN.icmp + which]! += average(CLASS.icmp + which)
        row[at + CLASS_COLUMN.fragmented + which]! += average(FRAGMENT + which)
      }
    }
  }

  #look({ source, before, averages, looked, generations }: Kept, slot: number, line: number, nowMs: number) {
    const { counters, generations: now } = source.tables
    const own = line * KEPT
    if (generations[line] !== now[slot]) {
      // Another host has the slot, and its counters began at zero.
      before.fill(0, own, own + KEPT)
      averages.fill(0, own, own + KEPT)
      looked[line] = 0
      generations[line] = now[slot]!
    }
    const seconds = looked[line] === 0 ? 1 : (nowMs - looked[line]!) / 1000
    if (seconds <= 0) return
    looked[line] = nowMs
    const step = Math.exp(-seconds / this.#constant)
    for (let word = 0; word < KEPT; word++) {
      const counted = counters[line * LINE + FIRST + word]!
      const passed = ((counted - before[own + word]!) >>> 0) * source.samplingRate
      before[own + word] = counted
      averages[own + word] = averages[own + word]! * step + (passed / seconds) * (1 - step)
    }
  }
}
