import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_SPEEDS } from '#3-traffic/metric.ts'
import type { Attack, Crossing } from '#4-detection/attack.ts'
import { EXAMPLE_LIFE } from '#7-mitigation/example.ts'
import { attackSchema } from './contract/attack.ts'
import { banSchema } from './contract/ban.ts'
import { presentAttack, presentBan } from './present-attack.ts'

const CROSSING: Crossing = {
  limit: 'packets',
  direction: 'incoming',
  value: 60_123.4,
  threshold: 20_000,
  hostgroup: 'global',
  mode: 'budget',
  overSeconds: 0.125,
}

const SILENCE = { incoming: NO_SPEEDS, outgoing: NO_SPEEDS }

const FACTS = {
  id: 'a-1',
  scope: 'host',
  host: '10.99.1.1',
  prefixes: ['10.99.1.1/32'],
  family: 4,
  origin: 'detected',
  hostgroup: 'global',
  crossing: CROSSING,
  direction: 'incoming',
  type: 'udp_flood',
  protocol: 'udp',
  finding: undefined,
  power: 60_123,
  speeds: SILENCE,
  averages: SILENCE,
  openedAt: 1_795_169_509_533,
  banSeconds: 1900,
  peak: 70_000,
} as const

const OPEN: Attack = { ...FACTS, state: 'open', speed: 0, isOver: true, lastOverAt: FACTS.openedAt }
const ENDED: Attack = { ...FACTS, state: 'ended', endedAt: FACTS.openedAt + 1_900_000, endedBy: 'finished' }

test('attacks of every state fit the contract', () => {
  const mitigation = {
    id: 'm-1',
    attackId: 'a-1',
    target: '10.99.1.1',
    action: { kind: 'script', path: '/bin/true' },
    reason: 'playbook default',
    enforcer: 'notify-script',
    ...EXAMPLE_LIFE,
    createdAt: FACTS.openedAt,
    expiresAt: FACTS.openedAt + 1_900_000,
    state: 'failed',
    failedAt: FACTS.openedAt,
    error: 'exit status 1',
  } as const

  const open = attackSchema.parse(presentAttack(OPEN, 'acting for 10.99.1.1', [mitigation]))
  const ended = attackSchema.parse(presentAttack(ENDED, '', []))

  assert.equal(open.openedAt, '2026-11-20T10:11:49.533Z')
  assert.equal(open.mitigations[0]?.error, 'exit status 1')
  assert.match(open.why, /^incoming packets at 60,123 packets\/s went over/)
  assert.equal(open.endedAt, undefined)
  assert.equal(ended.endedBy, 'finished')
  assert.equal(ended.isOver, false)
})

test('a ban that lasts until somebody ends it has no end', () => {
  assert.equal(banSchema.parse(presentBan(OPEN, 'nothing')).endsAt, '2026-11-20T10:43:29.533Z')
  assert.equal('endsAt' in presentBan({ ...OPEN, banSeconds: 0 }, 'nothing'), false)
})
