// Hot path. Where the samples of one observation domain come from: sequence, rate, and what was there to be sampled.
//
// Each source (an interface, a VLAN, a line card) numbers its samples itself, flows, discards and counters apart.

import { Sequence } from '#2-decode/sequence.ts'
import { SOURCE_CLASS } from './formats.ts'

const { interface: INTERFACE } = SOURCE_CLASS

/** Sources found without a look into the table, by the last bits of their key. */
const RECENT = 64

export class DataSource {
  readonly key: number
  readonly sequence = new Sequence(false)
  seenMs = 0.5
  /** Rate the exporter stated last; 0 before it stated one. */
  rate = 0.5
  /** Samples that came. */
  samples = 0.5
  /** Packets that could have been sampled, since the first sample: with `samples` the rate as it really was. */
  pooled = 0.5
  /** Totals of the exporter, modulo 2^32 and signed, once there were any. */
  private pool = 0
  private drops = 0
  private hasTotals = false

  constructor(key: number) {
    this.key = key
    this.seenMs = this.rate = this.samples = this.pooled = 0
  }

  /**
   * Takes over the totals of packets that could have been sampled, and of samples that the exporter lost itself. Returns by
   * how many the latter grew. A total that falls back is that of a restart.
   */
  followTotals(pool: number, drops: number): number {
    const pooled = (pool - this.pool) | 0
    const dropped = (drops - this.drops) | 0
    this.pool = pool
    this.drops = drops
    if (!this.hasTotals) {
      this.hasTotals = true
      return 0
    }
    if (pooled > 0) this.pooled += pooled
    return dropped > 0 ? dropped : 0
  }

  restart(): void {
    this.sequence.restart()
    this.hasTotals = false
  }
}

/** The number a source is known by: of an interface its index, of others with the class above 32 bits. */
export const sourceKey = (sourceClass: number, index: number): number =>
  sourceClass === INTERFACE ? index : sourceClass * 0x1_0000_0000 + index

/** Sources of one kind of samples. Whoever adds one keeps to the bound. */
export class DataSources {
  private readonly byKey = new Map<number, DataSource>()
  private readonly recent: (DataSource | undefined)[] = Array.from({ length: RECENT })

  get count(): number {
    return this.byKey.size
  }

  find(key: number): DataSource | undefined {
    const recent = this.recent[key & (RECENT - 1)]
    return recent !== undefined && recent.key === key ? recent : this.findOther(key)
  }

  add(key: number): DataSource {
    const source = new DataSource(key)
    this.byKey.set(key, source)
    return source
  }

  values(): Iterable<DataSource> {
    return this.byKey.values()
  }

  /** Forgets sources not seen for so long; returns how many. */
  expire(nowMs: number, unseenMs: number): number {
    let forgotten = 0
    for (const [key, source] of this.byKey) {
      if (nowMs - source.seenMs <= unseenMs) continue
      this.byKey.delete(key)
      forgotten++
    }
    if (forgotten > 0) this.recent.fill(undefined)
    return forgotten
  }

  restart(): void {
    for (const source of this.byKey.values()) source.restart()
  }

  private findOther(key: number): DataSource | undefined {
    const found = this.byKey.get(key)
    if (found !== undefined) this.recent[key & (RECENT - 1)] = found
    return found
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
