// Hot path. Flow records spread over time: a record of 60 s that arrives at once adds its mean rate for the next 60 s.
//
// Each packet is counted once, neither earlier than the record nor in a heap: flows that last and are told of every T
// seconds add up to the rate they have, because each record's time ends when the next one comes (ADR 0024). Records of one
// line and class share a block: the sum of their rates, and a ring that says how much of it ends when. So a record costs a
// few additions however long it lasts, and memory goes with lines, not with records.

import { slotOfLine } from './host-tables.ts'

/** Time is cut so for the ends of records; a record lasts until the end of a piece. */
const PIECE_MS = 500
/** Pieces of a block's ring: the longest record there is, and one more. */
const PIECES = 128
const PIECES_MASK = PIECES - 1
/** Records last no longer than this; of longer ones the rest is left out. */
export const SPREAD_MS_MAX = 60_000
/** Shorter records are counted when they arrive. */
export const SPREAD_MS_MIN = 250

/** Hears what is to be counted for a line now. */
export type Credit = (line: number, mark: number, packets: number, bytes: number) => void

export class Spread {
  /** Blocks that are in use. */
  used = 0
  /** Records that found no block, and were counted at once. */
  refused = 0
  /** Blocks whose host had lost its place before all of it was counted. */
  lost = 0
  private readonly credit: Credit
  private readonly generations: Int32Array
  private readonly capacity: number
  /** By line the first of its blocks, 0 for none; the others follow by `next`. */
  private readonly first: Int32Array
  private readonly next: Int32Array
  private readonly lines: Int32Array
  private readonly marks: Int32Array
  private readonly born: Int32Array
  private readonly ends: Float64Array
  /** Packets and bytes per millisecond. */
  private readonly packetRates: Float64Array
  private readonly byteRates: Float64Array
  /** What has come due and is less than a packet. */
  private readonly packetsDue: Float64Array
  private readonly bytesDue: Float64Array
  private readonly packetEnds: Float64Array
  private readonly byteEnds: Float64Array
  /** Blocks in use, without gaps, then those that are free. */
  private readonly blocks: Int32Array
  private nowMs = 0.5

  /** For so many lines; `generations` are those of their slots (HostTables). */
  constructor(capacity: number, lines: number, generations: Int32Array, credit: Credit) {
    this.credit = credit
    this.generations = generations
    this.capacity = capacity
    this.first = new Int32Array(lines)
    this.next = new Int32Array(capacity + 1)
    this.lines = new Int32Array(capacity + 1)
    this.marks = new Int32Array(capacity + 1)
    this.born = new Int32Array(capacity + 1)
    this.ends = new Float64Array(capacity + 1)
    this.packetRates = new Float64Array(capacity + 1)
    this.byteRates = new Float64Array(capacity + 1)
    this.packetsDue = new Float64Array(capacity + 1)
    this.bytesDue = new Float64Array(capacity + 1)
    this.packetEnds = new Float64Array((capacity + 1) * PIECES)
    this.byteEnds = new Float64Array((capacity + 1) * PIECES)
    this.blocks = Int32Array.from({ length: capacity }, (_, at) => at + 1)
    this.nowMs = 0
  }

  /** Has packets and bytes counted evenly over `durationMs` from now on; false when there is no room for them. */
  add(line: number, mark: number, packets: number, bytes: number, durationMs: number): boolean {
    const block = this.blockOf(line, mark)
    if (block === 0) {
      this.refused++
      return false
    }
    const end = Math.ceil((this.nowMs + durationMs) / PIECE_MS)
    const lasts = end * PIECE_MS - this.nowMs
    const packetRate = packets / lasts
    const byteRate = bytes / lasts
    this.packetRates[block] = this.packetRates[block]! + packetRate
    this.byteRates[block] = this.byteRates[block]! + byteRate
    const at = block * PIECES + (end & PIECES_MASK)
    this.packetEnds[at] = this.packetEnds[at]! + packetRate
    this.byteEnds[at] = this.byteEnds[at]! + byteRate
    if (end > this.ends[block]!) this.ends[block] = end
    return true
  }

