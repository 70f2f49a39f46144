// The session: begun, ended, and who one is in it.

import type { FastifyRequest } from 'fastify'
import { noSessionCookie, sessionCookie, sessionSecretOf } from '../access/cookies.ts'
import type { AccessDesk } from '../access/desk.ts'
import type { Gate } from '../access/gate.ts'
import { AccessRefusal, confinementOf, type Identity } from '../contract/access.ts'
import { ROUTES } from '../contract/routes.ts'
import type { Me } from '../contract/session.ts'
import type { Router } from '../route.ts'

/** Without a gate it is the control socket: nobody logs in there. */
export function addSessionRoutes(router: Router, { logins }: AccessDesk, gate: Gate | undefined): void {
  router.add(ROUTES.logIn, async (login, _caller, reply) => {
    const { request } = reply
    const address = gate?.addressOf(request.raw) ?? 'control socket'
    const outcome = await logins.logIn(login, { address, previous: secretOf(request) })
    if (outcome.kind === 'wrong') return { kind: 'refused', code: 'wrong-login' }
    if (outcome.kind === 'throttled')
      throw new AccessRefusal('rate-limited', 'too many attempts to log in', outcome.retryAfterSeconds)
    const { identity, secret, csrfToken, endsAt, seconds } = outcome.session
    reply.header('Set-Cookie', sessionCookie(secret, seconds, gate?.isSecure(request.raw) ?? false))
    return { kind: 'ok', value: meOf(identity, { csrfToken, endsAt }) }
  })

  router.add(ROUTES.logOut, async (_input, _caller, reply) => {
    const { request } = reply
    const secret = request.identity.kind === 'user' ? secretOf(request) : undefined
    const ended = secret !== undefined && (await logins.logOut(secret))
    reply.header('Set-Cookie', noSessionCookie(gate?.isSecure(request.raw) ?? false))
    return { kind: 'ok', value: { ended } }
  })

  router.add(ROUTES.me, (_input, _caller, { request }) => {
    const secret = request.identity.kind === 'user' ? secretOf(request) : undefined
    return {
      kind: 'ok',
      value: meOf(request.identity, secret === undefined ? undefined : logins.sessionOf(secret)),
    }
  })
}

const secretOf = ({ raw }: FastifyRequest): string | undefined => sessionSecretOf(raw.headers.cookie)

export function meOf(
  { kind, name, role, ...scope }: Identity,
  session?: { readonly csrfToken: string; readonly endsAt: number },
): Me {
  return {
    ...{ kind, name, role, ...confinementOf(scope) },
    ...(session && { csrfToken: session.csrfToken, endsAt: new Date(session.endsAt).toISOString() }),
  }
}
