// How detectors have to agree, the groups of their reports, and signals that only corroborate.

import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Corroboration, GroupRules, GroupVerdict, Signal } from '#6-policy/signal-groups.ts'
import type { Identity } from '#api/contract/access.ts'
import { correlationSchema, readCorrelation, rulesOf, shapeOf } from './correlation-body.ts'
import { pageAsked, pageTold, queryNumber, queryText, readBody, readMalformed, uuidIn } from './reading.ts'
import { invalid, notFound, Refusal } from './refusal.ts'
import { type DialectRoute, LIST_QUERY } from './route.ts'

export interface ShownGroup {
  readonly id: string
  readonly host: string
  readonly vector: string
  readonly createdAt: number
  readonly expiresAt: number
  readonly status: 'open' | 'resolved' | 'expired'
  readonly verdict: GroupVerdict
  readonly signals: readonly Signal[]
}

export interface Waiting extends Corroboration {
  readonly id: string
  readonly confidence: number
  readonly atMs: number
}

export interface CorrelationDesk {
  rules(): GroupRules
  loadedAt(): number
  /** In force afterwards; written into the audit. */
  change(rules: GroupRules, by: Identity): Promise<void>
  /** As the configuration says from then on; written into the audit. */
  forget(by: Identity): Promise<void>
  /** Newest first; only those whose host the caller may see. */
  groups(by: Identity): readonly ShownGroup[]
  corroborate(told: Corroboration & { readonly confidence: number }): {
    readonly signalId: string
    readonly groupIds: readonly string[]
  }
  activity(sinceMs: number): readonly { source: string; lastSeen: number; count: number }[]
  waiting(): readonly Waiting[]
  weightOf(source: string): number
  now(): number
}

const text = z.string().min(1).max(1024)

const corroboratorSchema = z.object({
  source: text.describe('Its name in the correlation settings, where its mode is corroborating.'),
  vector: text.nullish(),
  customer_id: text.nullish(),
  pop: text.nullish(),
  service_id: text.nullish(),
  interface: text.nullish(),
  confidence: z.number().min(0).max(1).nullish(),
})

export const correlationRoutes = (desk: CorrelationDesk): readonly DialectRoute[] => [
  {
    ...{ method: 'GET', path: '/v1/config/correlation', role: 'viewer', reach: 'everything', success: 200 },
    summary: 'How detectors have to agree.',
    handle: async () => told(desk),
  },
  {
    ...{ method: 'PUT', path: '/v1/config/correlation', role: 'admin', reach: 'everything', success: 200 },
    summary: 'Sets how detectors have to agree.',
    body: correlationSchema,
    handle: async request => {
      const read = readCorrelation(readBody(request, z.unknown()))
      if (read.kind === 'refused')
        throw new Refusal(400, 'invalid correlation settings', { errors: read.errors })
      await desk.change(rulesOf(read.config), request.identity)
      return told(desk)
    },
  },
  {
    ...{ method: 'DELETE', path: '/v1/config/correlation', role: 'admin', reach: 'everything' },
    ...{ success: 200, summary: 'Forgets what was set: detectors agree as the configuration says.' },
    handle: async request => {
      await desk.forget(request.identity)
      return told(desk)
    },
  },
  {
    ...{ method: 'GET', path: '/v1/signal-groups', role: 'viewer', reach: 'customers', success: 200 },
    summary: 'Groups of reports, newest first.',
    query: { status: 'open, resolved or expired.', vector: 'Only of this vector.', ...LIST_QUERY },
    handle: async request => list(desk, request),
  },
  {
    ...{ method: 'GET', path: '/v1/signal-groups/:id', role: 'viewer', reach: 'customers', success: 200 },
    summary: 'A group with its reports.',
    handle: async request => {
      const id = uuidIn(request)
      const group = desk.groups(request.identity).find(one => one.id === id)
      if (group === undefined) throw notFound('no such signal group')
      return { ...shown(group), events: group.signals.map(signal => eventOf(group, signal, desk)) }
    },
  },
  ...corroboratorRoutes(desk),
]

