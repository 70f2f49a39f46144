// All exporters of a worker, by the address they send from: which are listened to, and which are refused.

import type { ExporterConfig } from '#1-capture/udp/config.ts'
import { type Address, formatAddress, parseAddress } from '#lib/ip/address.ts'
import { contains, type Prefix, parsePrefix } from '#lib/ip/prefix.ts'
import { ExporterState } from './exporter.ts'
import { DIRECTION, type FlowRecord } from './flow-record.ts'
import type { RateConfig } from './sampling-rates.ts'

export interface ExporterListConfig {
  /** When there are any, all others are refused. */
  readonly exporters: readonly ExporterConfig[]
  readonly fallbackSamplingRate: number
  readonly exportersMax: number
}

/** An exporter that is listened to. */
export class KnownExporter {
  readonly state: ExporterState
  rule: ExporterConfig | undefined
  readonly words: readonly [number, number, number, number]
  readonly family: number
  /** Of another address with the same hash. */
  next: KnownExporter | undefined
  /** Datagrams of no protocol we know. */
  unknownProtocol = 0
  /** Records left out because of countOnly or interfaces. */
  notCounted = 0
  /** By our wall clock (ms since 1970). */
  firstMs = 0
  /** When it was last heard: milliseconds of a clock that nobody sets, so that a stepped wall clock makes nobody silent. */
  heardAt = 0
  #interfaces: ReadonlySet<number> | undefined

  constructor(
    state: ExporterState,
    rule: ExporterConfig | undefined,
    family: number,
    words: readonly [number, number, number, number],
    next: KnownExporter | undefined,
  ) {
    this.state = state
    this.family = family
    this.words = words
    this.next = next
    this.follow(rule)
  }

  /** Goes on by another rule, or by none. */
  follow(rule: ExporterConfig | undefined): void {
    this.rule = rule
    const { interfaces = [] } = rule ?? {}
    this.#interfaces = interfaces.length === 0 ? undefined : new Set(interfaces)
  }

  /** Whether a record is to be counted, by the way it was taken and the interfaces it passed. */
  counts(record: FlowRecord): boolean {
    const { rule } = this
    if (rule === undefined) return true
    const { direction, inputInterface, outputInterface } = record
    if (rule.countOnly === 'ingress' && direction === DIRECTION.egress) return false
    if (rule.countOnly === 'egress' && direction === DIRECTION.ingress) return false
    const interfaces = this.#interfaces
    if (interfaces === undefined) return true
    if (rule.countOnly !== 'egress' && interfaces.has(inputInterface)) return true
    return rule.countOnly !== 'ingress' && interfaces.has(outputInterface)
  }
}

/** What the operator says of exporters, and of whom. */
export class ExporterRules {
  readonly #rules: readonly { readonly prefix: Prefix; readonly config: ExporterConfig }[]
  readonly #fallbackRate: number

  constructor({ exporters, fallbackSamplingRate }: Omit<ExporterListConfig, 'exportersMax'>) {
    this.#fallbackRate = fallbackSamplingRate
    this.#rules = exporters
      .flatMap(exporter => {
        const prefix = parsePrefix(exporter.prefix)
        return prefix === undefined ? [] : [{ prefix, config: exporter }]
      })
      .toSorted((a, b) => b.prefix.length - a.prefix.length)
  }

  /** The rule with the longest prefix. */
  of(address: Address): ExporterConfig | undefined {
    return this.#rules.find(({ prefix }) => contains(prefix, address))?.config
  }

  /** Whether an address is listened to: all are as long as nobody is listed. */
  allows(address: Address): boolean {
    return this.#rules.length === 0 || this.of(address) !== undefined
  }

  ratesBy(rule: ExporterConfig | undefined): RateConfig {
    return {
      override: rule?.samplingRate ?? 0,
      fallback: rule?.fallbackSamplingRate ?? this.#fallbackRate,
    }
  }
}

/** Who was refused, with how many datagrams: so many are told by name. */
const REFUSED_NAMES_MAX = 64
/** An exporter that was silent so long makes room for another one. */
const SILENT_MS = 600_000
/** Room is looked for no oftener than this. */
const SWEEP_MS = 1000

