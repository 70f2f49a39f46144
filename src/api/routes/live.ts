// The live feed over a WebSocket (RFC 6455).

import type { FastifyInstance } from 'fastify'
import type { Gate } from '../access/gate.ts'
import { LIVE_RULE } from '../contract/access-table.ts'
import { LIVE, liveInput, TOPICS, type Topic } from '../contract/live.ts'
import { problemOf } from '../errors.ts'
import type { LiveClients } from '../live/live-clients.ts'
import { refuseInput, sendProblem } from '../route.ts'

/** Nothing is expected of clients but answers to pings. */
const PAYLOAD_BYTES_MAX = 1024
/** RFC 6455 section 7.4.1. */
const GOING_AWAY = 1001
const GOODBYE_MS = 500

/** To be registered once, before any route that is a WebSocket. Loaded when it is needed. */
export function takeWebSockets(server: FastifyInstance): void {
  const options = { maxPayload: PAYLOAD_BYTES_MAX, perMessageDeflate: false }
  void server.register(import('@fastify/websocket'), { options, preClose })
}

/** All are told that it ends; who does not answer is not waited for. */
function preClose(this: FastifyInstance, done: () => void): void {
  const { clients } = this.websocketServer
  for (const client of clients) client.close(GOING_AWAY, 'the daemon is stopping')
  const late = setTimeout(() => {
    for (const client of clients) client.terminate()
  }, GOODBYE_MS)
  this.websocketServer.close(() => {
    clearTimeout(late)
    done()
  })
}

export function addLiveRoute(server: FastifyInstance, clients: LiveClients, gate: Gate | undefined): void {
  // Within a plugin of its own: routes of before the plugin was loaded would not become WebSockets.
  void server.register(async scope => {
    scope.route({
      method: LIVE.method,
      url: LIVE.path,
      preValidation: async (request, reply) => {
        const input = liveInput.safeParse(request.query)
        if (!input.success) return refuseInput(reply, input.error)
      },
      handler: async (_request, reply) => sendProblem(reply, problemOf('not-a-websocket')),
      wsHandler: (socket, request) => {
        const topics: ReadonlySet<Topic> = new Set(liveInput.parse(request.query).topics ?? TOPICS)
        const { identity } = request
        const admit = async () => (gate === undefined ? identity : await gate.admit(request.raw, LIVE_RULE))
        clients.add(socket, { topics, identity, admit })
      },
    })
  })
}
