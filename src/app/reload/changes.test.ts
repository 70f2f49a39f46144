import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exporterSchema } from '#1-capture/udp/config.ts'
import { playbooksSchema } from '#6-policy/playbook-config.ts'
import { configWith } from '../engine-for-tests.ts'
import { planReload } from './changes.ts'

const BEFORE = { ...configWith({}), networks: ['10.0.0.0/24'] }

test('a file that says the same changes nothing', () => {
  const { config, changed, needsRestart } = planReload(BEFORE, structuredClone(BEFORE))

  assert.deepEqual([config, changed, needsRestart], [BEFORE, [], []])
})

test('what may change is in force and told; text is not shown, it may be a secret', () => {
  const after = {
    ...BEFORE,
    networks: ['10.0.1.0/24', '10.0.2.0/24'],
    policy: { ...BEFORE.policy, bansMax: 7 },
    log: { ...BEFORE.log, level: 'debug' as const },
  }

  const { config, changed, needsRestart } = planReload(BEFORE, after)

  assert.deepEqual(config, after)
  assert.deepEqual(changed, [
    'networks (2 added, 1 removed)',
    `policy.bansMax (${BEFORE.policy.bansMax} -> 7)`,
    'log.level',
  ])
  assert.deepEqual(needsRestart, [])
})

test('how many busy hosts have metrics changes at once; where metrics are served waits for a restart', () => {
  const after = { ...BEFORE, metrics: { ...BEFORE.metrics, topHosts: 20, listen: '127.0.0.1:9999' } }

  const { config, changed, needsRestart } = planReload(BEFORE, after)

  assert.equal(config.metrics.topHosts, 20)
  assert.equal(config.metrics.listen, BEFORE.metrics.listen)
  assert.deepEqual(
    changed.map(text => text.split(' ')[0]),
    ['metrics.topHosts'],
  )
  assert.match(needsRestart.join(), /^metrics\.listen/)
})

test('mails, files of attacks and exports change at once; a password is not shown', () => {
  const { notify, evidence } = BEFORE
  const after = {
    ...BEFORE,
    notify: { ...notify, email: { ...notify.email, server: 'mail.example.net:25', to: ['noc@example.net'] } },
    evidence: { ...evidence, files: { ...evidence.files, days: 7 } },
    export: { ...BEFORE.export, influxdb: { ...BEFORE.export.influxdb, password: 'hidden' } },
  }

  const { config, changed, needsRestart } = planReload(BEFORE, after)

  assert.deepEqual(config, after)
  assert.deepEqual(changed, [
    'evidence.files.days (90 -> 7)',
    'notify.email.server',
    'notify.email.to (1 added, 0 removed)',
    'export.influxdb.password (new)',
  ])
  assert.deepEqual(needsRestart, [])
})

test('who may ask changes at once, but never so that a place that is open now lets everybody in', () => {
  const { api } = BEFORE
  const open = { ...BEFORE, api: { ...api, listen: '0.0.0.0:8080' } }
  const access = { ...api.access, mode: 'none' as const, sessionHours: 1, bearerTokenEnv: 'TOKEN' }

  const here = planReload(BEFORE, { ...BEFORE, api: { ...api, access: { ...api.access, sessionHours: 1 } } })
  const moved = planReload(open, { ...BEFORE, api: { ...api, access } })

  assert.deepEqual(here.changed, ['api.access.sessionHours (168 -> 1)'])
  assert.equal(moved.config.api.access.mode, 'hybrid')
  assert.equal(moved.config.api.access.sessionHours, 1)
  assert.deepEqual(
    moved.needsRestart.map(text => text.split(' ')[0]),
    ['api.listen', 'api.access.mode', 'api.access.bearerTokenEnv'],
  )
})

test('everything else stays as it was and is named, again at the next reload', () => {
  const after = {
    ...BEFORE,
    capture: { ...BEFORE.capture, workers: BEFORE.capture.workers + 1 },
    detection: { ...BEFORE.detection, mode: 'plain' as const },
    metrics: { ...BEFORE.metrics, listen: 'off' },
  }

  const first = planReload(BEFORE, after)
  const second = planReload(first.config, after)

  assert.deepEqual(first.config, BEFORE)
  assert.deepEqual(first.needsRestart.toSorted(), [
    'capture.workers (rings and capture workers are laid out at the start)',
    'detection.mode (counters and averages are laid out for it at the start)',
    'metrics.listen (what is listened on is opened at the start)',
  ])
  assert.deepEqual(second.needsRestart, first.needsRestart)
})

test('exporters change at once; where telemetry arrives waits for a restart', () => {
  const edge = exporterSchema.parse({ prefix: '192.0.2.1', samplingRate: 10 })
  const after = {
    ...BEFORE,
    telemetry: { ...BEFORE.telemetry, exporters: [edge], fallbackSamplingRate: 7, workers: 3 },
  }

  const { config, changed, needsRestart } = planReload(BEFORE, after)

  assert.deepEqual(config.telemetry, { ...after.telemetry, workers: BEFORE.telemetry.workers })
  assert.deepEqual(changed.toSorted(), [
    'telemetry.exporters (1 added, 0 removed)',
    'telemetry.fallbackSamplingRate (1 -> 7)',
  ])
  assert.deepEqual(needsRestart, [
    'telemetry.workers (sockets are opened and their workers begun at the start)',
  ])
})

test('playbooks and the inventory are in force at once, unless they need an enforcer that waits for a restart', () => {
  const playbooksOf = (enforcer: string) =>
    playbooksSchema.parse([{ name: 'p', steps: [{ name: 's', actions: [{ kind: 'discard', enforcer }] }] }])
  const inventory = { pops: [{ id: 'vie' }], customers: [] }
  const { enforcement } = BEFORE
  const piped = { ...enforcement, exabgp: { ...enforcement.exabgp, pipe: '/run/exabgp.cmd' } }

  const now = planReload(BEFORE, { ...BEFORE, playbooks: playbooksOf('gobgp'), inventory })
  const waiting = planReload(BEFORE, {
    ...{ ...BEFORE, playbooks: playbooksOf('exabgp'), inventory, enforcement: piped },
  })

  assert.deepEqual([now.config.playbooks, now.config.inventory], [playbooksOf('gobgp'), inventory])
  assert.deepEqual(now.needsRestart, [])
  assert.deepEqual([waiting.config.playbooks, waiting.config.inventory], [[], inventory])
  assert.match(waiting.needsRestart.join(), /playbooks \(an enforcer they need is only there after it\)/)
})
