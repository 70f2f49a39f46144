// The API as a Fastify server, not yet listening. The control socket uses it, and the remote API shares its routes.

import type { TlsOptions } from 'node:tls'
import {
  type FastifyError,
  type FastifyInstance,
  type FastifyPluginAsync,
  type FastifyRequest,
  fastify,
} from 'fastify'
import type { Logger } from '#lib/log/logger.ts'
import type { AccessDesk } from './access/desk.ts'
import type { Gate } from './access/gate.ts'
import { guard } from './access/guard.ts'
import { sendRefusal } from './access/send-refusal.ts'
import type { ConnectionBound } from './connection-bound.ts'
import { AccessRefusal, type AccessRule } from './contract/access.ts'
import { NATIVE_RULES } from './contract/access-table.ts'
import type { Caller, Control } from './control.ts'
import { problemOf } from './errors.ts'
import { addCors, addHeaders, requestIdOf } from './headers.ts'
import { IdempotencyKeys } from './idempotency.ts'
import { addIdempotency } from './idempotent-requests.ts'
import { NestedTooDeep, takeJson } from './json-body.ts'
import { addOpenApiRoutes, OPENAPI_RULES } from './openapi/routes.ts'
import { refuseClient, refusePath, refuseTwoHosts } from './refused-early.ts'
import type { Resources } from './resources.ts'
import { routerOn, sendProblem } from './route.ts'
import { addArmingRoutes } from './routes/arming.ts'
import { addAttackRoutes } from './routes/attacks.ts'
import { addAuditRoutes } from './routes/audit.ts'
import { addBackupRoute } from './routes/backup.ts'
import { addBanRoutes } from './routes/bans.ts'
import { addExplainRoutes } from './routes/explain.ts'
import { addExporterRoutes } from './routes/exporters.ts'
import { addLimitRoutes } from './routes/limits.ts'
import { addLiveRoute, takeWebSockets } from './routes/live.ts'
import { addReloadRoutes } from './routes/reload.ts'
import { addResourceRoutes } from './routes/resources.ts'
import { addSessionRoutes } from './routes/session.ts'
import { addSimulateRoutes } from './routes/simulate.ts'
import { addStatusRoutes } from './routes/status.ts'
import { addTokenRoutes } from './routes/tokens.ts'
import { addTrafficRoutes } from './routes/traffic.ts'
import { addUserRoutes } from './routes/users.ts'

const SOCKET_LIMITS: ApiLimits = { bodyBytesMax: 1 << 20, connectionsMax: 64, requestSeconds: 10 }
const SLOW_LOOK_MS = 2000
const KEEP_ALIVE_MS = 75_000
const HEADER_BYTES_MAX = 16 * 1024
const PARAMETER_CHARACTERS_MAX = 128

export interface ApiOptions {
  readonly control: Control
  readonly log: Logger
  /** Who sent a request. */
  callerOf(request: FastifyRequest): Caller
  /** Missing: it is the control socket, and whoever may open it is admin. */
  readonly access?: Gate
  /** Users, tokens and sessions; missing: there are none. */
  readonly accessDesk?: AccessDesk
  /** Mitigations, events, the safelist, sections of the configuration, the past; paths of what is missing do not exist. */
  readonly resources?: Partial<Resources>
  /** Dialects, each with who may call which of its routes. */
  readonly plugins?: readonly { readonly plugin: FastifyPluginAsync; readonly rules: readonly AccessRule[] }[]
  /** Of requests that were done; missing: this server has its own. */
  readonly keys?: IdempotencyKeys
  /** Missing: one address may hold all connections. */
  readonly connections?: ConnectionBound
  /** Missing: those of the control socket. */
  readonly limits?: ApiLimits
  /** Missing: it is served without TLS. */
  readonly tls?: TlsOptions
}

export interface ApiLimits {
  readonly bodyBytesMax: number
  readonly connectionsMax: number
  readonly requestSeconds: number
  /** Pages of this other origin may ask; missing: none. */
  readonly corsOrigin?: string | undefined
}

/** The server with all routes of the contract. Errors are told as problem documents, without inner details. */
export function buildApi(options: ApiOptions): FastifyInstance {
  const { limits = SOCKET_LIMITS, tls } = options
  const requestMs = limits.requestSeconds * 1000
  const bounds = {
    headersTimeout: requestMs,
    maxHeaderSize: HEADER_BYTES_MAX,
    // Node looks for connections that are too slow only so often.
    connectionsCheckingInterval: Math.min(requestMs / 2, SLOW_LOOK_MS),
  }
  const server = fastify({
    bodyLimit: limits.bodyBytesMax,
    requestTimeout: requestMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: PARAMETER_CHARACTERS_MAX },
    genReqId: requestIdOf,
    frameworkErrors: refusePath(tls !== undefined),
    clientErrorHandler: refuseClient(tls !== undefined),
    http: bounds,
    ...(tls === undefined ? {} : { https: { ...tls, ...bounds, handshakeTimeout: requestMs } }),
  })
  server.server.maxConnections = limits.connectionsMax
  options.connections?.watch(server.server, limits.connectionsMax)
  addHeaders(server, { isTls: tls !== undefined })
  refuseTwoHosts(server)
  if (limits.corsOrigin !== undefined) addCors(server, limits.corsOrigin)
  server.setNotFoundHandler((_request, reply) => sendProblem(reply, problemOf('unknown-path')))
  takeJson(server)
  server.setErrorHandler<FastifyError | AccessRefusal>((error, request, reply) => {
    if (error instanceof AccessRefusal) return sendRefusal(reply, error)
    if (error instanceof NestedTooDeep)
      return sendProblem(reply, problemOf('invalid-request', undefined, [error.issue]))
    return sendProblem(reply, problemOf(codeOf(error, request, options.log)))
  })
  const { access, accessDesk, resources, plugins = [] } = options
  guard(server, [...NATIVE_RULES, ...OPENAPI_RULES, ...plugins.flatMap(({ rules }) => rules)], access)
  addIdempotency(server, options.keys ?? new IdempotencyKeys(Date.now))
  const router = routerOn(server, options.callerOf)
  addStatusRoutes(router, options.control)
  addTrafficRoutes(router, options.control)
  addExplainRoutes(router, options.control)
  addAttackRoutes(router, options.control, resources?.attacks)
  addBanRoutes(router, options.control)
  addAuditRoutes(router, options.control)
  addExporterRoutes(router, options.control)
  addLimitRoutes(router, options.control)
  addReloadRoutes(router, options.control)
  addSimulateRoutes(router, options.control)
  addArmingRoutes(router, options.control)
  addBackupRoute(server, options.control, options.callerOf)
  if (resources !== undefined) addResourceRoutes(router, resources)
  if (resources?.live !== undefined) {
    takeWebSockets(server)
    addLiveRoute(server, resources.live, access)
  }
  if (accessDesk !== undefined) {
    addSessionRoutes(router, accessDesk, access)
    addUserRoutes(router, accessDesk)
    addTokenRoutes(router, accessDesk)
  }
  addOpenApiRoutes(server)
  for (const { plugin } of plugins) void server.register(plugin)
  return server
}

/** Fastify's own refusals by code; everything else is our mistake and goes into the log. */
function codeOf(
  error: FastifyError,
  request: FastifyRequest,
  log: Logger,
): 'request-too-large' | 'not-json' | 'internal' {
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return 'request-too-large'
  if (error.statusCode === 400 || error.statusCode === 415) return 'not-json'
  log.error('the API failed to answer', {
    request: request.id,
    method: request.method,
    route: request.routeOptions.url,
    error,
  })
  return 'internal'
}
