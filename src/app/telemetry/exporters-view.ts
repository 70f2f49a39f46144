// What the workers know of exporters, put together for whoever asks: one row per address, whichever workers hear it.

import { EXPORT_PROTOCOL } from '#2-decode/export-protocol.ts'
import type {
  Exporter,
  ExporterDomain,
  Exporters,
  LookedRecords,
  TelemetryListener,
} from '#api/contract/exporters.ts'
import { steadyMs } from '#lib/steady-ms.ts'
import type { DomainFacts, ExporterFacts } from './exporter-facts.ts'
import type { ExporterLooks } from './record-looks.ts'
import type { ListenerState } from './telemetry-crew.ts'

/** One moment by both clocks: ms since 1970, and milliseconds of the steady one. */
export interface ViewClock {
  readonly wallMs: number
  readonly now: number
}

export function exportersView(
  states: readonly ListenerState[],
  limit: number,
  isRestricted: boolean,
  clock: ViewClock = { wallMs: Date.now(), now: steadyMs() },
): Exporters {
  const facts = states.flatMap(({ facts: found }) => found ?? [])
  const all = joined(facts.flatMap(({ exporters }) => exporters))
  const refused = new Map<string, number>()
  for (const [address, datagrams] of facts.flatMap(found => found.refused))
    refused.set(address, (refused.get(address) ?? 0) + datagrams)
  const sum = (read: (found: (typeof facts)[number]) => number) =>
    facts.reduce((total, found) => total + read(found), 0)
  return {
    listeners: states.map(listenerView),
    exporters: all.slice(0, limit).map(same => exporterView(same, clock)),
    total: all.length,
    isRestricted,
    refused: [...refused].map(([address, datagrams]) => ({ address, datagrams })),
    refusedDatagrams: sum(found => found.refusedByList),
    overflowDatagrams: sum(found => found.overflowDatagrams),
    beyondPackets: Math.round(sum(found => found.spread.beyondPackets)),
  }
}

/** Those with the same address together, by address. An exporter is heard by several workers when it sends to several ports. */
export function joined(exporters: readonly ExporterFacts[]): (readonly ExporterFacts[])[] {
  const byAddress = Map.groupBy(exporters, ({ address }) => address)
  return [...byAddress].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, same]) => same)
}

const listenerView = (state: ListenerState): TelemetryListener => ({
  listen: state.listen,
  worker: state.worker,
  receiver: state.problem === undefined ? (state.receiver ?? 'none') : 'none',
  ...(state.problem === undefined ? {} : { problem: state.problem }),
  datagrams: state.facts?.datagrams ?? 0,
  dropped: state.facts?.drops ?? 0,
  queueBytes: state.receiveBytes,
  queuedBytes: state.facts?.queuedBytes ?? 0,
  stray: state.facts?.strayDatagrams ?? 0,
  ...(state.facts?.connections === undefined ? {} : { connections: state.facts.connections }),
})

/** Sums over the same exporter of several workers. */
export const sumOf = (same: readonly ExporterFacts[], read: (one: ExporterFacts) => number): number =>
  same.reduce((total, one) => total + read(one), 0)

/** What was lost in all domains, by sequence numbers of datagrams and of records. */
export const lostOf = (same: readonly ExporterFacts[]): { datagrams: number; records: number } => {
  const domains = same.flatMap(one => one.domains)
  return {
    datagrams: domains.reduce((total, { lostDatagrams }) => total + lostDatagrams, 0),
    records: domains.reduce((total, { lostRecords }) => total + lostRecords, 0),
  }
}

function exporterView(same: readonly ExporterFacts[], { wallMs, now }: ViewClock): Exporter {
  const [first] = same
  const sum = (read: (one: ExporterFacts) => number) => sumOf(same, read)
  const lost = lostOf(same)
  return {
    address: first?.address ?? '',
    name: first?.name ?? '',
    site: first?.site ?? '',
    countOnly: first?.countOnly ?? 'both',
    // By how long it has been silent, so that whoever compares it with the time of day is right after that was set, too.
    lastSeen: momentOf(wallMs - Math.max(0, now - Math.max(...same.map(({ heardAt }) => heardAt)))),
    datagrams: sum(({ counters }) => counters.datagrams),
    records: sum(({ counters }) => counters.records),
    counted: sum(({ counters, notCounted }) => counters.taken - notCounted),
    notCounted: sum(({ notCounted }) => notCounted),
    malformed: sum(({ counters }) => counters.malformed),
    unknownProtocol: sum(({ unknownProtocol }) => unknownProtocol),
    unknownTemplates: sum(({ counters }) => counters.unknownTemplateSets),
    waiting: sum(({ heldSets }) => heldSets),
    lostSets: sum(({ counters }) => counters.droppedSets),
    templates: sum(({ templates }) => templates),
    lostDatagrams: lost.datagrams,
    lostRecords: lost.records,
    rateChanges: sum(({ counters }) => counters.rateChanges),
    domains: same.flatMap(one => one.domains.map(domainView)),
    looked: lookedView(same.flatMap(({ looks }) => looks ?? [])),
  }
}

function lookedView(looks: readonly ExporterLooks[]): LookedRecords {
  const sum = (read: (one: ExporterLooks) => number) => looks.reduce((total, one) => total + read(one), 0)
  const addresses = new Set(looks.flatMap(({ alsoFrom }) => [...alsoFrom.keys()]))
  return {
    records: sum(({ records }) => records),
    incoming: sum(({ incoming }) => incoming),
    outgoing: sum(({ outgoing }) => outgoing),
    internal: sum(({ internal }) => internal),
    other: sum(({ other }) => other),
    incomingIngress: sum(({ incomingIngress }) => incomingIngress),
    incomingEgress: sum(({ incomingEgress }) => incomingEgress),
    outgoingIngress: sum(({ outgoingIngress }) => outgoingIngress),
    outgoingEgress: sum(({ outgoingEgress }) => outgoingEgress),
    bothWays: sum(({ bothWays }) => bothWays),
    alsoFrom: [...addresses].map(address => ({
      address,
      records: sum(({ alsoFrom }) => alsoFrom.get(address) ?? 0),
    })),
  }
}

const PROTOCOL_NAMES = new Map(Object.entries(EXPORT_PROTOCOL).map(([name, number]) => [number, name]))

const domainView = (domain: DomainFacts): ExporterDomain => ({
  protocol: (PROTOCOL_NAMES.get(domain.protocol as 0) ?? 'unknown') as ExporterDomain['protocol'],
  id: domain.id,
  lastSeen: momentOf(domain.seenMs),
  templates: domain.templates,
  samplingRate: domain.rate,
  samplingRateFrom: domain.rateSource,
  samplers: domain.samplers.map(([sampler, samplingRate]) => ({ sampler, samplingRate })),
  lostDatagrams: domain.lostDatagrams,
  lostRecords: domain.lostRecords,
  late: Math.max(0, domain.late),
  repeated: domain.repeated,
  restarts: domain.restarts,
  skewSeconds: Math.round(domain.skewMs) / 1000,
  activeTimeoutSeconds: domain.activeTimeoutSeconds,
  longestSeconds: Math.round(domain.longestMs) / 1000,
})

const momentOf = (ms: number): string => new Date(Math.floor(ms)).toISOString()