export class ExporterList {
  /** Datagrams of addresses that no rule allows, and of those beyond the bound. */
  refusedDatagrams = 0
  /** Of those that were refused the ones since the list changed last, to which the names in `refused` belong. */
  refusedByList = 0
  overflowDatagrams = 0
  readonly refused = new Map<string, number>()
  #rules: ExporterRules
  #exportersMax: number
  readonly #byHash = new Map<number, KnownExporter>()
  #count = 0
  #sweptAt = Number.NEGATIVE_INFINITY
  #recent: KnownExporter | undefined

  constructor(config: ExporterListConfig) {
    this.#exportersMax = config.exportersMax
    this.#rules = new ExporterRules(config)
  }

  /**
   * Goes on by another list. Whoever is still allowed keeps his templates, learnt rates and counters, by his new rule; all
   * others leave, and are refused from now on.
   */
  change(config: ExporterListConfig): void {
    this.#exportersMax = config.exportersMax
    this.#rules = new ExporterRules(config)
    this.refused.clear()
    this.refusedByList = 0
    this.#keep(known => {
      const address = parseAddress(known.state.address)
      if (address === undefined || !this.#rules.allows(address)) return false
      const rule = this.#rules.of(address)
      known.follow(rule)
      known.state.rates.configure(this.#rules.ratesBy(rule))
      return true
    })
  }

  get count(): number {
    return this.#count
  }

  /** The exporter with this address, as words of the wire (little-endian; IPv4 has one), if it has been seen. */
  find(family: number, a: number, b: number, c: number, d: number): KnownExporter | undefined {
    const recent = this.#recent
    if (recent !== undefined && isOf(recent, family, a, b, c, d)) return recent
    let known = this.#byHash.get(hashOf(a, b, c, d))
    while (known !== undefined && !isOf(known, family, a, b, c, d)) known = known.next
    this.#recent = known
    return known
  }

  /**
   * Listens to an address that `find` does not know; undefined when it is refused, which is counted. `nowMs` is the wall
   * clock, `now` milliseconds of the steady one.
   */
  admit(
    address: Address,
    words: KnownExporter['words'],
    nowMs: number,
    now: number,
  ): KnownExporter | undefined {
    if (!this.#rules.allows(address)) {
      this.#refuse(formatAddress(address))
      return undefined
    }
    if (this.#count >= this.#exportersMax && !this.#makeRoom(now)) {
      this.overflowDatagrams++
      return undefined
    }
    const rule = this.#rules.of(address)
    const state = new ExporterState(formatAddress(address), this.#rules.ratesBy(rule))
    const hash = hashOf(...words)
    const known = new KnownExporter(state, rule, address.family, words, this.#byHash.get(hash))
    known.firstMs = nowMs
    known.heardAt = now
    this.#byHash.set(hash, known)
    this.#count++
    return known
  }

  /** Whether a connection from this address may stay; counted as refused when not. */
  admits(address: Address): boolean {
    if (this.#rules.allows(address)) return true
    this.#refuse(formatAddress(address))
    return false
  }

  *all(): Generator<KnownExporter> {
    for (const first of this.#byHash.values())
      for (let known: KnownExporter | undefined = first; known !== undefined; known = known.next) yield known
  }

  #refuse(address: string): void {
    this.refusedDatagrams++
    this.refusedByList++
    const { refused } = this
    const before = refused.get(address)
    if (before !== undefined || refused.size < REFUSED_NAMES_MAX) refused.set(address, (before ?? 0) + 1)
  }

  #makeRoom(now: number): boolean {
    if (now - this.#sweptAt < SWEEP_MS) return false
    this.#sweptAt = now
    return this.#keep(({ heardAt }) => now - heardAt <= SILENT_MS)
  }

  /** Forgets all that are not to stay; whether there were any. */
  #keep(stays: (known: KnownExporter) => boolean): boolean {
    const before = this.#count
    const stay = [...this.all()].filter(stays)
    this.#byHash.clear()
    this.#recent = undefined
    for (const known of stay) {
      const hash = hashOf(...known.words)
      known.next = this.#byHash.get(hash)
      this.#byHash.set(hash, known)
    }
    this.#count = stay.length
    return stay.length < before
  }
}

const hashOf = (a: number, b: number, c: number, d: number): number =>
  a ^ Math.imul(b, 0x9e37_79b1) ^ Math.imul(c, 0x85eb_ca6b) ^ Math.imul(d, 0xc2b2_ae35)

const isOf = (known: KnownExporter, family: number, a: number, b: number, c: number, d: number): boolean => {
  const { words } = known
  return known.family === family && words[0] === a && words[1] === b && words[2] === c && words[3] === d
}
