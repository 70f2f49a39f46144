import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  expire,
  type Holds,
  hold,
  holdsSchema,
  NO_HOLDS,
  nextStep,
  owed,
  policyFound,
  priorOf,
  putBack,
  release,
  seen,
  VICTIMS_MAX,
} from './holds.ts'

const TIMES = { nowMs: 0, untilMs: 1000 }
const VICTIMS = ['203.0.113.1', '203.0.113.2', '203.0.113.3']
const SWITCHES = ['state', 'acl', 'tcp', 'sorb', 'crb', 'announce']
/** Two victims share a policy. */
const policyOf = (victim: string): number => (victim === VICTIMS[2] ? 7 : 1)
const keyOf = (policy: number, name: string) => `${policy}/${name}`

const need = (holds: Holds, victim: string, ...switches: string[]): Holds =>
  hold(holds, victim, { protocol: 'udp', switches }, TIMES) ?? assert.fail('full')

/** As the driver does it, on switches that stand in `world`; `fails` says whether a request is lost, and after it was done. */
function settle(start: Holds, world: Map<string, boolean>, fails: () => 'no' | 'before' | 'after'): Holds {
  let holds = start
  const left = new Set<string>()
  const set = (key: string, isOn: boolean): boolean => {
    const how = fails()
    if (how !== 'before') world.set(key, isOn)
    return how === 'no'
  }
  for (let steps = 0; ; steps++) {
    assert.ok(steps < 200, 'it does not come to an end')
    const step = nextStep(holds, left)
    if (step === undefined) return holds
    if (step.kind === 'find-policy') holds = policyFound(holds, step.victim, policyOf(step.victim))
    else {
      const { key, policy, name } = step
      const isOn = world.get(key) ?? false
      let isDone = true
      if (step.kind === 'on') {
        holds = seen(holds, policy, name, isOn)
        isDone = isOn || set(key, true)
        if (isDone) holds = seen(holds, policy, name, true)
      } else {
        if (priorOf(holds, policy, name) === false && isOn) isDone = set(key, false)
        if (isDone) holds = putBack(holds, policy, name)
      }
      if (!isDone) left.add(key)
    }
  }
}

test('whatever is held, released and lost on the way, a switch is on for whoever needs it, and then as it was', () => {
  const action = fc.record({
    victim: fc.constantFrom(...VICTIMS),
    switches: fc.uniqueArray(fc.constantFrom(...SWITCHES), { minLength: 1 }),
    kind: fc.constantFrom('hold', 'hold', 'release'),
    failures: fc.array(fc.constantFrom('no', 'before', 'after'), { maxLength: 6 }),
  })
  fc.assert(
    fc.property(
      fc.array(action, { maxLength: 12 }),
      fc.uniqueArray(fc.constantFrom(...SWITCHES)),
      (actions, onBefore) => {
        const world = new Map(onBefore.flatMap(name => [1, 7].map(policy => [keyOf(policy, name), true])))
        let holds = NO_HOLDS
        for (const { kind, victim, switches, failures } of actions) {
          const lost = [...failures]
          holds = kind === 'hold' ? need(holds, victim, ...switches) : release(holds, victim)
          holds = settle(holds, world, () => lost.shift() ?? 'no')
          assert.ok(holdsSchema.safeParse(holds).success)
        }

        holds = settle(holds, world, () => 'no')
        const needed = Object.entries(holds.victims).flatMap(([victim, { switches }]) =>
          switches.map(name => keyOf(policyOf(victim), name)),
        )
        const isOnForAll = needed.every(key => world.get(key) === true)
        holds = settle(VICTIMS.reduce(release, holds), world, () => 'no')

        assert.ok(isOnForAll)
        const on = [...world].filter(([, isOn]) => isOn).map(([key]) => key)
        const before = onBefore.flatMap(name => [1, 7].map(policy => keyOf(policy, name)))
        assert.deepEqual(on.sort(), before.sort())
        assert.deepEqual(holds, NO_HOLDS)
      },
    ),
    { numRuns: 300 },
  )
})

test('what protects goes before what is put back, which goes tcp, acl, sorb, others, diversion, policy', () => {
  const world = new Map<string, boolean>()
  const held = settle(need(NO_HOLDS, '203.0.113.1', ...SWITCHES, 'acl6'), world, () => 'no')
  const both = need(release(held, '203.0.113.1'), '203.0.113.3', 'acl')
  const order: string[] = []

  for (let holds = both; ; ) {
    const step = nextStep(holds)
    if (step === undefined) break
    order.push(step.kind === 'find-policy' ? step.key : `${step.kind} ${step.key}`)
    if (step.kind === 'find-policy') holds = policyFound(holds, step.victim, 7)
    else if (step.kind === 'on') holds = seen(holds, step.policy, step.name, true)
    else holds = putBack(holds, step.policy, step.name)
  }

  assert.deepEqual(order, [
    ...['policy of 203.0.113.3', 'on 7/acl'],
    ...['tcp', 'acl', 'acl6', 'sorb', 'crb', 'announce', 'state'].map(name => `off 1/${name}`),
  ])
})

test('a hold is over at its time, and what it touched is owed then', () => {
  const held = settle(need(NO_HOLDS, '203.0.113.1', 'acl'), new Map(), () => 'no')

  const early = expire(held, 999)
  const late = expire(held, 1000)

  assert.deepEqual([early.over, late.over], [[], ['203.0.113.1']])
  assert.deepEqual(owed(late.holds), ['1/acl'])
})

test('victims have a bound, at which those that are known go on', () => {
  const [first = assert.fail()] = Object.entries(need(NO_HOLDS, 'v0', 'acl').victims)
  const victims = Object.fromEntries(Array.from({ length: VICTIMS_MAX }, (_, at) => [`v${at}`, first[1]]))
  const full: Holds = { ...NO_HOLDS, victims }

  const more = hold(full, 'one more', { protocol: 'udp', switches: ['acl'] }, TIMES)
  const known = hold(full, 'v7', { protocol: 'udp', switches: ['tcp'] }, TIMES)

  assert.equal(more, undefined)
  assert.deepEqual(known?.victims['v7']?.switches, ['acl', 'tcp'])
})
