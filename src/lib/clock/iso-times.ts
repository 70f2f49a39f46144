// Moments as RFC 3339 has them, for whoever writes thousands of them: of one second only the last digits differ.

/** Gives the text of a moment in milliseconds since 1970, in UTC: `2026-11-30T14:20:05.123Z`. */
export function isoTimes(): (wallMs: number) => string {
  let second = Number.NaN
  let text = ''
  return wallMs => {
    const now = Math.floor(wallMs / 1000)
    if (now !== second) {
      second = now
      text = new Date(now * 1000).toISOString().slice(0, -4)
    }
    return `${text}${String(Math.floor(wallMs - now * 1000)).padStart(3, '0')}Z`
  }
}
