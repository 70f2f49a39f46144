// Attacks and their reports.

import { ROUTES } from '../contract/routes.ts'
import type { Control } from '../control.ts'
import type { Router } from '../route.ts'

export function addAttackRoutes(router: Router, control: Control): void {
  router.add(ROUTES.attacks, async query => ({ kind: 'ok', value: await control.attacks(query) }))
  router.add(ROUTES.attack, async ({ id }) => {
    const report = await control.attack(id)
    return report === undefined ? { kind: 'refused', code: 'unknown-attack' } : { kind: 'ok', value: report }
  })
}
