// prefixd's metrics by prefixd's names (0.14.1), beside our own on one page.

import type { ForeignEvent } from '#4-detection/foreign-event.ts'
import type { AuditEntry } from '#7-mitigation/audit.ts'
import type { EventOutcome } from '#7-mitigation/event-outcome.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import { CorrelationMetrics } from './correlation-metrics.ts'
import { Histogram, Series } from './counted.ts'
import type { PrefixdDesk } from './desk.ts'
import { figuresOf, type OwnFigures, type OwnMetrics } from './own-figures.ts'
import type { DialectRoute } from './route.ts'

const ACTIONS = ['police', 'discard'] as const
const LATENCY_SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1]
const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const statusSeries = (...words: readonly string[]) => words.map(status => ({ status }))

export interface AnsweredRequest {
  readonly method: string
  readonly route: string
  readonly status: number
  readonly ms: number
}

export class PrefixdMetrics {
  readonly correlation = new CorrelationMetrics()
  readonly #pop: string
  readonly #ingested = new Series('events_ingested_total', 'counter', 'Events that were taken.')
  readonly #rejected = new Series('events_rejected_total', 'counter', 'Events that were refused.')
  readonly #guardrails = new Series(
    'guardrail_rejections_total',
    'counter',
    'Refusals by rails.',
    ['safelist', 'ttl', 'prefix-length', 'rule', 'quota-customer', 'quota-pop', 'quota-global'].map(
      reason => ({ reason }),
    ),
  )
  readonly #created: Series
  readonly #expired: Series
  readonly #withdrawn: Series
  readonly #escalations: Series
  readonly #announcements = new Series(
    ...(['announcements_total', 'counter', 'Announcements by outcome.'] as const),
    statusSeries('success', 'failure'),
  )
  readonly #latency = new Histogram(
    ...(['announcements_latency_seconds', 'From decision to announcement.', LATENCY_SECONDS] as const),
    [{}],
  )
  readonly #reloads = new Series(
    ...(['config_reload_total', 'counter', 'Reloads of the configuration.'] as const),
    statusSeries('success', 'error'),
  )
  readonly #reconciliations = new Series(
    ...(['reconciliation_runs_total', 'counter', 'Comparisons with the speaker.'] as const),
    statusSeries('success', 'error'),
  )
  readonly #alerts = new Series('alerts_sent_total', 'counter', 'Alerts by destination and outcome.')
  readonly #rowErrors = new Series(
    ...(['db_row_parse_errors_total', 'counter', 'Rows that cannot be read.'] as const),
    ['mitigations', 'attacks'].map(table => ({ table })),
  )
  readonly #requests = new Series('http_requests_total', 'counter', 'Requests of this API.')
  readonly #durations = new Histogram('http_request_duration_seconds', 'How long they took.', REQUEST_SECONDS)
  readonly #inFlight = new Series('http_in_flight_requests', 'gauge', 'Requests that are being answered.')
  readonly #active: Series
  readonly #reconciled = new Series('reconciliation_active_count', 'gauge', 'What shall be in the speaker.')
  readonly #sessions = new Series('bgp_session_up', 'gauge', '1: established.')
  readonly #pool = new Series(
    ...(['db_pool_connections', 'gauge', 'Connections to the state.'] as const),
    ['active', 'idle', 'total'].map(state => ({ state })),
  )

  constructor(pop: string) {
    const each = ACTIONS.map(action => ({ action_type: action, pop }))
    this.#pop = pop
    this.#active = new Series('mitigations_active', 'gauge', 'Mitigations that are live.', each)
    this.#created = new Series('mitigations_created_total', 'counter', 'Mitigations that began.', each)
    this.#expired = new Series('mitigations_expired_total', 'counter', 'Mitigations whose time was up.', each)
    const reasons = ['operator', 'detector', 'system']
    const withReason = each.flatMap(labels => reasons.map(reason => ({ ...labels, reason })))
    this.#withdrawn = new Series('mitigations_withdrawn_total', 'counter', 'Taken back.', withReason)
    const step = [{ from_action: 'police', to_action: 'discard', pop }]
    this.#escalations = new Series('escalations_total', 'counter', 'Steps up.', step)
  }

  event({ source, vector }: ForeignEvent, outcome: EventOutcome): void {
    if (outcome.kind === 'refused') {
      for (const { rail } of outcome.refusals) this.#guardrails.add({ reason: rail })
      this.#rejected.add({ source, reason: 'guardrail' })
    } else if (outcome.kind === 'duplicate' || outcome.kind === 'unavailable')
      this.#rejected.add({ source, reason: outcome.kind })
    else this.#ingested.add({ source, vector })
  }

  /** An entry of the audit, and the way to its mitigation. */
  heard(
    { what, outcome, who, at, mitigationId }: AuditEntry,
    get: (id: string) => Mitigation | undefined,
  ): void {
    const mitigation = mitigationId === undefined ? undefined : get(mitigationId)
    if (mitigation === undefined) return
    const labels = { action_type: actionOf(mitigation), pop: mitigation.pop ?? this.#pop }
    const isDone = outcome === 'done' || outcome === 'dry-run'
    if (what === 'announce') {
      this.#announcements.add({ status: isDone ? 'success' : 'failure' })
      if (isDone) {
        this.#created.add(labels)
        this.#latency.add({}, Math.max(0, at - mitigation.createdAt) / 1000)
      }
    } else if (what === 'expire' && isDone) this.#expired.add(labels)
    else if (what === 'withdraw' && isDone) this.#withdrawn.add({ ...labels, reason: reasonOf(who) })
    // What discards already is replaced on the way down, too.
    else if (what === 'escalate' && isDone && labels.action_type === 'police')
      this.#escalations.add({ from_action: 'police', to_action: 'discard', pop: labels.pop })
  }

  began(method: string, route: string): void {
    this.#inFlight.add({ method, route })
  }

  answered({ method, route, status, ms }: AnsweredRequest): void {
    const labels = { method, route, status_class: `${Math.floor(status / 100)}xx` }
    this.#inFlight.add({ method, route }, -1)
    this.#requests.add(labels)
    this.#durations.add(labels, ms / 1000)
  }

  /** All of them, with what is only known at the moment. */
  text(now: {
    readonly active: readonly { readonly action: string; readonly pop: string }[]
    readonly sessions: Readonly<Record<string, string>>
    readonly own: OwnFigures
    readonly waiting: readonly { readonly source: string }[]
  }): string {
    this.#active.set(now.active.map(({ action, pop }) => [{ action_type: action, pop }, 1]))
    this.#reconciled.set([[{ pop: 'local' }, now.active.length]])
    this.#sessions.set(
      Object.entries(now.sessions).map(([peer, state]) => [{ peer }, state === 'established' ? 1 : 0]),
    )
    const { reloads, reconciliations, alerts, rowErrors, connections } = now.own
    this.#reloads.set(reloads)
    this.#reconciliations.set(reconciliations)
    this.#alerts.set(alerts)
    this.#rowErrors.set(rowErrors)
    this.#pool.set(connections)
    return this.#all.map(series => series.text()).join('') + this.correlation.text(now.waiting)
  }

  get #all(): readonly { text(): string }[] {
    return [
      ...[this.#ingested, this.#rejected, this.#active, this.#created, this.#expired, this.#withdrawn],
      ...[this.#announcements, this.#latency, this.#sessions, this.#guardrails, this.#reconciliations],
      ...[this.#reconciled, this.#reloads, this.#escalations, this.#rowErrors, this.#pool],
      ...[this.#requests, this.#durations, this.#inFlight, this.#alerts],
    ]
  }
}

const reasonOf = (who: AuditEntry['who']): string =>
  who === 'floodwarden' ? 'system' : who.startsWith('detector:') ? 'detector' : 'operator'

/** A rule that limits polices; all else keeps traffic away. */
export const actionOf = ({ action }: Pick<Mitigation, 'action'>): string =>
  action.kind === 'filter' && / then .*\brate /.test(action.rule) ? 'police' : 'discard'

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

export const metricsRoute = (
  { facts }: PrefixdDesk,
  metrics: PrefixdMetrics,
  own: () => Promise<OwnMetrics>,
): DialectRoute => ({
  ...{ method: 'GET', path: '/metrics', role: 'public', reach: 'everything', success: 200 },
  summary: 'Numbers for Prometheus, ours and by the names of prefixd.',
  handle: async (_request, reply) => {
    const [page, health] = await Promise.all([own(), facts.health()])
    const told = {
      active: facts.live(),
      sessions: health.bgpSessions,
      own: figuresOf(page.families),
      waiting: facts.waiting(),
    }
    return reply.header('content-type', CONTENT_TYPE).send(page.text + metrics.text(told))
  },
})
