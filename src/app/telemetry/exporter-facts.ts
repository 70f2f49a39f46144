// How one exporter fares, in numbers that can be sent to another thread.

import type { Domain } from '#2-decode/exporter.ts'
import type { ExporterCounters } from '#2-decode/exporter-counters.ts'
import type { KnownExporter } from '#2-decode/exporter-list.ts'
import type { ExporterLooks } from './record-looks.ts'

/** Where a sampling rate comes from: the configuration, the exporter, the fallback that was configured, or from nobody. */
export type RateSource = 'configured' | 'told' | 'fallback' | 'none'

export interface DomainFacts {
  /** One of EXPORT_PROTOCOL. */
  readonly protocol: number
  readonly id: number
  readonly seenMs: number
  readonly templates: number
  readonly rate: number
  readonly rateSource: RateSource
  /** Rates by sampler, -1 for the domain as a whole; the first of them. */
  readonly samplers: readonly (readonly [sampler: number, rate: number])[]
  readonly lostDatagrams: number
  readonly lostRecords: number
  readonly late: number
  readonly repeated: number
  readonly restarts: number
  readonly skewMs: number
  /** 0: not told. */
  readonly activeTimeoutSeconds: number
  readonly idleTimeoutSeconds: number
  readonly longestMs: number
}

export interface ExporterFacts {
  readonly address: string
  readonly name: string
  readonly site: string
  readonly countOnly: 'both' | 'ingress' | 'egress'
  readonly firstMs: number
  /** When it was last heard, in milliseconds of the steady clock. */
  readonly heardAt: number
  readonly unknownProtocol: number
  readonly notCounted: number
  readonly templates: number
  readonly templateBytes: number
  /** Sets of data that wait for their template now. */
  readonly heldSets: number
  readonly counters: Readonly<ExporterCounters>
  readonly domains: readonly DomainFacts[]
  /** Missing as long as no record was looked at. */
  readonly looks: ExporterLooks | undefined
}

/** Of more samplers only so many are told. */
const SAMPLERS_MAX = 16

export function exporterFacts(known: KnownExporter, looks?: ExporterLooks): ExporterFacts {
  const { state, rule } = known
  return {
    address: state.address,
    name: rule?.name ?? '',
    site: rule?.site ?? '',
    countOnly: rule?.countOnly ?? 'both',
    firstMs: known.firstMs,
    heardAt: known.heardAt,
    unknownProtocol: known.unknownProtocol,
    notCounted: known.notCounted,
    templates: state.templates,
    templateBytes: state.templateBytes,
    heldSets: state.held.count,
    counters: { ...state.counters },
    domains: [...state.domains.values()].map(domainFacts),
    looks,
  }
}

function domainFacts(domain: Domain): DomainFacts {
  const { rates, sequence } = domain
  const { lost, countsRecords } = sequence
  return {
    protocol: domain.version,
    id: domain.id,
    seenMs: domain.seenMs,
    templates: domain.templates.size,
    rate: rates.rateOf(-1),
    rateSource: rateSourceOf(domain),
    samplers: [...rates.bySampler].slice(0, SAMPLERS_MAX),
    lostDatagrams: countsRecords ? 0 : lost,
    lostRecords: countsRecords ? lost : 0,
    late: sequence.late,
    repeated: sequence.repeated,
    restarts: sequence.restarts,
    skewMs: domain.skewMs,
    activeTimeoutSeconds: domain.activeTimeoutSeconds,
    idleTimeoutSeconds: domain.idleTimeoutSeconds,
    longestMs: domain.longestMs,
  }
}

function rateSourceOf({ rates, exporter }: Domain): RateSource {
  if (exporter.rates.override !== 0) return 'configured'
  if (rates.learnt !== 0 || exporter.rates.learnt !== 0) return 'told'
  return exporter.rates.fallback === 1 ? 'none' : 'fallback'
}
