// Learned limits.

import { ROUTES } from '../contract/routes.ts'
import type { Control, Done } from '../control.ts'
import type { ErrorCode } from '../errors.ts'
import type { RouteAnswer, Router } from '../route.ts'

export function addLimitRoutes(router: Router, control: Control): void {
  router.add(ROUTES.limits, async query => answerOf(await control.limits(query)))
  router.add(ROUTES.decideLimits, async (request, caller) =>
    answerOf(await control.decideLimits(request, caller)),
  )
}

const answerOf = <T>(done: Done<T, ErrorCode>): RouteAnswer<T> =>
  done.kind === 'done' ? { kind: 'ok', value: done.value } : done
