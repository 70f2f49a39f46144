// What people type for lengths of time and rates: `10m`, `1h 30m`, `5M`, `2.5 Gbit/s`.

import { linesOf } from './lines-of.ts'

const SECONDS: Readonly<Record<string, number>> = {
  ...{ s: 1, sec: 1, m: 60, min: 60, h: 3600, d: 86_400, w: 604_800 },
}

/** Whole seconds, from `600`, `10m`, `1h 30m`, `2 d`; undefined: it is no length of time. */
export function secondsOf(text: string): number | undefined {
  const trimmed = text.trim().toLowerCase()
  if (/^\d{1,12}$/.test(trimmed)) return Number(trimmed)
  if (!/^(?:\d{1,9}\s*[a-z]+\s*)+$/.test(trimmed)) return undefined
  let seconds = 0
  for (const [, amount = '', unit = ''] of trimmed.matchAll(/(\d+)\s*([a-z]+)/g)) {
    const size = SECONDS[unit]
    if (size === undefined) return undefined
    seconds += Number(amount) * size
  }
  return seconds
}

const SCALES: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 }

/** A rate by the second, from `5000000`, `5M`, `2.5 Gbit/s`, `80k packets/s`; undefined: it is none. */
export function rateOf(text: string): number | undefined {
  const match = /^(\d{1,15}(?:\.\d{1,6})?)\s*([kmgt]?)(?:bit\/s|bits\/s|bps|packets\/s|pps)?$/i.exec(
    text.trim().replace(/\s+(?=(?:bit|bps|packets|pps))/i, ''),
  )
  if (match === null) return undefined
  const [, amount = '', scale = ''] = match
  const rate = Number(amount) * (SCALES[scale.toLowerCase()] ?? 1)
  return rate > 0 ? rate : undefined
}

/** Ports from `53, 123`; undefined: one of them is none. */
export function portsOf(text: string): number[] | undefined {
  const words = linesOf(text)
  const ports = words.map(Number)
  return words.every(word => /^\d{1,5}$/.test(word)) && ports.every(port => port <= 65_535)
    ? ports
    : undefined
}
