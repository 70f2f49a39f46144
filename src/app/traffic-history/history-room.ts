// Keeps traffic as it was: asks the engine once a second, holds the last day in memory, and has each five minutes kept.

import type { MetricSource } from '#lib/metrics/metric.ts'
import type { TrafficDay } from '#store/change.ts'
import { COLUMNS, FIRST_SERIES, type Rates } from '../engine-worker/rates.ts'
import { Series } from './series.ts'

export interface HistoryRoomOptions {
  /** Rejects when the engine does not answer: then the second stays unknown. */
  readonly rates: (known: number) => Promise<Rates>
  readonly keep: (day: TrafficDay) => void
}

export class HistoryRoom {
  readonly #options: HistoryRoomOptions
  readonly #series = new Map<string, Series>()
  #names: readonly string[] = []
  #version = -1
  #left = 0
  #isAsking = false

  constructor(options: HistoryRoomOptions) {
    this.#options = options
  }

  /** Call once a second. */
  second(): void {
    if (this.#isAsking) return
    this.#isAsking = true
    this.#options
      .rates(this.#version)
      .then(rates => this.take(rates))
      .catch(() => {})
      .finally(() => {
        this.#isAsking = false
      })
  }

  take({ at, version, networks, left, numbers }: Rates): void {
    if (networks !== undefined) {
      this.#version = version
      this.#left = left
      this.#names = [...FIRST_SERIES, ...networks.map(prefix => `network:${prefix}`)]
      for (const name of this.#series.keys()) if (!this.#names.includes(name)) this.#series.delete(name)
      for (const name of this.#names) if (!this.#series.has(name)) this.#series.set(name, new Series())
    }
    const second = Math.floor(at / 1000)
    for (const [place, name] of this.#names.entries()) {
      const series = this.#series.get(name)
      if (series?.push(second, numbers, place * COLUMNS)) this.#options.keep({ series: name, ...series.day })
    }
  }

  get(name: string): Series | undefined {
    return this.#series.get(name)
  }

  readonly metrics: MetricSource = () => [
    { name: 'floodwarden_traffic_series', value: this.#series.size },
    { name: 'floodwarden_traffic_series_left_out', value: this.#left },
  ]
}
