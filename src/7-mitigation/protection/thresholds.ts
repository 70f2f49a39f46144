// Thresholds that switch a countermeasure by themselves: on above one number, off below a lower one, and each only when enough of
// the last measurements say so, or a single burst would switch it to and fro.

/** What is measured of a profile's targets together. */
export const THRESHOLD_METRICS = ['packets', 'bits'] as const
export type ThresholdMetric = (typeof THRESHOLD_METRICS)[number]

export interface Threshold {
  readonly metric: ThresholdMetric
  /** Per second. Above it a measurement speaks for on. */
  readonly on: number
  /** Per second, at most `on`. Below it a measurement speaks for off. */
  readonly off: number
  /** So many of the last measurements are looked at; there is one each second. */
  readonly history: number
  /** So many of them have to say the same, at most `history`. */
  readonly severity: number
}

/** As MITIGATOR has them. */
export const USUAL_HISTORY = 5
export const USUAL_SEVERITY = 3
export const HISTORY_MAX = 3600

export interface ThresholdState {
  readonly isOver: boolean
  /** The last ones, the newest last; at most `history`. */
  readonly samples: readonly number[]
}

export const CALM: ThresholdState = { isOver: false, samples: [] }

/** How it stands with one more measurement. A change of the threshold takes hold with the next one. */
export function measured(state: ThresholdState, value: number, threshold: Threshold): ThresholdState {
  const { on, off, history, severity } = threshold
  const samples = [...state.samples, value].slice(-history)
  const saying = state.isOver
    ? samples.filter(sample => sample < off).length
    : samples.filter(sample => sample > on).length
  return { isOver: saying >= severity ? !state.isOver : state.isOver, samples }
}
