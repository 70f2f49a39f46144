// All routes that the desks of resources answer.

import type { Resources } from '../resources.ts'
import type { Router } from '../route.ts'
import { addEventRoutes } from './events.ts'
import { addMitigationRoutes } from './mitigations.ts'
import { addSafelistRoutes } from './safelist.ts'
import { addSectionRoutes } from './sections.ts'
import { addTrafficHistoryRoutes } from './traffic-history.ts'

export function addResourceRoutes(router: Router, resources: Resources): void {
  addMitigationRoutes(router, resources.mitigations)
  addEventRoutes(router, resources.reports)
  addSafelistRoutes(router, resources.safelist)
  if (resources.sections !== undefined) addSectionRoutes(router, resources.sections)
  if (resources.history !== undefined) addTrafficHistoryRoutes(router, resources.history)
}
