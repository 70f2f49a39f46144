import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXAMPLE_ARMING, EXAMPLE_EXPORTERS, EXAMPLE_HEALTH, EXAMPLE_STATUS } from '#api/contract/examples.ts'
import { concernsOf } from './attention.ts'

const CALM = {
  ...EXAMPLE_STATUS,
  ...{ capture: [], telemetry: [], enforcers: [], warnings: [], lastReload: undefined },
}

test('what is broken comes before what is odd, and what is fine is not told', () => {
  const concerns = concernsOf({
    status: {
      ...CALM,
      warnings: ['odd'],
      capture: [
        { worker: 0, interface: 'eth1', link: 'down', packets: 1, dropped: 0, droppedPercent: 0 },
        { worker: 1, interface: 'eth2', link: 'up', packets: 9, dropped: 1, droppedPercent: 11 },
      ],
    },
    health: {
      ok: false,
      checks: [
        { name: 'capture', ok: false, detail: 'silent' },
        { name: 'tick', ok: true, detail: '' },
      ],
    },
    arming: { ...EXAMPLE_ARMING, armed: true, enforcers: [] },
    exporters: undefined,
    now: 0,
  })

  assert.deepEqual(
    concerns.map(({ tone, text }) => `${tone} ${text}`),
    [
      'danger capture: silent',
      'danger Interface eth1 is down: nothing is seen there.',
      'warn 11 % of the packets on eth2 were dropped.',
      'warn odd',
      'warn It is armed, and nothing is configured that could act.',
    ],
  )
})

test('nothing is told of a daemon that is well, or not known yet', () => {
  const health = { ...EXAMPLE_HEALTH, checks: [] }

  const rest = { exporters: undefined, now: 0 }
  assert.deepEqual(
    concernsOf({ status: CALM, health, arming: { ...EXAMPLE_ARMING, armed: false }, ...rest }),
    [],
  )
  assert.deepEqual(concernsOf({ status: undefined, health: undefined, arming: undefined, ...rest }), [])
})

test('an exporter that is silent, or whose records are lost, is told by its name', () => {
  const [one] = EXAMPLE_EXPORTERS.exporters
  assert.ok(one)
  const now = Date.parse('2026-11-20T10:00:00Z')
  const heard = (secondsAgo: number) => new Date(now - secondsAgo * 1000).toISOString()
  const fine = { ...one, lostRecords: 0, records: 100 }
  const exporters = {
    ...EXAMPLE_EXPORTERS,
    exporters: [
      { ...fine, name: 'well', lastSeen: heard(60) },
      { ...fine, name: '', address: '192.0.2.1', lastSeen: heard(300) },
      { ...fine, name: 'lossy', lastSeen: heard(1), lostRecords: 25, records: 75 },
    ],
  }

  const concerns = concernsOf({ status: undefined, health: undefined, arming: undefined, exporters, now })

  assert.deepEqual(
    concerns.map(({ tone, text }) => `${tone} ${text}`),
    [
      'danger Exporter 192.0.2.1 is silent for 5 min.',
      'warn Of the records of exporter lossy 25.0 % were lost.',
    ],
  )
})
