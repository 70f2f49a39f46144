// Moments and lengths of time, in UTC or local time, always as year-month-day and 24 hours.

import { durationText } from '#lib/clock/local-time.ts'

export type Zone = 'utc' | 'local'

const two = (value: number): string => String(value).padStart(2, '0')

/** `2026-11-20 10:11:49Z` or `2026-11-20 11:11:49`. */
export function momentText(at: string | number, zone: Zone): string {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return 'unknown'
  return `${dateText(date, zone)} ${clockText(date, zone)}${zone === 'utc' ? 'Z' : ''}`
}

export const dateText = (at: Date, zone: Zone): string =>
  zone === 'utc'
    ? `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}`
    : `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`

/** `10:11:49`. */
export const clockText = (at: Date, zone: Zone): string =>
  zone === 'utc'
    ? `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`
    : `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`

/** In its two largest units: `45 s`, `3 min 20 s`, `2 h 5 min`, `12 d 3 h`. */
export const lengthText = durationText

/** `3 min 20 s ago`, `in 5 min`. */
export function agoText(at: string | number, now: number): string {
  const seconds = Math.round((now - new Date(at).getTime()) / 1000)
  return seconds >= 0 ? `${lengthText(seconds)} ago` : `in ${lengthText(-seconds)}`
}
