// Bans: listed, set and ended by operators.

import { ROUTES } from '../contract/routes.ts'
import type { Control, Done } from '../control.ts'
import type { ErrorCode } from '../errors.ts'
import type { RouteAnswer, Router } from '../route.ts'

export function addBanRoutes(router: Router, control: Control): void {
  router.add(ROUTES.bans, async query => ({ kind: 'ok', value: await control.bans(query) }))
  router.add(ROUTES.ban, async (request, caller) => answerOf(await control.ban(request, caller)))
  router.add(ROUTES.unban, async ({ host }, caller) => answerOf(await control.unban(host, caller)))
}

const answerOf = <T>(done: Done<T, ErrorCode>): RouteAnswer<T> =>
  done.kind === 'done' ? { kind: 'ok', value: done.value } : done
