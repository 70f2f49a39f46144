import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exampleAttack } from '#5-evidence/example.ts'
import { EXAMPLE_LIFE } from '#7-mitigation/example.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import type { Change } from '#store/change.ts'
import { endOf } from './restore-plan.ts'
import { StateKeeper } from './state-keeper.ts'

function setUp() {
  const changes: Change[] = []
  const clock = { seconds: 1000 }
  const keeper = new StateKeeper({
    disk: {
      put: change => changes.push(change),
      record: entry => changes.push({ kind: 'audit', entry }),
    },
    uptimeSeconds: () => clock.seconds,
  })
  const told = () =>
    changes.splice(0).map(change => {
      switch (change.kind) {
        case 'attack':
          return `${change.attack.id} ${change.attack.state} ${change.openedUptimeSeconds}`
        case 'mitigation':
          return `${change.mitigation.id} ${change.mitigation.state}`
        case 'attack-gone':
        case 'mitigation-gone':
          return `-${change.id}`
        default:
          return change.kind
      }
    })
  return { keeper, clock, told }
}

const ATTACK = exampleAttack({ id: 'a' })
const ENDED = endOf(ATTACK, 'finished', 0)
const HELD: Mitigation = {
  ...{ id: 'a.0', attackId: 'a', target: '192.0.2.1', enforcer: 'notify-script', reason: 'because' },
  ...{ action: { kind: 'script', path: '/bin/true' }, ...EXAMPLE_LIFE, createdAt: 0, expiresAt: 1 },
  state: 'withdrawing',
  announcedAt: 0,
}

test('an attack is kept until it is over and nothing is held for it any more', () => {
  const { keeper, told } = setUp()

  keeper.keepAttack(ATTACK)
  keeper.keepMitigation({ ...HELD, state: 'announced', announcedAt: 0 })
  keeper.keepAttack(ENDED)
  keeper.keepMitigation(HELD)
  assert.deepEqual(told(), ['a open 1000', 'a.0 announced', 'a ended 1000', 'a.0 withdrawing'])

  keeper.keepMitigation({ ...HELD, state: 'withdrawn', endedAt: 0 })
  assert.deepEqual(told(), ['-a.0', 'past-mitigation', '-a'])
})

test('an attack for which nothing was done is gone when it is over', () => {
  const { keeper, told } = setUp()

  keeper.keepAttack(ATTACK)
  keeper.keepAttack(ENDED)

  assert.deepEqual(told(), ['a open 1000', '-a'])
})

test('numbers that change are written now and then, what decides about a ban at once', () => {
  const { keeper, clock, told } = setUp()
  keeper.keepAttack(ATTACK)
  told()

  for (let second = 1; second <= 25; second++) {
    clock.seconds = 1000 + second
    keeper.keepAttack({ ...ATTACK, peak: second })
  }
  assert.equal(told().length, 2)
  keeper.keepAttack({ ...ATTACK, isOver: false })

  assert.deepEqual(told(), ['a open 1000'])
})

test('what was adopted is written again with its age, and all of it when the file is a new one', () => {
  const { keeper, told } = setUp()
  keeper.adopt(ATTACK, 400, [HELD])
  assert.deepEqual(told(), ['a open 600', 'a.0 withdrawing'])

  keeper.keepAll()

  assert.deepEqual(told(), ['a open 600', 'a.0 withdrawing'])
})

test('an open attack stays when what was held for it is gone', () => {
  const { keeper, told } = setUp()
  keeper.keepAttack(ATTACK)
  keeper.keepMitigation(HELD)
  told()

  keeper.keepMitigation({ ...HELD, state: 'expired', endedAt: 0 })

  assert.deepEqual(told(), ['-a.0', 'past-mitigation'])
})

test('a mitigation that is extended again and again is written when it ends seconds later, and at the end', () => {
  const { keeper, told } = setUp()
  const announced: Mitigation = {
    ...HELD,
    state: 'announced',
    announcedAt: 0,
    ttlSeconds: 120,
    expiresAt: 120_000,
  }
  const extended = (expiresAt: number): Mitigation => ({ ...announced, expiresAt })

  keeper.keepAttack(ATTACK)
  keeper.keepMitigation(announced)
  assert.deepEqual(told(), ['a open 1000', 'a.0 announced'])

  for (let second = 1; second <= 10; second++) keeper.keepMitigation(extended(120_000 + second * 1000))
  assert.deepEqual(told(), [])
  keeper.keepMitigation(extended(130_001))
  assert.deepEqual(told(), ['a.0 announced'])

  keeper.keepMitigation(extended(131_000))
  keeper.keepLast()
  keeper.keepLast()
  assert.deepEqual(told(), ['a.0 announced'], 'once, and only what is not on disk')
})

test('of a mitigation that lives briefly no more than a tenth is left unwritten, and any other change is written', () => {
  const { keeper, told } = setUp()
  const brief: Mitigation = { ...HELD, state: 'announced', announcedAt: 0, ttlSeconds: 30, expiresAt: 30_000 }

  keeper.keepMitigation(brief)
  keeper.keepMitigation({ ...brief, expiresAt: 33_000 })
  assert.deepEqual(told(), ['a.0 announced'])
  keeper.keepMitigation({ ...brief, expiresAt: 33_001 })
  keeper.keepMitigation({ ...brief, expiresAt: 33_001, step: 1 })
  keeper.keepMitigation({ ...brief, expiresAt: 20_000, step: 1 })
  assert.deepEqual(told(), ['a.0 announced', 'a.0 announced', 'a.0 announced'])
})
