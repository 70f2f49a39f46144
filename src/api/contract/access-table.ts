// Who may call which native route. A route of the contract without a row does not compile, and one of the server without
// a rule does not start.

import type { AccessRule } from './access.ts'
import { BACKUP } from './backup.ts'
import { CAPTURE } from './capture.ts'
import { LIVE } from './live.ts'
import { ROUTES } from './routes.ts'

type Demand = readonly [role: AccessRule['role'], reach: AccessRule['reach']]

/** `customers` where the handler confines what it shows and does to the customers of whoever asks. */
const DEMANDS = {
  status: ['viewer', 'everything'],
  health: ['viewer', 'everything'],
  traffic: ['viewer', 'everything'],
  attacks: ['viewer', 'customers'],
  attack: ['viewer', 'customers'],
  course: ['viewer', 'customers'],
  // Bans by hand are for those who reach everything; whoever is confined orders and withdraws mitigations.
  explain: ['viewer', 'everything'],
  bans: ['viewer', 'everything'],
  ban: ['operator', 'everything'],
  unban: ['operator', 'everything'],
  reload: ['admin', 'everything'],
  simulate: ['operator', 'everything'],
  arming: ['viewer', 'everything'],
  arm: ['admin', 'everything'],
  limits: ['viewer', 'everything'],
  decideLimits: ['admin', 'everything'],
  exporters: ['viewer', 'everything'],
  interfaces: ['viewer', 'everything'],
  audit: ['viewer', 'everything'],
  verifyAudit: ['admin', 'everything'],
  mitigations: ['viewer', 'customers'],
  mitigation: ['viewer', 'customers'],
  order: ['operator', 'customers'],
  withdraw: ['operator', 'customers'],
  previewOrder: ['viewer', 'customers'],
  extendMany: ['operator', 'customers'],
  withdrawMany: ['operator', 'customers'],
  acknowledgeMany: ['operator', 'customers'],
  events: ['viewer', 'customers'],
  event: ['viewer', 'customers'],
  report: ['operator', 'customers'],
  safelist: ['viewer', 'customers'],
  addSafe: ['operator', 'customers'],
  removeSafe: ['operator', 'customers'],
  rules: ['viewer', 'customers'],
  rule: ['viewer', 'customers'],
  addRule: ['operator', 'customers'],
  previewRule: ['viewer', 'customers'],
  templates: ['viewer', 'customers'],
  applyTemplate: ['operator', 'customers'],
  applyPack: ['operator', 'customers'],
  extendRule: ['operator', 'customers'],
  withdrawRule: ['operator', 'customers'],
  retryRule: ['operator', 'customers'],
  addBlackhole: ['operator', 'customers'],
  endBlackhole: ['operator', 'customers'],
  // Whoever may take each thing back by itself may take back all of it; only admins arm again.
  panic: ['operator', 'everything'],
  protection: ['viewer', 'customers'],
  protectionProfile: ['viewer', 'customers'],
  // It writes into the configuration file.
  protectionPreset: ['viewer', 'everything'],
  writeProtectionPreset: ['admin', 'everything'],
  switchProtection: ['operator', 'customers'],
  blockedSources: ['viewer', 'customers'],
  blockSources: ['operator', 'customers'],
  unblockSource: ['operator', 'customers'],
  protectionCounters: ['viewer', 'customers'],
  // A ruleset, and a backup, are of all profiles at once.
  previewProtection: ['viewer', 'everything'],
  protectionFor: ['viewer', 'customers'],
  protectionBackup: ['viewer', 'everything'],
  restoreProtection: ['operator', 'everything'],
  protectionIncidents: ['viewer', 'customers'],
  tagIncident: ['operator', 'customers'],
  inventory: ['viewer', 'everything'],
  replaceInventory: ['admin', 'everything'],
  changeInventory: ['admin', 'everything'],
  playbooks: ['viewer', 'everything'],
  replacePlaybooks: ['admin', 'everything'],
  changePlaybooks: ['admin', 'everything'],
  hostgroups: ['viewer', 'everything'],
  replaceHostgroups: ['admin', 'everything'],
  changeHostgroups: ['admin', 'everything'],
  configuredSafelist: ['viewer', 'everything'],
  replaceSafelist: ['admin', 'everything'],
  changeSafelist: ['admin', 'everything'],
  configuration: ['viewer', 'everything'],
  // Errors of destinations and titles of messages speak of all customers.
  notifications: ['viewer', 'everything'],
  testNotifications: ['operator', 'everything'],
  previewNotification: ['viewer', 'everything'],
  deadLetters: ['viewer', 'everything'],
  resendDeadLetters: ['operator', 'everything'],
  discardDeadLetters: ['admin', 'everything'],
  // It costs as much as a reload, so not everybody may have it done.
  checkSection: ['operator', 'everything'],
  sectionHistory: ['viewer', 'everything'],
  sectionVersion: ['viewer', 'everything'],
  // One's own.
  preferences: ['viewer', 'customers'],
  setPreferences: ['viewer', 'customers'],
  trafficNetworks: ['viewer', 'everything'],
  trafficHostgroups: ['viewer', 'everything'],
  trafficHistory: ['viewer', 'everything'],
  whatIf: ['viewer', 'everything'],
  logIn: ['public', 'everything'],
  logOut: ['viewer', 'customers'],
  me: ['viewer', 'customers'],
  setup: ['public', 'everything'],
  // The link is its own proof.
  useSetupLink: ['public', 'everything'],
  setupFacts: ['admin', 'everything'],
  configure: ['admin', 'everything'],
  // An admin who is confined has those under him who are confined to what is his.
  users: ['admin', 'customers'],
  addUser: ['admin', 'customers'],
  changeUser: ['admin', 'customers'],
  removeUser: ['admin', 'customers'],
  // One's own; that of others is left to admins by the handler.
  setPassword: ['viewer', 'customers'],
  tokens: ['admin', 'customers'],
  addToken: ['admin', 'customers'],
  revokeToken: ['admin', 'customers'],
} as const satisfies Record<keyof typeof ROUTES, Demand>

export const LIVE_RULE: AccessRule = {
  ...{ method: LIVE.method, path: LIVE.path, role: 'viewer', reach: 'customers' },
}

const demands: Readonly<Record<string, Demand>> = DEMANDS

export const NATIVE_RULES: readonly AccessRule[] = [
  ...Object.entries(ROUTES).flatMap(([name, { method, path }]) => {
    const demand = demands[name]
    return demand === undefined ? [] : [{ method, path, role: demand[0], reach: demand[1] }]
  }),
  // It holds the hashes of passwords and tokens.
  { method: BACKUP.method, path: BACKUP.path, role: 'admin', reach: 'everything' },
  { method: CAPTURE.method, path: CAPTURE.path, role: 'viewer', reach: 'customers' },
  LIVE_RULE,
]
