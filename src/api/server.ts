// The API as a Fastify server, not yet listening. The control socket uses it, and the remote API shares its routes.

import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { AccessDesk } from './access/desk.ts'
import { addPlugins, type BareOptions, bareServer } from './bare-server.ts'
import { compressAnswers } from './compressed-answers.ts'
import { addConsole, CONSOLE_RULES } from './console/console-pages.ts'
import { NATIVE_RULES } from './contract/access-table.ts'
import type { Caller, Control } from './control.ts'
import { IdempotencyKeys } from './idempotency.ts'
import { addIdempotency } from './idempotent-requests.ts'
import { addOpenApiRoutes, OPENAPI_RULES } from './openapi/routes.ts'
import type { Resources } from './resources.ts'
import { routerOn } from './route.ts'
import { addArmingRoutes } from './routes/arming.ts'
import { addAttackRoutes } from './routes/attacks.ts'
import { addAuditRoutes } from './routes/audit.ts'
import { addBackupRoute } from './routes/backup.ts'
import { addBanRoutes } from './routes/bans.ts'
import { addCaptureRoute } from './routes/courses.ts'
import { addExplainRoutes } from './routes/explain.ts'
import { addExporterRoutes } from './routes/exporters.ts'
import { addLimitRoutes } from './routes/limits.ts'
import { addLiveRoute, takeWebSockets } from './routes/live.ts'
import { addReloadRoutes } from './routes/reload.ts'
import { addResourceRoutes } from './routes/resources.ts'
import { addSessionRoutes } from './routes/session.ts'
import { addSetupRoutes } from './routes/setup.ts'
import { addSimulateRoutes } from './routes/simulate.ts'
import { addStatusRoutes } from './routes/status.ts'
import { addTokenRoutes } from './routes/tokens.ts'
import { addTrafficRoutes } from './routes/traffic.ts'
import { addUserRoutes } from './routes/users.ts'

export interface ApiOptions extends BareOptions {
  readonly control: Control
  /** Who sent a request. */
  callerOf(request: FastifyRequest): Caller
  /** Users, tokens and sessions; missing: there are none. */
  readonly accessDesk?: AccessDesk
  /** Mitigations, events, the safelist, sections of the configuration, the past; paths of what is missing do not exist. */
  readonly resources?: Partial<Resources>
  /** Of requests that were done; missing: this server has its own. */
  readonly keys?: IdempotencyKeys
}

/** The server with all routes of the contract. Errors are told as problem documents, without inner details. */
export function buildApi(options: ApiOptions): FastifyInstance {
  const { access, accessDesk, resources } = options
  const server = bareServer(options, [...NATIVE_RULES, ...OPENAPI_RULES, ...CONSOLE_RULES])
  addIdempotency(server, options.keys ?? new IdempotencyKeys(Date.now))
  compressAnswers(server)
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
  if (resources?.courses !== undefined) addCaptureRoute(server, resources.courses, options.callerOf)
  if (resources?.live !== undefined) {
    takeWebSockets(server)
    addLiveRoute(server, resources.live, access)
  }
  if (accessDesk !== undefined) {
    addSessionRoutes(router, accessDesk, access)
    addUserRoutes(router, accessDesk)
    addTokenRoutes(router, accessDesk)
    if (resources?.setup !== undefined) addSetupRoutes(router, resources.setup, accessDesk, access)
  }
  addOpenApiRoutes(server)
  if (options.console !== undefined) addConsole(server, options.console)
  addPlugins(server, options)
  return server
}
