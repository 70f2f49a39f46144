// Templates of an exporter's domains: defined, repeated, changed, withdrawn, and forgotten when nobody uses them.

import * as wire from './elements/field.ts'
import { EXPORT_PROTOCOL } from './export-protocol.ts'
import type { Domain, ExporterState } from './exporter.ts'
import { compileTemplate, type Plan } from './templates-compile.ts'

/** Fields of one template; real ones have fewer than a hundred. */
export const FIELDS_MAX = 512
export const TEMPLATE_ID_MIN = 256

/** Once the bound is reached, templates unused for so long make room for new ones. */
const IDLE_MS = 600_000
/** Room is looked for no oftener than this, because looking takes time. */
const SWEEP_MS = 1000

export interface Template {
  readonly id: number
  /** Kind of set that defined it, one of TEMPLATE_SET. */
  readonly set: number
  readonly isOptions: boolean
  /** The template record as it came. */
  readonly definition: Uint8Array
  readonly plan: Plan
  /** Last definition or data. */
  usedMs: number
}

/** Memory a template takes, about: its plan, its record, and eight bytes per field of variable length. */
const templateCost = ({ definition, plan }: Template): number =>
  definition.length + 4 * (plan.places.length + plan.walk.length) + 256

/**
 * Takes in the template record at `at`, whose length was checked. Returns the template, also when it only repeats what is
 * known; undefined when it was refused.
 */
export function defineTemplate(
  domain: Domain,
  view: DataView,
  at: number,
  bytes: number,
  set: number,
  nowMs: number,
): Template | undefined {
  const { exporter } = domain
  const { counters } = exporter
  const id = view.getUint16(at)
  const known = domain.templates.get(id)
  counters.templateDefinitions++
  if (known !== undefined && isSame(known, view, at, bytes, set)) {
    known.usedMs = nowMs
    return known
  }
  const fields = wire.fieldCount(view, at, set)
  const plan = compileTemplate(wire.readFields(view, at, set, fields))
  if (plan === undefined) return refuse(exporter)
  const definition = new Uint8Array(bytes)
  for (let i = 0; i < bytes; i++) definition[i] = view.getUint8(at + i)
  const template = { id, set, isOptions: wire.isOptionsSet(set), definition, plan, usedMs: nowMs }
  if (known !== undefined) removeTemplate(domain, known)
  if (!hasRoom(exporter, templateCost(template), nowMs)) return refuse(exporter)
  domain.templates.set(id, template)
  exporter.templates++
  exporter.templateBytes += templateCost(template)
  counters.oddFields += plan.oddFields
  if (known !== undefined) {
    counters.templatesChanged++
    exporter.tell({ kind: 'templateChanged', domain: domain.id, template: id })
  }
  return template
}

function refuse(exporter: ExporterState): undefined {
  exporter.counters.templatesRefused++
  return undefined
}

function isSame(known: Template, view: DataView, at: number, bytes: number, set: number): boolean {
  const { definition } = known
  if (known.set !== set || definition.length !== bytes) return false
  for (let i = 0; i < bytes; i++) if (definition[i] !== view.getUint8(at + i)) return false
  return true
}

function removeTemplate(domain: Domain, template: Template): void {
  domain.templates.delete(template.id)
  domain.exporter.templates--
  domain.exporter.templateBytes -= templateCost(template)
}

/** Withdraws one template, or with the identifier of a template set all of that kind (RFC 7011, 8.1). */
export function withdrawTemplates(domain: Domain, id: number, set: number): void {
  for (const template of domain.templates.values()) {
    if (template.set !== set || (id !== set && template.id !== id)) continue
    removeTemplate(domain, template)
    domain.exporter.counters.templatesWithdrawn++
  }
}

/** Forgets what a connection taught: over TCP templates live no longer than it (RFC 7011, 8.1). */
export function forgetSession(exporter: ExporterState, session: number): void {
  for (const domain of exporter.domains.values()) {
    if (domain.version !== EXPORT_PROTOCOL.ipfix || domain.agent !== session) continue
    for (const template of domain.templates.values()) removeTemplate(domain, template)
    exporter.forgetDomain(domain)
  }
}

function hasRoom(exporter: ExporterState, cost: number, nowMs: number): boolean {
  const { limits } = exporter
  const fits = () =>
    exporter.templates < limits.templates && exporter.templateBytes + cost <= limits.templateBytes
  if (fits()) return true
  if (nowMs - exporter.sweptMs < SWEEP_MS) return false
  exporter.sweptMs = nowMs
  expireTemplates(exporter, nowMs, IDLE_MS)
  return fits()
}

function expireTemplates(exporter: ExporterState, nowMs: number, unusedMs: number): void {
  for (const domain of exporter.domains.values()) {
    for (const template of domain.templates.values()) {
      if (nowMs - template.usedMs <= unusedMs) continue
      removeTemplate(domain, template)
      exporter.counters.templatesExpired++
    }
  }
}

/** Forgets what its time is over: templates, domains, data that waits. To be called every few seconds. */
export function expireExporter(exporter: ExporterState, nowMs: number): void {
  const { limits, counters } = exporter
  expireTemplates(exporter, nowMs, limits.templateMs)
  counters.droppedSets += exporter.held.expire(nowMs)
  for (const domain of exporter.domains.values()) {
    exporter.sources -= domain.sources.expire(nowMs, limits.templateMs)
    if (nowMs - domain.seenMs > limits.templateMs && domain.templates.size === 0)
      exporter.forgetDomain(domain)
  }
}
