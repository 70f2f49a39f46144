// What open attacks do now, in few numbers: asked once a second, for their courses.

import { INCOMING, METRIC, OUTGOING } from '#3-traffic/metric.ts'
import type { Direction, OpenAttack } from '#4-detection/attack.ts'
import { METRIC_OF } from '#4-detection/limit.ts'
import type { Engine } from '../engine.ts'

/** Packets, bits and flows per second of its direction; then what its crossing is about, in the unit of that limit. */
export const ATTACK_COLUMNS = 4
/** The newest open ones are told of. */
export const ATTACKS_TOLD_MAX = 200

export interface AttackRates {
  readonly ids: readonly string[]
  /** ATTACK_COLUMNS for each; NaN: not measured. */
  readonly numbers: Float32Array
}

export function attackRates({ detector, pass }: Pick<Engine, 'detector' | 'pass'>): AttackRates {
  const told = detector.open.slice(-ATTACKS_TOLD_MAX)
  const numbers = new Float32Array(told.length * ATTACK_COLUMNS)
  for (const [place, attack] of told.entries()) {
    const line = detector.numberOf(attack.host) * 2 + (attack.direction === 'outgoing' ? 1 : 0)
    const flows = line < 2 ? undefined : pass.flows(line) / pass.windowSeconds
    numbers.set(numbersOf(attack, detector.standingOf(attack)?.speeds, flows), place * ATTACK_COLUMNS)
  }
  return { ids: told.map(({ id }) => id), numbers }
}

/**
 * Of nothing is seen nothing: the host of an open attack may have fallen silent. `flows`: of a single host, whose flows are
 * judged only where there is a limit of them.
 */
function numbersOf(
  { direction, crossing }: OpenAttack,
  speeds: Float64Array | undefined,
  flows: number | undefined,
): number[] {
  const of = (towards: Direction, metric: number) =>
    speeds?.[(towards === 'outgoing' ? OUTGOING : INCOMING) + metric] ?? 0
  const crossed =
    crossing === undefined ? Number.NaN : of(crossing.direction, METRIC[METRIC_OF[crossing.limit]])
  return [
    of(direction, METRIC.packets),
    of(direction, METRIC.bytes) * 8,
    flows ?? of(direction, METRIC.flows),
    crossing?.limit.endsWith('bits') ? crossed * 8 : crossed,
  ]
}
