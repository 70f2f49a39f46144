import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type EndedAttack, factsOf } from '#4-detection/attack.ts'
import { CONTEXT, namedAttack } from '#6-policy/playbooks-for-tests.ts'
import { simulateInput } from '#api/contract/simulate.ts'
import { simulate } from './simulation.ts'

const past: EndedAttack = {
  ...factsOf(namedAttack(['udp-flood'], { id: 'past-1' })),
  ...{ state: 'ended', endedAt: 9_000_000, endedBy: 'finished' },
}
const SOURCES = { now: 5_000_000, attackOf: (id: string) => (id === past.id ? past : undefined) }

const asked = (request: object) => simulate(simulateInput.parse(request), CONTEXT, SOURCES)

test('an attack that is over is run again from its beginning', () => {
  const done = asked({ attackId: 'past-1', seconds: 130 })

  assert.ok(done.kind === 'done')
  assert.deepEqual(
    done.value.moments.map(({ atSeconds, playbook, step }) => [atSeconds, playbook, step]),
    [
      [0, 'udp', 'limit'],
      [120, 'udp', 'discard'],
    ],
  )
  assert.match(
    done.value.moments[0]!.actions[0]!,
    /^announce by gobgp the rule destination 192\.0\.2\.1\/32 /,
  )
})

test('a made-up one meets the rails as a real one does', () => {
  const inside = asked({ madeUp: { host: '192.0.2.9', vector: 'udp_flood' }, seconds: 0 })
  const outside = asked({ madeUp: { host: '203.0.113.9' } })

  assert.ok(inside.kind === 'done' && outside.kind === 'done')
  assert.equal(inside.value.moments[0]!.kind, 'act')
  assert.equal(outside.value.moments[0]!.kind, 'refused')
  const refused = outside.value.rails.filter(({ allowed }) => !allowed)
  assert.deepEqual(
    refused.map(({ rail }) => rail),
    ['outside-networks'],
  )
})

test('one playbook can be asked by name', () => {
  const named = asked({ madeUp: { host: '192.0.2.9', vector: 'udp_flood' }, playbook: 'udp', seconds: 0 })

  assert.ok(named.kind === 'done')
  assert.equal(named.value.moments[0]!.playbook, 'udp')
})

test('what is not there is refused with what there is', () => {
  const details = [
    { attackId: 'nobody-1' },
    {},
    { madeUp: { host: '192.0.2.9', vector: 'flood of frogs' } },
    { madeUp: { host: '192.0.2.9' }, playbook: 'web' },
  ].map(request => {
    const done = asked(request)
    return done.kind === 'refused' ? done.detail : 'done'
  })

  assert.deepEqual(details, [
    'no attack nobody-1 is remembered',
    'name an attack, or make one up',
    'flood of frogs is no vector (docs/reference/vectors.md) and no type',
    'there is no playbook web; there is udp',
  ])
})
