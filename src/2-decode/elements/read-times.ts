// Hot path. When the packets of a record passed, from whichever of the twelve elements the exporter uses.

import type { Domain } from '#2-decode/exporter.ts'
import type { FlowRecord } from '#2-decode/flow-record.ts'
import { PLAN as SHARED_PLAN } from './plan.ts'
import { slotNumber } from './read-core.ts'
import { SLOT } from './slots.ts'

const PLAN = SHARED_PLAN
const FIRST_UPTIME = 2 * SLOT.firstUptime
const LAST_UPTIME = 2 * SLOT.lastUptime
const FIRST_MS = 2 * SLOT.firstMilliseconds
const LAST_MS = 2 * SLOT.lastMilliseconds
const FIRST_SECONDS = 2 * SLOT.firstSeconds
const LAST_SECONDS = 2 * SLOT.lastSeconds
const FIRST_US = 2 * SLOT.firstMicroseconds
const LAST_US = 2 * SLOT.lastMicroseconds
const FIRST_NS = 2 * SLOT.firstNanoseconds
const LAST_NS = 2 * SLOT.lastNanoseconds
const FIRST_AGO = 2 * SLOT.firstAgo
const LAST_AGO = 2 * SLOT.lastAgo
const DURATION_MS = 2 * SLOT.durationMilliseconds
const DURATION_US = 2 * SLOT.durationMicroseconds
const BOOT_MS = 2 * SLOT.bootMilliseconds

/** Seconds from 1900, where NTP begins to count, to 1970. */
const NTP_EPOCH_SECONDS = 2_208_988_800

export function readTimes(view: DataView, at: number, record: FlowRecord, domain: Domain): void {
  if (PLAN[LAST_UPTIME + 1]! === 4 && PLAN[FIRST_UPTIME + 1]! === 4) {
    const last = view.getUint32(at + PLAN[LAST_UPTIME]!)
    const first = view.getUint32(at + PLAN[FIRST_UPTIME]!)
    const boot = PLAN[BOOT_MS + 1]! === 0 ? domain.bootMs : slotNumber(view, at, BOOT_MS)
    setUptimes(record, domain, first, last, boot)
  } else if (PLAN[LAST_MS + 1]! === 8 && PLAN[FIRST_MS + 1]! === 8) {
    const last = slotNumber(view, at, LAST_MS)
    setTimes(record, domain, last, last - slotNumber(view, at, FIRST_MS))
  } else readOtherTimes(view, at, record, domain)
}

/** Times in milliseconds since the exporter started, which begin anew every 49.7 days. */
export function setUptimes(
  record: FlowRecord,
  domain: Domain,
  first: number,
  last: number,
  boot: number,
): void {
  const { uptimeMs, exportMs } = domain
  const sinceBoot = boot > 0 ? boot + last : exportMs
  setTimes(record, domain, uptimeMs >= 0 ? exportMs - ((uptimeMs - last) | 0) : sinceBoot, (last - first) | 0)
}

function setTimes(record: FlowRecord, domain: Domain, endMs: number, durationMs: number): void {
  record.endMs = endMs
  if (durationMs < 0) {
    domain.exporter.counters.negativeDurations++
    record.durationMs = 0
    return
  }
  record.durationMs = durationMs
  if (durationMs > domain.longestMs) domain.longestMs = durationMs
}

function readOtherTimes(view: DataView, at: number, record: FlowRecord, domain: Domain): void {
  const last = timeOf(view, at, LAST_MS, LAST_SECONDS, LAST_US, LAST_NS, LAST_AGO, domain.exportMs)
  const first = timeOf(view, at, FIRST_MS, FIRST_SECONDS, FIRST_US, FIRST_NS, FIRST_AGO, domain.exportMs)
  const told =
    PLAN[DURATION_MS + 1]! === 0
      ? slotNumber(view, at, DURATION_US) / 1000
      : slotNumber(view, at, DURATION_MS)
  if (last !== 0) setTimes(record, domain, last, first === 0 ? told : last - first)
  else if (first !== 0 && told !== 0) setTimes(record, domain, first + told, told)
  else setTimes(record, domain, domain.exportMs, told)
}

/** Milliseconds since 1970 from the first of the elements the record has; 0 when it has none. */
function timeOf(
  view: DataView,
  at: number,
  milliseconds: number,
  seconds: number,
  microseconds: number,
  nanoseconds: number,
  ago: number,
  exportMs: number,
): number {
  if (PLAN[milliseconds + 1]! !== 0) return slotNumber(view, at, milliseconds)
  if (PLAN[seconds + 1]! !== 0) return slotNumber(view, at, seconds) * 1000
  if (PLAN[microseconds + 1]! === 8) return ntpTime(view, at + PLAN[microseconds]!)
  if (PLAN[nanoseconds + 1]! === 8) return ntpTime(view, at + PLAN[nanoseconds]!)
  return PLAN[ago + 1]! === 0 ? 0 : exportMs - slotNumber(view, at, ago) / 1000
}

/** Seconds since 1900 and their fraction in 32 bits each (RFC 7011, 6.1.9). */
const ntpTime = (view: DataView, at: number): number =>
  (view.getUint32(at) - NTP_EPOCH_SECONDS) * 1000 + (view.getUint32(at + 4) * 1000) / 0x1_0000_0000
