// What a client of prefixd's API orders is what a real router holds, by a real gobgpd.

import assert from 'node:assert/strict'
import type { SpawnOptions } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { RouterLab } from '../../lab/routers/router-lab.ts'
import { RunningDaemon } from '../../lab/running-daemon.ts'
import { mayRunPrograms } from '../may-run-programs.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const WAIT_MS = 30_000
const CONFIG = `networks: [203.0.113.0/24]
capture: { method: off }
metrics: { listen: off }
api: { listen: '127.0.0.1:8080', access: { mode: none } }
mitigation: { armed: true }
inventory:
  customers:
    - id: c1
      prefixes: [203.0.113.0/24]
      services: [{ id: dns, name: DNS, allowedPorts: { udp: [53], tcp: [53] } }]
      assets: [{ prefix: 203.0.113.10, service: dns }]
enforcement: { gobgp: { address: '127.0.0.1:50051', reconcileSeconds: 1 } }
playbooks:
  - name: udp
    match: { vectors: [udp_flood] }
    steps: [{ name: limit, actions: [{ kind: rate-limit, bitsPerSecond: 5000000, enforcer: gobgp }], ttlSeconds: 120 }]
`
const answerSchema = z.looseObject({
  status: z.string().optional(),
  mitigation_id: z.string().nullish(),
  bgp_sessions: z.record(z.string(), z.string()).optional(),
})

test('a ban of prefixd’s API is a rule in the router once its speaker runs, comes back when it is taken out, and goes with the unban', async t => {
  if (!(await mayRunPrograms(t, ['gobgpd', 'gobgp', 'bird', 'curl']))) return
  const folder = temporaryFolder(t)
  await using routers = await RouterLab.create(folder, 'gobgp')
  const file = join(folder, 'config.yaml')
  writeFileSync(file, CONFIG)
  const plan = {
    state: join(folder, 'state'),
    words: ['--config', file],
    spawn: (argv: readonly string[], options: SpawnOptions) => routers.lab.spawn('speaker', argv, options),
  }
  const call = async (path: string, sent?: object) => {
    const body =
      sent === undefined ? [] : ['-H', 'content-type: application/json', '-d', JSON.stringify(sent)]
    const url = `http://127.0.0.1:8080${path}`
    const { code, stdout, stderr } = await routers.lab.exec('speaker', ['curl', '-sS', ...body, url])
    assert.equal(code, 0, stderr)
    return answerSchema.parse(JSON.parse(stdout))
  }
  const untilRules = async (wanted: RegExp | undefined) => {
    const endsAt = performance.now() + WAIT_MS
    const isThere = (rules: readonly string[]) =>
      wanted === undefined ? rules.length === 0 : rules.length === 1 && wanted.test(rules[0] ?? '')
    let rules = await routers.rules()
    for (; !isThere(rules) && performance.now() < endsAt; rules = await routers.rules()) await sleep(50)
    assert.ok(isThere(rules), `wanted ${wanted}, the router has ${rules.join(' | ')}`)
  }
  // 625,000 bytes in a second as a float: 0x49189680.
  const rule = /dst 203\.0\.113\.10\/32; proto 17; dport 53;.*0x49189680/s
  const ban = {
    ...{ event_id: 'a1', timestamp: '2030-01-02T03:04:05Z', source: 'det', victim_ip: '203.0.113.10' },
    ...{ vector: 'udp_flood', top_dst_ports: [53], confidence: 0.5 },
  }
  const daemon = await RunningDaemon.start(plan)
  let id = ''
  try {
    // 12: the speaker is down, and the ban is not lost.
    const banned = await call('/v1/events', ban)
    id = banned.mitigation_id ?? ''
    assert.equal(banned.status, 'accepted')
    assert.equal((await call(`/v1/mitigations/${id}`)).status, 'pending')
    routers.startGobgpd()
    await routers.established()
    await untilRules(rule)
    assert.equal((await call(`/v1/mitigations/${id}`)).status, 'active')
    assert.deepEqual(Object.values((await call('/v1/health/detail')).bgp_sessions ?? {}), ['established'])

    // 11: somebody takes it out behind our back, which is seen while we stand still.
    daemon.signal('SIGSTOP')
    await routers.lab.exec('speaker', ['gobgp', 'global', 'rib', '-a', 'ipv4-flowspec', 'del', 'all'])
    await untilRules(undefined)
    daemon.signal('SIGCONT')
    await untilRules(rule)
  } finally {
    await daemon.stop()
  }
  // 15: the rule outlives a restart of the daemon.
  await untilRules(rule)
  await using _again = await RunningDaemon.start(plan)
  assert.equal((await call(`/v1/mitigations/${id}`)).status, 'active')
  assert.equal((await call('/v1/events', { ...ban, action: 'unban' })).status, 'withdrawn')
  await untilRules(undefined)
})
