// What is known about one exporter: its observation domains with their templates, rates and sequence numbers, and counters.
//
// Nothing is shared between exporters, so that nobody can change another one's templates or rates from his own address.

import { EXPORT_PROTOCOL } from './export-protocol.ts'
import { ExporterCounters } from './exporter-counters.ts'
import { InterfaceTraffic } from './interface-traffic.ts'
import { DomainRates, ExporterRates, type RateConfig } from './sampling-rates.ts'
import { Sequence } from './sequence.ts'
import { Agents } from './sflow/agents.ts'
import type { InterfaceCounters } from './sflow/interface-counters.ts'
import { SamplingSources } from './sflow/sampling-sources.ts'
import { SflowCounters } from './sflow/sflow-counters.ts'
import type { Template } from './templates.ts'
import { HeldSets } from './templates-held.ts'

export interface ExporterLimits {
  readonly domains: number
  readonly templates: number
  /** Memory of all templates, by the estimate of templateCost. */
  readonly templateBytes: number
  /** A template nobody used or defined for so long is forgotten, a domain without datagrams too. */
  readonly templateMs: number
  /** Data that waits for its template. */
  readonly heldBytes: number
  readonly heldMs: number
  /** Sources of samples whose sequence is followed, and interfaces whose counters are kept (sFlow). */
  readonly sources: number
  readonly interfaces: number
}

export const EXPORTER_LIMITS: ExporterLimits = {
  domains: 256,
  templates: 1024,
  templateBytes: 2 << 20,
  templateMs: 24 * 3_600_000,
  heldBytes: 256 << 10,
  heldMs: 30_000,
  sources: 4096,
  interfaces: 4096,
}

/** What an operator should hear of, once per change. `sampler` -1 stands for the domain as a whole, `from` 0 for nothing. */
export type ExporterEvent =
  | {
      readonly kind: 'rateChanged'
      readonly domain: number
      readonly sampler: number
      readonly from: number
      readonly to: number
    }
  | { readonly kind: 'templateChanged'; readonly domain: number; readonly template: number }
  | { readonly kind: 'restarted'; readonly domain: number }

const EVENTS_MAX = 64

/** Protocols whose sequence numbers are those of records; the others number datagrams. */
const COUNT_RECORDS: ReadonlySet<number> = new Set([EXPORT_PROTOCOL.netflow5, EXPORT_PROTOCOL.ipfix])

/** Protocols number their domains independently of each other, and so do agents of sFlow: one key for all of it. */
const domainKey = (version: number, id: number, agent: number): number =>
  (agent * 16 + version) * 0x1_0000_0000 + id

/** An observation domain (IPFIX), a source id (NetFlow v9), an engine (v5: type * 256 + id) or a sub-agent (sFlow). */
export class Domain {
  readonly exporter: ExporterState
  readonly version: number
  readonly id: number
  /** Number of the agent the sub-agent belongs to (sFlow), or of the connection (IPFIX over TCP), among those of the exporter. */
  readonly agent: number
  readonly templates = new Map<number, Template>()
  readonly rates: DomainRates
  readonly sequence: Sequence
  readonly sources = new SamplingSources()
  /** Counters of interfaces by their index; those that came last stand last. */
  readonly interfaces = new Map<number, InterfaceCounters>()
  /** When its last datagram came, by our clock (ms since 1970). */
  seenMs = 0.5
  /** Whether the records in hand lie in a copy, because they had to wait for their template. */
  isReleasing = false
  /** Clock of the exporter when it sent the datagram in hand (ms since 1970), and its time since start (ms; -1 unknown). */
  exportMs = 0.5
  uptimeMs = 0.5
  /** When the exporter started, as IPFIX tells it in an option (ms since 1970); 0 unknown. */
  bootMs = 0.5
  /** What we read on our clock minus what the exporter wrote: its skew, and the way here. */
  skewMs = 0.5
  /** Timeouts the exporter told, 0 when it did not. */
  activeTimeoutSeconds = 0
  idleTimeoutSeconds = 0
  /** Longest duration of a record since somebody set it to 0: the active timeout, as it shows. */
  longestMs = 0.5

