// Local time as people read it. For screens and logs; machines get ISO 8601 in UTC.

const two = (value: number): string => String(value).padStart(2, '0')

/** `2026-11-20`. */
export const dateText = (at: Date): string =>
  `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`

/** `10:11:49`. */
export const clockText = (at: Date): string =>
  `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`

/** `2026-11-20 10:11:49`, from milliseconds since 1970 UTC. */
export function momentText(atMs: number): string {
  const at = new Date(atMs)
  return `${dateText(at)} ${clockText(at)}`
}

/** A length of time in its two largest units: `45 s`, `3 min 20 s`, `2 h 5 min`, `12 d 3 h`. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return pair(whole, 60, 'min', 1, 's')
  if (whole < 86_400) return pair(whole, 3600, 'h', 60, 'min')
  return pair(whole, 86_400, 'd', 3600, 'h')
}

function pair(seconds: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((seconds % large) / small)
  const first = `${Math.floor(seconds / large)} ${largeName}`
  return rest === 0 ? first : `${first} ${rest} ${smallName}`
}
