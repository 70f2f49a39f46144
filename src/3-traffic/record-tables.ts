// Tables for counting flow records: those of a capture worker, and beside each line what a record adds that packets never do.
//
// One record may stand for terabytes, which counters of 32 bits would go round several times for between two visits, and
// it may say that its packets were dropped. So bytes beyond LARGE_BYTES are counted in units of that.

import { tablesForAny } from './counting.ts'
import { CLASS, EXTRA_WORDS, FRAGMENT, type HostTables, lineOf, type Reserve } from './host-tables.ts'
import { METRIC } from './metric.ts'

/**
 * The EXTRA_WORDS beside a line: packets and bytes that were dropped, large bytes of those, then large bytes of each class
 * and of fragments, which stand in pairs in a line and here a word each.
 */
export const EXTRA = { droppedPackets: 0, droppedBytes: 1, droppedLarge: 2, large: 3 } as const
/** The unit of large bytes. */
export const LARGE_BYTES = 65_536

/** Reserves tables for any networks, with the words beside. What is never touched costs nothing. */
export function tablesForRecords(hostsMax: number, snapBytes: number, reserve?: Reserve): HostTables {
  const tables = tablesForAny(hostsMax, snapBytes, reserve)
  return { ...tables, extras: new Int32Array(new SharedArrayBuffer(tables.lines * EXTRA_WORDS * 4)) }
}

/** Where the bytes of each class stand in a row; TCP with SYN is TCP too. */
const BYTES_OF: readonly (readonly [word: number, metrics: readonly number[]])[] = [
  [CLASS.other, []],
  [CLASS.udp, [METRIC.udpBytes]],
  [CLASS.tcp, [METRIC.tcpBytes]],
  [CLASS.syn, [METRIC.synBytes, METRIC.tcpBytes]],
  [CLASS.icmp, [METRIC.icmpBytes]],
]

/** The reader's side: what stands beside the lines of one worker. */
export class ExtraCounts {
  readonly #extras: Int32Array
  readonly #before: Int32Array

  constructor(extras: Int32Array) {
    this.#extras = extras
    this.#before = new Int32Array(extras.length)
  }

  /** A slot begins to count another host, from zero. */
  clear(slot: number): void {
    for (const side of [0, 1] as const) {
      const at = lineOf(slot, side) * EXTRA_WORDS
      this.#before.fill(0, at, at + EXTRA_WORDS)
    }
  }

  /** Adds to the row what was counted beside the line since its last visit; gives the bytes of all classes in it. */
  read(line: number, row: Float64Array): number {
    const at = line * EXTRA_WORDS
    const dropped = this.#passed(at + EXTRA.droppedPackets)
    if (dropped !== 0) {
      row[METRIC.droppedPackets]! += dropped
      row[METRIC.droppedBytes]! += this.#passed(at + EXTRA.droppedBytes)
    }
    row[METRIC.droppedBytes]! += this.#passed(at + EXTRA.droppedLarge) * LARGE_BYTES
    row[METRIC.fragmentBytes]! += this.#passed(at + EXTRA.large + FRAGMENT / 2) * LARGE_BYTES
    let sum = 0
    for (const [word, metrics] of BYTES_OF) {
      const bytes = this.#passed(at + EXTRA.large + word / 2) * LARGE_BYTES
      if (bytes === 0) continue
      sum += bytes
      for (const metric of metrics) row[metric]! += bytes
    }
    return sum
  }

  #passed(at: number): number {
    const now = this.#extras[at]!
    const passed = (now - this.#before[at]!) >>> 0
    this.#before[at] = now
    return passed
  }
}
