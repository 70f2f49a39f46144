import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { SILENT } from '#lib/log/logger.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { loadConfig } from '../config/load.ts'
import type { RuleRecord } from '../rules/rule-record.ts'
import { daemonReloader } from './daemon-reloader.ts'

test('whoever asked for it, a reload is told to status, and to alerts when it is in force', async t => {
  const file = join(temporaryFolder(t), 'config.yaml')
  writeFileSync(file, 'networks: [192.0.2.0/24]\n')
  const options = { file, ownAddresses: () => [] }
  const loaded = loadConfig(options)
  assert.ok(loaded.kind === 'ok')
  const told: string[] = []
  const daemon = {
    reconfigure: async () => 0,
    settings: { whyNot: () => undefined },
    status: { reloaded: ({ outcome }: { outcome: string }) => told.push(outcome) },
    resources: { rules: { live: [] } },
    alerts: { reloaded: (changed: readonly string[]) => told.push(...changed) },
  }
  const log = { ...SILENT, setLevel() {} }
  const reloader = daemonReloader(options, loaded, { daemon, started: Promise.resolve(), log })

  writeFileSync(file, 'networks: [192.0.2.0/24, 198.51.100.0/24]\n')
  await reloader.reload('SIGHUP')
  writeFileSync(file, 'networks: nonsense\n')
  await reloader.reload('SIGHUP')

  assert.deepEqual(told, ['applied', 'networks (1 added, 0 removed)', 'refused'])
})

test('a network or customer prefix with a live rule in it is not taken away, neither by SIGHUP nor by the API', async t => {
  const file = join(temporaryFolder(t), 'config.yaml')
  const text = (networks: string, prefix: string) =>
    writeFileSync(
      file,
      `networks: [${networks}]\ninventory: { customers: [{ id: acme, prefixes: [${prefix}] }] }\n`,
    )
  text('192.0.2.0/24, 198.51.100.0/24', '198.51.100.0/24')
  const options = { file, ownAddresses: () => [] }
  const loaded = loadConfig(options)
  assert.ok(loaded.kind === 'ok')
  const rule: RuleRecord = {
    ...{
      id: 'mi7kq3l9-r1',
      kind: 'filter',
      target: '198.51.100.7',
      flow: '',
      action: 'discard',
      reason: 'x',
    },
    ...{
      createdAt: 0,
      createdBy: 'uid:0',
      via: 'api',
      customer: 'acme',
      startsAt: 0,
      endsAt: 1,
      phase: 'live',
    },
  }
  const daemon = {
    reconfigure: async () => 0,
    settings: { whyNot: () => undefined },
    status: { reloaded() {} },
    alerts: { reloaded() {} },
    resources: { rules: { live: [rule] } },
  }
  const log = { ...SILENT, setLevel() {} }
  const reloader = daemonReloader(options, loaded, { daemon, started: Promise.resolve(), log })
  const reload = async () => {
    const { kind, problems } = await reloader.reload('SIGHUP')
    return [kind, ...problems.map(({ path, message }) => `${path}: ${message}`)]
  }

  text('192.0.2.0/24', '192.0.2.0/25')
  assert.deepEqual(await reload(), [
    'refused',
    'networks: rule mi7kq3l9-r1 is live, and its target 198.51.100.7 would be in none of our networks',
  ])
  text('192.0.2.0/24, 198.51.100.0/24', '198.51.100.128/25')
  assert.deepEqual(await reload(), [
    'refused',
    "inventory.customers: rule mi7kq3l9-r1 is live, and its target 198.51.100.7 would no longer be acme's",
  ])
  text('198.51.100.0/24', '198.51.100.0/28')
  assert.deepEqual(await reload(), ['applied'])
})