  constructor(exporter: ExporterState, version: number, id: number, agent: number) {
    this.exporter = exporter
    this.version = version
    this.id = id
    this.agent = agent
    this.rates = new DomainRates(exporter.rates)
    this.sequence = new Sequence(COUNT_RECORDS.has(version))
    this.seenMs = this.exportMs = this.uptimeMs = this.bootMs = this.skewMs = this.longestMs = 0
  }
}

export class ExporterState {
  readonly address: string
  readonly limits: ExporterLimits
  readonly counters = new ExporterCounters()
  readonly sflow = new SflowCounters()
  readonly rates: ExporterRates
  readonly domains = new Map<number, Domain>()
  readonly held: HeldSets
  readonly agents: Agents
  /** What records that are counted say of its interfaces. */
  readonly traffic = new InterfaceTraffic()
  /** Whether inline frames stand for what their tunnels carry. */
  insideTunnels = false
  /** The connection of the message in hand (IPFIX over TCP); 0 for datagrams. */
  session = 0
  templates = 0
  templateBytes = 0
  /** When room was last made because the bound on templates was reached. */
  sweptMs = 0
  /** Sources and interfaces in all domains, and when room was last made for sources. */
  sources = 0
  interfaces = 0
  sourcesSweptMs = 0
  private events: ExporterEvent[] = []
  private recent: Domain | undefined

  constructor(address: string, rates: RateConfig, limits: ExporterLimits = EXPORTER_LIMITS) {
    this.address = address
    this.limits = limits
    this.rates = new ExporterRates(rates)
    this.held = new HeldSets(limits.heldBytes, limits.heldMs)
    this.agents = new Agents(limits.domains)
  }

  /** The domain, made when it is new; undefined when there are too many. */
  domain(version: number, id: number, nowMs: number, agent = 0): Domain | undefined {
    const { recent } = this
    if (recent !== undefined && recent.id === id && recent.version === version && recent.agent === agent) {
      recent.seenMs = nowMs
      return recent
    }
    const key = domainKey(version, id, agent)
    let domain = this.domains.get(key)
    if (domain === undefined) {
      if (this.domains.size >= this.limits.domains) {
        this.counters.refusedDomains++
        return undefined
      }
      domain = new Domain(this, version, id, agent)
      this.domains.set(key, domain)
    }
    domain.seenMs = nowMs
    this.recent = domain
    return domain
  }

  /** The domain if it has been seen. */
  knownDomain(version: number, id: number, agent = 0): Domain | undefined {
    return this.domains.get(domainKey(version, id, agent))
  }

  /** Takes over a sampling rate, and tells of it when it changed. */
  learnRate(domain: Domain, sampler: number, rate: number): void {
    const from = domain.rates.ownRate(sampler)
    const learnt = domain.rates.learn(sampler, rate)
    if (learnt === 'refused') this.counters.refusedRates++
    if (learnt !== 'changed') return
    this.tellRate(domain, sampler, from, rate)
  }

  tellRate(domain: Domain, sampler: number, from: number, to: number): void {
    this.counters.rateChanges++
    this.tell({ kind: 'rateChanged', domain: domain.id, sampler, from, to })
  }

  /** Keeps an event until somebody takes it; beyond the bound it is only counted. */
  tell(event: ExporterEvent): void {
    if (this.events.length < EVENTS_MAX) this.events.push(event)
    else this.counters.lostEvents++
  }

  takeEvents(): readonly ExporterEvent[] {
    if (this.events.length === 0) return []
    const { events } = this
    this.events = []
    return events
  }

  forgetDomain(domain: Domain): void {
    const { version, id, agent } = domain
    this.domains.delete(domainKey(version, id, agent))
    if (this.recent === domain) this.recent = undefined
    this.sources -= domain.sources.count
    this.interfaces -= domain.interfaces.size
    const isOfAgent = (other: Domain) => other.agent === agent && other.version === version
    if (version === EXPORT_PROTOCOL.sflow && ![...this.domains.values()].some(isOfAgent))
      this.agents.free(agent)
  }
}
