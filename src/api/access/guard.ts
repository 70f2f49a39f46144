// Puts a gate before every route of a server: a route without a rule cannot be added.

import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { AccessRule, Identity } from '../contract/access.ts'
import type { Gate } from './gate.ts'

/** Whoever may open the control socket. */
const SOCKET: Identity = { kind: 'socket', name: '', id: '', role: 'admin' }

/**
 * To be called before any route or plugin is added. Without a gate it is the control socket, whose callers are admin.
 * Routes come with a rule of their method and path, as the router has it; HEAD goes by the rule of GET.
 */
export function guard(server: FastifyInstance, rules: readonly AccessRule[], gate: Gate | undefined): void {
  const byPlace = new Map<string, AccessRule>()
  for (const rule of rules) {
    const place = placeOf(rule.method, rule.path)
    if (byPlace.has(place)) throw new Error(`${place} has two access rules`)
    byPlace.set(place, rule)
  }
  server.decorateRequest('identity')
  server.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat()) {
      const place = placeOf(each, url)
      if (!byPlace.has(place))
        throw new Error(`${place} has no access rule: nobody would say who may call it`)
    }
  })
  const identityOf = ({ routeOptions: { url }, is404, raw }: FastifyRequest): Identity => {
    const rule = is404 || url === undefined ? undefined : byPlace.get(placeOf(raw.method ?? '', url))
    return gate === undefined ? SOCKET : gate.admit(raw, rule)
  }
  server.addHook('onRequest', (request, _reply, done) => {
    let refusal: Error | undefined
    try {
      request.identity = identityOf(request)
    } catch (error) {
      refusal = error instanceof Error ? error : new Error(String(error))
    }
    done(refusal)
  })
}

const placeOf = (method: string, path: string): string => `${method === 'HEAD' ? 'GET' : method} ${path}`

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before any handler runs; of a public route somebody without a credential is `open`, a viewer. */
    identity: Identity
  }
}
