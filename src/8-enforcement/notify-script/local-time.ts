// The time on the wall where the daemon runs, as packet lines of reports show it.

/** `2026-11-20 10:11:49.883663` in the time zone of the process, of microseconds since 1970 UTC. */
export function localTime(micros: number): string {
  const millis = Math.floor(micros / 1000)
  const at = new Date(millis)
  const date = `${pad(at.getFullYear(), 4)}-${pad(at.getMonth() + 1, 2)}-${pad(at.getDate(), 2)}`
  const time = `${pad(at.getHours(), 2)}:${pad(at.getMinutes(), 2)}:${pad(at.getSeconds(), 2)}`
  return `${date} ${time}.${pad(at.getMilliseconds(), 3)}${pad(Math.floor(micros) - millis * 1000, 3)}`
}

const pad = (number: number, digits: number): string => String(number).padStart(digits, '0')
