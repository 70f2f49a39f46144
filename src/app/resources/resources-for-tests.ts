// The desks of resources over real state and real policy, asked over the routes of the API; nothing listens.

import type { TestContext } from 'node:test'
import type { FastifyInstance } from 'fastify'
import type { ForeignEvent } from '#4-detection/foreign-event.ts'
import type { Gate } from '#api/access/gate.ts'
import type { Identity } from '#api/contract/access.ts'
import { EXAMPLE_PREVIEW } from '#api/contract/examples-resources.ts'
import { fakeControl } from '#api/fake-control.ts'
import { LiveClients } from '#api/live/live-clients.ts'
import { LiveFeed } from '#api/live/live-feed.ts'
import type { Resources } from '#api/resources.ts'
import { buildApi } from '#api/server.ts'
import { assert } from '#lib/assert.ts'
import { SILENT } from '#lib/log/logger.ts'
import { defaultConfig } from '../config/config.ts'
import { HostHistory } from '../traffic-history/host-history.ts'
import { resourcesOf } from './resource-desks.ts'
import { openRooms, type RoomSettings } from './rooms-for-tests.ts'

export const ADMIN: Identity = { kind: 'user', name: 'root', id: '0', role: 'admin' }
export const OF_C1: Identity = { kind: 'user', name: 'ann', id: '1', role: 'operator', customers: ['c1'] }
export const OF_C2: Identity = { kind: 'user', name: 'bob', id: '2', role: 'operator', customers: ['c2'] }

export const report = (host: string, changes: Partial<ForeignEvent> = {}): ForeignEvent => ({
  ...{ source: 'fnm', externalId: host, at: 0, action: 'ban', host, direction: 'incoming' },
  ...{ vector: 'udp_flood', ports: [], confidence: 0.9, ...changes },
})

/** Whoever the test says asks. */
function gateFor(asks: { identity: Identity }): Gate {
  return { admit: () => asks.identity, addressOf: () => '127.0.0.1', isSecure: () => true }
}

export async function setUp(t: TestContext, more: Partial<Resources> = {}, settings: RoomSettings = {}) {
  const run = await openRooms(t, settings)
  const { book, store, state, intake, reach, safelist, rules, arming } = run
  const feed = new LiveFeed()
  const clients = new LiveClients({
    feed,
    sees: (identity, targets) => reach.seesAll({ uid: undefined, pid: undefined, identity }, targets),
  })
  const control = {
    attack: (id: string) => (book.get(id) === undefined ? undefined : { id }),
    unban: async (target: string) => {
      const isEnded = intake.events.end(target, 'unknown', 'operator')
      const { bans } = await fakeControl().bans({ limit: 1 })
      const [ban] = bans
      assert(ban !== undefined, 'the example has a ban')
      return isEnded
        ? ({ kind: 'done', value: ban } as const)
        : ({ kind: 'refused', code: 'not-banned', detail: target } as const)
    },
  }
  const resources = {
    ...resourcesOf(
      {
        book,
        store,
        state,
        intake,
        arming,
        config: { ...defaultConfig(), networks: [] },
        longHistory: undefined,
        resources: {
          reach,
          safelist,
          clients,
          rules,
          preview: async () => EXAMPLE_PREVIEW.traffic,
          history: { get: () => undefined, now: () => undefined, hosts: new HostHistory() },
          courses: run.courses,
        },
        learning: {
          effective: () => ({ ...defaultConfig(), networks: [] }),
          sources: () => () => 'configured',
        },
      },
      control,
    ),
    ...more,
  }
  const asks = { identity: ADMIN }
  const server = buildApi({
    ...{ control: fakeControl(), log: SILENT, resources, access: gateFor(asks) },
    callerOf: ({ identity }) => ({ uid: undefined, pid: undefined, identity }),
  })
  t.after(() => server.close())
  return { ...run, feed, server, asks, resources, call: callerFor(server, asks) }
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Asks as somebody, and gives status and body. */
const callerFor =
  (server: FastifyInstance, asks: { identity: Identity }) =>
  async (method: Method, path: string, body?: object, as: Identity = ADMIN, headers: object = {}) => {
    asks.identity = as
    const answer = await server.inject({
      ...{ method, url: `/api/v1${path}`, headers: { ...headers } },
      ...(body === undefined ? {} : { payload: body }),
    })
    return { status: answer.statusCode, headers: answer.headers, body: answer.json() }
  }
