// What countermeasures have counted, read each second, and what that comes to per second; and sets that were found full.

import type { CountermeasureName } from '#6-policy/countermeasure.ts'
import type { CountersView } from '#7-mitigation/protection/desk.ts'
import type { Dropped } from '#7-mitigation/protection/incident.ts'
import type { Counted, Listed } from './back-end.ts'

/** Speeds are those of the last reading but this smooths them. */
const SMOOTHING = 0.5

export class CountersBook {
  readonly #of = new Map<string, Map<CountermeasureName, CountersView>>()
  /** By profile and countermeasure: packets that found a set full when it was last told. */
  #told: ReadonlyMap<string, number> = new Map()

  /** Takes a reading of all that is in place; what is not is forgotten. Gives sets that were found full since the last one. */
  read(all: readonly Counted[], nowMs: number): Counted[] {
    const before = new Map([...this.#of].map(([profile, of]) => [profile, new Map(of)]))
    this.#of.clear()
    for (const { profile, countermeasure, counters } of all) {
      const last = before.get(profile)?.get(countermeasure)
      const of = this.#of.get(profile) ?? new Map<CountermeasureName, CountersView>()
      const speed = (now: number, then: number | undefined, speedThen = 0): number =>
        last === undefined || then === undefined || nowMs <= last.readAt || now < then
          ? speedThen
          : speedThen * SMOOTHING + ((now - then) * 1000 * (1 - SMOOTHING)) / (nowMs - last.readAt)
      of.set(countermeasure, {
        ...counters,
        ...(last?.sources === undefined ? {} : { sources: last.sources }),
        passedPackets: Math.max(0, counters.inputPackets - counters.droppedPackets),
        inputPacketsPerSecond: speed(counters.inputPackets, last?.inputPackets, last?.inputPacketsPerSecond),
        droppedPacketsPerSecond: speed(
          counters.droppedPackets,
          last?.droppedPackets,
          last?.droppedPacketsPerSecond,
        ),
        readAt: nowMs,
      })
      this.#of.set(profile, of)
    }
    const told = this.#told
    this.#told = new Map(
      all.map(({ counters: { unmeasuredPackets = 0 }, ...of }) => [keyOf(of), unmeasuredPackets]),
    )
    return all.filter(
      ({ counters: { unmeasuredPackets = 0 }, ...of }) => unmeasuredPackets > (told.get(keyOf(of)) ?? 0),
    )
  }

  /** How many sources are on each list. */
  list(blocked: readonly Listed[]): void {
    const counts = new Map<string, number>()
    for (const one of blocked) counts.set(keyOf(one), (counts.get(keyOf(one)) ?? 0) + 1)
    for (const [profile, of] of this.#of)
      for (const [name, view] of of)
        if (LISTING.includes(name))
          of.set(name, { ...view, sources: counts.get(keyOf({ profile, countermeasure: name })) ?? 0 })
  }

  of(profile: string): ReadonlyMap<CountermeasureName, CountersView> {
    return this.#of.get(profile) ?? new Map()
  }

  droppedBy(profile: string): Dropped {
    let packets = 0
    let bytes = 0
    for (const { droppedPackets, droppedBytes } of this.of(profile).values()) {
      packets += droppedPackets
      bytes += droppedBytes
    }
    return { packets, bytes }
  }

  get all(): IterableIterator<[string, ReadonlyMap<CountermeasureName, CountersView>]> {
    return this.#of.entries()
  }
}

const keyOf = ({ profile, countermeasure }: Pick<Counted, 'profile' | 'countermeasure'>): string =>
  `${profile}/${countermeasure}`

const LISTING: readonly CountermeasureName[] = ['temporary-blacklist', 'source-limit', 'connection-rate']
