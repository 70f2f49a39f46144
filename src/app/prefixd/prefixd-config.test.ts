import assert from 'node:assert/strict'
import { existsSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { parse } from 'yaml'
import type { Control } from '#api/control.ts'
import { configRoutes } from '#compat/prefixd/api/config-routes.ts'
import { preferencesRoutes } from '#compat/prefixd/api/preferences-routes.ts'
import { DocumentShelf } from '#lib/documents.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { configWith } from '../engine-for-tests.ts'
import { INVENTORY, PLAYBOOKS } from '../intake/intake-for-tests.ts'
import { PreferenceDesk } from '../resources/preference-desk.ts'
import { configDesk } from './config-desk.ts'
import { OF_C2, setUp, VIEWER } from './prefixd-for-tests.ts'

const OLD = 'playbooks: [] # ours\n'
const PLAYBOOK = {
  name: 'udp',
  match: { vector: 'udp_flood' },
  steps: [{ action: 'police', rate_bps: 5_000_000, ttl_seconds: 120 }],
}
type Reloaded = Awaited<ReturnType<Control['reload']>>
const DONE: Reloaded = {
  kind: 'done',
  value: {
    at: '2030-01-02T03:04:05.000Z',
    changed: ['playbooks'],
    overruled: [],
    needsRestart: [],
    endedBans: 0,
    problems: [],
  },
}

async function withConfig(t: TestContext, answer: Reloaded = DONE) {
  const folder = temporaryFolder(t)
  const file = join(folder, 'playbooks.yaml')
  writeFileSync(join(folder, 'prefixd.yaml'), 'pop: p1\n')
  writeFileSync(file, OLD)
  const config = configWith({ inventory: INVENTORY, playbooks: PLAYBOOKS })
  const status = async () => ({ enforcers: [] })
  const options = { config: () => config, pop: 'p1', now: () => 0, reload: async () => answer, status }
  const set = await setUp(t, {
    more: () => [
      ...configRoutes(configDesk({ ...options, file: folder })),
      ...preferencesRoutes(new PreferenceDesk(new DocumentShelf()).prefixd),
    ],
  })
  return { ...set, file, options }
}

test('POST /v1/config/reload: 200 with what was read, 500 with all that is wrong', async t => {
  const { call, file } = await withConfig(t)
  const errors = [{ at: 'playbooks.yaml:3', problem: 'unknown key' }]
  const wrong = await withConfig(t, {
    kind: 'refused',
    code: 'config-refused',
    detail: 'no',
    errors,
  } as Reloaded)

  const fine = await call('POST', '/v1/config/reload', {})
  const refused = await wrong.call('POST', '/v1/config/reload', {})
  writeFileSync(file.replace('playbooks', 'alerting'), 'destinations: []\n')
  const more = await call('POST', '/v1/config/reload')

  assert.deepEqual(fine.body, {
    reloaded: ['inventory', 'playbooks'],
    timestamp: '2030-01-02T03:04:05.000Z',
  })
  assert.deepEqual(more.body.reloaded, ['inventory', 'playbooks', 'alerting'])
  assert.equal(refused.status, 500)
  assert.deepEqual(refused.body.errors, ['playbooks.yaml:3: unknown key'])
})

test('GET /v1/config/settings, inventory and playbooks in the words of prefixd', async t => {
  const { call } = await withConfig(t)

  const settings = (await call('GET', '/v1/config/settings')).body
  const inventory = (await call('GET', '/v1/config/inventory')).body
  const playbooks = (await call('GET', '/v1/config/playbooks')).body

  assert.deepEqual(Object.keys(settings), ['settings', 'loaded_at'])
  assert.deepEqual([settings.settings.pop, settings.settings.mode], ['p1', 'dry-run'])
  assert.deepEqual(Object.keys(settings.settings), [
    ...['pop', 'mode', 'http', 'bgp', 'guardrails', 'quotas', 'timers', 'escalation', 'storage'],
    ...['observability', 'safelist', 'shutdown'],
  ])
  assert.deepEqual(settings.settings.storage, { connection_string: '[redacted]' })
  assert.deepEqual(
    [
      inventory.total_customers,
      inventory.total_services,
      inventory.total_assets,
      inventory.customers[0].customer_id,
    ],
    [1, 1, 1, 'c1'],
  )
  assert.deepEqual(inventory.customers[0].services[0].assets, [{ ip: '203.0.113.10', role: null }])
  assert.deepEqual(inventory.customers[0].services[0].allowed_ports, { udp: [53], tcp: [53] })
  assert.equal(playbooks.total_playbooks, 2)
  assert.deepEqual(playbooks.playbooks[0].match, { vector: 'udp_flood', require_top_ports: false })
  assert.deepEqual(
    playbooks.playbooks[0].steps.map(({ action, rate_bps }: Record<string, unknown>) => [action, rate_bps]),
    [
      ['police', 5_000_000],
      ['discard', null],
    ],
  )
})

test('PUT /v1/config/playbooks: the file is replaced, and the one before is kept beside it', async t => {
  const { call, file } = await withConfig(t)

  const saved = await call('PUT', '/v1/config/playbooks', { playbooks: [PLAYBOOK] })

  assert.equal(saved.status, 200)
  assert.equal(parse(readFileSync(file, 'utf8')).playbooks[0].name, 'udp')
  assert.equal(readFileSync(`${file}.bak`, 'utf8'), OLD)
})

test('PUT /v1/config/playbooks: 400 with all faults in the words of prefixd, and the file is as it was', async t => {
  const { call, file } = await withConfig(t)
  const step = { action: 'police', ttl_seconds: 0, require_confidence_at_least: 2 }

  const empty = await call('PUT', '/v1/config/playbooks', { playbooks: [] })
  const faulty = await call('PUT', '/v1/config/playbooks', {
    playbooks: [
      { ...PLAYBOOK, steps: [step] },
      { ...PLAYBOOK, steps: [] },
    ],
  })
  const shapeless = await call('PUT', '/v1/config/playbooks', { playbooks: [{ name: 'x' }] })

  assert.deepEqual([empty.status, empty.body.errors], [400, ['at least one playbook is required']])
  assert.deepEqual(faulty.body.errors, [
    'playbook[0] ("udp") step[0]: first step must not have escalation requirements',
    'playbook[0] ("udp") step[0]: ttl_seconds must be 1..=86400, got 0',
    'playbook[0] ("udp") step[0]: police action requires rate_bps > 0',
    'playbook[0] ("udp") step[0]: require_confidence_at_least must be 0.0..=1.0, got 2',
    'playbook[1] ("udp"): duplicate name',
    'playbook[1] ("udp"): at least one step is required',
  ])
  assert.equal(shapeless.status, 400)
  assert.equal(readFileSync(file, 'utf8'), OLD)
  assert.equal(existsSync(`${file}.bak`), false)
})

test('PUT /v1/config/playbooks: what a reload refuses is taken back, and links are not followed', async t => {
  const refused = await withConfig(t, {
    kind: 'refused',
    code: 'config-refused',
    detail: 'TTL out of bounds',
  })
  const { call, file } = await withConfig(t)
  renameSync(file, `${file}.there`)
  symlinkSync(`${file}.there`, file)

  const back = await refused.call('PUT', '/v1/config/playbooks', { playbooks: [PLAYBOOK] })
  const link = await call('PUT', '/v1/config/playbooks', { playbooks: [PLAYBOOK] })

  assert.deepEqual([back.status, back.body.errors], [400, ['TTL out of bounds']])
  assert.equal(readFileSync(refused.file, 'utf8'), OLD)
  assert.equal(link.status, 500)
  assert.equal(readFileSync(`${file}.there`, 'utf8'), OLD)
})

test('PUT /v1/config/playbooks: 409 when the configuration is no folder of prefixd', async t => {
  const { options } = await withConfig(t)
  const { call } = await setUp(t, { more: () => configRoutes(configDesk({ ...options, file: undefined })) })

  assert.equal((await call('PUT', '/v1/config/playbooks', { playbooks: [PLAYBOOK] })).status, 409)
})

test('GET and PUT /v1/preferences: each has his own, and quiet hours have both ends', async t => {
  const { call } = await withConfig(t)
  const wanted = { muted_events: ['config.reloaded'], quiet_hours_start: 22, quiet_hours_end: 6 }
  const nothing = { muted_events: [], quiet_hours_start: null, quiet_hours_end: null }

  const put = await call('PUT', '/v1/preferences', wanted, { as: VIEWER })

  assert.deepEqual([put.status, put.text], [200, ''])
  assert.deepEqual((await call('GET', '/v1/preferences', undefined, { as: VIEWER })).body, wanted)
  assert.deepEqual((await call('GET', '/v1/preferences', undefined, { as: OF_C2 })).body, nothing)
  for (const wrong of [
    { quiet_hours_start: 1 },
    { quiet_hours_start: 24, quiet_hours_end: 1 },
    { muted_events: ['x'] },
  ])
    assert.equal((await call('PUT', '/v1/preferences', wrong)).status, 422)
})
