// The history of the hosts that the engine keeps: each second of an hour in memory, the rest on disk.

import { COLUMNS } from '../engine-worker/columns.ts'
import type { HostRates } from '../engine-worker/kept-hosts.ts'
import { HostShelves, type ShelvedSeries } from './host-shelves.ts'
import type { Series } from './series.ts'

/** Hosts that are kept, and those that were within the hour; beyond it who left first is forgotten. 50 KB each at most. */
const HELD_MAX = 2000
/** So often hosts that left are looked at. */
const FADE_SECONDS = 60

type Named = readonly [name: string, series: Series]

export class HostHistory {
  readonly #shelves = new HostShelves(HELD_MAX)
  /** By `host:` and the address. */
  readonly #held = new Map<string, ShelvedSeries>()
  /** Those that are kept, in the order of their numbers. */
  #kept: readonly Named[] = []
  /** Names of those that are no longer kept, who left first in front. */
  readonly #faded = new Set<string>()
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
    return [...this.#held].map(([name, { series }]) => [name, series])
  }

  get(name: string): Series | undefined {
    return this.#held.get(name)?.series
  }

  /** Takes in the numbers of a second. Gives the names of those whose five minutes are over. */
  take(second: number, { version, names, numbers, left }: HostRates): string[] {
    this.#left = left
    const due: string[] = []
    if (names !== undefined) {
      this.#version = version
      due.push(...this.#follow(names.map(address => `host:${address}`)))
    }
    // Numbers of hosts that are not known by name yet belong to nobody.
    if (version === this.#version) this.#push(second, numbers, due)
    if (second - this.#lookedAt >= FADE_SECONDS) this.#fade(second)
    return due
  }

  /** Apart from what is done when hosts are others: V8 compiles a loop with all around it, and anew when that looks otherwise. */
  #push(second: number, numbers: Float32Array, due: string[]): void {
    for (let place = 0; place < this.#kept.length; place++) {
      const [name, series] = this.#kept[place]!
      if (series.push(second, numbers, place * COLUMNS)) due.push(name)
    }
  }

  /** Gives those that are no longer kept and have something for the disk. */
  #follow(names: readonly string[]): string[] {
    const now = new Set(names)
    const gone = this.#kept.filter(([name]) => !now.has(name))
    for (const name of names) this.#faded.delete(name)
    for (const [name] of gone) this.#faded.add(name)
    const fresh = names.filter(name => !this.#held.has(name))
    for (const name of this.#faded) {
      if (this.#held.size + fresh.length <= HELD_MAX) break
      this.#forget(name)
    }
    for (const name of fresh) this.#held.set(name, this.#shelves.take())
    this.#kept = names.map(name => [name, this.#held.get(name)!.series])
    return gone.filter(([name, series]) => this.#held.has(name) && series.end()).map(([name]) => name)
  }

  #fade(second: number): void {
    this.#lookedAt = second
    this.#shelves.prune(second)
    for (const name of this.#faded) if (this.#shelves.isEmpty(this.#held.get(name)!)) this.#forget(name)
  }

  #forget(name: string): void {
    this.#shelves.clear(this.#held.get(name)!)
    this.#held.delete(name)
    this.#faded.delete(name)
  }
}