const corroboratorRoutes = (desk: CorrelationDesk): readonly DialectRoute[] => [
  {
    ...{
      method: 'POST',
      path: '/v1/signals/corroborator',
      role: 'operator',
      reach: 'everything',
      success: 200,
    },
    summary: 'A signal that makes groups surer and begins nothing.',
    body: corroboratorSchema,
    handle: async request => corroborate(desk, request),
  },
  {
    ...{ method: 'GET', path: '/v1/signals/corroborator/activity', role: 'viewer', reach: 'everything' },
    ...{
      success: 200,
      summary: 'Who corroborated lately.',
      query: { minutes: 'Of the last so many, 60 if not said.' },
    },
    handle: async request => {
      const minutes = queryNumber(request, 'minutes') ?? 60
      if (minutes < 1 || minutes > 1440) throw invalid('minutes must be 1..=1440')
      const since = desk.now() - minutes * 60_000
      const sources = desk.activity(since).map(({ source, lastSeen, count }) => ({
        ...{ source, last_seen: new Date(lastSeen).toISOString(), count },
      }))
      return { since: new Date(since).toISOString(), sources }
    },
  },
  {
    ...{ method: 'GET', path: '/v1/signals/corroborator/cache', role: 'admin', reach: 'everything' },
    ...{ success: 200, summary: 'Corroborators that wait for a group.' },
    query: { limit: 'At most so many.', source: 'Only of this one.' },
    handle: async request => cache(desk, request),
  },
]

const told = (desk: CorrelationDesk) => ({
  config: shapeOf(desk.rules()),
  loaded_at: new Date(desk.loadedAt()).toISOString(),
})

const shown = ({ id, host, vector, createdAt, expiresAt, status, verdict }: ShownGroup) => ({
  ...{ group_id: id, victim_ip: host, vector, status },
  created_at: new Date(createdAt).toISOString(),
  window_expires_at: new Date(expiresAt).toISOString(),
  derived_confidence: verdict.confidence,
  source_count: verdict.sources.length,
  corroboration_met: verdict.isMet,
  explanation: verdict.explanation,
})

const eventOf = (group: ShownGroup, { id, source, confidence, atMs }: Signal, desk: CorrelationDesk) => ({
  ...{ group_id: group.id, event_id: id, source_weight: desk.weightOf(source), source, confidence },
  ingested_at: new Date(atMs).toISOString(),
})

function list(desk: CorrelationDesk, request: FastifyRequest) {
  const { limit, offset, cursor, since = 0, until = Number.POSITIVE_INFINITY } = pageAsked(request)
  const [status, vector] = [queryText(request, 'status'), queryText(request, 'vector')]
  const fitting = desk
    .groups(request.identity)
    .filter(group => (status ?? group.status) === group.status && (vector ?? group.vector) === group.vector)
    .filter(({ createdAt }) => createdAt >= since && createdAt < until)
  const after = cursor === undefined ? -1 : fitting.findIndex(({ id }) => id === cursor)
  const begin = after + 1 + offset
  const page = fitting.slice(begin, begin + limit)
  const next = fitting.length > begin + limit ? page.at(-1)?.id : undefined
  return { groups: page.map(shown), ...pageTold(page, next) }
}

function corroborate(desk: CorrelationDesk, request: FastifyRequest) {
  const body = readMalformed(request, corroboratorSchema)
  if (desk.rules().sources.get(body.source)?.mode !== 'corroborating')
    throw invalid(`source '${body.source.slice(0, 100)}' is not configured as corroborating`)
  const { source, vector, customer_id, pop, service_id, confidence } = body
  const about = {
    ...(customer_id ? { customer_id } : {}),
    ...(pop ? { pop } : {}),
    ...(service_id ? { service_id } : {}),
    ...(body.interface ? { interface: body.interface } : {}),
  }
  if (Object.keys(about).length === 0)
    throw invalid('one of customer_id, pop, service_id, interface is needed')
  const { signalId, groupIds } = desk.corroborate({
    ...{ source, about, confidence: confidence ?? 0, vector: vector ?? undefined },
  })
  const status = groupIds.length > 0 ? 'attached' : 'cached'
  return { signal_id: signalId, status, attached_group_ids: groupIds }
}

function cache(desk: CorrelationDesk, request: FastifyRequest) {
  const { limit } = pageAsked(request)
  const source = queryText(request, 'source')
  const all = desk.waiting().filter(signal => (source ?? signal.source) === signal.source)
  const counts = Map.groupBy(all, signal => signal.source)
  return {
    now: new Date(desk.now()).toISOString(),
    total: all.length,
    by_source: [...counts].map(([name, signals]) => ({ source: name, count: signals.length })),
    signals: all.slice(0, limit).map(({ id, source: from, vector, about, confidence, atMs }) => ({
      ...{ signal_id: id, source: from, vector: vector ?? null, ...about, confidence },
      received_at: new Date(atMs).toISOString(),
    })),
  }
}
