// Hot path. Where the samples of one observation domain come from: sequence, rate, and what was there to be sampled.
//
// Each source (an interface, a VLAN, a line card) numbers its samples itself, flows, discards and counters apart.

import { Sequence } from '#2-decode/sequence.ts'
import { SOURCE_CLASS } from './formats.ts'

const { interface: INTERFACE } = SOURCE_CLASS

export class DataSource {
  readonly sequence = new Sequence(false)
  seenMs = 0.5
  /** Rate the exporter stated last; 0 before it stated one. */
  rate = 0.5
  /** Samples that came. */
  samples = 0.5
  /** Packets that could have been sampled, since the first sample: with `samples` the rate as it really was. */
  pooled = 0.5
  /** Totals of the exporter, modulo 2^32; -1 before it stated them. */
  pool = 0.5
  drops = 0.5

  constructor() {
    this.seenMs = this.rate = this.samples = this.pooled = 0
    this.pool = this.drops = -1
  }

  /** Takes over the total of packets that could have been sampled. A total that falls back is that of a restart. */
  followPool(pool: number): void {
    const grown = (pool - this.pool) >>> 0
    if (this.pool >= 0 && grown < 0x8000_0000) this.pooled += grown
    this.pool = pool
  }

  restart(): void {
    this.sequence.restart()
    this.pool = this.drops = -1
  }

  /** Takes over the total of samples the exporter lost itself; returns by how many it grew. */
  followDrops(drops: number): number {
    const grown = (drops - this.drops) >>> 0
    const isKnown = this.drops >= 0 && grown < 0x8000_0000
    this.drops = drops
    return isKnown ? grown : 0
  }
}

/** The number a source is known by: of an interface its index, of others with the class above 32 bits. */
export const sourceKey = (sourceClass: number, index: number): number =>
  sourceClass === INTERFACE ? index : sourceClass * 0x1_0000_0000 + index

/** Sources of one kind of samples. Whoever adds one keeps to the bound. */
export class DataSources {
  private readonly byKey = new Map<number, DataSource>()
  private recentKey = -1
  private recent: DataSource | undefined

  get count(): number {
    return this.byKey.size
  }

  find(key: number): DataSource | undefined {
    if (key === this.recentKey) return this.recent
    const found = this.byKey.get(key)
    if (found !== undefined) {
      this.recentKey = key
      this.recent = found
    }
    return found
  }

  add(key: number): DataSource {
    const source = new DataSource()
    this.byKey.set(key, source)
    return source
  }

  entries(): Iterable<[key: number, source: DataSource]> {
    return this.byKey.entries()
  }

  /** Forgets sources not seen for so long; returns how many. */
  expire(nowMs: number, unseenMs: number): number {
    let forgotten = 0
    for (const [key, source] of this.byKey) {
      if (nowMs - source.seenMs <= unseenMs) continue
      this.byKey.delete(key)
      forgotten++
    }
    if (forgotten > 0) this.recentKey = -1
    return forgotten
  }

  restart(): void {
    for (const source of this.byKey.values()) source.restart()
  }
}

/** All sources of a domain. */
export class SamplingSources {
  readonly flows = new DataSources()
  readonly discards = new DataSources()
  readonly counters = new DataSources()

  get count(): number {
    return this.flows.count + this.discards.count + this.counters.count
  }

  expire(nowMs: number, unseenMs: number): number {
    return (
      this.flows.expire(nowMs, unseenMs) +
      this.discards.expire(nowMs, unseenMs) +
      this.counters.expire(nowMs, unseenMs)
    )
  }

  /** The exporter began anew, and with it the numbers of all its sources. */
  restart(): void {
    this.flows.restart()
    this.discards.restart()
    this.counters.restart()
  }
}
