import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { exampleAttack } from '#5-evidence/example.ts'
import { EXAMPLE_LIFE, EXAMPLE_STEP } from './example.ts'
import { canGo, isActive, type Mitigation, NEXT, STATES } from './mitigation.ts'
import {
  announced,
  create,
  end,
  escalate,
  failed,
  holdDown,
  type Move,
  refused,
  refusedAtOnce,
  withdraw,
} from './transitions.ts'

const PROPOSAL = {
  attack: exampleAttack(),
  ordinal: 0,
  action: { kind: 'script', path: '/bin/true' },
  reason: 'because',
  enforcer: 'notify-script',
  ...EXAMPLE_STEP,
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
    ...EXAMPLE_LIFE,
    ttlSeconds: 60,
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
  mitigation => escalate(mitigation),
  (mitigation, now) => holdDown(mitigation, now + 5),
  (mitigation, now) => refused(mitigation, now, 'never'),
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

test('one that another step replaces is held until that is there, and may be wanted again', () => {
  const pending = create(PROPOSAL, 1000)
  const held = moved(announced(pending, 1001))
  const replaced = moved(escalate(held))

  assert.deepEqual(replaced, { ...pending, state: 'escalated', announcedAt: 1001 })
  assert.equal(moved(announced(replaced, 1005)).state, 'announced')
  assert.equal(moved(withdraw(replaced)).state, 'withdrawing')
  assert.equal(escalate(pending).kind, 'refused')
})

test('one that is held down after its attack goes nowhere but back', () => {
  const held = moved(announced(create(PROPOSAL, 1000), 1001))
  const down = moved(holdDown(held, 9000))

  assert.deepEqual(down, { ...create(PROPOSAL, 1000), state: 'ending', announcedAt: 1001, heldUntil: 9000 })
  assert.equal(holdDown(down, 99_000).kind, 'refused')
  assert.equal(moved(withdraw(down)).state, 'withdrawing')
})

test('one that the enforcer never will carry is over, and says why', () => {
  const never = moved(refused(create(PROPOSAL, 1000), 1001, 'no such component'))

  assert.equal(isActive(never), false)
  assert.deepEqual(never, {
    ...create(PROPOSAL, 1000),
    state: 'refused',
    endedAt: 1001,
    error: 'no such component',
  })
  assert.deepEqual(refusedAtOnce(PROPOSAL, 1001, 'a rail'), {
    ...create(PROPOSAL, 1001),
    ...{ state: 'refused', endedAt: 1001, error: 'a rail' },
  })
})

test('every state leads to an end, and from an end nothing goes on', () => {
  for (const state of STATES) {
    const seen = new Set([state])
    for (const reached of seen) for (const next of NEXT[reached]) seen.add(next)
    const ends = [...seen].filter(reached => NEXT[reached].length === 0)
    assert.ok(ends.length > 0, state)
    assert.equal(NEXT[state].length === 0, ['withdrawn', 'expired', 'refused'].includes(state), state)
  }
})
