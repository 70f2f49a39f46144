// A ring of frames in one buffer whose addresses, ports and identifiers change each time they are used.

import { checksumOf, udpChecksumOf } from './checksum.ts'
import { Random } from './random.ts'
import { type Template, templatesOf } from './template.ts'
import type { Traffic, Wire } from './traffic.ts'

/** How many frames a pool holds: the mix of kinds and lengths repeats after them, addresses and ports do not. */
export const POOL_SLOTS = 4096

const CACHE_LINE_BYTES = 64

export class FramePool {
  readonly buffer: ArrayBuffer
  readonly slots = POOL_SLOTS
  readonly slotBytes: number
  /** Frame length of each slot. */
  readonly lengths: Uint32Array
  readonly #templates: readonly Template[]
  readonly #view: DataView
  readonly #random: Random

  constructor(traffic: Traffic, seed: number, wire: Wire = {}) {
    const templates = templatesOf(traffic, wire)
    const order = interleave(
      templates.map(template => template.weight),
      POOL_SLOTS,
    )
    const longest = Math.max(...templates.map(template => template.frame.length))
    this.slotBytes = Math.ceil(longest / CACHE_LINE_BYTES) * CACHE_LINE_BYTES
    this.buffer = new ArrayBuffer(POOL_SLOTS * this.slotBytes)
    this.lengths = new Uint32Array(POOL_SLOTS)
    this.#templates = order.map(index => templates[index]!)
    this.#view = new DataView(this.buffer)
    this.#random = new Random(seed)
    for (const [slot, template] of this.#templates.entries()) {
      new Uint8Array(this.buffer, slot * this.slotBytes).set(template.frame)
      this.lengths[slot] = template.frame.length
    }
  }

  /** Draws new values for `count` frames from slot `first` on. */
  vary(first: number, count: number): void {
    for (let slot = first; slot < first + count; slot++) {
      varyFrame(this.#view, slot * this.slotBytes, this.#templates[slot]!, this.#random)
    }
  }
}

/** Draws a frame's addresses, ports and identifiers, and completes its checksums. Three random numbers a frame, whatever its kind. */
export function varyFrame(view: DataView, at: number, template: Template, random: Random): void {
  const source = template.sources.base | (random.next() & template.sources.mask)
  const target = template.targets.base | (random.next() & template.targets.mask)
  const drawn = random.next()
  view.setUint32(at + template.sourceAt, source)
  view.setUint32(at + template.targetAt, target)
  const addresses = (source >>> 16) + (source & 0xffff) + (target >>> 16) + (target & 0xffff)
  if (template.ipChecksumAt > 0) {
    const identification = (drawn ^ (drawn >>> 16)) & 0xffff
    view.setUint16(at + template.identificationAt, identification)
    view.setUint16(at + template.ipChecksumAt, checksumOf(template.ipSum + addresses + identification))
  }
  let sum = template.transportSum + (template.transportCoversAddresses ? addresses : 0)
  if (template.sourcePortAt > 0) {
    const port = template.sourcePorts.first + (((drawn >>> 16) * template.sourcePorts.count) >>> 16)
    view.setUint16(at + template.sourcePortAt, port)
    sum += port
  }
  if (template.targetPortAt > 0) {
    const port = template.targetPorts.first + (((drawn & 0xffff) * template.targetPorts.count) >>> 16)
    view.setUint16(at + template.targetPortAt, port)
    sum += port
  }
  if (template.transportChecksumAt > 0) {
    view.setUint16(at + template.transportChecksumAt, template.isUdp ? udpChecksumOf(sum) : checksumOf(sum))
  }
}

/**
 * Spreads choices evenly by weight, so that any stretch holds each in its share: every choice gains its weight each
 * turn, the richest is taken and pays the total.
 */
export function interleave(weights: readonly number[], length: number): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const credit = weights.map(() => 0)
  return Array.from({ length }, () => {
    let richest = 0
    for (const [index, weight] of weights.entries()) {
      credit[index] = credit[index]! + weight
      if (credit[index]! > credit[richest]!) richest = index
    }
    credit[richest] = credit[richest]! - total
    return richest
  })
}
