// Attacks and their reports.

import { ROUTES } from '../contract/routes.ts'
import type { Control } from '../control.ts'
import type { AttackDesk } from '../resources.ts'
import type { Router } from '../route.ts'

/** Without a desk only what memory has is told, and nobody is confined. */
export function addAttackRoutes(router: Router, control: Control, desk?: AttackDesk): void {
  router.add(ROUTES.attacks, async (query, caller) => ({
    ...{ kind: 'ok', value: await (desk ?? without(control)).list(query, caller) },
  }))
  router.add(ROUTES.attack, async ({ id }, caller) => {
    const report = await (desk ?? without(control)).report(id, caller)
    return report === undefined ? { kind: 'refused', code: 'unknown-attack' } : { kind: 'ok', value: report }
  })
}

const without = (control: Control): AttackDesk => ({
  list: async query => await control.attacks(query),
  report: async id => await control.attack(id),
})
