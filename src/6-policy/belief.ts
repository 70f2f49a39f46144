// How surely an attack is what it seems: by our finding alone, or together with what other detectors report.

import type { Attack } from '#4-detection/attack.ts'
import { agreementOn, type Correlation, OWN_SOURCE, type Report, USUAL_CORRELATION } from './correlate.ts'

/** Who says something about an attack, beside its finding. */
export interface Voices {
  /** Wall clock ms; missing: the moment at which the attack opened. */
  readonly nowMs?: number
  /** What other detectors say about its host. Missing: nobody but us says anything. */
  readonly reports?: readonly Report[]
  /** How far whom is trusted; missing: all alike. */
  readonly correlation?: Correlation
  /** 0 to 1; missing: of all reports together with the finding. By hand it is 1, of nothing 0. */
  readonly confidence?: number
}

export interface Belief {
  readonly confidence: number
  /** How it was made of several reports; missing when there were none. */
  readonly agreement?: string
}

export function beliefIn(attack: Attack, context: Voices): Belief {
  const { reports = [], correlation = USUAL_CORRELATION, nowMs = attack.openedAt } = context
  const { host, finding, origin, reported } = attack
  const own = reported?.confidence ?? finding?.confidence ?? (origin === 'manual' ? 1 : 0)
  // What a detector reported is among the reports already.
  const isOurs = reported === undefined
  if (context.confidence !== undefined || reports.length === 0)
    return { confidence: context.confidence ?? own }
  const ours = { target: host, source: OWN_SOURCE, confidence: own, atMs: nowMs }
  const found = agreementOn(host, isOurs && own > 0 ? [...reports, ours] : reports, correlation)
  // What was last said long ago is not said of this attack as it is now.
  return found === undefined || nowMs - found.lastMs > correlation.windowMs
    ? { confidence: own }
    : { confidence: found.confidence, agreement: found.explanation }
}
