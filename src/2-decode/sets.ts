// Hot path. The sets of a datagram: templates are learnt, data is read, data without a template waits (RFC 3954, 5; RFC 7011, 3.3).

import {
  definitionBytes,
  fieldCount,
  headBytes,
  isIpfixSet,
  isOptionsSet,
  TEMPLATE_SET,
} from './elements/field.ts'
import { readDataRecords, readOptionRecords } from './elements/read-records.ts'
import type { Domain } from './exporter.ts'
import type { FlowRecord, TakeRecord } from './flow-record.ts'
import { defineTemplate, FIELDS_MAX, TEMPLATE_ID_MIN, type Template, withdrawTemplates } from './templates.ts'

const { netflow9Options, ipfix } = TEMPLATE_SET
const SET_HEAD_BYTES = 4

/**
 * Reads the sets between `at` and `end`. `firstTemplateSet` is that of the protocol: templates are defined there and in the
 * next kind of set. Returns the number of records, options included; -1 when it cannot be known.
 */
export function readSets(
  view: DataView,
  at: number,
  end: number,
  firstTemplateSet: number,
  domain: Domain,
  record: FlowRecord,
  take: TakeRecord,
): number {
  let records = 0
  let isKnown = true
  let next = at
  while (end - next >= SET_HEAD_BYTES) {
    const set = view.getUint16(next)
    const bytes = view.getUint16(next + 2)
    const first = next + SET_HEAD_BYTES
    if (set === 0 && bytes === 0) break
    if (bytes < SET_HEAD_BYTES || bytes > end - next) {
      domain.exporter.counters.malformed++
      return -1
    }
    next += bytes
    if (set >= TEMPLATE_ID_MIN) {
      const found = readDataSet(view, first, next, set, domain, record, take)
      if (found < 0) isKnown = false
      else records += found
    } else if (set === firstTemplateSet || set === firstTemplateSet + 1)
      readTemplateSet(view, first, next, set, domain, record, take)
  }
  return isKnown ? records : -1
}

function readDataSet(
  view: DataView,
  at: number,
  end: number,
  id: number,
  domain: Domain,
  record: FlowRecord,
  take: TakeRecord,
): number {
  const { counters } = domain.exporter
  const template = domain.templates.get(id)
  if (template === undefined) {
    counters.unknownTemplateSets++
    hold(view, at, end, id, domain, record.receivedMs)
    return -1
  }
  const records = readByTemplate(view, at, end, template, domain, record, take)
  if (records < 0) counters.malformed++
  return records
}

function readByTemplate(
  view: DataView,
  at: number,
  end: number,
  template: Template,
  domain: Domain,
  record: FlowRecord,
  take: TakeRecord,
): number {
  const { counters } = domain.exporter
  if (record.receivedMs > template.usedMs) template.usedMs = record.receivedMs
  const records = template.isOptions
    ? readOptionRecords(view, at, end, template.plan, domain)
    : readDataRecords(view, at, end, template.plan, domain, record, take)
  if (records > 0 && template.isOptions) counters.optionRecords += records
  else if (records > 0) counters.records += records
  return records
}

/** Keeps a set for the template that has yet to come. */
function hold(view: DataView, at: number, end: number, id: number, domain: Domain, receivedMs: number): void {
  const { held, counters } = domain.exporter
  const length = end - at
  counters.droppedSets += held.expire(receivedMs)
  if (length === 0 || !held.hasRoom(length)) {
    counters.droppedSets++
    return
  }
  const copy = new Uint8Array(length)
  copy.set(new Uint8Array(view.buffer, view.byteOffset + at, length))
  const { exportMs, uptimeMs } = domain
  held.hold({ domain, template: id, receivedMs, exportMs, uptimeMs, view: new DataView(copy.buffer) })
  counters.heldSets++
}

/** Reads the sets that waited for this template, as of the time they came. */
function release(template: Template, domain: Domain, record: FlowRecord, take: TakeRecord): void {
  const { held, counters } = domain.exporter
  const { exportMs, uptimeMs } = domain
  const { receivedMs } = record
  counters.droppedSets += held.expire(receivedMs)
  domain.isReleasing = true
  for (const set of held.release(domain, template.id)) {
    counters.releasedSets++
    domain.exportMs = set.exportMs
    domain.uptimeMs = set.uptimeMs
    record.receivedMs = set.receivedMs
    const records = readByTemplate(set.view, 0, set.view.byteLength, template, domain, record, take)
    if (records < 0) counters.malformed++
  }
  domain.isReleasing = false
  domain.exportMs = exportMs
  domain.uptimeMs = uptimeMs
  record.receivedMs = receivedMs
}

function readTemplateSet(
  view: DataView,
  at: number,
  end: number,
  set: number,
  domain: Domain,
  record: FlowRecord,
  take: TakeRecord,
): void {
  const { counters } = domain.exporter
  let next = at
  while (end - next >= SET_HEAD_BYTES) {
    const id = view.getUint16(next)
    const isWithdrawal = isIpfixSet(set) && view.getUint16(next + 2) === 0
    if (isWithdrawal && (id >= TEMPLATE_ID_MIN || id === set)) {
      withdrawTemplates(domain, id, set)
      next += SET_HEAD_BYTES
      continue
    }
    // What is left may be padding.
    if (id === 0) return
    const bytes = id < TEMPLATE_ID_MIN ? -1 : templateRecordBytes(view, next, end, set)
    if (bytes < 0) {
      counters.malformed++
      return
    }
    const template = defineTemplate(domain, view, next, bytes, set, record.receivedMs)
    if (template !== undefined && domain.exporter.held.count > 0) release(template, domain, record, take)
    next += bytes
  }
}

/** Length of the template record; -1 when it is none: cut, without fields, with too many, with an impossible scope. */
export function templateRecordBytes(view: DataView, at: number, end: number, set: number): number {
  if (end - at < headBytes(set)) return -1
  const fields = fieldCount(view, at, set)
  if (fields < 1 || fields > FIELDS_MAX) return -1
  if (isOptionsSet(set)) {
    const scope = view.getUint16(at + (set === netflow9Options ? 2 : 4))
    if (set === netflow9Options ? scope % 4 !== 0 : scope === 0 || scope > fields) return -1
  }
  return definitionBytes(view, at, end, set, fields)
}

/** The set in which IPFIX defines templates of data; NetFlow v9 numbers them from 0. */
export const FIRST_TEMPLATE_SET = { netflow9: TEMPLATE_SET.netflow9, ipfix } as const
