import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { exampleAttack } from '#5-evidence/example.ts'
import type { Action } from '#6-policy/action.ts'
import { isHeld, type Mitigation } from './mitigation.ts'
import { changeStep, type Place, replacedNow, type Wanted } from './step-change.ts'
import { announced, create, failed } from './transitions.ts'

const ruleOf = (rate: number): Action => ({
  kind: 'filter',
  enforcer: 'gobgp',
  rule: `destination 192.0.2.1/32 then rate ${rate} bytes/s as 0`,
})
const BLACKHOLE: Action = {
  ...{ kind: 'blackhole', enforcer: 'gobgp', prefix: '192.0.2.1/32', nextHop: '192.0.2.66', communities: [] },
}
const LIMIT = ruleOf(1000)
const SCRIPT: Action = { kind: 'script', path: '/bin/notify' }
const wantedOf = (...actions: Action[]): Wanted[] =>
  actions.map(action => ({ action, enforcer: action.kind === 'script' ? 'notify-script' : 'gobgp' }))
const placeOf = (step: number): Place => ({ playbook: 'p', step, ttlSeconds: 60 })

let ordinals = 0
const pending = (wanted: Wanted, step: number): Mitigation =>
  create(
    {
      ...{ attack: exampleAttack(), ordinal: ordinals++, ...wanted, ...placeOf(step) },
      ...{ reason: 'because', maximumSeconds: 3600 },
    },
    1000,
  )

function held(wanted: Wanted, step: number): Mitigation {
  const move = announced(pending(wanted, step), 1001)
  assert.equal(move.kind, 'moved')
  return move.mitigation
}

const statesOf = (mitigations: readonly Mitigation[]) =>
  mitigations.map(({ action, state, step }) => [action.kind, state, step])

test('what the next step wants too stays as it is, what is new begins, and the rest is held until that is there', () => {
  const before = wantedOf(SCRIPT, LIMIT).map(wanted => held(wanted, 0))

  const { kept, begin, replaced } = changeStep(before, wantedOf(BLACKHOLE, SCRIPT), placeOf(1))

  assert.deepEqual(statesOf(kept), [['script', 'announced', 1]])
  assert.deepEqual(begin, [0])
  assert.deepEqual(statesOf(replaced), [['filter', 'escalated', 0]])
  assert.deepEqual(replacedNow([...kept, ...replaced, pending(wantedOf(BLACKHOLE)[0]!, 1)], placeOf(1)), [])
  const inPlace = [...kept, ...replaced, held(wantedOf(BLACKHOLE)[0]!, 1)]
  assert.deepEqual(statesOf(replacedNow(inPlace, placeOf(1))), [['filter', 'escalated', 0]])
})

test('as long as the new step fails, the old one is held', () => {
  const { replaced } = changeStep([held(wantedOf(LIMIT)[0]!, 0)], wantedOf(BLACKHOLE), placeOf(1))
  const broken = failed(pending(wantedOf(BLACKHOLE)[0]!, 1), 1002, 'nobody is there')
  assert.equal(broken.kind, 'moved')

  assert.deepEqual(replacedNow([...replaced, broken.mitigation], placeOf(1)), [])
})

test('back on the step before, what is still held of it is wanted again', () => {
  const up = changeStep([held(wantedOf(LIMIT)[0]!, 0)], wantedOf(BLACKHOLE), placeOf(1))

  const down = changeStep([...up.replaced, held(wantedOf(BLACKHOLE)[0]!, 1)], wantedOf(LIMIT), placeOf(0))

  assert.deepEqual(statesOf(down.kept), [['filter', 'announced', 0]])
  assert.deepEqual(down.begin, [])
  assert.deepEqual(statesOf(down.replaced), [['blackhole', 'escalated', 1]])
})

test('another rate is another rule', () => {
  const { kept, begin } = changeStep([held(wantedOf(LIMIT)[0]!, 0)], wantedOf(ruleOf(2000)), placeOf(1))

  assert.deepEqual([kept, begin], [[], [0]])
})

test('a step that wants nothing has all taken back at once', () => {
  const { replaced } = changeStep([held(wantedOf(LIMIT)[0]!, 0)], [], placeOf(1))

  assert.equal(replacedNow(replaced, placeOf(1)).length, 1)
})

test('whatever steps follow each other, there is never a moment without what is held, and in the end exactly the step is', () => {
  const step = fc.uniqueArray(fc.constantFrom<Action>(SCRIPT, LIMIT, ruleOf(2), BLACKHOLE), {
    selector: action => JSON.stringify(action),
    minLength: 1,
  })
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), steps => {
      let mitigations: Mitigation[] = []
      for (const [at, actions] of steps.entries()) {
        const wanted = wantedOf(...actions)
        const change = changeStep(mitigations, wanted, placeOf(at))
        const begun = change.begin.map(position => pending(wanted[position]!, at))
        mitigations = [...change.kept, ...change.replaced, ...begun]
        if (at > 0) assert.ok(mitigations.some(one => one.state === 'announced' || one.state === 'escalated'))
        if (begun.length > 0) assert.deepEqual(replacedNow(mitigations, placeOf(at)), [])
        mitigations = mitigations.map(one => {
          const move = one.state === 'pending' ? announced(one, 2000) : undefined
          return move?.kind === 'moved' ? move.mitigation : one
        })
        const gone = new Set(replacedNow(mitigations, placeOf(at)))
        mitigations = mitigations.filter(one => !gone.has(one))
        assert.ok(mitigations.every(isHeld))
        assert.deepEqual(
          mitigations.map(({ action }) => JSON.stringify(action)).sort(),
          actions.map(action => JSON.stringify(action)).sort(),
        )
      }
    }),
  )
})

test('what began on the same step and was not announced when it was replaced is taken back as well', () => {
  const [old, young] = wantedOf(LIMIT, ruleOf(2000)) as [Wanted, Wanted]
  const asked = pending(old, 0)
  const { begin, replaced } = changeStep([asked], [young], placeOf(0))
  const late = announced(asked, 1003)
  assert.equal(late.kind, 'moved')

  assert.deepEqual([begin, replaced], [[0], [asked]])
  assert.deepEqual(replacedNow([late.mitigation, pending(young, 0)], placeOf(0), [young]), [])
  assert.deepEqual(replacedNow([late.mitigation, held(young, 0)], placeOf(0), [young]), [late.mitigation])
})
