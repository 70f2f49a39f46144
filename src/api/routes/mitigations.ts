// Mitigations: listed, ordered, taken back, and acknowledged.

import { ROUTES } from '../contract/routes.ts'
import type { MitigationDesk } from '../resources.ts'
import type { Router } from '../route.ts'
import { answerOf } from './answer-of.ts'

export function addMitigationRoutes(router: Router, desk: MitigationDesk): void {
  router.add(ROUTES.mitigations, async (query, caller) => ({
    ...{ kind: 'ok', value: await desk.list(query, caller) },
  }))
  router.add(ROUTES.mitigation, async ({ id }, caller) => {
    const value = await desk.get(id, caller)
    return value === undefined ? { kind: 'refused', code: 'unknown-mitigation' } : { kind: 'ok', value }
  })
  router.add(ROUTES.order, async (order, caller) => answerOf(await desk.order(order, caller)))
  router.add(ROUTES.previewOrder, async (order, caller) => answerOf(await desk.preview(order, caller)))
  router.add(ROUTES.withdraw, async ({ id, reason }, caller) =>
    answerOf(await desk.withdraw(id, reason, caller)),
  )
  router.add(ROUTES.withdrawMany, async ({ ids, reason }, caller) => ({
    ...{ kind: 'ok', value: await desk.withdrawMany(ids, reason, caller) },
  }))
  router.add(ROUTES.extendMany, async (request, caller) => ({
    ...{ kind: 'ok', value: await desk.extendMany(request, caller) },
  }))
  router.add(ROUTES.acknowledgeMany, async ({ ids }, caller) => ({
    ...{ kind: 'ok', value: await desk.acknowledgeMany(ids, caller) },
  }))
}
