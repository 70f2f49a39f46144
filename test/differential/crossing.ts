// The averages both told at a crossing, against FastNetMon's formula over the packets that a third program recorded.

import { deviation, tickPeriod } from './formula.ts'
import type { Played } from './stage.ts'

export interface Crossing {
  readonly who: 'FastNetMon' | 'Floodwarden'
  readonly host: string
  /** Packets per second in the report. */
  readonly told: number
  /** How far it is from the formula, as a share. */
  readonly share: number
  /** The delay at which the formula comes closest. */
  readonly delayMs: number
}

export type Crossings = ReadonlyMap<string, readonly Crossing[]>

/** FastNetMon's ring gives its packets out in blocks, 60 ms late at most; ours after 10 ms. A busy machine adds to both. */
const LONGEST_DELAY_MS = { FastNetMon: 90, Floodwarden: 40 } as const

export function crossingsOf(played: Played): Crossings {
  const ours = ourTicks(played)
  const theirs = theirTicks(played)
  const period = tickPeriod([...theirs.values()].map(({ at }) => at))
  return new Map(
    [...played.arrivals].map(([host, arrivals]) => {
      const crossing = (who: Crossing['who'], ticks: ReadonlyMap<string, Tick>): Crossing[] => {
        const tick = ticks.get(host)
        if (tick === undefined) return []
        return [
          {
            who,
            host,
            told: tick.told,
            ...deviation(tick.told, arrivals, tick.at, tick.periodMs ?? period, LONGEST_DELAY_MS[who]),
          },
        ]
      }
      return [host, [...crossing('FastNetMon', theirs), ...crossing('Floodwarden', ours)]]
    }),
  )
}

interface Tick {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly told: number
  /** Distance of the ticks before it, where it is known. */
  readonly periodMs?: number
}

/** An attack opens at the tick that found it, and tells how long ago its traffic began. */
const ourTicks = ({ attacks }: Played): ReadonlyMap<string, Tick> =>
  new Map(
    attacks.map(({ host, openedAt, power, crossing }) => {
      const seconds = crossing?.overSeconds ?? 0
      const periodMs = seconds < 1 ? 1000 : (seconds * 1000) / Math.round(seconds)
      return [host, { at: Date.parse(openedAt), told: power, periodMs }]
    }),
  )

const BANNED = /^(\d+-\d+-\d+) ([\d:]+),(\d+) \[INFO\] Attack with direction: \w+ IP: (\S+) Power: (\d+)$/gm

/** The first ban of each host. */
const theirTicks = (played: Played): ReadonlyMap<string, Tick> =>
  new Map(
    theirBans(played)
      .toReversed()
      .map(({ host, at, told }) => [host, { at, told }]),
  )

/** FastNetMon logs a ban, in local time, in the tick that found it. */
function theirBans({ theirLog }: Played): (Tick & { readonly host: string })[] {
  return [...theirLog.matchAll(BANNED)].map(([, day, time, millis, host = '', power]) => ({
    host,
    at: Date.parse(`${day}T${time}.${millis}`),
    told: Number(power),
  }))
}
