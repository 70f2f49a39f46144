import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SILENT } from '#lib/log/logger.ts'
import { loadConfig } from '../config/load.ts'
import { type Reloaded, Reloader } from './reloader.ts'

function setUp() {
  const loaded = loadConfig({ ownAddresses: () => ['10.0.0.1'] })
  assert.ok(loaded.kind === 'ok')
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  const told: Reloaded['kind'][] = []
  const seen = { loads: 0, applied: 0 }
  const reloader = new Reloader({
    config: loaded.config,
    load: () => {
      seen.loads++
      return seen.loads === 3 ? { kind: 'refused', problems: [] } : loaded
    },
    apply: async () => {
      await gate
      seen.applied++
      return 0
    },
    told: ({ kind }) => told.push(kind),
    ...{ log: SILENT, now: () => 1000 },
  })
  return { reloader, seen, told, open }
}

test('those who ask while one runs share the next one, which reads the file after they asked', async () => {
  const { reloader, seen, open } = setUp()
  const first = reloader.reload('SIGHUP')
  await new Promise(setImmediate)
  const others = [reloader.reload('uid:0'), reloader.reload('SIGHUP')]

  assert.equal(others[0], others[1])
  open()
  await Promise.all([first, ...others])

  assert.deepEqual(seen, { loads: 2, applied: 2 })
})

test('a refused file is applied by nobody, told and counted', async () => {
  const { reloader, seen, told, open } = setUp()
  open()
  for (let turn = 0; turn < 3; turn++) await reloader.reload('SIGHUP')

  assert.equal(seen.applied, 2)
  assert.deepEqual(told, ['applied', 'applied', 'refused'])
  assert.deepEqual(
    [...reloader.metrics()].map(({ value }) => value),
    [2, 1, 1],
  )
})
