// Hot path. What each source of samples sent, and what of it was lost.

import type { Domain, ExporterState } from '#2-decode/exporter.ts'
import type { DataSource, DataSources } from './sampling-sources.ts'

/** How often room is made for sources at most, and for how long one may be silent then (ms). */
const SWEEP_MS = 60_000
const SILENT_MS = 600_000

/** The source, whose sequence takes this sample; undefined when there is no room for one more. */
export function followSource(
  sources: DataSources,
  key: number,
  sequence: number,
  domain: Domain,
): DataSource | undefined {
  const { exporter } = domain
  const source = sources.find(key) ?? addSource(sources, key, exporter, domain.seenMs)
  if (source === undefined) {
    exporter.sflow.unfollowedSamples++
    return undefined
  }
  source.seenMs = domain.seenMs
  source.samples++
  if (!source.sequence.isNext(sequence)) exporter.sflow.lostSamples += source.sequence.follow(sequence, 1)
  return source
}

function addSource(
  sources: DataSources,
  key: number,
  exporter: ExporterState,
  nowMs: number,
): DataSource | undefined {
  const { limits } = exporter
  if (exporter.sources >= limits.sources) {
    if (nowMs - exporter.sourcesSweptMs < SWEEP_MS) return undefined
    exporter.sourcesSweptMs = nowMs
    for (const domain of exporter.domains.values())
      exporter.sources -= domain.sources.expire(nowMs, SILENT_MS)
    if (exporter.sources >= limits.sources) return undefined
  }
  exporter.sources++
  return sources.add(key)
}
