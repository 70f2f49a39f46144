import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settingRows } from './settings-rows.ts'

test('each setting is a row by its path', () => {
  const rows = settingRows({
    networks: ['192.0.2.0/24', '2001:db8::/32'],
    detection: { mode: 'budget', thresholds: { incoming: { packetsPerSecond: 20_000 } }, whitelist: [] },
    playbooks: [{ name: 'udp', dryRun: false }],
    hostgroups: {},
    api: { tls: null },
  })

  assert.deepEqual(
    rows.map(({ path, value }) => `${path} = ${value}`),
    [
      'networks = 192.0.2.0/24, 2001:db8::/32',
      'detection.mode = budget',
      'detection.thresholds.incoming.packetsPerSecond = 20000',
      'detection.whitelist = none',
      'playbooks[0].name = udp',
      'playbooks[0].dryRun = false',
      'hostgroups = none',
      'api.tls = none',
    ],
  )
})
