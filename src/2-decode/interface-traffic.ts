// Hot path. What the records of one exporter say of its interfaces: packets and bytes in and out of each, with a bound.
//
// A record tells of traffic that came in at one interface and went out at another. Where an interface is watched both ways
// the same packets may be told of twice, so what was recorded coming in and what was recorded going out are kept apart.

import { DIRECTION, type FlowRecord } from './flow-record.ts'

/** More interfaces of one exporter are counted together. */
export const INTERFACES_MAX = 1024

/** Places of one interface: by where it was recorded, then packets and bytes. */
export const TRAFFIC = {
  inByIngress: 0,
  inByEgress: 2,
  outByIngress: 4,
  outByEgress: 6,
  words: 8,
} as const

const WINDOW_MS = 30_000

export class InterfaceTraffic {
  /** Totals by interface, as TRAFFIC says. */
  readonly byIndex = new Map<number, Float64Array>()
  /** The totals of about half a minute ago and of before, for rates; by the steady clock. */
  private newer: ReadonlyMap<number, Float64Array> = new Map()
  private newerAt = 0
  private older: ReadonlyMap<number, Float64Array> = new Map()
  private olderAt = 0
  /** Packets of interfaces that found no room. */
  unlistedPackets = 0
  /** Of the record before: most name the same ones again, but seldom the same for in and out. */
  private lastInput = -1
  private input: Float64Array | undefined
  private lastOutput = -1
  private output: Float64Array | undefined

  /** Adds a record, multiplied by its sampling rate. */
  count(record: FlowRecord): void {
    const { inputInterface, outputInterface, direction } = record
    const packets = record.packets * record.rate
    const bytes = record.bytes * record.rate
    const isEgress = direction === DIRECTION.egress
    if (inputInterface !== 0) {
      if (inputInterface !== this.lastInput) {
        this.lastInput = inputInterface
        this.input = this.totalsOf(inputInterface)
      }
      this.add(this.input, isEgress ? TRAFFIC.inByEgress : TRAFFIC.inByIngress, packets, bytes)
    }
    if (outputInterface !== 0) {
      if (outputInterface !== this.lastOutput) {
        this.lastOutput = outputInterface
        this.output = this.totalsOf(outputInterface)
      }
      this.add(this.output, isEgress ? TRAFFIC.outByEgress : TRAFFIC.outByIngress, packets, bytes)
    }
  }

  /** Nothing was counted before; `now` in milliseconds of a clock that does not go back. */
  begin(now: number): void {
    this.newerAt = this.olderAt = now
  }

  /** To be called every few seconds. */
  roll(now: number): void {
    if (now - this.newerAt < WINDOW_MS) return
    this.older = this.newer
    this.olderAt = this.newerAt
    this.newer = new Map([...this.byIndex].map(([index, totals]) => [index, totals.slice()]))
    this.newerAt = now
  }

  /** Totals of an interface by the second, of the last half to whole minute. */
  ratesOf(index: number, now: number): Float64Array {
    const rates = this.byIndex.get(index)?.slice() ?? new Float64Array(TRAFFIC.words)
    const before = this.older.get(index)
    const seconds = Math.max(1, (now - this.olderAt) / 1000)
    for (let at = 0; at < TRAFFIC.words; at++) rates[at] = ((rates[at] ?? 0) - (before?.[at] ?? 0)) / seconds
    return rates
  }

  private add(totals: Float64Array | undefined, at: number, packets: number, bytes: number): void {
    if (totals === undefined) {
      this.unlistedPackets += packets
      return
    }
    totals[at]! += packets
    totals[at + 1]! += bytes
  }

  /** `undefined`: there is no room for it, and never will be. */
  private totalsOf(index: number): Float64Array | undefined {
    const known = this.byIndex.get(index)
    if (known !== undefined || this.byIndex.size >= INTERFACES_MAX) return known
    const totals = new Float64Array(TRAFFIC.words)
    this.byIndex.set(index, totals)
    return totals
  }
}
