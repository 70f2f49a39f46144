// Rates of the whole network, our networks, hostgroups, the first hosts and open attacks at one moment: asked once a second.

import { METRIC, ROW } from '#3-traffic/metric.ts'
import { formatPrefix, type Prefix } from '#lib/ip/prefix.ts'
import type { Engine } from '../engine.ts'
import { type AttackRates, attackRates } from './attack-rates.ts'
import { COLUMNS } from './columns.ts'
import { type HostRates, KeptHosts } from './kept-hosts.ts'

/** Incoming and outgoing traffic; internal and other. Networks and hostgroups follow. */
export const FIRST_SERIES = ['total', 'total-beside'] as const
/** Networks beyond these are not told of, nor hostgroups beyond as many. */
export const TOLD_MAX = 512

export interface Rates {
  /** Wall clock, ms since 1970 UTC. */
  readonly at: number
  /** Another one when the networks or hostgroups are others. */
  readonly version: number
  /** Canonical prefixes, and names; missing: those of this version are known. */
  readonly names?: { readonly networks: readonly string[]; readonly hostgroups: readonly string[] }
  /** Networks and hostgroups that are not told of. */
  readonly left: number
  /** COLUMNS for each series: FIRST_SERIES, then networks, then hostgroups. */
  readonly numbers: Float32Array
  readonly hosts: HostRates
  readonly attacks: AttackRates
}

/** What whoever asks knows already: versions, -1 for none. */
export interface RatesKnown {
  readonly names: number
  readonly hosts: number
}

export class RatesView {
  readonly #engine: Engine
  readonly #hosts: KeptHosts
  #of: { readonly networks: readonly Prefix[]; readonly hostgroups: readonly string[] } | undefined
  #version = 0

  /** `averageSeconds`: time constant of the engine's averages. */
  constructor(engine: Engine, averageSeconds: number) {
    this.#engine = engine
    this.#hosts = new KeptHosts(engine, averageSeconds)
  }

  /** Names of a version that is known are not told again. */
  read(known: RatesKnown): Rates {
    const { networks, hostgroups } = this.#engine.detector.networks
    if (networks !== this.#of?.networks || hostgroups !== this.#of.hostgroups) {
      this.#of = { networks, hostgroups }
      this.#version++
    }
    const told = networks.slice(0, TOLD_MAX)
    const groups = hostgroups.slice(0, TOLD_MAX)
    return {
      ...{ at: this.#engine.now.wallMs, version: this.#version },
      left: networks.length - told.length + this.#engine.hostgroupsConfigured - groups.length,
      ...(known.names === this.#version
        ? {}
        : { names: { networks: told.map(formatPrefix), hostgroups: groups } }),
      numbers: this.#numbers(told.length, groups.length),
      hosts: this.#hosts.read(known.hosts),
      attacks: attackRates(this.#engine),
    }
  }

  #numbers(networks: number, hostgroups: number): Float32Array {
    const { totals, detector } = this.#engine
    const numbers = new Float32Array((FIRST_SERIES.length + networks + hostgroups) * COLUMNS)
    const flows = this.#engine.flowsPerSecond()
    const put = (at: number, { packets, bits }: { packets: number; bits: number }, flowsNow: number) =>
      numbers.set([packets, bits, flowsNow], at)
    put(0, totals.speed('incoming'), flows.incoming)
    put(3, totals.speed('outgoing'), flows.outgoing)
    put(COLUMNS, totals.speed('internal'), Number.NaN)
    put(COLUMNS + 3, totals.speed('other'), Number.NaN)
    const first = FIRST_SERIES.length
    for (let network = 0; network < networks; network++)
      putPair(numbers, first + network, detector.networks.pairOf(network))
    for (let group = 0; group < hostgroups; group++)
      putPair(numbers, first + networks + group, detector.networks.pairOfHostgroup(group))
    return numbers
  }
}

function putPair(numbers: Float32Array, series: number, pair: Float64Array): void {
  for (let side = 0; side < 2; side++) {
    const at = series * COLUMNS + side * 3
    numbers[at] = pair[side * ROW + METRIC.packets]!
    numbers[at + 1] = pair[side * ROW + METRIC.bytes]! * 8
    numbers[at + 2] = pair[side * ROW + METRIC.flows]!
  }
}
