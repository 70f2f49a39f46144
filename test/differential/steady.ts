// The numbers both showed for ten seconds of steady traffic: screens and metrics, against each other.
//
// FastNetMon divides by one second what it counted in a tick of 1.01 to 1.04 s, so its rates are that much too high. How
// much follows from its own counter of packets; the shares are taken from what it would have shown otherwise. Flows, which
// may be off by more, are left as they are.

import type { Played, Steady } from './stage.ts'

export interface SteadyRow {
  readonly what: string
  readonly theirs: number
  readonly ours: number
  /** Theirs per second as it is. */
  readonly corrected: number
  /** How far ours is from that. */
  readonly share: number
  readonly allowedShare: number
}

const ALLOWED = { packets: 0.02, bits: 0.02, flows: 0.2 } as const
/** Below this a rounded number says nothing about a share. */
const SMALLEST = 5

/** Means over the moments looked at. */
export function steadyRows(played: Played): SteadyRow[] {
  const [their, our] = [meansOf(played.theirs.steady), meansOf(played.ours.steady)]
  const tooHigh = shownOverCounted(played.theirs.steady)
  // Of the whole run, not of a few seconds: when exactly a busy program answered is not known.
  const theirs = played.theirs.counted
  const ours = played.ours.counted
  const share = Math.abs(ours / theirs - 1)
  const counter = { what: 'metrics: packets counted in the run', theirs, corrected: theirs, ours, share }
  return [{ ...counter, allowedShare: ALLOWED.packets }, ...shownRows(their, our, tooHigh)]
}

/** Packets per second by its counter, from the first to the last moment. */
function countedPerSecond(moments: readonly Steady[]): number {
  const [first, last] = [moments[0]!.totals, moments.at(-1)!.totals]
  return ((last.processed - first.processed) * 1000) / (last.at - first.at)
}

/** The sum of the rates it shows, over the rate at which it counts. */
function shownOverCounted(moments: readonly Steady[]): number {
  const shown = moments.map(({ totals }) =>
    [...totals.speeds].reduce(
      (sum, [name, value]) => sum + (name.startsWith('total_traffic_packets') ? value : 0),
      0,
    ),
  )
  return shown.reduce((sum, value) => sum + value, 0) / shown.length / countedPerSecond(moments)
}

function shownRows(their: Means, our: Means, tooHigh: number): SteadyRow[] {
  return [...their]
    .filter(([, { mean }]) => mean > SMALLEST)
    .map(([what, { mean, kind }]) => {
      const ours = our.get(what)?.mean ?? 0
      const corrected = kind === 'flows' ? mean : mean / tooHigh
      const share = Math.abs(ours / corrected - 1)
      return { what, theirs: mean, corrected, ours, share, allowedShare: ALLOWED[kind] }
    })
}

type Kind = keyof typeof ALLOWED
type Means = ReadonlyMap<string, { readonly mean: number; readonly kind: Kind }>

function meansOf(moments: readonly Steady[]): ReadonlyMap<string, { mean: number; kind: Kind }> {
  const sums = new Map<string, { mean: number; kind: Kind }>()
  const add = (what: string, kind: Kind, value: number): void => {
    const sum = sums.get(what) ?? { mean: 0, kind }
    sum.mean += value / moments.length
    sums.set(what, sum)
  }
  for (const { screen4, screen6, totals } of moments) {
    for (const [name, value] of totals.speeds) {
      if (name.startsWith('total_traffic_packets')) add(`metrics: ${name}`, 'packets', value)
      if (name.startsWith('total_traffic_bits')) add(`metrics: ${name}`, 'bits', value)
    }
    for (const [version, screen] of [
      ['4', screen4],
      ['6', screen6],
    ] as const) {
      for (const [name, row] of [...screen.totals, ...screen.hosts]) {
        add(`screen IPv${version}: ${name} pps`, 'packets', row.pps)
        // FastNetMon counts no flows over IPv6.
        if (version === '4' && row.flows !== undefined)
          add(`screen IPv${version}: ${name} flows`, 'flows', row.flows)
      }
    }
  }
  return sums
}
