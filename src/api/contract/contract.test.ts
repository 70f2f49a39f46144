import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import * as examples from './examples.ts'
import * as access from './examples-access.ts'
import * as notify from './examples-notify.ts'
import * as protection from './examples-protection.ts'
import * as resources from './examples-resources.ts'
import { ROUTES } from './routes.ts'

const RULE_ANSWERS = {
  rules: { rules: [resources.EXAMPLE_RULE], nextCursor: '1.a', live: 1 },
  rule: resources.EXAMPLE_RULE,
  addRule: resources.EXAMPLE_RULE_MADE,
  previewRule: resources.EXAMPLE_PREVIEW,
  templates: resources.EXAMPLE_TEMPLATES,
  applyTemplate: resources.EXAMPLE_PACK,
  applyPack: resources.EXAMPLE_PACK,
  extendRule: resources.EXAMPLE_RULE,
  withdrawRule: { outcome: 'withdrawn', rule: resources.EXAMPLE_RULE },
  retryRule: resources.EXAMPLE_RULE,
  addBlackhole: resources.EXAMPLE_RULE_MADE,
  endBlackhole: { outcome: 'withdrawn', rule: resources.EXAMPLE_RULE },
  panic: resources.EXAMPLE_PANIC,
}

const SETUP_ANSWERS = {
  setup: { isOpen: true },
  useSetupLink: access.EXAMPLE_ME,
  setupFacts: access.EXAMPLE_SETUP_FACTS,
  configure: access.EXAMPLE_SETUP_WRITTEN,
}

const SECTION_ANSWERS = {
  inventory: resources.EXAMPLE_SECTION,
  replaceInventory: resources.EXAMPLE_WRITTEN,
  changeInventory: resources.EXAMPLE_WRITTEN,
  playbooks: resources.EXAMPLE_SECTION,
  replacePlaybooks: resources.EXAMPLE_WRITTEN,
  changePlaybooks: resources.EXAMPLE_WRITTEN,
  hostgroups: resources.EXAMPLE_SECTION,
  replaceHostgroups: resources.EXAMPLE_WRITTEN,
  changeHostgroups: resources.EXAMPLE_WRITTEN,
  configuredSafelist: resources.EXAMPLE_SECTION,
  replaceSafelist: resources.EXAMPLE_WRITTEN,
  changeSafelist: resources.EXAMPLE_WRITTEN,
  checkSection: resources.EXAMPLE_CHECK,
  sectionHistory: resources.EXAMPLE_VERSIONS,
  sectionVersion: resources.EXAMPLE_VERSION,
  configuration: resources.EXAMPLE_CONFIGURATION,
}

const PROTECTION_ANSWERS = {
  protection: protection.EXAMPLE_PROTECTION,
  protectionProfile: protection.EXAMPLE_PROFILE,
  protectionPreset: protection.EXAMPLE_PRESET,
  writeProtectionPreset: protection.EXAMPLE_PRESET_WRITTEN,
  switchProtection: protection.EXAMPLE_SWITCHED,
  blockedSources: protection.EXAMPLE_BLOCKED,
  blockSources: protection.EXAMPLE_SOURCES_BLOCKED,
  unblockSource: { source: '192.0.2.7', wasBlocked: true },
  protectionCounters: protection.EXAMPLE_PROTECTION_COUNTERS,
  previewProtection: protection.EXAMPLE_PROTECTION_PREVIEW,
  protectionFor: { profile: protection.EXAMPLE_PROFILE },
  protectionBackup: protection.EXAMPLE_PROTECTION_BACKUP,
  restoreProtection: { switches: 1, notes: [] },
  protectionIncidents: { incidents: [protection.EXAMPLE_INCIDENT] },
  tagIncident: protection.EXAMPLE_INCIDENT,
}

