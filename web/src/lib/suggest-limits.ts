// Limits suggested from what was just measured: the busiest host of each second, its 95th percentile, and room above it.

export interface Sample {
  readonly packets: number
  readonly bits: number
  readonly flows: number
}

export interface Suggested {
  readonly packetsPerSecond: number
  readonly megabitsPerSecond: number
  readonly flowsPerSecond: number
}

/** An honest peak is rarely more than so many times what is usual. */
const ROOM = 3
/** Below it a limit would be crossed by a single download. */
const LEAST: Suggested = { packetsPerSecond: 5000, megabitsPerSecond: 100, flowsPerSecond: 2000 }

/** `undefined`: nothing was measured. */
export function suggestLimits(samples: readonly Sample[]): Suggested | undefined {
  if (samples.length === 0) return undefined
  const of = (read: (sample: Sample) => number) => percentile(samples.map(read), 0.95)
  return {
    packetsPerSecond: rounded(Math.max(of(({ packets }) => packets) * ROOM, LEAST.packetsPerSecond)),
    megabitsPerSecond: rounded(Math.max((of(({ bits }) => bits) / 1e6) * ROOM, LEAST.megabitsPerSecond)),
    flowsPerSecond: rounded(Math.max(of(({ flows }) => flows) * ROOM, LEAST.flowsPerSecond)),
  }
}

/** The smallest value that so large a share of them does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}

/** Up to two digits: 12,345 becomes 13,000. */
function rounded(value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1)
  return Math.ceil(value / unit) * unit
}
