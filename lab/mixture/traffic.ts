// Traffic of many conversations at once, as it arrives: parts of the traffic take turns by their shares, and in each part
// the conversations that are under way.

import type { Packet } from '#lib/flowspec/matches.ts'
import type { Draw } from '../vectors/draw.ts'

/** What one peer sends us, in order. */
export type Talk = Iterator<Packet, void>

export interface Part {
  /** Packets in a hundred thousand, more or less: shares need not add up. */
  readonly share: number
  /** Conversations at once. */
  readonly atOnce: number
  readonly begin: (draw: Draw) => Talk
}

/** Packets that are no conversation: each is drawn anew. */
export const each = (share: number, make: (draw: Draw) => Packet): Part => ({
  share,
  atOnce: 1,
  begin: function* (draw) {
    for (;;) yield make(draw)
  },
})

/** How far a share may wander from one hour to another. */
const WANDER = 0.25
/** Conversations are somewhere in the middle when somebody begins to look. */
const MISSED = 12

interface Running {
  readonly begin: Part['begin']
  readonly talks: Talk[]
  /** In parts of 2 ** 32. */
  until: number
}

export class Traffic {
  readonly #draw: Draw
  readonly #parts: readonly Part[]
  readonly #running: readonly Running[]

  constructor(parts: readonly Part[], draw: Draw) {
    this.#draw = draw
    this.#parts = parts
    this.#running = parts.map(({ begin, atOnce }) => ({
      begin,
      talks: Array.from({ length: atOnce }, () => begin(draw)),
      until: 0,
    }))
    this.wander()
    for (const one of this.#running) {
      for (const at of one.talks.keys()) {
        for (let missed = draw.below(MISSED); missed > 0; missed--) this.#say(one, at)
      }
    }
  }

  /** Another hour: the same parts, in other shares. */
  wander(): void {
    const shares = this.#parts.map(
      ({ share }) => share * (1 - WANDER + (this.#draw.below(2001) / 1000) * WANDER),
    )
    const total = shares.reduce((sum, share) => sum + share, 0)
    let sum = 0
    for (const [at, one] of this.#running.entries()) {
      sum += shares[at] ?? 0
      one.until = (sum / total) * 2 ** 32
    }
  }

  next(): Packet {
    const place = this.#draw.below(2 ** 32 - 1)
    const one = this.#running.find(({ until }) => place < until) ?? this.#running.at(-1)
    if (one === undefined) throw new RangeError('traffic has at least one part')
    return this.#say(one, this.#draw.below(one.talks.length))
  }

  #say(one: Running, at: number): Packet {
    for (;;) {
      const spoken = one.talks[at]?.next()
      if (spoken !== undefined && !spoken.done) return spoken.value
      one.talks[at] = one.begin(this.#draw)
    }
  }
}
