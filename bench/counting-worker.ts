// A counting worker over a ring in plain memory, with the clock its reader would be.

import { BLOCK, BLOCK_BYTES } from '#1-capture/af-packet/layout.ts'
import { LINK } from '#2-decode/sample.ts'
import { bindCounting, type Counting, tablesFor } from '#3-traffic/counting.ts'
import { CONTROL, type HostTables } from '#3-traffic/host-tables.ts'
import { assert } from '#lib/assert.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { reserveLargePages } from '#lib/linux/large-pages.ts'
import { type Size, SNAP_BYTES } from './ring-frames.ts'
import type { FilledBlocks } from './tpacket-blocks.ts'

/** Packets of a tick of 100 ms at two million per second, and ticks of a flow window. */
const TICK_PACKETS = 200_000
const WINDOW_TICKS = 10
/** What the product's default limits make of it (busyMarks in 4-detection/limit.ts). */
export const BUSY = { busyPackets: 128, busyBytes: 2 ** 20 }

export class CountingWorker {
  readonly tables: HostTables
  readonly #counting: Counting
  readonly #words: Int32Array
  #tickLeft = 0
  #ticks = 0

  /** `ring` is what it counts; it may be filled anew. */
  static async open(size: Size, ring: ArrayBuffer): Promise<CountingWorker> {
    const prefixes = [size.v4, size.v6].map(text => parsePrefix(text)).filter(prefix => prefix !== undefined)
    const tables = tablesFor(prefixes, size.hosts, SNAP_BYTES, reserveLargePages)
    const counting = await bindCounting(tables, ring, {
      prefixes,
      hostsMax: size.hosts,
      seed: 1,
      link: LINK.ethernet,
      incoming: true,
      outgoing: true,
      internal: 'both',
      flows: 'all',
      lengthFromIp: false,
      innerTunnels: false,
      idleWindows: 60,
    })
    return new CountingWorker(counting, tables, ring)
  }

  private constructor(counting: Counting, tables: HostTables, ring: ArrayBuffer) {
    this.#counting = counting
    this.tables = tables
    this.#words = new Int32Array(ring)
    tables.control[CONTROL.busyMask] = BUSY.busyPackets - 1
    tables.control[CONTROL.busyBits] = Math.log2(BUSY.busyBytes)
  }

  /** Counts one block; ticks are begun by a reader, or not at all. Returns its packets. */
  countBlock(block: number): number {
    const base = block * BLOCK_BYTES
    const packets = this.#words[(base >> 2) + BLOCK.packets]!
    this.#counting.syncEpoch()
    this.#counting.countBlock(base + this.#words[(base >> 2) + BLOCK.first]!, packets)
    return packets
  }

  /** Counts all blocks; ticks and flow windows go by as they would at two million packets per second. */
  countInTime({ blocks }: Pick<FilledBlocks, 'blocks'>): void {
    for (let block = 0; block < blocks; block++) {
      if (this.#tickLeft <= 0) this.#beginTick()
      this.#tickLeft -= this.countBlock(block)
    }
  }

  /** Counts until two flow windows have passed: by then it has suited itself to the number of hosts. */
  settle(ring: Pick<FilledBlocks, 'blocks'>): void {
    for (const end = this.#ticks + 2 * WINDOW_TICKS + 1; this.#ticks < end; ) this.countInTime(ring)
  }

  #beginTick(): void {
    this.#tickLeft += TICK_PACKETS
    const { control } = this.tables
    control[CONTROL.window] = Math.floor(this.#ticks / WINDOW_TICKS) + 1
    this.#ticks++
    Atomics.store(control, CONTROL.epoch, this.#ticks)
  }

  /** Counts block after block, round the ring, until a tick's packets have passed. */
  countTick({ blocks }: Pick<FilledBlocks, 'blocks'>, firstBlock: number): number {
    assert(blocks > 0, 'a ring has blocks')
    let block = firstBlock
    for (let left = TICK_PACKETS; left > 0; block = (block + 1) % blocks) left -= this.countBlock(block)
    return block
  }
}
