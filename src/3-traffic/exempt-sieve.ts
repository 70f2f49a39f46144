// Hot path. Takes exempt packets out before they are counted, and counts them as exempt.
//
// Of a ring's block they are unlinked: the slot before one is told the way to the slot after it, and whoever walks the
// block never meets it. The kernel writes these links anew when it fills the block again.

import { SLOT_STATUS, TPACKET3 } from '#1-capture/af-packet/layout.ts'
import { decodeFrame } from '#2-decode/frame/decode-frame.ts'
import { OUTCOME, Sample } from '#2-decode/sample.ts'
import type { Exempt } from './exempt.ts'
import { TOTAL } from './host-tables.ts'

export interface SieveOptions {
  /** Memory the frames lie in. */
  readonly frames: ArrayBuffer
  readonly link: number
  readonly innerTunnels: boolean
  readonly lengthFromIp: boolean
  /** The totals of the worker that counts the other packets. */
  readonly totals: Int32Array
}

const { nextOffset: NEXT, captured: CAPTURED, wire: WIRE, status: STATUS } = TPACKET3
const { offsets: OFFSETS, vlanTci: TCI } = TPACKET3
const VLAN_BITS = 0xfff

export class ExemptSieve {
  /** What is left out now; may be replaced between two blocks. `undefined`: nothing. */
  exempt: Exempt | undefined
  /** Where the first packet of the last block is that was not left out. */
  first = 0
  readonly #options: SieveOptions
  readonly #words: Int32Array
  readonly #view: DataView
  readonly #sample = new Sample()

  constructor(exempt: Exempt | undefined, options: SieveOptions) {
    this.exempt = exempt
    this.#options = options
    this.#words = new Int32Array(options.frames)
    this.#view = new DataView(options.frames)
  }

  /** Unlinks the exempt packets of a block; gives how many remain, of which the first is then at `first`. */
  block(first: number, packets: number): number {
    this.first = first
    if (this.exempt === undefined) return packets
    const words = this.#words
    let kept = 0
    let last = -1
    let at = first
    for (let i = 0; i < packets; i = (i + 1) | 0) {
      const w = at >> 2
      const next = (at + words[w + NEXT]!) | 0
      const frame = (at + (words[w + OFFSETS]! & 0xffff)) | 0
      const tag = (words[w + STATUS]! & SLOT_STATUS.vlanValid) === 0 ? -1 : words[w + TCI]! & VLAN_BITS
      if (this.#test(frame, words[w + CAPTURED]!, words[w + WIRE]!, this.#options.link, tag)) {
        if (last < 0) this.first = next
        else words[(last >> 2) + NEXT] = next - last
      } else {
        last = at
        kept = (kept + 1) | 0
      }
      at = next
    }
    return kept
  }

  /** Whether one frame of the memory is left out; it is counted as exempt then. */
  frame(at: number, captured: number, wire: number, link: number): boolean {
    return this.exempt !== undefined && this.#test(at, captured, wire, link, -1)
  }

  /** `tag`: VLAN identifier that the kernel has taken out of the frame, -1 for none. */
  #test(at: number, captured: number, wire: number, link: number, tag: number): boolean {
    const { innerTunnels, lengthFromIp, totals } = this.#options
    const sample = this.#sample
    if (decodeFrame(this.#view, at, at + captured, link, innerTunnels, sample) !== OUTCOME.decoded)
      return false
    if (this.exempt === undefined || !this.exempt(sample, this.#view, tag < 0 ? sample.vlan : tag))
      return false
    const bytes = lengthFromIp && sample.ipLength > 0 ? sample.ipLength : wire
    totals[TOTAL.exempt] = (totals[TOTAL.exempt]! + 1) | 0
    totals[TOTAL.exempt + 1] = (totals[TOTAL.exempt + 1]! + bytes) | 0
    return true
  }
}
