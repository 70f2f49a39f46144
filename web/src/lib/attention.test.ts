import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXAMPLE_ARMING, EXAMPLE_HEALTH, EXAMPLE_STATUS } from '#api/contract/examples.ts'
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

  assert.deepEqual(concernsOf({ status: CALM, health, arming: { ...EXAMPLE_ARMING, armed: false } }), [])
  assert.deepEqual(concernsOf({ status: undefined, health: undefined, arming: undefined }), [])
})
