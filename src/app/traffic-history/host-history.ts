// The history of the hosts that the engine keeps: each second of an hour in memory, the rest on disk.

import { COLUMNS } from '../engine-worker/columns.ts'
import type { HostRates } from '../engine-worker/kept-hosts.ts'
import { Series } from './series.ts'

/** Hosts that are kept, and those that were within the hour; beyond it who left first is forgotten. 50 KB each at most. */
const HELD_MAX = 2000
/** So often hosts that left are looked at. */
const FADE_SECONDS = 60

type Named = readonly [name: string, series: Series]

export class HostHistory {
  /** By `host:` and the address. */
  readonly #series = new Map<string, Series>()
  /** Those that are kept, in the order of their numbers. */
  #kept: readonly Named[] = []
  /** Those that are no longer kept, who left first in front. */
  readonly #faded = new Map<string, Series>()
  #version = -1
  #left = 0
  #lookedAt = 0

  /** Of the hosts that are known; -1: none are. */
  get version(): number {
    return this.#version
  }

  /** Hosts with traffic that have no history. */
  get left(): number {
    return this.#left
  }

  get kept(): readonly Named[] {
    return this.#kept
  }

  /** All of which something of the last hour may be known. */
  get all(): readonly Named[] {
    return [...this.#series]
  }

  get(name: string): Series | undefined {
    return this.#series.get(name)
  }

  /** Takes in the numbers of a second. Gives the names of those whose five minutes are over. */
  take(second: number, { version, names, numbers, left }: HostRates): string[] {
    this.#left = left
    const due: string[] = []
    if (names !== undefined) {
      this.#version = version
      due.push(...this.#follow(names))
    }
    // Numbers of hosts that are not known by name yet belong to nobody.
    if (version === this.#version)
      for (const [place, [name, series]] of this.#kept.entries())
        if (series.push(second, numbers, place * COLUMNS)) due.push(name)
    if (second - this.#lookedAt >= FADE_SECONDS) this.#fade(second)
    return due
  }

  /** Gives those that are no longer kept and have something for the disk. */
  #follow(names: readonly string[]): string[] {
    const before = this.#kept
    this.#kept = names.map(address => {
      const name = `host:${address}`
      const series = this.#series.get(name) ?? new Series('host')
      this.#series.set(name, series)
      this.#faded.delete(name)
      return [name, series] as const
    })
    const now = new Set(this.#kept.map(([name]) => name))
    const gone = before.filter(([name]) => !now.has(name))
    for (const [name, series] of gone) this.#faded.set(name, series)
    for (const [name] of this.#faded) {
      if (this.#series.size <= HELD_MAX) break
      this.#forget(name)
    }
    return gone.filter(([name, series]) => this.#series.has(name) && series.end()).map(([name]) => name)
  }

  #fade(second: number): void {
    this.#lookedAt = second
    for (const [, series] of this.#kept) series.fade(second)
    for (const [name, series] of this.#faded) if (series.fade(second)) this.#forget(name)
  }

  #forget(name: string): void {
    this.#series.delete(name)
    this.#faded.delete(name)
  }
}
