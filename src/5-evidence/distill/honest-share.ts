// How much of what was seen during the attack is the target's honest traffic, which goes on meanwhile.
//
// The samples of an attack are flood + honest. Where the flood is not, they are as many as in calm: so the least ratio of
// both over kinds of packets is the honest share (the estimate of a mixture's proportion; Blanchard, Lee, Scott 2010).

import type { DistillInput } from './distillation.ts'
import type { Columns } from './fields.ts'

/** Fewer calm samples say nothing of kinds. */
const CALM_MIN = 50
/** A port is a kind of its own from so much of the calm traffic on. */
const PORT_SHARE = 0.02
/** Half of the honest traffic at least is of kinds that the flood is not, or it is underestimated, which only costs rules. */
const UNTOUCHED = 0.5
const HONEST_MAX = 0.95

/** 0 to 1. Without calm samples what the rates say counts as nothing: there is nothing to subtract. */
export function honestShare(attack: Columns, calm: Columns, { normalRate }: DistillInput): number {
  const known = Math.min(HONEST_MAX, normalRate ?? HONEST_MAX)
  if (calm.samples.length < CALM_MIN || attack.samples.length === 0)
    return calm.samples.length === 0 ? 0 : known
  const kinds = kindsOf(attack, calm)
  const sorted = [...kinds.values()]
    .filter(({ calm }) => calm > 0)
    .map(kind => ({ ...kind, ratio: kind.attack / kind.calm }))
    .sort((a, b) => a.ratio - b.ratio || b.calm - a.calm)
  let [inAttack, inCalm] = [0, 0]
  for (const kind of sorted) {
    inAttack += kind.attack
    inCalm += kind.calm
    if (inCalm >= UNTOUCHED) break
  }
  return inCalm === 0 ? 0 : Math.min(known, inAttack / inCalm)
}

interface Kind {
  /** Shares, each of its own samples. */
  attack: number
  calm: number
}

function kindsOf(attack: Columns, calm: Columns): Map<number, Kind> {
  const targets = busyPorts(calm, calm.values['destination-port'])
  const sources = busyPorts(calm, calm.values['source-port'])
  const kinds = new Map<number, Kind>()
  const tally = (columns: Columns, side: keyof Kind) => {
    const { values, weights, totalWeight } = columns
    for (let at = 0; at < weights.length; at++) {
      const target = values['destination-port'][at]!
      const source = values['source-port'][at]!
      const port = targets.has(target) ? target : sources.has(source) ? PORTS + source : 2 * PORTS
      const flags = values['tcp-flags'][at]! & 0x17
      const length = values['packet-length'][at]!
      const size = length < 0 ? 0 : 32 - Math.clz32(length)
      const key = ((values.protocol[at]! + 2) * 3 * PORTS + port) * 1024 + flags * 32 + size
      const kind = kinds.get(key) ?? { attack: 0, calm: 0 }
      kind[side] += weights[at]! / totalWeight
      kinds.set(key, kind)
    }
  }
  tally(calm, 'calm')
  tally(attack, 'attack')
  return kinds
}

const PORTS = 65_536

function busyPorts({ weights, totalWeight }: Columns, column: Int32Array): ReadonlySet<number> {
  const tally = new Float64Array(PORTS)
  const busy = new Set<number>()
  for (let at = 0; at < weights.length; at++) {
    const port = column[at]!
    if (port < 0) continue
    tally[port]! += weights[at]!
    if (tally[port]! >= PORT_SHARE * totalWeight) busy.add(port)
  }
  return busy
}
