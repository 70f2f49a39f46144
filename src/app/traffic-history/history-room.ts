// Keeps traffic as it was: asks the engine once a second, holds the last day in memory, and has each five minutes kept.

import type { MetricSource } from '#lib/metrics/metric.ts'
import type { TrafficDay, TrafficTens } from '#store/change.ts'
import { COLUMNS } from '../engine-worker/columns.ts'
import { FIRST_SERIES, type Rates, type RatesKnown } from '../engine-worker/rates.ts'
import { HostHistory } from './host-history.ts'
import { coarseSeries, fineSeries, type Series } from './series.ts'

export interface HistoryRoomOptions {
  /** Rejects when the engine does not answer: then the second stays unknown. */
  readonly rates: (known: RatesKnown) => Promise<Rates>
  readonly keep: (day: TrafficDay) => void
  readonly keepTens: (tens: TrafficTens) => void
  /** Hears what open attacks do; missing: nobody does. */
  readonly attacks?: (at: number, rates: Rates['attacks']) => void
}

/** So many networks and as many hostgroups are kept by the second and by ten: 350 KB each. Further ones by five minutes alone. */
export const FINE_MAX = 128
/** Series whose five minutes go to the disk in a second, so that a thousand at once hold up nothing else that is to be kept. */
const KEPT_PER_SECOND = 32

/** Packets, bits and flows per second, of two directions: COLUMNS numbers that begin at a place. */
export interface Row {
  readonly name: string
  readonly numbers: Float32Array
  readonly at: number
}

type Names = NonNullable<Rates['names']>
const NOBODY: Names = { networks: [], hostgroups: [] }

export class HistoryRoom {
  readonly #options: HistoryRoomOptions
  readonly #series = new Map<string, Series>()
  /** In the order of their numbers. */
  #order: readonly (readonly [name: string, series: Series])[] = []
  #told = NOBODY
  #newest: Rates | undefined
  #version = -1
  readonly hosts = new HostHistory()
  #isAsking = false
  /** Series whose five minutes are over and that wait to be kept, oldest first. */
  readonly #due = new Set<string>()

  constructor(options: HistoryRoomOptions) {
    this.#options = options
  }

  /** Call once a second. */
  second(): void {
    if (this.#isAsking) return
    this.#isAsking = true
    this.#options
      .rates({ names: this.#version, hosts: this.hosts.version })
      .then(rates => this.take(rates))
      .catch(() => {})
      .finally(() => {
        this.#isAsking = false
      })
  }

  take(rates: Rates): void {
    const { at, version, names, numbers } = rates
    if (names !== undefined) {
      this.#version = version
      this.#told = names
      this.#follow(names)
    }
    this.#newest = rates
    this.#options.attacks?.(at, rates.attacks)
    const second = Math.floor(at / 1000)
    for (const [place, [name, series]] of this.#order.entries())
      if (series.push(second, numbers, place * COLUMNS)) this.#due.add(name)
    for (const name of this.hosts.take(second, rates.hosts)) this.#due.add(name)
    this.#keep(KEPT_PER_SECOND)
  }

  #follow({ networks, hostgroups }: Names): void {
    const wanted: (readonly [string, boolean])[] = [
      ...FIRST_SERIES.map(name => [name, true] as const),
      ...networks.map((prefix, at) => [`network:${prefix}`, at < FINE_MAX] as const),
      ...hostgroups.map((name, at) => [`hostgroup:${name}`, at < FINE_MAX] as const),
    ]
    const before = new Map(this.#series)
    this.#series.clear()
    for (const [name, isFine] of wanted) {
      const known = before.get(name)
      const kind = isFine ? 'fine' : 'coarse'
      this.#series.set(name, known?.kind === kind ? known : isFine ? fineSeries() : coarseSeries())
    }
    this.#order = [...this.#series]
    for (const name of this.#due) if (this.get(name) === undefined) this.#due.delete(name)
  }

  #keep(most: number): void {
    let left = most
    for (const name of this.#due) {
      if (left-- === 0) return
      this.#due.delete(name)
      const series = this.get(name)
      if (series === undefined) continue
      this.#options.keep({ series: name, ...series.day })
      const { tens } = series
      if (tens !== undefined) this.#options.keepTens({ series: name, ...tens })
    }
  }

  /** What waits is kept now, and what is known of the five minutes in progress: the daemon stops. */
  stopping(): void {
    this.#keep(this.#due.size)
    for (const [name, series] of [...this.#order, ...this.hosts.kept]) if (series.end()) this.#due.add(name)
    this.#keep(this.#due.size)
  }

  get(name: string): Series | undefined {
    return this.#series.get(name) ?? this.hosts.get(name)
  }

  /** As it is now, in the order of the configuration; `undefined` while nobody has told yet. */
  now(what: keyof Names): { readonly at: number; readonly rows: readonly Row[] } | undefined {
    if (this.#newest === undefined) return undefined
    const { at, numbers } = this.#newest
    const first = FIRST_SERIES.length + (what === 'networks' ? 0 : this.#told.networks.length)
    const rows = this.#told[what].map((name, place) => ({ name, numbers, at: (first + place) * COLUMNS }))
    return { at, rows }
  }

  readonly metrics: MetricSource = () => [
    { name: 'floodwarden_traffic_series', value: this.#series.size },
    { name: 'floodwarden_traffic_series_left_out', value: this.#newest?.left ?? 0 },
    { name: 'floodwarden_traffic_hosts', value: this.hosts.kept.length },
    { name: 'floodwarden_traffic_hosts_left_out', value: this.hosts.left },
  ]
}
