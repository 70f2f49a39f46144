// prefixd's API over real state and real policy, asked without a network.

import type { TestContext } from 'node:test'
import { type FastifyInstance, fastify } from 'fastify'
import { guard } from '#api/access/guard.ts'
import type { Identity } from '#api/contract/access.ts'
import { dialectRoutes } from '#compat/prefixd/api/dialect.ts'
import { PrefixdMetrics } from '#compat/prefixd/api/metrics.ts'
import { prefixdPlugin } from '#compat/prefixd/api/plugin.ts'
import type { Receiving } from '#compat/prefixd/api/receiving.ts'
import type { DialectRoute } from '#compat/prefixd/api/route.ts'
import { AttackIds } from '#compat/prefixd/ids.ts'
import type { MetricFamily } from '#lib/metrics/registry.ts'
import type { DeskContext } from '../desk-context.ts'
import { configWith } from '../engine-for-tests.ts'
import type { IntakeRoom } from '../intake/intake-room.ts'
import { openRooms } from '../resources/rooms-for-tests.ts'
import type { CorrelationDeskOptions } from './correlation-desk.ts'
import { prefixdDesk } from './prefixd-desk.ts'

export const TOKEN: Identity = { kind: 'token', name: 'script', id: 't1', role: 'admin' }
export const VIEWER: Identity = { kind: 'user', name: 'vera', id: 'u1', role: 'viewer' }
export const OF_C2: Identity = { kind: 'token', name: 'c2', id: 't2', role: 'operator', customers: ['c2'] }

export type Parts = CorrelationDeskOptions & { readonly intake: IntakeRoom }

export interface Settings {
  readonly context?: Partial<DeskContext>
  readonly isStrict?: boolean
  readonly directory?: string
  /** At the start. */
  readonly now?: number
  /** Routes of other desks. */
  readonly more?: (receiving: Receiving, parts: Parts) => readonly DialectRoute[]
}

export async function setUp(t: TestContext, settings: Settings = {}) {
  const { isStrict = false, now: begins = Date.now(), context, directory } = settings
  const run = await openRooms(t, {
    clock: { now: begins },
    config: configWith({ events: { strictDuplicates: isStrict } }),
    ...(context === undefined ? {} : { context }),
    ...(directory === undefined ? {} : { directory }),
  })
  const { book, store, state, desk, intake, reach, safelist, now } = run
  const prefixd = prefixdDesk({
    ...{ events: intake.events, archive: intake.archive, state, reach, book, store, safelist, now },
    groups: intake.groups,
    isConfiguredVector: name => name === 'web_flood',
    acknowledge: (...asked) => intake.acknowledge(...asked),
    endAttack: async (id, { identity }, because) => ({
      kind: intake.events.end(id, `token:${identity?.name ?? ''}`, 'operator', because) ? 'done' : 'refused',
    }),
    inventory: () => desk.decisionContext.inventory,
    status: async () => ({ uptimeSeconds: 12.5, enforcers: [] }),
    ...{ pop: 'p1', authMode: () => 'hybrid', version: '1.2.3' },
  })
  const failures: unknown[] = []
  const metrics = new PrefixdMetrics('p1')
  store.listen(entry => metrics.heard(entry, id => store.get(id)))
  intake.groups.listen(news => metrics.correlation.heard(news))
  const families: MetricFamily[] = []
  const page = ['# HELP ours Ours.', '# TYPE ours gauge', 'ours 1', ''].join('\n')
  const own = async () => ({ text: page, families })
  const ids = new AttackIds()
  const more = settings.more?.({ desk: prefixd, ids, metrics }, { intake, store, reach, now }) ?? []
  const routes = dialectRoutes(prefixd, ids, metrics, own, more)
  const { plugin, rules } = prefixdPlugin(routes, metrics, error => failures.push(error))
  const asks = { identity: TOKEN }
  const server = fastify()
  guard(server, rules, {
    admit: () => asks.identity,
    addressOf: () => '127.0.0.1',
    isSecure: () => false,
  })
  await server.register(plugin)
  t.after(() => server.close())
  /** Has so many seconds pass for the desks that are asked. */
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      await run.pass(1)
      intake.events.tick()
    }
  }
  const call = callerFor(server, asks, () => desk.settled())
  return { ...run, pass, server, call, failures, families, metrics, prefixd }
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'
interface Asking {
  readonly as?: Identity
  readonly headers?: Record<string, string>
}

/** Asks, and gives the answer with its body read, when all that it began is done. */
const callerFor =
  (server: FastifyInstance, asks: { identity: Identity }, settled: () => Promise<void>) =>
  async (method: Method, url: string, body?: unknown, { as = TOKEN, headers = {} }: Asking = {}) => {
    asks.identity = as
    const answer = await server.inject({
      ...{ method, url },
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    await settled()
    const isJson = String(answer.headers['content-type'] ?? '').includes('json')
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text: answer.body,
      body: isJson ? answer.json() : undefined,
    }
  }

/** A body of POST /v1/events. */
export const ban = (changes: Record<string, unknown> = {}) => ({
  ...{ event_id: 'a1', timestamp: '2030-01-02T03:04:05Z', source: 'det', victim_ip: '203.0.113.10' },
  ...{ vector: 'udp_flood', bps: 900_000_000, pps: 700_000, top_dst_ports: [53], confidence: 0.9 },
  ...changes,
})
