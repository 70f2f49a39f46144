// All routes that the desks of resources answer.

import type { Resources } from '../resources.ts'
import type { Router } from '../route.ts'
import { addCourseRoutes } from './courses.ts'
import { addEventRoutes } from './events.ts'
import { addMitigationRoutes } from './mitigations.ts'
import { addNotifyRoutes } from './notify.ts'
import { addPreferencesRoutes } from './preferences.ts'
import { addPresetRoutes, addProtectionRoutes } from './protection.ts'
import { addRuleRoutes } from './rules.ts'
import { addSafelistRoutes } from './safelist.ts'
import { addSectionRoutes } from './sections.ts'
import { addTrafficHistoryRoutes } from './traffic-history.ts'
import { addWhatIfRoutes } from './what-if.ts'

export function addResourceRoutes(router: Router, resources: Partial<Resources>): void {
  const { mitigations, reports, safelist, rules, sections, history, courses, whatIf, protection, notify } =
    resources
  if (resources.presets !== undefined) addPresetRoutes(router, resources.presets)
  if (resources.preferences !== undefined) addPreferencesRoutes(router, resources.preferences)
  if (courses !== undefined) addCourseRoutes(router, courses)
  if (mitigations !== undefined) addMitigationRoutes(router, mitigations)
  if (reports !== undefined) addEventRoutes(router, reports)
  if (safelist !== undefined) addSafelistRoutes(router, safelist)
  if (rules !== undefined) addRuleRoutes(router, rules)
  if (protection !== undefined) addProtectionRoutes(router, protection)
  if (sections !== undefined) addSectionRoutes(router, sections)
  if (notify !== undefined) addNotifyRoutes(router, notify)
  if (history !== undefined) addTrafficHistoryRoutes(router, history)
  if (whatIf !== undefined) addWhatIfRoutes(router, whatIf)
}
