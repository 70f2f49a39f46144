// Health, numbers, POPs, and what is known of one address.

import type { FastifyRequest } from 'fastify'
import { isWithin } from '#api/contract/access.ts'
import type { Desks } from './mitigation-routes.ts'
import { present } from './mitigation-routes.ts'
import { addressText, pageAsked, parameter, queryText } from './reading.ts'
import { invalid } from './refusal.ts'
import type { DialectRoute } from './route.ts'

export const factRoutes = (desks: Desks): readonly DialectRoute[] => [
  {
    ...{ method: 'GET', path: '/v1/health', role: 'public', reach: 'everything', success: 200 },
    summary: 'Whether it runs.',
    handle: async () => {
      const { version, authMode } = desks.desk.facts.version()
      return { status: 'ok', version, auth_mode: authMode }
    },
  },
  {
    ...{ method: 'GET', path: '/v1/health/detail', role: 'viewer', reach: 'everything', success: 200 },
    summary: 'How it fares.',
    handle: () => health(desks),
  },
  {
    ...{ method: 'GET', path: '/v1/stats', role: 'viewer', reach: 'everything', success: 200 },
    summary: 'How many there are.',
    handle: async () => {
      const { active, mitigations, events, pops } = await desks.desk.facts.counts()
      return {
        ...{ total_active: active, total_mitigations: mitigations, total_events: events },
        pops: pops.map(({ pop, active: live, total }) => ({ pop, active: live, total })),
      }
    },
  },
  {
    ...{ method: 'GET', path: '/v1/stats/timeseries', role: 'viewer', reach: 'everything', success: 200 },
    summary: 'How many there were, stretch by stretch.',
    query: {
      metric: 'mitigations or events.',
      range: 'Hours or days back: 6h, 7d; 168 hours at most.',
      bucket: 'Length of a stretch: 30m, 1h; 5 minutes at least.',
    },
    handle: request => timeseries(desks, request),
  },
  {
    ...{ method: 'GET', path: '/v1/pops', role: 'viewer', reach: 'everything', success: 200 },
    summary: 'Points of presence.',
    handle: async () =>
      (await desks.desk.facts.counts()).pops.map(({ pop, active, total }) => ({
        ...{ pop, active_mitigations: active, total_mitigations: total },
      })),
  },
  {
    ...{ method: 'GET', path: '/v1/ip/:ip/history', role: 'viewer', reach: 'customers', success: 200 },
    summary: 'What is known of an address.',
    query: { limit: 'At most so many of each, 100 if not said, 1000 at most.' },
    handle: request => history(desks, request),
  },
]

async function health({ desk }: Desks) {
  const { version, pop, uptimeSeconds, bgpSessions, active, authMode, ...problems } =
    await desk.facts.health()
  const { stateProblem, speakerProblem } = problems
  const isDown = Object.values(bgpSessions).some(state => state !== 'established')
  const isWell = stateProblem === undefined && speakerProblem === undefined && !isDown
  return {
    ...{ status: isWell ? 'healthy' : 'degraded', version, pop },
    uptime_seconds: Math.floor(uptimeSeconds),
    bgp_sessions: bgpSessions,
    active_mitigations: active,
    database: stateProblem === undefined ? 'connected' : `error: ${stateProblem}`,
    gobgp:
      speakerProblem === undefined ? { status: 'connected' } : { status: 'error', error: speakerProblem },
    auth_mode: authMode,
  }
}

const MINUTE_MS = 60_000
const HOUR_MINUTES = 60
const RANGE_HOURS = 24
const RANGE_HOURS_MAX = 168
const STRETCH_MINUTES_MIN = 5

async function timeseries({ desk }: Desks, request: FastifyRequest) {
  const metric = queryText(request, 'metric') ?? 'mitigations'
  const hours = Math.min(rangeHours(queryText(request, 'range')), RANGE_HOURS_MAX)
  const stretchMs = Math.max(stretchMinutes(queryText(request, 'bucket')), STRETCH_MINUTES_MIN) * MINUTE_MS
  const floor = (at: number) => Math.floor(at / stretchMs) * stretchMs
  const now = desk.facts.now()
  const first = floor(now - hours * HOUR_MINUTES * MINUTE_MS)
  const what = metric === 'events' ? 'events' : 'mitigations'
  const counts = new Map(
    (await desk.facts.histogram(what, first, stretchMs)).map(each => [each.at, each.count]),
  )
  const buckets: { readonly bucket: string; readonly count: number }[] = []
  for (let at = first; at <= now; at += stretchMs)
    buckets.push({ bucket: new Date(at).toISOString(), count: counts.get(at) ?? 0 })
  return { metric, buckets }
}

/** `6h`, `7d`, or a number of hours. */
function rangeHours(text = ''): number {
  const [, number, unit] = /^(\d{1,6})([hd]?)$/.exec(text) ?? []
  if (number === undefined || Number(number) === 0) return RANGE_HOURS
  return Number(number) * (unit === 'd' ? 24 : 1)
}

/** `30m`, `1h`, or a number of minutes. */
function stretchMinutes(text = ''): number {
  const [, number, unit] = /^(\d{1,6})([mh]?)$/.exec(text) ?? []
  if (number === undefined) return HOUR_MINUTES
  return Number(number) * (unit === 'h' ? HOUR_MINUTES : 1)
}

async function history(desks: Desks, request: FastifyRequest) {
  const { desk } = desks
  const ip = addressText(parameter(request, 'ip'))
  if (ip === undefined) throw invalid('invalid IP address')
  const { limit } = pageAsked(request)
  const { identity } = request
  const owner = desk.facts.ownerOf(ip)
  const isTheirs =
    (identity.networks === undefined || isWithin(identity.networks, ip)) &&
    (identity.customers === undefined ||
      (owner !== undefined && identity.customers.includes(owner.customer.id)))
  if (!isTheirs) return { ip, customer: null, service: null, events: [], mitigations: [] }
  const page = { limit: Math.max(limit, 1) }
  const [events, mitigations] = await Promise.all([
    desk.events.list({ host: ip }, page, identity),
    desk.mitigations.list({ host: ip, hasMitigations: true }, page, identity),
  ])
  return {
    ip,
    customer:
      owner === undefined
        ? null
        : {
            customer_id: owner.customer.id,
            name: owner.customer.name,
            policy_profile: owner.escalation ?? 'normal',
          },
    service: owner?.service === undefined ? null : { service_id: owner.service.id, name: owner.service.name },
    events: events.items.slice(0, limit).map(({ id, receivedAt, event }) => ({
      ...{ event_id: id, source: event.source, event_timestamp: new Date(event.at).toISOString() },
      ...{ ingested_at: new Date(receivedAt).toISOString(), vector: event.vector },
      bps: event.bitsPerSecond ?? null,
      pps: event.packetsPerSecond ?? null,
      confidence: event.confidence ?? null,
    })),
    mitigations: mitigations.items.slice(0, limit).map(record => present(desks, record)),
  }
}
