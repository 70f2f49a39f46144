// Users: listed, added, changed, removed, and given passwords.

import type { AccessDesk } from '../access/desk.ts'
import { ROUTES } from '../contract/routes.ts'
import type { Router } from '../route.ts'
import { answerOf } from './answer-of.ts'

export function addUserRoutes(router: Router, { users }: AccessDesk): void {
  router.add(ROUTES.users, (_input, caller) => ({ kind: 'ok', value: { users: users.list(caller) } }))
  router.add(ROUTES.addUser, async (request, caller) => answerOf(await users.add(request, caller)))
  router.add(ROUTES.changeUser, async (change, caller) => answerOf(await users.change(change, caller)))
  router.add(ROUTES.removeUser, async ({ name }, caller) => answerOf(await users.remove(name, caller)))
  router.add(ROUTES.setPassword, async (change, caller) => answerOf(await users.setPassword(change, caller)))
}
