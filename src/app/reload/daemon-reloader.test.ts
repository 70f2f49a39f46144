import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { SILENT } from '#lib/log/logger.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { loadConfig } from '../config/load.ts'
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
