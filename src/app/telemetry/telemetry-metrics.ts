// The metrics of flow telemetry. Exporters have a label of their own as long as there are not too many of them.

import { TELEMETRY_METRICS } from '#1-capture/udp/metrics.ts'
import type { MetricSource, MetricValue } from '#lib/metrics/metric.ts'
import type { ExporterFacts } from './exporter-facts.ts'
import { joined, lostOf, sumOf } from './exporters-view.ts'
import type { ConnectionCounts } from './task.ts'
import type { ListenerState, TelemetryCrew } from './telemetry-crew.ts'

/** Label values; whoever scans us from many addresses must not fill a database with names. */
const LABELS_MAX = 256

type Exporters = readonly ExporterFacts[]

/** `now`: milliseconds of the steady clock. `unkept`: exporters the archive had no room for. */
export const telemetrySource =
  (crew: Pick<TelemetryCrew, 'states'>, now: () => number, unkept: () => number): MetricSource =>
  () => {
    const { states } = crew
    if (states.length === 0) return []
    const exporters = joined(states.flatMap(({ facts }) => facts?.exporters ?? []))
    return [
      ...states.flatMap(listenerValues),
      ...sums(states),
      { name: TELEMETRY_METRICS.exporters.name, value: exporters.length },
      { name: TELEMETRY_METRICS.unkept.name, value: unkept() },
      ...labelled(exporters).flatMap(([label, same]) => exporterValues(label, same, now())),
    ]
  }

function listenerValues({ listen, worker, facts, receiver, problem }: ListenerState): MetricValue[] {
  const labels = { listen, worker: String(worker) }
  const isListening = receiver !== undefined && problem === undefined
  return [
    { name: TELEMETRY_METRICS.listening.name, value: isListening ? 1 : 0, labels },
    { name: TELEMETRY_METRICS.datagrams.name, value: facts?.datagrams ?? 0, labels },
    { name: TELEMETRY_METRICS.dropped.name, value: facts?.drops ?? 0, labels },
    { name: TELEMETRY_METRICS.queued.name, value: facts?.queuedBytes ?? 0, labels },
    { name: TELEMETRY_METRICS.stray.name, value: facts?.strayDatagrams ?? 0, labels },
    ...connectionValues(facts?.connections, labels),
  ]
}

function connectionValues(
  counts: ConnectionCounts | undefined,
  labels: NonNullable<MetricValue['labels']>,
): MetricValue[] {
  if (counts === undefined) return []
  const { open, ...closed } = counts
  return [
    { name: TELEMETRY_METRICS.connections.name, value: open, labels },
    ...Object.entries(closed).map(([why, value]) => ({
      name: TELEMETRY_METRICS.closedConnections.name,
      value,
      labels: { ...labels, why },
    })),
  ]
}

function sums(states: readonly ListenerState[]): MetricValue[] {
  const facts = states.flatMap(({ facts: found }) => found ?? [])
  const sum = (read: (found: (typeof facts)[number]) => number) =>
    facts.reduce((total, found) => total + read(found), 0)
  const { refused } = TELEMETRY_METRICS
  return [
    { name: refused.name, value: sum(found => found.refusedDatagrams), labels: { why: 'unlisted' } },
    { name: refused.name, value: sum(found => found.overflowDatagrams), labels: { why: 'overflow' } },
    { name: TELEMETRY_METRICS.beyond.name, value: Math.round(sum(found => found.spread.beyondPackets)) },
    { name: TELEMETRY_METRICS.spreadLines.name, value: sum(found => found.spread.used) },
    { name: TELEMETRY_METRICS.spreadRefused.name, value: sum(found => found.spread.refused) },
    { name: TELEMETRY_METRICS.spreadLost.name, value: sum(found => found.spread.lost) },
  ]
}

/** The busiest under their names, all others under one. */
function labelled(exporters: readonly Exporters[]): (readonly [label: string, same: Exporters])[] {
  const datagrams = (same: Exporters) => sumOf(same, ({ counters }) => counters.datagrams)
  const busiest = exporters.toSorted((a, b) => datagrams(b) - datagrams(a))
  const named = busiest.slice(0, LABELS_MAX)
  const others = busiest.slice(LABELS_MAX).flat()
  return [
    ...named.map(same => [labelOf(same), same] as const),
    ...(others.length === 0 ? [] : [['other', others] as const]),
  ]
}

/** Several exporters may have the same name: their address tells them apart. */
const labelOf = ([first]: Exporters): string =>
  first === undefined ? '' : first.name === '' ? first.address : `${first.name} ${first.address}`

function exporterValues(label: string, same: Exporters, now: number): MetricValue[] {
  const labels = { exporter: label }
  const lost = lostOf(same)
  const heardAt = Math.max(...same.map(one => one.heardAt))
  const values = {
    exporterDatagrams: sumOf(same, ({ counters }) => counters.datagrams),
    exporterRecords: sumOf(same, ({ counters }) => counters.records),
    exporterMalformed: sumOf(same, ({ counters }) => counters.malformed),
    exporterLostDatagrams: lost.datagrams,
    exporterLostRecords: lost.records,
    exporterUnknownTemplates: sumOf(same, ({ counters }) => counters.unknownTemplateSets),
    exporterTemplates: sumOf(same, ({ templates }) => templates),
    exporterSilent: Math.max(0, (now - heardAt) / 1000),
  } as const
  return Object.entries(values).map(([key, value]) => ({
    name: TELEMETRY_METRICS[key as keyof typeof values].name,
    value,
    labels,
  }))
}
