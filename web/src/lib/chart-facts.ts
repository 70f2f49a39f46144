// What a chart shows, in words and numbers: for those who hear the page, and beside the lines.

export interface Series {
  readonly label: string
  /** One for each moment; null: not known. */
  readonly values: readonly (number | null)[]
  /** A colour of the design by its number, from 1; missing: by its place. */
  readonly colour?: number
}

export interface SeriesFacts {
  readonly label: string
  /** The last known one. */
  readonly last: number | undefined
  readonly highest: number | undefined
  /** Seconds since 1970. */
  readonly highestAt: number | undefined
}

export function factsOf(times: readonly number[], { label, values }: Series): SeriesFacts {
  let last: number | undefined
  let highest: number | undefined
  let highestAt: number | undefined
  for (const [at, value] of values.entries()) {
    if (value === null) continue
    last = value
    if (highest !== undefined && value <= highest) continue
    highest = value
    highestAt = times[at]
  }
  return { label, last, highest, highestAt }
}

/** At most so many rows for a table: of each part the highest, so that no peak is lost. */
export function condensed(
  times: readonly number[],
  series: readonly Series[],
  most: number,
): readonly { readonly time: number; readonly values: readonly (number | null)[] }[] {
  const step = Math.max(1, Math.ceil(times.length / most))
  return times.flatMap((time, at) =>
    at % step === 0
      ? [{ time, values: series.map(({ values }) => highestOf(values.slice(at, at + step))) }]
      : [],
  )
}

function highestOf(values: readonly (number | null)[]): number | null {
  return values.reduce<number | null>(
    (most, value) => (value === null ? most : most === null ? value : Math.max(most, value)),
    null,
  )
}
