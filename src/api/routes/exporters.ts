// Who sends flow telemetry.

import { ROUTES } from '../contract/routes.ts'
import type { Control } from '../control.ts'
import type { Router } from '../route.ts'

export function addExporterRoutes(router: Router, control: Control): void {
  router.add(ROUTES.exporters, async query => ({ kind: 'ok', value: await control.exporters(query) }))
  router.add(ROUTES.interfaces, async query => {
    const value = await control.interfaces(query)
    return value === undefined ? { kind: 'refused', code: 'unknown-exporter' } : { kind: 'ok', value }
  })
}
