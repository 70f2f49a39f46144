// Hot path. All records of one set, by the plan of their template.

import type { Domain } from '#2-decode/exporter.ts'
import type { FlowRecord, TakeRecord } from '#2-decode/flow-record.ts'
import { NO_SAMPLER } from '#2-decode/sampling-rates.ts'
import type { Plan } from '#2-decode/templates-compile.ts'
import { deliverRecord } from './deliver-record.ts'
import { PLAN_GROUPS, PLAN as SHARED_PLAN } from './plan.ts'
import { readContext, readCore } from './read-core.ts'
import { takeRare } from './read-rare.ts'
import { readOptions, readRates, readSampler } from './read-sampling.ts'
import { readTimes } from './read-times.ts'
import { GROUP, SLOT } from './slots.ts'

const PLAN = SHARED_PLAN
const GROUPS_AT = PLAN_GROUPS
const { context: CONTEXT, times: TIMES, sampler: SAMPLER, rates: RATES } = GROUP
const RARE = GROUP.fate | GROUP.details | GROUP.twoWay | GROUP.frame
const LAST_V4 = SLOT.targetV4
const LAST_V6 = SLOT.targetV6

/** The plan that PLAN holds. */
let bound: Plan | undefined

/**
 * Gives the records between `at` and `end` to the taker. Returns how many there were; -1 when one of variable length did
 * not end where the set does, in which case those before it were given.
 */
export function readDataRecords(
  view: DataView,
  at: number,
  end: number,
  plan: Plan,
  domain: Domain,
  record: FlowRecord,
  take: TakeRecord,
): number {
  bind(plan)
  record.clear()
  record.rate = domain.rates.rateOf(NO_SAMPLER)
  record.endMs = domain.exportMs
  const { recordBytes, walk } = plan
  if (walk.length !== 0) return readVariable(view, at, end, plan, domain, record, take)
  let records = 0
  for (let next = at; end - next >= recordBytes; next += recordBytes) {
    readRecord(view, next, record, domain, take)
    records++
  }
  return records
}

/** Takes over what the records of options between `at` and `end` tell. Returns how many there were, or -1 as above. */
export function readOptionRecords(
  view: DataView,
  at: number,
  end: number,
  plan: Plan,
  domain: Domain,
): number {
  bind(plan)
  const { recordBytes, walk } = plan
  const isVariable = walk.length !== 0
  let records = 0
  let next = at
  while (end - next >= recordBytes) {
    const after = isVariable ? placeFields(view, next, end, plan) : next + recordBytes
    if (after < 0) return -1
    readOptions(view, next, domain)
    records++
    next = after
  }
  return records
}

function bind(plan: Plan): void {
  if (bound === plan) return
  PLAN.set(plan.places)
  bound = plan
}

function readVariable(
  view: DataView,
  at: number,
  end: number,
  plan: Plan,
  domain: Domain,
  record: FlowRecord,
  take: TakeRecord,
): number {
  const { recordBytes } = plan
  let records = 0
  let next = at
  while (end - next >= recordBytes) {
    const after = placeFields(view, next, end, plan)
    if (after < 0) return isPadding(view, next, end) ? records : -1
    readRecord(view, next, record, domain, take)
    records++
    next = after
  }
  return records
}

function readRecord(view: DataView, at: number, record: FlowRecord, domain: Domain, take: TakeRecord): void {
  const groups = PLAN[GROUPS_AT]!
  readCore(view, at, record)
  if ((groups & CONTEXT) !== 0) readContext(view, at, record)
  if ((groups & TIMES) !== 0) readTimes(view, at, record, domain)
  if ((groups & RATES) !== 0) readRates(view, at, record, domain)
  else if ((groups & SAMPLER) !== 0) readSampler(view, at, record, domain)
  if ((groups & RARE) !== 0) takeRare(view, at, record, domain, take, groups)
  else deliverRecord(record, domain.exporter.counters, take)
}

/**
 * Works out where the fields of a record lie that come after one of variable length. The record has at least `recordBytes`
 * before `end`. Returns where it ends; -1 when that is behind `end`.
 */
function placeFields(view: DataView, at: number, end: number, { walk, fixedBytes }: Plan): number {
  let next = at + fixedBytes
  for (let i = 0; i < walk.length; i += 2) {
    const slot = walk[i]!
    let bytes = walk[i + 1]!
    if (bytes < 0) {
      if (end - next < 1) return -1
      bytes = view.getUint8(next)
      next += 1
      if (bytes === 255) {
        if (end - next < 2) return -1
        bytes = view.getUint16(next)
        next += 2
      }
    }
    if (end - next < bytes) return -1
    if (slot >= 0) {
      PLAN[2 * slot] = next - at
      PLAN[2 * slot + 1] = fits(slot, bytes) ? bytes : 0
    }
    next += bytes
  }
  return next
}

/** Addresses have their length or none; numbers and sections are looked at where they are read. */
const fits = (slot: number, bytes: number): boolean => slot > LAST_V6 || bytes === (slot <= LAST_V4 ? 4 : 16)

/** Sets may end in a few zero bytes, which can look like the beginning of a record of variable length. */
function isPadding(view: DataView, at: number, end: number): boolean {
  for (let i = at; i < end; i++) if (view.getUint8(i) !== 0) return false
  return true
}
