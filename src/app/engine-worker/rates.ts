// Rates of the whole network and of each of our networks at one moment, in few numbers: asked once a second.

import { METRIC, ROW } from '#3-traffic/metric.ts'
import { formatPrefix, type Prefix } from '#lib/ip/prefix.ts'
import type { Engine } from '../engine.ts'

/** Numbers of a series: packets, bits and flows per second, of two directions. */
export const COLUMNS = 6
/** Incoming and outgoing traffic; internal and other. Networks follow. */
export const FIRST_SERIES = ['total', 'total-beside'] as const
/** Networks beyond these have no history. */
export const NETWORKS_MAX = 128

export interface Rates {
  /** Wall clock, ms since 1970 UTC. */
  readonly at: number
  /** Another one when the networks are others. */
  readonly version: number
  /** Canonical text; missing: those of this version are known. */
  readonly networks?: readonly string[]
  /** Networks without a history. */
  readonly left: number
  /** COLUMNS for each series: FIRST_SERIES, then networks. */
  readonly numbers: Float32Array
}

export class RatesView {
  readonly #engine: Engine
  #of: readonly Prefix[] | undefined
  #version = 0

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** `known`: the version whose networks need not be told. */
  read(known: number): Rates {
    const { networks } = this.#engine.detector.networks
    if (networks !== this.#of) {
      this.#of = networks
      this.#version++
    }
    const count = Math.min(networks.length, NETWORKS_MAX)
    return {
      ...{ at: this.#engine.now.wallMs, version: this.#version, left: networks.length - count },
      ...(known === this.#version ? {} : { networks: networks.slice(0, count).map(formatPrefix) }),
      numbers: this.#numbers(count),
    }
  }

  #numbers(count: number): Float32Array {
    const { totals, detector } = this.#engine
    const numbers = new Float32Array((FIRST_SERIES.length + count) * COLUMNS)
    const flows = this.#engine.flowsPerSecond()
    const put = (at: number, { packets, bits }: { packets: number; bits: number }, flowsNow: number) =>
      numbers.set([packets, bits, flowsNow], at)
    put(0, totals.speed('incoming'), flows.incoming)
    put(3, totals.speed('outgoing'), flows.outgoing)
    put(COLUMNS, totals.speed('internal'), Number.NaN)
    put(COLUMNS + 3, totals.speed('other'), Number.NaN)
    for (let network = 0; network < count; network++) {
      const pair = detector.networks.pairOf(network)
      const at = (FIRST_SERIES.length + network) * COLUMNS
      for (let side = 0; side < 2; side++) {
        numbers[at + side * 3] = pair[side * ROW + METRIC.packets]!
        numbers[at + side * 3 + 1] = pair[side * ROW + METRIC.bytes]! * 8
        numbers[at + side * 3 + 2] = Number.NaN
      }
    }
    return numbers
  }
}
