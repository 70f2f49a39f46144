// A week of what calm traffic did, hour by hour and scope by scope: in memory as bytes, and told to whoever keeps it.

import type { BaselineMinute } from '#4-detection/baseline.ts'
import { HourSamples, MINUTE_WORDS } from '#4-detection/baseline-hour.ts'
import { SCOPES_MAX } from '#4-detection/baseline-scopes.ts'
import type { WeekSums } from '#4-detection/baseline-week.ts'
import type { HourKey, KeptHour } from '#store/change.ts'

/** Where hours go that shall survive a restart. */
export interface HourStore {
  keepHour(hour: KeptHour): void
  dropHour(hour: HourKey): void
}

/** Hours that are held of a scope, and of all together: a scope that is gone stays until its room is needed. */
const HOURS_MAX = 168
const ALL_HOURS_MAX = HOURS_MAX * SCOPES_MAX
const HOUR_MS = 3_600_000
const DAY_HOURS = 24

interface Week {
  /** By hour since 1970 UTC: encoded samples. The hour in progress may lag behind `open`. */
  readonly hours: Map<number, Uint8Array>
  open: { readonly hour: number; readonly samples: HourSamples; isKept: boolean } | undefined
}

export class LearningHistory {
  readonly #store: HourStore
  readonly #weeks = new Map<string, Week>()
  minutes = 0
  minutesExcluded = 0

  constructor(store: HourStore) {
    this.#store = store
  }

  /** Takes up what an earlier run kept. What this one has measured meanwhile is added to it. */
  restore(hours: readonly KeptHour[], nowMs: number): void {
    for (const { scope, hour, body } of hours) {
      const week = this.#weekOf(scope)
      const { open } = week
      const samples = open?.hour === hour ? HourSamples.decode(body) : undefined
      if (samples !== undefined && open !== undefined) {
        open.samples.addAll(samples)
        open.isKept = false
      }
      if (!week.hours.has(hour)) week.hours.set(hour, body)
    }
    this.#prune(Math.floor(nowMs / HOUR_MS))
  }

  add({ at, scopes, values, isExcluded }: BaselineMinute): void {
    const hour = Math.floor(at / HOUR_MS)
    for (const [number, scope] of scopes.entries()) {
      const samples = this.#samplesOf(this.#weekOf(scope), scope, hour)
      if (isExcluded[number] === 1) samples.excluded++
      else samples.add(values, number * MINUTE_WORDS)
    }
    const excluded = isExcluded.reduce((sum, one) => sum + one, 0)
    this.minutesExcluded += excluded
    this.minutes += scopes.length - excluded
  }

  #weekOf(scope: string): Week {
    const known = this.#weeks.get(scope)
    if (known !== undefined) return known
    const week: Week = { hours: new Map(), open: undefined }
    this.#weeks.set(scope, week)
    return week
  }

  #samplesOf(week: Week, scope: string, hour: number): HourSamples {
    if (week.open?.hour !== hour) {
      this.#keep(scope, week)
      const before = week.hours.get(hour)
      const samples = (before && HourSamples.decode(before)) ?? new HourSamples()
      week.open = { hour, samples, isKept: false }
      week.hours.set(hour, before ?? new Uint8Array(0))
      this.#prune(hour)
    }
    week.open.isKept = false
    return week.open.samples
  }

  /** Has hours in progress kept as they are now. */
  flush(): void {
    for (const [scope, week] of this.#weeks) this.#keep(scope, week)
  }

  #keep(scope: string, { hours, open }: Week): void {
    if (open === undefined || open.isKept) return
    const body = open.samples.encode()
    hours.set(open.hour, body)
    this.#store.keepHour({ scope, hour: open.hour, body })
    open.isKept = true
  }

  /** Has everything kept: what was kept is lost. */
  keepAll(): void {
    this.flush()
    for (const [scope, { hours }] of this.#weeks)
      for (const [hour, body] of hours) if (body.length > 0) this.#store.keepHour({ scope, hour, body })
  }

  /**
   * Drops what is too much: the hours farthest from now. A clock that was wrong for a while puts some hours elsewhere, and
   * these are the first to go when it is right again.
   */
  #prune(now: number): void {
    for (const [scope, { hours }] of this.#weeks) {
      while (hours.size > HOURS_MAX) this.#drop(scope, farthest(hours.keys(), now))
    }
    while (this.size > ALL_HOURS_MAX) {
      const ends = [...this.#weeks].map(([scope, { hours }]) => ({
        scope,
        hour: farthest(hours.keys(), now),
      }))
      const { scope, hour } = ends.reduce((a, b) => (Math.abs(a.hour - now) < Math.abs(b.hour - now) ? b : a))
      this.#drop(scope, hour)
    }
  }

  #drop(scope: string, hour: number): void {
    const week = this.#weeks.get(scope)
    week?.hours.delete(hour)
    if (week?.hours.size === 0) this.#weeks.delete(scope)
    this.#store.dropHour({ scope, hour })
  }

  /** Adds up the last `days` days of a scope, of which the last ends now. Hours of the future belong to none. */
  sumUp(scope: string, nowMs: number, days: number, sums: WeekSums): void {
    const now = Math.floor(nowMs / HOUR_MS)
    const week = this.#weeks.get(scope)
    sums.begin()
    for (let daysAgo = days - 1; daysAgo >= 0; daysAgo--) {
      const newest = now - daysAgo * DAY_HOURS
      for (let hour = newest - DAY_HOURS + 1; hour <= newest; hour++) {
        const body = week?.hours.get(hour)
        if (body !== undefined) sums.add(week?.open?.hour === hour ? week.open.samples.encode() : body)
      }
      sums.endDay()
    }
  }

  /** Hours held of all scopes. */
  get size(): number {
    return [...this.#weeks.values()].reduce((sum, { hours }) => sum + hours.size, 0)
  }

  get bytes(): number {
    const bytesOf = ({ hours }: Week) => [...hours.values()].reduce((sum, body) => sum + body.length, 0)
    return [...this.#weeks.values()].reduce((sum, week) => sum + bytesOf(week), 0)
  }
}

/** Of the hours at equal distance the later one: it is none that has been. */
const farthest = (hours: Iterable<number>, now: number): number =>
  [...hours].reduce((a, b) => (Math.abs(a - now) <= Math.abs(b - now) ? b : a))
