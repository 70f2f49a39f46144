// What another threshold would have done.

import { ROUTES } from '../contract/routes.ts'
import type { WhatIfDesk } from '../resources.ts'
import type { Router } from '../route.ts'
import { answerOf } from './answer-of.ts'

export function addWhatIfRoutes(router: Router, desk: WhatIfDesk): void {
  router.add(ROUTES.whatIf, async query => answerOf(await desk.ask(query)))
}
