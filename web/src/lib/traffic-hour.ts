// Traffic of the last hour, second by second: what the daemon kept, and from then on what is heard. Bounded.

import type { LiveMessage } from '#api/contract/live.ts'
import type { TrafficHistory } from '#api/contract/traffic-history.ts'
import { bridged } from './bridged.ts'

export const SIDES = ['incoming', 'outgoing', 'internal', 'other'] as const
export type Side = (typeof SIDES)[number]
export type Unit = 'bits' | 'packets'
type Values = (number | null)[]

const SECONDS = 3600
/** After so long without a word the line is broken. */
const GAP_SECONDS = 3

export interface Hour {
  /** Seconds since 1970, growing. */
  readonly times: readonly number[]
  readonly values: Readonly<Record<Side, Readonly<Record<Unit, readonly (number | null)[]>>>>
}

export class TrafficHour implements Hour {
  readonly times: number[] = []
  readonly values: Readonly<Record<Side, Record<Unit, Values>>> = {
    incoming: { bits: [], packets: [] },
    outgoing: { bits: [], packets: [] },
    internal: { bits: [], packets: [] },
    other: { bits: [], packets: [] },
  }

  /** Takes what the daemon kept; what was heard since stays behind it. */
  adopt(history: TrafficHistory): void {
    const heard = this.#copy()
    this.#clear()
    const from = Date.parse(history.from) / 1000
    const columns = columnsOf(history)
    for (let at = 0; at < history.points; at++)
      this.#add(from + at * history.stepSeconds, side => ({
        bits: columns[side].bits[at] ?? null,
        packets: columns[side].packets[at] ?? null,
      }))
    // What the daemon does not know yet at its end is no gap.
    while (this.times.length > 0 && this.values.incoming.bits.at(-1) === null)
      this.#drop(this.times.length - 1)
    const last = this.times.at(-1) ?? 0
    for (const [at, time] of heard.times.entries())
      if (time > last)
        this.#add(time, side => ({
          bits: heard.values[side].bits[at] ?? null,
          packets: heard.values[side].packets[at] ?? null,
        }))
  }

  hear(message: Extract<LiveMessage, { kind: 'traffic' }>): void {
    const time = Math.floor(Date.parse(message.at) / 1000)
    const last = this.times.at(-1)
    if (last !== undefined && time <= last) return
    if (last !== undefined && time - last > GAP_SECONDS)
      this.#add(last + 1, () => ({ bits: null, packets: null }))
    this.#add(time, side => message[side])
  }

  #add(
    time: number,
    of: (side: Side) => { readonly bits: number | null; readonly packets: number | null },
  ): void {
    this.times.push(time)
    for (const side of SIDES) {
      const { bits, packets } = of(side)
      this.values[side].bits.push(bits)
      this.values[side].packets.push(packets)
    }
    while ((this.times[0] ?? 0) <= time - SECONDS || this.times.length > SECONDS) this.#drop(0)
  }

  #drop(at: number): void {
    for (const column of this.#columns()) column.splice(at, 1)
  }

  #clear(): void {
    for (const column of this.#columns()) column.length = 0
  }

  #columns(): Values[] {
    const numbers = SIDES.flatMap(side => [this.values[side].bits, this.values[side].packets])
    return [this.times, ...numbers]
  }

  #copy(): Hour {
    return structuredClone({ times: this.times, values: this.values })
  }
}

function columnsOf(history: TrafficHistory): Record<Side, Record<Unit, Values>> {
  const of = (side: Side) => ({
    bits: bridged(history[side]?.bits ?? [], GAP_SECONDS),
    packets: bridged(history[side]?.packets ?? [], GAP_SECONDS),
  })
  return { incoming: of('incoming'), outgoing: of('outgoing'), internal: of('internal'), other: of('other') }
}
