// Lengths of time as people type them.

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }
const YEAR_SECONDS = 31_536_000

/** Seconds, or a number with its unit: `600`, `10m`, `2h`, `1d`, at most a year. `undefined` when the text is none. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit = 's'] = /^(\d{1,8})([smhd]?)$/.exec(text) ?? []
  const seconds = Number(count) * (UNIT_SECONDS[unit === '' ? 's' : unit] ?? Number.NaN)
  return seconds >= 1 && seconds <= YEAR_SECONDS ? seconds : undefined
}
