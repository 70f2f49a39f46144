// The limits of a fastnetmon.conf: those of all hosts, and the same keys with the name of a hostgroup in front.

import { confProblem } from './conf-lines.ts'
import type { ConfValues } from './conf-values.ts'
import { LIMIT_OPTIONS } from './option-table.ts'

/** Limits by native key; those of a protocol lie one level deeper. `off`: a hostgroup has none where the others have. */
type Limits = Record<string, Limit | Record<string, Limit>>
type Limit = number | 'off'

export interface Thresholds {
  readonly incoming: Limits
  readonly outgoing: Limits
}

/** No speed is above it, in packets, Mbit or flows per second: as many as an `int` holds in FastNetMon. */
const THRESHOLD_MAX = 2 ** 31 - 1

/** The general limits that are switched on, the same for both directions. */
export function readThresholds(values: ConfValues): Thresholds {
  return ofDirections(values, readLimits(values, ''))
}

/** Those of a hostgroup: each key that it does not set has the value of the general one. */
export function readGroupThresholds(values: ConfValues, group: string): Thresholds {
  return ofDirections(values, readLimits(values, `${group}_`))
}

/** A direction that is not counted needs no limits. */
const ofDirections = (values: ConfValues, limits: Limits): Thresholds => ({
  incoming: values.isOn('process_incoming_traffic', true) ? limits : {},
  outgoing: values.isOn('process_outgoing_traffic', true) ? limits : {},
})

function readLimits(values: ConfValues, group: string): Limits {
  let limits: Limits = {}
  for (const { ban, threshold, limit } of LIMIT_OPTIONS) {
    const banKey = values.nearestKey(group, ban)
    const key = values.nearestKey(group, threshold)
    if (!values.isOn(banKey)) {
      if (group !== '' && values.isOn(ban)) limits = withLimit(limits, limit, 'off')
      continue
    }
    const value = values.number(key, { missing: 0, min: 0, max: THRESHOLD_MAX })
    if (value > 0) {
      limits = withLimit(limits, limit, value)
      continue
    }
    if (group !== '') limits = withLimit(limits, limit, 'off')
    // A general mistake is told once, not again for each group that has it from there.
    if (group !== '' && banKey === ban && key === threshold) continue
    const place = values.place(values.has(key) ? key : banKey)
    const found = values.has(key) ? '0' : 'not set'
    const message = `${banKey} is on and ${key} is ${found}: the limit is left out`
    values.problems.push(confProblem('fastnetmon-zero-limit', 'warning', place, message))
  }
  return limits
}

function withLimit(limits: Limits, [first, second]: readonly [string, string?], value: Limit): Limits {
  if (second === undefined) return { ...limits, [first]: value }
  const inner = limits[first]
  return { ...limits, [first]: { ...(typeof inner === 'object' ? inner : {}), [second]: value } }
}
