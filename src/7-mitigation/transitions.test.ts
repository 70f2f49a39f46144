import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { exampleAttack } from '#5-evidence/example.ts'
import { canGo, isActive, type Mitigation, NEXT, STATES } from './mitigation.ts'
import { announced, create, end, failed, type Move, withdraw } from './transitions.ts'

const PROPOSAL = {
  attack: exampleAttack(),
  ordinal: 0,
  action: { kind: 'script', path: '/bin/true' },
  reason: 'because',
  enforcer: 'notify-script',
  maximumSeconds: 60,
} as const

function moved(move: Move): Mitigation {
  assert.equal(move.kind, 'moved')
  return move.mitigation
}

test('a new mitigation is pending, has an owner, a reason and an end', () => {
  assert.deepEqual(create(PROPOSAL, 1000), {
    state: 'pending',
    id: 'example-1.0',
    attackId: 'example-1',
    target: '192.0.2.1',
    action: { kind: 'script', path: '/bin/true' },
    reason: 'because',
    enforcer: 'notify-script',
    createdAt: 1000,
    expiresAt: 61_000,
  })
})

test('a mitigation goes its way from pending to withdrawn', () => {
  const pending = create(PROPOSAL, 1000)
  const held = moved(announced(pending, 1001))
  const going = moved(withdraw(held))
  const gone = moved(end(going, 1003, 'withdrawn'))

  assert.deepEqual(held, { ...pending, state: 'announced', announcedAt: 1001 })
  assert.deepEqual(going, { ...pending, state: 'withdrawing', announcedAt: 1001 })
  assert.deepEqual(gone, { ...pending, state: 'withdrawn', endedAt: 1003 })
})

test('one that failed is taken back all the same, because the enforcer may have acted', () => {
  const broken = moved(failed(create(PROPOSAL, 1000), 1001, 'exit status 1'))

  assert.equal(isActive(broken), true)
  assert.deepEqual(moved(withdraw(broken)), {
    ...create(PROPOSAL, 1000),
    state: 'withdrawing',
    announcedAt: undefined,
  })
})

test('an answer that comes after the withdrawal is refused with words', () => {
  const going = moved(withdraw(create(PROPOSAL, 1000)))

  assert.deepEqual(announced(going, 1002), {
    kind: 'refused',
    reason: 'mitigation example-1.0 is withdrawing and cannot become announced',
  })
  assert.equal(withdraw(going).kind, 'refused')
})

const step = fc.constantFrom<((mitigation: Mitigation, now: number) => Move)[]>(
  announced,
  (mitigation, now) => failed(mitigation, now, 'no'),
  mitigation => withdraw(mitigation),
  (mitigation, now) => end(mitigation, now, 'withdrawn'),
  (mitigation, now) => end(mitigation, now, 'expired'),
)

test('whatever is asked in whatever order, only listed moves happen and the facts stay', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), steps => {
      const first = create(PROPOSAL, 0)
      let mitigation = first
      for (const [now, take] of steps.entries()) {
        const move = take(mitigation, now)
        if (move.kind === 'refused') continue
        assert.ok(canGo(mitigation.state, move.mitigation.state))
        assert.deepEqual(
          { ...first, ...move.mitigation },
          { ...move.mitigation, createdAt: 0, expiresAt: 60_000 },
        )
        mitigation = move.mitigation
      }
    }),
  )
})

test('every state but the last two leads to an end', () => {
  for (const state of STATES) {
    const seen = new Set([state])
    for (const reached of seen) for (const next of NEXT[reached]) seen.add(next)
    assert.equal(seen.has('withdrawn') || state === 'expired', true, state)
  }
})
