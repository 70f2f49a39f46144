import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { HeldCounts, Usage } from './guardrail.ts'
import { type Claim, type Quotas, reserve } from './quota.ts'

const NONE: Quotas = { global: {}, customer: {}, pop: {} }
const usage = (active: number, newWithinMinute = 0): Usage => ({ active, newWithinMinute })
const counts = (changes: Partial<HeldCounts> = {}): HeldCounts => ({
  all: usage(0),
  ofCustomer: () => usage(0),
  ofPop: () => usage(0),
  rulesOf: () => 0,
  ...changes,
})
const claim = (changes: Partial<Claim> = {}): Claim => ({
  ...{ customer: 'acme', pop: 'vie', enforcer: 'gobgp', isRule: true },
  ...changes,
})
const said = (quotas: Partial<Quotas>, held: HeldCounts | undefined, ...claims: Claim[]) =>
  reserve({ ...NONE, ...quotas }, held, claims).map(refusals =>
    refusals.map(({ rail, reason }) => `${rail}: ${reason}`),
  )

test('each refusal says which quota, which number and which limit', () => {
  const full = counts({
    all: usage(10, 3),
    ofCustomer: () => usage(5, 2),
    ofPop: () => usage(7, 2),
    rulesOf: () => 8,
  })

  assert.deepEqual(
    said(
      {
        global: { activeMax: 10, newPerMinute: 3 },
        customer: { activeMax: 5 },
        pop: { newPerMinute: 2 },
        rulesMax: 8,
      },
      full,
      claim(),
    ),
    [
      [
        'quota-global: there are 10 announcements and 10 are the most',
        'quota-global: there are 3 announcements that began within a minute and 3 are the most',
        'quota-customer: customer acme has 5 announcements and 5 are the most',
        'quota-pop: POP vie has 2 announcements that began within a minute and 2 are the most',
        'rule-budget: gobgp has 8 rules and 8 are the most',
      ],
    ],
  )
})

test('what is granted counts against those after it, what is refused does not', () => {
  const other = claim({ customer: 'other' })

  assert.deepEqual(
    said(
      { customer: { activeMax: 2 }, global: { activeMax: 3 } },
      counts(),
      claim(),
      claim(),
      claim(),
      other,
      other,
    ).map(refusals => refusals.length),
    [0, 0, 1, 0, 1],
  )
})

test('without counts whatever has a limit is refused, and what has none is not', () => {
  assert.match(
    said({ global: { activeMax: 3 } }, undefined, claim())[0]?.[0] ?? '',
    /^quota-global: .*cannot be looked up/,
  )
  assert.deepEqual(said({}, undefined, claim()), [[]])
})

test('a route takes no place of a rule, and whom nobody knows counts for all only', () => {
  assert.deepEqual(said({ rulesMax: 1 }, counts({ rulesOf: () => 1 }), claim({ isRule: false })), [[]])
  const unknown = claim({ customer: undefined, pop: undefined })
  assert.deepEqual(said({ customer: { activeMax: 1 } }, counts({ ofCustomer: () => usage(9) }), unknown), [
    [],
  ])
})

test('whatever is held and asked, no limit is exceeded by what is granted, and room is never left unused for one alone', () => {
  const limit = fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined })
  const some = fc.record({ active: fc.nat(6), newWithinMinute: fc.nat(6) })
  const claims = fc.array(
    fc.record({ customer: fc.constantFrom('a', 'b', undefined), isRule: fc.boolean() }),
    { maxLength: 8 },
  )

  fc.assert(
    fc.property(
      limit,
      limit,
      limit,
      some,
      some,
      fc.nat(6),
      claims,
      (most, ofOne, rulesMax, all, own, rules, wanted) => {
        const quotas = {
          ...NONE,
          global: { activeMax: most, newPerMinute: most },
          customer: { activeMax: ofOne },
          rulesMax,
        }
        const held = counts({ all, ofCustomer: () => own, rulesOf: () => rules })
        const full = wanted.map(one => claim({ ...one, pop: undefined }))
        const granted = full.filter((_, at) => reserve(quotas, held, full)[at]?.length === 0)
        const infinite = Number.POSITIVE_INFINITY
        const exceeds = (before: number, more: number, limitOf = infinite) =>
          more > 0 && before + more > limitOf
        assert.equal(exceeds(all.active, granted.length, most), false)
        assert.equal(exceeds(all.newWithinMinute, granted.length, most), false)
        for (const id of ['a', 'b'])
          assert.equal(
            exceeds(own.active, granted.filter(({ customer }) => customer === id).length, ofOne),
            false,
          )
        assert.equal(exceeds(rules, granted.filter(({ isRule }) => isRule).length, rulesMax), false)
        const [first] = full
        const hasRoom =
          all.active < (most ?? infinite) &&
          all.newWithinMinute < (most ?? infinite) &&
          (first?.customer === undefined || own.active < (ofOne ?? infinite)) &&
          (first?.isRule !== true || rules < (rulesMax ?? infinite))
        if (first !== undefined) assert.equal(reserve(quotas, held, [first])[0]?.length === 0, hasRoom)
      },
    ),
    { numRuns: 500 },
  )
})
