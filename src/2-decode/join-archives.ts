// Archives of what exporters taught, joined and chosen by who is still listened to. Apart from what makes and reads them
// (templates-archive.ts), because the main thread decodes nothing.

import { parseAddress } from '#lib/ip/address.ts'
import type { ExporterRules } from './exporter-list.ts'
import type { ExporterArchive } from './templates-archive.ts'

/** Of one exporter. */
export const TEMPLATES_MAX = 4096
export const RATES_MAX = 4096

/** What those taught who are still allowed, by address. */
export const allowedOf = (
  archive: ReadonlyMap<string, ExporterArchive>,
  rules: ExporterRules,
): ReadonlyMap<string, ExporterArchive> =>
  new Map([...archive].filter(([address]) => isAllowed(rules, address)))

export function isAllowed(rules: ExporterRules, text: string): boolean {
  const address = parseAddress(text)
  return address !== undefined && rules.allows(address)
}

/** When any of its templates was last of use (ms since 1970); 0 for none, and for what is no archive. */
export function lastUseOf(archive: unknown): number {
  const templates: unknown = isObject(archive) ? Reflect.get(archive, 'templates') : undefined
  if (!Array.isArray(templates)) return 0
  return templates.reduce<number>((last, template) => {
    const usedMs: unknown = isObject(template) ? Reflect.get(template, 'usedMs') : undefined
    return typeof usedMs === 'number' && usedMs > last ? usedMs : last
  }, 0)
}

/**
 * What two workers were taught by the same exporter, each template and rate once: a template as it was last of use, a rate
 * as the second has it. Templates used last stand first.
 */
export function joinArchives(one: ExporterArchive, other: ExporterArchive): ExporterArchive {
  const templates = [...one.templates, ...other.templates].toSorted((a, b) => b.usedMs - a.usedMs)
  const rates = [...one.rates, ...other.rates]
  return {
    templates: firstOfEach(templates, ({ version, domain, definition }) =>
      [version, domain, definition.slice(0, 4)].join(),
    ).slice(0, TEMPLATES_MAX),
    rates: [
      ...new Map(rates.map(rate => [[rate.version, rate.domain, rate.sampler].join(), rate])).values(),
    ].slice(0, RATES_MAX),
  }
}

function firstOfEach<Entry>(entries: readonly Entry[], keyOf: (entry: Entry) => string): Entry[] {
  const seen = new Set<string>()
  return entries.filter(entry => {
    const key = keyOf(entry)
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
