// Times of the week by the clock of a time zone. Summer time comes and goes with that clock: an hour that is skipped is in
// no window, one that comes twice is in it twice.

import type { WindowConfig } from './playbook-config.ts'
import { WEEKDAYS, type Weekday } from './weekday.ts'

export interface Window extends WindowConfig {
  /** Minutes since midnight; `toMinutes` not after `fromMinutes`: it ends on the next day. */
  readonly fromMinutes: number
  readonly toMinutes: number
  readonly clock: Intl.DateTimeFormat
}

export function compileWindow(config: WindowConfig): Window {
  const clock = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone: config.timeZone, weekday: 'long', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  })
  return { ...config, fromMinutes: minutesOf(config.from), toMinutes: minutesOf(config.to), clock }
}

/** The day that counts is the one on which the window began. */
export function isWithinWindow(window: Window, nowMs: number): boolean {
  const { days, fromMinutes, toMinutes } = window
  const { day, minutes } = wallClock(window.clock, nowMs)
  const begins = (one: Weekday) => days.length === 0 || days.includes(one)
  if (fromMinutes < toMinutes) return begins(day) && minutes >= fromMinutes && minutes < toMinutes
  return (begins(day) && minutes >= fromMinutes) || (begins(dayBefore(day)) && minutes < toMinutes)
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}

function wallClock(clock: Intl.DateTimeFormat, nowMs: number): { day: Weekday; minutes: number } {
  const parts = new Map(clock.formatToParts(nowMs).map(({ type, value }) => [type, value]))
  const name = parts.get('weekday')?.toLowerCase()
  const day = WEEKDAYS.find(weekday => weekday === name) ?? 'monday'
  return { day, minutes: Number(parts.get('hour')) * 60 + Number(parts.get('minute')) }
}

const dayBefore = (day: Weekday): Weekday => WEEKDAYS.at(WEEKDAYS.indexOf(day) - 1) ?? day
