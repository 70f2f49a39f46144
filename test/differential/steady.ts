// The numbers both showed for ten seconds of steady traffic: screens and metrics, against each other.
//
// FastNetMon divides by one second what it counted in a tick of 1.01 to 1.03 s, so its rates are that much too high. The
// shares are taken from what it would have shown otherwise; flows, which may be off by more, are left as they are.

import { theirTickSeconds } from './crossing.ts'
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
  const seconds = theirTickSeconds(played)
  return [...their]
    .filter(([, { mean }]) => mean > SMALLEST)
    .map(([what, { mean, kind }]) => {
      const ours = our.get(what)?.mean ?? 0
      const corrected = kind === 'flows' ? mean : mean / seconds
      const share = Math.abs(ours / corrected - 1)
      return { what, theirs: mean, corrected, ours, share, allowedShare: ALLOWED[kind] }
    })
}

type Kind = keyof typeof ALLOWED

function meansOf(moments: readonly Steady[]): ReadonlyMap<string, { mean: number; kind: Kind }> {
  const sums = new Map<string, { mean: number; kind: Kind }>()
  const add = (what: string, kind: Kind, value: number): void => {
    const sum = sums.get(what) ?? { mean: 0, kind }
    sum.mean += value / moments.length
    sums.set(what, sum)
  }
  for (const { screen4, screen6, totals } of moments) {
    for (const [name, value] of totals) {
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