  /** Counts what has come due until `nowMs`, on a clock that does not go back. */
  advance(nowMs: number): void {
    // After a long sleep everything has ended: its pieces need not be gone through one by one.
    if (nowMs - this.nowMs > 2 * SPREAD_MS_MAX && this.used === 0) this.nowMs = nowMs
    while (this.nowMs < nowMs) {
      const piece = Math.floor(this.nowMs / PIECE_MS) + 1
      const isEnd = piece * PIECE_MS <= nowMs
      const until = isEnd ? piece * PIECE_MS : nowMs
      this.step(until - this.nowMs, isEnd ? piece : -1)
      this.nowMs = until
    }
  }

  /** `piece` has ended, -1 for none. Backwards, because a block that ends gives its place to the last one. */
  private step(lastedMs: number, piece: number): void {
    for (let place = this.used - 1; place >= 0; place--) {
      const block = this.blocks[place]!
      const line = this.lines[block]!
      this.packetsDue[block] = this.packetsDue[block]! + this.packetRates[block]! * lastedMs
      this.bytesDue[block] = this.bytesDue[block]! + this.byteRates[block]! * lastedMs
      const isOver = piece >= 0 && this.endPiece(block, piece)
      if (this.generations[slotOfLine(line)] !== this.born[block]) {
        this.lost++
        this.packetEnds.fill(0, block * PIECES, (block + 1) * PIECES)
        this.byteEnds.fill(0, block * PIECES, (block + 1) * PIECES)
        this.release(block, place)
        continue
      }
      // Sums of fractions are a little off: the last packet is counted at the end.
      const packets = isOver ? Math.round(this.packetsDue[block]!) : Math.floor(this.packetsDue[block]!)
      if (packets > 0) {
        const bytes = isOver ? Math.round(this.bytesDue[block]!) : Math.floor(this.bytesDue[block]!)
        this.packetsDue[block] = this.packetsDue[block]! - packets
        this.bytesDue[block] = this.bytesDue[block]! - bytes
        this.credit(line, this.marks[block]!, packets, bytes)
      }
      if (isOver) this.release(block, place)
    }
  }

  /** Takes away the rates that end with this piece; true when none is left. */
  private endPiece(block: number, piece: number): boolean {
    const at = block * PIECES + (piece & PIECES_MASK)
    this.packetRates[block] = Math.max(0, this.packetRates[block]! - this.packetEnds[at]!)
    this.byteRates[block] = Math.max(0, this.byteRates[block]! - this.byteEnds[at]!)
    this.packetEnds[at] = this.byteEnds[at] = 0
    return piece >= this.ends[block]!
  }

  private blockOf(line: number, mark: number): number {
    const born = this.generations[slotOfLine(line)]!
    for (let block = this.first[line]!; block !== 0; block = this.next[block]!)
      if (this.marks[block] === mark && this.born[block] === born) return block
    if (this.used === this.capacity) return 0
    const block = this.blocks[this.used++]!
    this.lines[block] = line
    this.marks[block] = mark
    this.born[block] = born
    this.next[block] = this.first[line]!
    this.first[line] = block
    return block
  }

  private release(block: number, place: number): void {
    const line = this.lines[block]!
    let before = 0
    for (let other = this.first[line]!; other !== block; other = this.next[other]!) before = other
    if (before === 0) this.first[line] = this.next[block]!
    else this.next[before] = this.next[block]!
    this.packetRates[block] = this.byteRates[block] = this.packetsDue[block] = this.bytesDue[block] = 0
    this.ends[block] = 0
    this.used--
    this.blocks[place] = this.blocks[this.used]!
    this.blocks[this.used] = block
  }
}
