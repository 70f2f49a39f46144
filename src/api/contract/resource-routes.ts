// Routes of mitigations, events, the safelist, sections of the configuration and the history of traffic.

import { attackInput } from './attack.ts'
import { courseSchema } from './course.ts'
import {
  eventIdInput,
  eventInput,
  eventOutcomeSchema,
  eventSchema,
  eventsInput,
  eventsSchema,
} from './events.ts'
import {
  acknowledgeManyInput,
  extendManyInput,
  manySchema,
  mitigationInput,
  mitigationsInput,
  mitigationsSchema,
  mitigationViewSchema,
  orderedSchema,
  orderInput,
  orderPreviewInput,
  withdrawInput,
  withdrawManyInput,
  withdrawnSchema,
} from './mitigations.ts'
import { preferencesInput, preferencesSchema } from './preferences.ts'
import { PROTECTION_ROUTES } from './protection-routes.ts'
import { get, type Route, write } from './route.ts'
import { rulePreviewSchema } from './rule-preview.ts'
import { RULE_ROUTES } from './rule-routes.ts'
import { safeEntrySchema, safeInput, safelistSchema, safePrefixInput } from './safelist.ts'
import {
  configurationSchema,
  sectionChangeInput,
  sectionCheckInput,
  sectionCheckSchema,
  sectionHistoryInput,
  sectionHistorySchema,
  sectionInput,
  sectionSchema,
  sectionVersionInput,
  sectionVersionSchema,
  sectionWrittenSchema,
} from './sections.ts'
import {
  hostgroupsTrafficSchema,
  networksTrafficSchema,
  trafficHistoryInput,
  trafficHistorySchema,
} from './traffic-history.ts'
import { nothing } from './values.ts'
import { whatIfInput, whatIfSchema } from './what-if.ts'

export const RESOURCE_ROUTES = {
  ...RULE_ROUTES,
  ...PROTECTION_ROUTES,
  course: get(
    '/attacks/:id/course',
    'How an attack went: speeds over time, what happened, what its packets have in common.',
    attackInput,
    courseSchema,
  ),
  mitigations: get(
    '/mitigations',
    'What is and was done about attacks.',
    mitigationsInput,
    mitigationsSchema,
  ),
  mitigation: get(
    '/mitigations/:id',
    'One mitigation, with its attack.',
    mitigationInput,
    mitigationViewSchema,
  ),
  order: write('POST', '/mitigations', 'Orders a mitigation by hand.', orderInput, orderedSchema, 201),
  previewOrder: write(
    'POST',
    '/mitigations/preview',
    'What a mitigation by hand would match, what would refuse it, and how each router would have it. Nothing is done.',
    orderPreviewInput,
    rulePreviewSchema,
  ),
  withdraw: write(
    'POST',
    '/mitigations/:id/withdraw',
    'Takes a mitigation back and ends its attack.',
    withdrawInput,
    withdrawnSchema,
  ),
  withdrawMany: write(
    'POST',
    '/mitigations/withdraw',
    'Takes many mitigations back; each is answered for itself.',
    withdrawManyInput,
    manySchema,
  ),
  extendMany: write(
    'POST',
    '/mitigations/extend',
    'Gives many mitigations another end; each is answered for itself.',
    extendManyInput,
    manySchema,
  ),
  acknowledgeMany: write(
    'POST',
    '/mitigations/acknowledge',
    'Notes that the attacks behind mitigations were seen.',
    acknowledgeManyInput,
    manySchema,
  ),
  events: get('/events', 'What foreign detectors reported.', eventsInput, eventsSchema),
  event: get('/events/:id', 'One report of a foreign detector.', eventIdInput, eventSchema),
  report: write(
    'POST',
    '/events',
    'Takes the report of a foreign detector.',
    eventInput,
    eventOutcomeSchema,
    202,
  ),
  safelist: get('/safelist', 'Prefixes that are never touched.', nothing, safelistSchema),
  addSafe: write(
    'POST',
    '/safelist',
    'Adds a prefix that is never touched.',
    safeInput,
    safeEntrySchema,
    201,
  ),
  removeSafe: write(
    'DELETE',
    '/safelist/:prefix',
    'Removes a prefix that was added while the daemon ran.',
    safePrefixInput,
    safeEntrySchema,
  ),
  inventory: section('/inventory', 'Customers and their addresses, as configured.'),
  replaceInventory: replace('/inventory', 'Writes the inventory into the configuration file and reloads it.'),
  changeInventory: change(
    '/inventory',
    'Changes customers and POPs in the configuration file and reloads it.',
  ),
  playbooks: section('/playbooks', 'How attacks are answered, as configured.'),
  replacePlaybooks: replace('/playbooks', 'Writes all playbooks into the configuration file and reloads it.'),
  changePlaybooks: change('/playbooks', 'Changes playbooks in the configuration file and reloads it.'),
  hostgroups: section('/hostgroups', 'Groups of hosts with limits of their own, as configured.'),
  replaceHostgroups: replace(
    '/hostgroups',
    'Writes all hostgroups into the configuration file and reloads it.',
  ),
  changeHostgroups: change('/hostgroups', 'Changes hostgroups in the configuration file and reloads it.'),
  configuredSafelist: section('/configuration/safelist', 'The safelist of the configuration file.'),
  replaceSafelist: replace(
    '/configuration/safelist',
    'Writes the safelist of the configuration file and reloads it.',
  ),
  changeSafelist: change(
    '/configuration/safelist',
    'Changes the safelist of the configuration file and reloads it.',
  ),
  configuration: get(
    '/configuration',
    'All settings in force, without secrets.',
    nothing,
    configurationSchema,
  ),
  checkSection: write(
    'POST',
    '/configuration/check',
    'What would come of writing a section of the configuration. Nothing is written.',
    sectionCheckInput,
    sectionCheckSchema,
  ),
  sectionHistory: get(
    '/configuration/history',
    'Who wrote which section of the configuration, and when.',
    sectionHistoryInput,
    sectionHistorySchema,
  ),
  sectionVersion: get(
    '/configuration/history/:id',
    'A section of the configuration as it was once.',
    sectionVersionInput,
    sectionVersionSchema,
  ),
  preferences: get(
    '/preferences',
    'What the caller does not want to be shown as it happens.',
    nothing,
    preferencesSchema,
  ),
  setPreferences: write(
    'PUT',
    '/preferences',
    'Sets what the caller does not want to be shown as it happens.',
    preferencesInput,
    preferencesSchema,
  ),
  trafficNetworks: get('/traffic/networks', 'Traffic of each network now.', nothing, networksTrafficSchema),
  trafficHostgroups: get(
    '/traffic/hostgroups',
    'Traffic of each hostgroup now.',
    nothing,
    hostgroupsTrafficSchema,
  ),
  trafficHistory: get('/traffic/history', 'Traffic as it was.', trafficHistoryInput, trafficHistorySchema),
  whatIf: get(
    '/what-if',
    'Which bans another threshold would have brought in the past hour.',
    whatIfInput,
    whatIfSchema,
  ),
} as const satisfies Record<string, Route>

function section(path: string, summary: string) {
  return get(path, summary, nothing, sectionSchema)
}

function replace(path: string, summary: string) {
  return write('PUT', path, summary, sectionInput, sectionWrittenSchema)
}

function change(path: string, summary: string) {
  return write('PATCH', path, summary, sectionChangeInput, sectionWrittenSchema)
}
