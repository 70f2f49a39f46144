import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { FILES, mainWith } from '#compat/prefixd/folder-for-tests.ts'
import { DocumentShelf } from '#lib/documents.ts'
import { SILENT } from '#lib/log/logger.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import type { ResolvedConfig } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import { GroupRulesDesk } from '../intake/group-rules.ts'
import { planReload } from '../reload/changes.ts'
import { redacted } from '../resources/redact.ts'
import { SettingsInForce } from '../settings-in-force.ts'
import { AlertRoom } from './alert-room.ts'
import { listen } from './listener-for-tests.ts'

const CORRELATION = {
  enabled: true,
  window_seconds: 120,
  min_sources: 2,
  sources: { radar: { weight: 0.5 } },
}

function loaded(file: string): ResolvedConfig {
  const read = loadConfig({ file, ownAddresses: () => ['192.0.2.7'] })
  assert.ok(read.kind === 'ok', JSON.stringify(read.problems))
  assert.doesNotMatch(JSON.stringify([read.config, read.problems, read.keys, read.source]), /qqSECRETqq/)
  return read.config
}

/** A folder of prefixd whose alerts go to a server of the test, and what the daemon makes of it. */
async function withFolder(t: TestContext) {
  const server = await listen(t)
  const folder = temporaryFolder(t)
  const write = (channel: string, minSources = 2) => {
    const correlation = { ...CORRELATION, min_sources: minSources }
    const alerting = { destinations: [{ type: 'slack', webhook_url: server.url, channel }] }
    const files = { ...FILES, 'prefixd.yaml': mainWith({ correlation }) }
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    writeFileSync(join(folder, 'alerting.yaml'), JSON.stringify(alerting))
  }
  const { outgoing } = server.config()
  const read = () => ({ ...loaded(folder), outgoing })
  const daemon = (documents: DocumentShelf, config: () => ResolvedConfig) => {
    const alerts = new AlertRoom({
      ...{ state: { documents }, desk: { decisionContext: {} }, log: SILENT, config },
      store: { ofAttack: () => [] },
    })
    t.after(() => alerts.stop())
    const configured = () => config().policy.correlation
    const rules = new GroupRulesDesk({ documents, configured, now: () => 0 })
    return { alerts, rules, settings: new SettingsInForce(alerts, rules) }
  }
  return { ...server, write, read, daemon }
}

test('what alerting.yaml and correlation of a folder say is in force from the start, and no secret leaves the file', async t => {
  const { write, read, daemon, heard, until } = await withFolder(t)
  write('#noc')
  const config = read()
  const { alerts, rules, settings } = daemon(new DocumentShelf(), () => config)

  const sent = await alerts.test()
  await until(1)

  assert.deepEqual(
    sent.map(({ destination, error }) => [destination, error]),
    [['slack #noc', undefined]],
  )
  assert.deepEqual([heard[0]?.['path'], heard[0]?.['channel']], ['/T0/qqSECRETqq', '#noc'])
  const { isEnabled, windowSeconds, minSources, sources } = rules.rules
  assert.deepEqual([isEnabled, windowSeconds, minSources, sources.get('radar')?.weight], [true, 120, 2, 0.5])
  assert.deepEqual(settings.warnings(config), [])
  assert.doesNotMatch(JSON.stringify(redacted(config)), /qqSECRETqq/)
})

test('what was set over the API counts instead, also after a restart, until it is forgotten; a reload says so', async t => {
  const { write, read, daemon } = await withFolder(t)
  write('#noc')
  let config = read()
  const documents = new DocumentShelf()
  const before = daemon(documents, () => config)
  const channels = () => before.alerts.settings.destinations.map(({ channel }) => channel)
  const reload = () => {
    const plan = planReload(config, read(), path => before.settings.whyNot(path))
    config = { ...plan.config, outgoing: config.outgoing }
    return plan
  }

  write('#other', 3)
  const free = reload()
  const freely = [channels(), before.rules.rules.minSources]
  await before.alerts.change({ destinations: [], events: ['mitigation.created'] })
  await before.rules.change({ ...before.rules.rules, minSources: 5 })
  write('#third', 4)
  const held = reload()

  assert.deepEqual(free.overruled, [])
  assert.deepEqual(free.changed, [
    'policy.correlation.groups.minSources (2 -> 3)',
    'notify.webhooks.destinations (1 added, 1 removed)',
  ])
  assert.deepEqual(freely, [['#other'], 3])
  assert.deepEqual(held.changed, [])
  assert.deepEqual(held.overruled, [
    'policy.correlation.groups.minSources (3 -> 4): what was set by PUT /v1/config/correlation is, until DELETE /v1/config/correlation goes back to the configuration',
    'notify.webhooks.destinations (1 added, 1 removed): what was set by PUT /v1/config/alerting is, until DELETE /v1/config/alerting goes back to the configuration',
  ])
  const later = daemon(documents, () => config)
  assert.deepEqual([later.alerts.settings.destinations, later.rules.rules.minSources], [[], 5])
  assert.deepEqual(
    later.settings.warnings(config).map(text => text.split(':')[0]),
    ['notify.webhooks is not in force', 'policy.correlation.groups is not in force'],
  )
  await later.alerts.forget()
  await later.rules.forget()
  assert.deepEqual([channels(), later.rules.rules.minSources], [['#third'], 4])
  assert.deepEqual(later.settings.warnings(config), [])
})

test('a native file says the same: secrets from files, keys of files and the environment; what cannot be read is named', async t => {
  const { url, config: outside } = await listen(t)
  const folder = temporaryFolder(t)
  const secret = join(folder, 'slack-url')
  writeFileSync(secret, `${url}\n`)
  const kept = join(folder, 'kept.yaml')
  writeFileSync(kept, JSON.stringify({ hooks: [{ url }, { url: 7 }] }))
  const file = join(folder, 'native.yaml')
  const hooks = (at: number) => ({ file: kept, key: ['hooks', at, 'url'] })
  const destinations = [
    { type: 'slack', url: { file: secret } },
    { type: 'discord', url: hooks(0) },
    { type: 'generic', url: { env: 'HOOK' }, headers: { 'X-Key': { env: 'KEY' } }, secret: { file: secret } },
    { type: 'teams', url: hooks(1) },
    { type: 'opsgenie', apiKey: { env: 'NOT_THERE' }, region: 'eu' },
  ]
  writeFileSync(file, JSON.stringify({ networks: ['192.0.2.0/24'], notify: { webhooks: { destinations } } }))
  const config = { ...loaded(file), ...{ outgoing: outside().outgoing } }
  const alerts = new AlertRoom({
    ...{ state: { documents: new DocumentShelf() }, desk: { decisionContext: {} }, log: SILENT },
    ...{ config: () => config, store: { ofAttack: () => [] }, environment: { HOOK: url, KEY: 'qq2SECRET' } },
  })
  t.after(() => alerts.stop())

  const told = alerts.settings.destinations

  assert.deepEqual(
    told.map(({ type, webhook_url, url: address, headers }) => [type, webhook_url ?? address, headers]),
    [
      ['slack', url, undefined],
      ['discord', url, undefined],
      ['generic', url, { 'X-Key': 'qq2SECRET' }],
    ],
  )
  assert.deepEqual(alerts.problems, [
    `notify.webhooks.destinations[3] is told nothing: url: hooks.1.url in ${kept} is no text, or empty`,
    'notify.webhooks.destinations[4] is told nothing: apiKey: the environment variable NOT_THERE is not set',
  ])
})
