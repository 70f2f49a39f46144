// A Fastify server with the bounds, the headers and the guard of every door, and no route yet but those of dialects.

import type { TlsOptions } from 'node:tls'
import {
  type FastifyError,
  type FastifyInstance,
  type FastifyPluginAsync,
  type FastifyRequest,
  fastify,
} from 'fastify'
import type { Logger } from '#lib/log/logger.ts'
import type { Gate } from './access/gate.ts'
import { guard } from './access/guard.ts'
import { sendRefusal } from './access/send-refusal.ts'
import type { ConnectionBound } from './connection-bound.ts'
import { type Console, isPageOf, sendPage } from './console/console-pages.ts'
import { AccessRefusal, type AccessRule } from './contract/access.ts'
import { problemOf } from './errors.ts'
import { addCors, addHeaders, requestIdOf } from './headers.ts'
import { NestedTooDeep, takeJson } from './json-body.ts'
import { refuseClient, refusePath, refuseTwoHosts } from './refused-early.ts'
import { sendProblem } from './route.ts'

const SOCKET_LIMITS: ApiLimits = { bodyBytesMax: 1 << 20, connectionsMax: 64, requestSeconds: 10 }
const SLOW_LOOK_MS = 2000
const KEEP_ALIVE_MS = 75_000
const HEADER_BYTES_MAX = 16 * 1024
const PARAMETER_CHARACTERS_MAX = 128

/**
 * What comes is held against the contract by its own schemas, and no route has one of Fastify's. It would load its two
 * compilers for them all the same: a hundred modules that nothing asks.
 */
const NO_COMPILERS = { compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler } }

function noCompiler(): never {
  throw new Error('assertion failed: a route has a schema of Fastify')
}

export interface ApiLimits {
  readonly bodyBytesMax: number
  readonly connectionsMax: number
  readonly requestSeconds: number
  /** Pages of this other origin may ask; missing: none. */
  readonly corsOrigin?: string | undefined
}

/** A dialect, and who may call which of its routes. */
export interface ApiPlugin {
  readonly plugin: FastifyPluginAsync
  readonly rules: readonly AccessRule[]
}

export interface BareOptions {
  readonly log: Logger
  /** Missing: it is the control socket, and whoever may open it is admin. */
  readonly access?: Gate
  readonly plugins?: readonly ApiPlugin[]
  /** Shown at paths that nothing else has; missing: there is none. */
  readonly console?: Console
  /** Missing: one address may hold all connections. */
  readonly connections?: ConnectionBound
  /** Missing: those of the control socket. */
  readonly limits?: ApiLimits
  /** Missing: it is served without TLS. */
  readonly tls?: TlsOptions
}

/** `rules`: of the routes that will be added beside those of the plugins, which `addPlugins` adds. */
export function bareServer(options: BareOptions, rules: readonly AccessRule[]): FastifyInstance {
  const { limits = SOCKET_LIMITS, tls, plugins = [] } = options
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
    schemaController: NO_COMPILERS,
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
  server.setNotFoundHandler((request, reply) =>
    options.console !== undefined && isPageOf(request)
      ? sendPage(request, reply, options.console)
      : sendProblem(reply, problemOf('unknown-path')),
  )
  takeJson(server)
  server.setErrorHandler<FastifyError | AccessRefusal>((error, request, reply) => {
    if (error instanceof AccessRefusal) return sendRefusal(reply, error)
    if (error instanceof NestedTooDeep)
      return sendProblem(reply, problemOf('invalid-request', undefined, [error.issue]))
    return sendProblem(reply, problemOf(codeOf(error, request, options.log)))
  })
  guard(server, [...rules, ...plugins.flatMap(plugin => plugin.rules)], options.access)
  return server
}

export function addPlugins(server: FastifyInstance, { plugins = [] }: BareOptions): void {
  for (const { plugin } of plugins) void server.register(plugin)
}

/** A server that speaks dialects and nothing else. */
export function buildDialects(options: BareOptions): FastifyInstance {
  const server = bareServer(options, [])
  addPlugins(server, options)
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