test('every answer has an example that fits its schema', () => {
  const answers = {
    status: examples.EXAMPLE_STATUS,
    health: examples.EXAMPLE_HEALTH,
    traffic: examples.EXAMPLE_TRAFFIC,
    attacks: { attacks: [examples.EXAMPLE_ATTACK], total: 1 },
    attack: examples.EXAMPLE_REPORT,
    course: resources.EXAMPLE_COURSE,
    explain: examples.EXAMPLE_EXPLANATION,
    bans: { bans: [examples.EXAMPLE_BAN], total: 1 },
    ban: examples.EXAMPLE_BAN,
    unban: examples.EXAMPLE_BAN,
    exporters: examples.EXAMPLE_EXPORTERS,
    interfaces: resources.EXAMPLE_INTERFACES,
    audit: { entries: [examples.EXAMPLE_AUDIT] },
    verifyAudit: examples.EXAMPLE_VERDICT,
    reload: examples.EXAMPLE_RELOAD,
    simulate: examples.EXAMPLE_SIMULATION,
    arming: examples.EXAMPLE_ARMING,
    arm: examples.EXAMPLE_ARMING,
    limits: examples.EXAMPLE_LIMITS,
    decideLimits: { limits: [examples.EXAMPLE_LIMIT] },
    mitigations: { mitigations: [resources.EXAMPLE_MITIGATION], nextCursor: '1.a' },
    mitigation: { ...resources.EXAMPLE_MITIGATION, attack: examples.EXAMPLE_ATTACK },
    order: resources.EXAMPLE_ORDERED,
    withdraw: { outcome: 'withdrawn', mitigation: resources.EXAMPLE_MITIGATION },
    previewOrder: resources.EXAMPLE_PREVIEW,
    extendMany: resources.EXAMPLE_MANY,
    withdrawMany: resources.EXAMPLE_MANY,
    acknowledgeMany: resources.EXAMPLE_MANY,
    events: { events: [resources.EXAMPLE_EVENT] },
    event: resources.EXAMPLE_EVENT,
    report: resources.EXAMPLE_EVENT_ANSWER,
    safelist: { safelist: [resources.EXAMPLE_SAFE] },
    addSafe: resources.EXAMPLE_SAFE,
    removeSafe: resources.EXAMPLE_SAFE,
    ...RULE_ANSWERS,
    notifications: notify.EXAMPLE_NOTIFICATIONS,
    testNotifications: notify.EXAMPLE_TESTED,
    previewNotification: notify.EXAMPLE_NOTIFY_PREVIEW,
    deadLetters: notify.EXAMPLE_DEAD_LETTERS,
    resendDeadLetters: notify.EXAMPLE_LETTERS_DONE,
    discardDeadLetters: notify.EXAMPLE_LETTERS_DONE,
    ...PROTECTION_ANSWERS,
    ...SECTION_ANSWERS,
    preferences: resources.EXAMPLE_PREFERENCES,
    setPreferences: resources.EXAMPLE_PREFERENCES,
    trafficNetworks: resources.EXAMPLE_NETWORKS,
    trafficHostgroups: resources.EXAMPLE_HOSTGROUPS,
    trafficHistory: resources.EXAMPLE_HISTORY,
    whatIf: resources.EXAMPLE_WHAT_IF,
    logIn: access.EXAMPLE_ME,
    logOut: { ended: true },
    me: access.EXAMPLE_ME,
    ...SETUP_ANSWERS,
    users: { users: [access.EXAMPLE_USER] },
    addUser: access.EXAMPLE_USER,
    changeUser: access.EXAMPLE_USER,
    removeUser: access.EXAMPLE_USER,
    setPassword: access.EXAMPLE_USER,
    tokens: { tokens: [access.EXAMPLE_TOKEN] },
    addToken: access.EXAMPLE_NEW_TOKEN,
    revokeToken: access.EXAMPLE_TOKEN,
  } satisfies Record<keyof typeof ROUTES, unknown>

  for (const [name, route] of Object.entries(ROUTES)) {
    const answer = answers[name as keyof typeof answers]
    assert.deepEqual(route.output.parse(answer), answer, name)
  }
})

test('all routes live under one version and no two are the same', () => {
  const places = Object.values(ROUTES).map(route => `${route.method} ${route.path}`)

  assert.equal(new Set(places).size, places.length)
  for (const place of places) assert.match(place, / \/api\/v1\//)
})

test('each input is one flat object with what is in the path among its fields', () => {
  for (const [name, { path, input }] of Object.entries(ROUTES)) {
    const shape = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' })
    const inPath = [...path.matchAll(/:(\w+)/g)].map(([, field = '']) => field)

    assert.equal(shape.type, 'object', name)
    for (const field of inPath) assert.ok(shape.required?.includes(field), `${name}: ${field}`)
  }
})

test('hosts are taken in any form and handed on in the canonical one', () => {
  assert.equal(ROUTES.ban.input.parse({ host: '2001:0DB8:0099::0001' }).host, '2001:db8:99::1')
  for (const host of ['10.0.0.0/8', '10.0.0', 'example.org', '', '010.1.1.1', 'fe80::1%eth0', 'mi7kq3l9-1']) {
    assert.equal(ROUTES.ban.input.safeParse({ host }).success, false, host)
  }
})

test('a ban is ended by its host, by a prefix or by the identifier of its attack', () => {
  const canonical = [
    ['2001:0DB8:0099::0001', '2001:db8:99::1'],
    ['10.10.16.9/20', '10.10.16.0/20'],
    ['10.0.0.1/32', '10.0.0.1/32'],
    ['mi7kq3l9-1', 'mi7kq3l9-1'],
  ]
  for (const [text, host] of canonical) assert.equal(ROUTES.unban.input.parse({ host: text }).host, host)
  for (const host of ['10.0.0', '10.0.0.0/33', 'example.org', '', 'mi7kq3l9-', '-1', 'a-1 ', 'A-1']) {
    assert.equal(ROUTES.unban.input.safeParse({ host }).success, false, host)
  }
})

test('queries come as text, bounded and with defaults', () => {
  assert.deepEqual(ROUTES.traffic.input.parse({}), {})
  assert.deepEqual(ROUTES.audit.input.parse({}), { limit: 100 })
  assert.deepEqual(ROUTES.traffic.input.parse({ sort: 'flows', limit: '25' }), { sort: 'flows', limit: 25 })
  for (const query of [
    { limit: '0' },
    { limit: '1001' },
    { limit: 'x' },
    { limit: '' },
    { sort: 'name' },
    { more: '1' },
  ]) {
    assert.equal(ROUTES.traffic.input.safeParse(query).success, false, JSON.stringify(query))
  }
})
