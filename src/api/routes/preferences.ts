// What the caller does not want to be shown.

import { ROUTES } from '../contract/routes.ts'
import type { PreferencesDesk } from '../resources.ts'
import type { Router } from '../route.ts'

export function addPreferencesRoutes(router: Router, desk: PreferencesDesk): void {
  router.add(ROUTES.preferences, (_, caller) => ({ kind: 'ok', value: desk.of(caller) }))
  router.add(ROUTES.setPreferences, async (wanted, caller) => ({
    kind: 'ok',
    value: await desk.set(wanted, caller),
  }))
}
