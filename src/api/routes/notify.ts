// Words for people: who is told, and what nobody has taken.

import { ROUTES } from '../contract/routes.ts'
import type { NotifyDesk } from '../resources.ts'
import type { Router } from '../route.ts'
import { answerOf } from './answer-of.ts'

export function addNotifyRoutes(router: Router, desk: NotifyDesk): void {
  router.add(ROUTES.notifications, () => ({ kind: 'ok', value: desk.view() }))
  router.add(ROUTES.testNotifications, async (request, caller) => answerOf(await desk.test(request, caller)))
  router.add(ROUTES.previewNotification, async request => answerOf(await desk.preview(request)))
  router.add(ROUTES.deadLetters, query => ({ kind: 'ok', value: desk.deadLetters(query) }))
  router.add(ROUTES.resendDeadLetters, async (request, caller) =>
    answerOf(await desk.resend(request, caller)),
  )
  router.add(ROUTES.discardDeadLetters, async (request, caller) =>
    answerOf(await desk.discard(request, caller)),
  )
}
