// Rules by people from the command line to a real router, by a real gobgpd: made, kept over a restart, taken back, and panic.

import assert from 'node:assert/strict'
import type { SpawnOptions } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ROUTES } from '#api/contract/routes.ts'
import { RouterLab } from '../../lab/routers/router-lab.ts'
import { RunningDaemon } from '../../lab/running-daemon.ts'
import { mayRunPrograms } from '../may-run-programs.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const WAIT_MS = 30_000
const CONFIG = `networks: [203.0.113.0/24]
capture: { method: off }
metrics: { listen: off }
mitigation: { armed: true }
inventory: { customers: [{ id: c1, prefixes: [203.0.113.0/24] }] }
enforcement:
  gobgp:
    address: '127.0.0.1:50051'
    reconcileSeconds: 1
    hostIpv4: { nextHop: 203.0.113.254, communities: ['65001:666'] }
playbooks:
  - name: udp
    match: { vectors: [udp_flood] }
    steps: [{ name: limit, actions: [{ kind: rate-limit, bitsPerSecond: 5000000 }], ttlSeconds: 600 }]
`

/** Waits until the router has exactly what is wanted. */
async function until(what: string, look: () => Promise<readonly string[]>, wanted: readonly RegExp[]) {
  const endsAt = performance.now() + WAIT_MS
  const isThere = (found: readonly string[]) =>
    found.length === wanted.length && wanted.every(pattern => found.some(text => pattern.test(text)))
  let found = await look()
  for (; !isThere(found) && performance.now() < endsAt; found = await look()) await sleep(50)
  assert.ok(isThere(found), `${what}: wanted ${wanted.join(' ')}, the router has ${found.join(' | ')}`)
}

const NTP = /dst 203\.0\.113\.10\/32; proto 17; sport 123;/
const GRE = /dst 203\.0\.113\.11\/32; proto 47;/
const FLOOD = /dst 203\.0\.113\.12\/32; proto 17;/

test('a rule by a person is in the router until he takes it back, over a restart too, and panic leaves nothing', async t => {
  if (!(await mayRunPrograms(t, ['gobgpd', 'gobgp', 'bird']))) return
  const folder = temporaryFolder(t)
  await using routers = await RouterLab.create(folder, 'gobgp')
  const file = join(folder, 'config.yaml')
  writeFileSync(file, CONFIG)
  const plan = {
    state: join(folder, 'state'),
    words: ['--config', file],
    spawn: (argv: readonly string[], options: SpawnOptions) => routers.lab.spawn('speaker', argv, options),
  }
  const rules = () => routers.rules()
  const routes = () => routers.routes()
  const span = ['--ttl', '1h', '--reason', 'drill']
  routers.startGobgpd()
  await routers.established()

  const first = await RunningDaemon.start(plan)
  let id = ''
  try {
    const words = ['rule', 'add', '203.0.113.10', 'discard', '--protocol', '=udp', '--source-port', '=123']
    const made = await first.ask([...words, ...span, '--json'])
    id = JSON.parse(made.stdout).rule.id
    await until('made', rules, [NTP])
    assert.match((await first.ask(['rule', 'show', id])).stdout, / active /)
  } finally {
    await first.stop()
  }

  await using daemon = await RunningDaemon.start(plan)
  const ask = async (...words: string[]) => {
    const { code, stdout, stderr } = await daemon.ask(words)
    assert.equal(code, 0, stderr)
    return stdout
  }
  await until('after a restart', rules, [NTP])
  assert.match(await ask('rule', 'list'), new RegExp(`${id} +active`))
  await ask('rule', 'withdraw', id, '--reason', 'over')
  await until('withdrawn', rules, [])

  await ask('rule', 'add', '203.0.113.11', 'accept', '--protocol', '=gre', ...span)
  await ask('blackhole', 'add', '203.0.113.13', ...span)
  const report = {
    source: 'radar',
    externalId: 'a',
    host: '203.0.113.12',
    vector: 'udp_flood',
    confidence: 1,
  }
  await daemon.call(ROUTES.report, report)
  await until('before panic', rules, [GRE, FLOOD])
  await until('before panic', routes, [/^203\.0\.113\.13\/32 .*65001,666/])

  const panic = await ask('panic', '--yes', '--reason', '3 am')
  assert.match(
    panic,
    /^3 mitigations are taken back, and 2 rules by people are withdrawn for good\. Nothing is/,
  )
  await until('after panic', rules, [])
  await until('after panic', routes, [])
  await daemon.call(ROUTES.report, { ...report, externalId: 'b', host: '203.0.113.14' })
  await sleep(1500)
  assert.deepEqual([await rules(), await routes()], [[], []], 'nothing comes back by itself')

  // Armed again detection acts again; what people made is gone for good.
  await ask('arm', '--yes')
  await until('armed again', rules, [FLOOD, /dst 203\.0\.113\.14\/32; proto 17;/])
})
