// Why a host is under attack, or why it is not.

import { ROUTES } from '../contract/routes.ts'
import type { Control } from '../control.ts'
import type { Router } from '../route.ts'

export function addExplainRoutes(router: Router, control: Control): void {
  router.add(ROUTES.explain, async ({ subject }) => {
    const explanation = await control.explain(subject)
    if (explanation === undefined) return { kind: 'refused', code: 'unknown-attack' }
    return { kind: 'ok', value: explanation }
  })
}
