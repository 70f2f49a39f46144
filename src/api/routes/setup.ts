// The first run: the set-up link becomes the first admin and his session; what he says becomes the configuration.

import { sessionCookie, sessionSecretOf } from '../access/cookies.ts'
import type { AccessDesk } from '../access/desk.ts'
import type { Gate } from '../access/gate.ts'
import { AccessRefusal } from '../contract/access.ts'
import { ROUTES } from '../contract/routes.ts'
import type { Caller } from '../control.ts'
import type { SetupDesk } from '../resources.ts'
import type { Router } from '../route.ts'
import { answerOf } from './answer-of.ts'
import { meOf } from './session.ts'

/** Whoever has the link stands at the machine's terminal, or reads its state: he is as good as at the control socket. */
const BY_LINK: Caller = {
  ...{ uid: undefined, pid: undefined, via: 'setup-link' },
  identity: { kind: 'open', name: 'set-up link', id: '', role: 'admin' },
}

export function addSetupRoutes(
  router: Router,
  setup: SetupDesk,
  { users, logins }: AccessDesk,
  gate: Gate | undefined,
): void {
  router.add(ROUTES.setup, () => ({ kind: 'ok', value: { isOpen: setup.isOpen && !users.hasAdmin } }))

  router.add(ROUTES.useSetupLink, async ({ token, name, password }, _caller, reply) => {
    const { request } = reply
    const address = gate?.addressOf(request.raw) ?? 'control socket'
    // Somebody may have added one by the command line since the link was made.
    if (users.hasAdmin || !setup.claim(token)) return { kind: 'refused', code: 'setup-over' }
    const added = await users.add({ name, password, role: 'admin' }, BY_LINK).catch(error => {
      setup.giveBack()
      throw error
    })
    if (added.kind === 'refused') {
      setup.giveBack()
      return answerOf(added)
    }
    setup.used(name)
    const previous = sessionSecretOf(request.raw.headers.cookie)
    const outcome = await logins.logIn({ name, password }, { address, previous })
    if (outcome.kind !== 'done') throw new AccessRefusal('rate-limited', 'the user is there: log in', 1)
    const { identity, secret, csrfToken, endsAt, seconds } = outcome.session
    reply.header('Set-Cookie', sessionCookie(secret, seconds, gate?.isSecure(request.raw) ?? false))
    return { kind: 'ok', value: meOf(identity, { csrfToken, endsAt }) }
  })

  router.add(ROUTES.setupFacts, () => ({ kind: 'ok', value: setup.facts() }))
  router.add(ROUTES.configure, async (request, caller) => answerOf(await setup.write(request, caller)))
}
