// A slider over thresholds of any size: its places are even in powers of ten, its values are numbers people would choose.

/** Places of the slider. */
export const PLACES = 400

export interface Range {
  readonly lowest: number
  readonly highest: number
}

const LEAST = 10
const WIDEST: Range = { lowest: 100, highest: 1e8 }

/** From what is usual to well above what was seen and what holds; in bits it is a thousand times as much. */
export function rangeOf(
  known: {
    readonly usual?: number | undefined
    readonly highest?: number | undefined
    readonly now?: number | null
  },
  unit: 'packets' | 'bits' | 'flows',
): Range {
  const { usual, highest, now } = known
  const seen = [usual, highest, now].filter(value => typeof value === 'number' && value > 0) as number[]
  const factor = unit === 'bits' ? 1000 : 1
  if (seen.length === 0) return { lowest: WIDEST.lowest * factor, highest: WIDEST.highest * factor }
  const lowest = Math.max(LEAST, Math.min(...seen) / 4)
  return { lowest, highest: Math.max(lowest * 100, Math.max(...seen) * 4) }
}

export function valueAt(place: number, { lowest, highest }: Range): number {
  const part = Math.max(0, Math.min(1, place / PLACES))
  return twoDigits(lowest * (highest / lowest) ** part)
}

export function placeOf(value: number, { lowest, highest }: Range): number {
  const part = Math.log(Math.max(lowest, Math.min(highest, value)) / lowest) / Math.log(highest / lowest)
  return Math.round(part * PLACES)
}

const twoDigits = (value: number): number => Number(value.toPrecision(2))
