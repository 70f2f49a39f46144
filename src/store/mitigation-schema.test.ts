import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exampleAttack } from '#5-evidence/example.ts'
import { EXAMPLE_STEP } from '#7-mitigation/example.ts'
import { NEXT, STATES } from '#7-mitigation/mitigation.ts'
import {
  announced,
  create,
  escalate,
  failed,
  holdDown,
  type Move,
  withdraw,
} from '#7-mitigation/transitions.ts'
import { mitigationSchema } from './mitigation-schema.ts'

test('whose traffic a mitigation touches is read back, and missing where it was not known', () => {
  const proposal = {
    attack: exampleAttack(),
    ordinal: 0,
    action: { kind: 'filter', enforcer: 'gobgp', rule: 'destination 192.0.2.1/32 then discard' } as const,
    ...{ reason: 'because', enforcer: 'gobgp', maximumSeconds: 60, ...EXAMPLE_STEP },
  }
  const known = create({ ...proposal, customer: 'acme', pop: 'vie' }, 1000)
  const unknown = create({ ...proposal, customer: undefined }, 1000)

  assert.deepEqual(mitigationSchema.parse(JSON.parse(JSON.stringify(known))), known)
  assert.deepEqual(mitigationSchema.parse(JSON.parse(JSON.stringify(unknown))), unknown)
  assert.deepEqual([known.customer, known.pop, 'customer' in unknown], ['acme', 'vie', false])
})

test('every state that is kept is read back as it was', () => {
  const pending = create(
    {
      ...{ attack: exampleAttack(), ordinal: 0, action: { kind: 'script', path: '/bin/true' } },
      ...{ reason: 'because', enforcer: 'notify-script', maximumSeconds: 60, ...EXAMPLE_STEP },
    },
    1000,
  )
  const moved = (move: Move) => {
    assert.equal(move.kind, 'moved')
    return move.mitigation
  }
  const held = moved(announced(pending, 1001))
  const kept = [
    ...[pending, held, moved(escalate(held)), moved(failed(pending, 1002, 'nobody is there'))],
    ...[moved(holdDown(held, 2000)), moved(withdraw(held)), moved(withdraw(pending))],
  ]

  // JSON leaves out what is not known.
  const whole = (one: object) => JSON.parse(JSON.stringify(one))
  for (const one of kept) assert.deepEqual(whole(mitigationSchema.parse(whole(one))), whole(one))
  assert.deepEqual(
    [...new Set(kept.map(({ state }) => state))].sort(),
    STATES.filter(state => NEXT[state].length > 0).toSorted(),
  )
})

test('what an earlier version left has no step, lives a day at a time, and is no standing order', () => {
  const {
    playbook: _p,
    step: _s,
    ttlSeconds: _t,
    isStanding: _i,
    ...before
  } = create(
    {
      ...{ attack: exampleAttack(), ordinal: 0, action: { kind: 'script', path: '/bin/true' } },
      ...{ reason: 'because', enforcer: 'notify-script', maximumSeconds: 60, ...EXAMPLE_STEP },
    },
    1000,
  )

  const read = mitigationSchema.parse(before)

  assert.deepEqual(
    [read.playbook, read.step, read.ttlSeconds, read.isStanding, read.expiresAt],
    ['', 0, 86_400, false, 61_000],
  )
})
