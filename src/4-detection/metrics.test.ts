import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_SPEEDS } from '#3-traffic/metric.ts'
import type { OpenAttack } from './attack.ts'
import { Detector } from './detector.ts'
import { addressFor, detectionWith } from './limits-for-tests.ts'
import { Membership } from './membership.ts'
import { AttackCounts, detectionSource, METRICS } from './metrics.ts'

const attack: OpenAttack = {
  id: 'a-1',
  scope: 'host',
  host: '10.0.0.1',
  prefixes: ['10.0.0.1/32'],
  family: 4,
  origin: 'detected',
  hostgroup: 'global',
  crossing: undefined,
  direction: 'incoming',
  type: 'udp_flood',
  protocol: 'udp',
  finding: undefined,
  power: 1,
  speeds: { incoming: NO_SPEEDS, outgoing: NO_SPEEDS },
  averages: { incoming: NO_SPEEDS, outgoing: NO_SPEEDS },
  openedAt: 0,
  banSeconds: 60,
  state: 'open',
  peak: 1,
  isOver: true,
  speed: 0,
  lastOverAt: 0,
}

test('attacks are counted by type when they open, bans by hand apart', () => {
  const counts = new AttackCounts()
  const detection = detectionWith()
  const detector = new Detector({
    detection,
    membership: new Membership({ detection, hostgroups: {}, whitelist: [] }),
    averageSeconds: 5,
    hosts: 4,
    suspects: { began() {}, ended() {} },
  })
  detector.ban(addressFor('10.0.0.1'), 60, { seconds: 0, wallMs: 0 })

  counts.count({ kind: 'opened', attack })
  counts.count({ kind: 'opened', attack })
  counts.count({ kind: 'updated', attack })
  counts.count({ kind: 'opened', attack: { ...attack, origin: 'manual', type: 'unknown' } })

  const values = [...counts.metrics(), ...detectionSource(detector)()]
  const byType = values.flatMap(({ labels, value }) => (labels ? [[labels['type'], value] as const] : []))
  assert.deepEqual(Object.fromEntries(byType), {
    ...{ syn_flood: 0, icmp_flood: 0, ip_fragmentation: 0, udp_flood: 2, unknown: 0, manual: 1 },
  })
  assert.equal(values.find(({ name }) => name === 'floodwarden_attacks_open')?.value, 1)
  assert.deepEqual(new Set(values.map(({ name }) => name)), new Set(METRICS.map(({ name }) => name)))
})
