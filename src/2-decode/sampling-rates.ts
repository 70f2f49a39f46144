// How many packets one reported packet stands for: what an exporter said, per observation domain and sampler.
//
// The operator's own rate wins over all. Otherwise the best of what the exporter told: in the record itself, for the
// sampler the record names, for its domain, for the exporter as a whole (many routers tell it in a domain of its own);
// where it told nothing, the operator's fallback.

/** Rates above are a mistake or an attack: one datagram would make a flood of nothing. */
export const RATE_MAX = 1 << 24

/** Samplers remembered per domain. */
const SAMPLERS_MAX = 256

/** No sampler is named. */
export const NO_SAMPLER = -1

/** What became of a rate that was told. */
export type Learnt = 'known' | 'changed' | 'refused'

export const isRate = (rate: number): boolean => rate >= 1 && rate <= RATE_MAX

export interface RateConfig {
  /** Used whatever the exporter says; 0 for none. */
  readonly override: number
  /** Used until the exporter says something. */
  readonly fallback: number
}

/** What the domains of one exporter share. */
export class ExporterRates {
  override = 0
  fallback = 1
  /** Learnt last in any domain; 0 for none. */
  learnt = 0

  constructor(config: RateConfig) {
    this.configure(config)
  }

  /** Goes on by what the operator says now; what was learnt stays. */
  configure({ override, fallback }: RateConfig): void {
    this.override = isRate(override) ? override : 0
    this.fallback = isRate(fallback) ? fallback : 1
  }
}

/** The rates of one observation domain. */
export class DomainRates {
  /** Learnt last for any sampler of the domain; 0 for none. */
  learnt = 0
  readonly bySampler = new Map<number, number>()
  private readonly shared: ExporterRates
  private recentSampler = NO_SAMPLER
  private recentRate = 0

  constructor(shared: ExporterRates) {
    this.shared = shared
  }

  /** The rate for records that name this sampler, or NO_SAMPLER. Never 0. */
  rateOf(sampler: number): number {
    const { override, learnt, fallback } = this.shared
    if (override !== 0) return override
    if (sampler !== NO_SAMPLER) {
      const own = this.ownRate(sampler)
      if (own !== 0) return own
    }
    return this.learnt || learnt || fallback
  }

  /** The rate of a record that brings one itself. */
  rateOfRecord(told: number): number {
    return this.shared.override || told
  }

  /** The rate remembered for a sampler (NO_SAMPLER stands for the domain as a whole); 0 for none. */
  ownRate(sampler: number): number {
    if (sampler !== this.recentSampler) {
      this.recentSampler = sampler
      this.recentRate = this.bySampler.get(sampler) ?? 0
    }
    return this.recentRate
  }

  /** Remembers what the exporter told. The bound on samplers refuses new ones and keeps the old. */
  learn(sampler: number, rate: number): Learnt {
    if (!isRate(rate)) return 'refused'
    const before = this.ownRate(sampler)
    if (before === 0 && this.bySampler.size >= SAMPLERS_MAX) return 'refused'
    this.learnt = this.shared.learnt = rate
    if (before === rate) return 'known'
    this.bySampler.set(sampler, rate)
    this.recentSampler = sampler
    this.recentRate = rate
    return 'changed'
  }
}
