// How prefixd.yaml has detectors agree: the same here, in our words. It holds for all playbooks.

import { correlationSchema } from './api/correlation-body.ts'
import type { Reading } from './reading.ts'
import type { PrefixdMainSettings } from './settings-schema.ts'

type Correlation = NonNullable<PrefixdMainSettings['correlation']>

const FROM = 'correlation'
const TO = ['policy', 'correlation', 'groups'] as const

/** What signals are matched by, in prefixd's words and in ours. */
const MATCHED_BY: ReadonlyMap<string, string> = new Map([
  ['customer_id', 'customer'],
  ['service_id', 'service'],
  ['pop', 'pop'],
  ['interface', 'interface'],
])

/** Nothing is carried when nothing is written: then the usual holds, by which nobody has to agree. */
export function readCorrelationSettings({ correlation }: PrefixdMainSettings, reading: Reading): void {
  if (correlation === undefined) return
  if (isRefused(correlation, reading)) return
  const carry = (native: string, key: keyof Correlation) =>
    reading.carry([...TO, native], correlation[key], [FROM, key])
  carry('enabled', 'enabled')
  carry('windowSeconds', 'window_seconds')
  carry('minSources', 'min_sources')
  carry('threshold', 'confidence_threshold')
  carry('usualWeight', 'default_weight')
  carry('halfLifeSeconds', 'confidence_decay_half_life_seconds')
  for (const [name, source] of Object.entries(correlation.sources ?? {})) {
    const from = [FROM, 'sources', name]
    const to = [...TO, 'sources', name]
    // prefixd trusts who has no weight of his own fully, whatever the usual weight is.
    reading.carry([...to, 'weight'], source.weight ?? 1, [...from, 'weight'])
    reading.carry([...to, 'type'], source.type || undefined, [...from, 'type'])
    reading.carry([...to, 'mode'], source.mode, [...from, 'mode'])
    const known = (source.match_dimensions ?? []).flatMap(word => MATCHED_BY.get(word) ?? [])
    if (known.length > 0)
      reading.carry([...to, 'matchBy'], [...new Set(known)], [...from, 'match_dimensions'])
    for (const [word, confidence] of Object.entries(source.confidence_mapping ?? {}))
      reading.carry([...to, 'confidences', word], confidence, [...from, 'confidence_mapping', word])
  }
}

/** By what its API demands; what only has no effect is told and left out. */
function isRefused(correlation: Correlation, reading: Reading): boolean {
  const sources = Object.entries(correlation.sources ?? {}).map(([name, source]) => {
    const words = source.match_dimensions ?? []
    const strange = words.filter(word => !MATCHED_BY.has(word))
    for (const word of strange)
      reading.say(
        'warning',
        'prefixd-not-carried',
        [FROM, 'sources', name, 'match_dimensions'],
        `nothing is matched by ${JSON.stringify(word.slice(0, 60))}; known are ${[...MATCHED_BY.keys()].join(', ')}`,
      )
    return [name, { ...source, match_dimensions: words.filter(word => MATCHED_BY.has(word)) }] as const
  })
  const parsed = correlationSchema.safeParse({ ...correlation, sources: Object.fromEntries(sources) })
  for (const { path, message } of parsed.error?.issues ?? [])
    reading.say('error', 'prefixd-value', [FROM, ...path.map(part => String(part))], message)
  return !parsed.success
}
