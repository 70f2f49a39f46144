import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { exampleAttack } from '#5-evidence/example.ts'
import type { Action } from '#6-policy/action.ts'
import { reserve } from '#6-policy/quota.ts'
import { EXAMPLE_STEP } from './example.ts'
import type { Mitigation } from './mitigation.ts'
import { MitigationLedger } from './mitigation-ledger.ts'
import { announced, create, end, withdraw } from './transitions.ts'

const RULE: Action = { kind: 'filter', enforcer: 'gobgp', rule: 'destination 192.0.2.1/32 then discard' }
const SCRIPT: Action = { kind: 'script', path: '/bin/true' }

const made = (id: string, at: number, changes: { action?: Action; customer?: string; pop?: string } = {}) =>
  create(
    {
      attack: exampleAttack({ id, host: `192.0.2.${id}` }),
      ...{
        ordinal: 0,
        action: RULE,
        reason: 'because',
        enforcer: 'dry-run',
        ...EXAMPLE_STEP,
        maximumSeconds: 60,
      },
      ...changes,
    },
    at,
  )

function over(mitigation: Mitigation): Mitigation {
  const going = withdraw(mitigation)
  assert.equal(going.kind, 'moved')
  const ended = going.kind === 'moved' ? end(going.mitigation, 9, 'withdrawn') : going
  assert.equal(ended.kind, 'moved')
  return ended.kind === 'moved' ? ended.mitigation : mitigation
}

test('announcements are counted by customer, POP and enforcer; a script is none', () => {
  const ledger = new MitigationLedger()
  ledger.put(made('1', 1000, { customer: 'acme', pop: 'vie' }))
  ledger.put(made('2', 2000, { customer: 'acme' }))
  ledger.put(made('3', 3000, { action: SCRIPT, customer: 'acme' }))
  const counts = ledger.counts(3000)

  assert.deepEqual(counts.all, { active: 2, newWithinMinute: 2 })
  assert.deepEqual(counts.ofCustomer('acme'), { active: 2, newWithinMinute: 2 })
  assert.deepEqual(counts.ofPop('vie'), { active: 1, newWithinMinute: 1 })
  assert.deepEqual([counts.rulesOf('gobgp'), counts.rulesOf('exabgp')], [2, 0])
  assert.deepEqual(counts.ofCustomer('other'), { active: 0, newWithinMinute: 0 })
})

test('a change of state is no new announcement, its end takes it away, and a minute later it is not new', () => {
  const ledger = new MitigationLedger()
  const first = made('1', 1000, { customer: 'acme' })
  const move = announced(first, 1500)
  assert.equal(move.kind, 'moved')
  ledger.put(first)
  if (move.kind === 'moved') ledger.put(move.mitigation)

  assert.deepEqual(ledger.counts(1500).ofCustomer('acme'), { active: 1, newWithinMinute: 1 })
  assert.deepEqual(ledger.counts(61_000).ofCustomer('acme'), { active: 1, newWithinMinute: 0 })
  ledger.put(over(move.kind === 'moved' ? move.mitigation : first))
  assert.deepEqual(ledger.counts(61_000).all, { active: 0, newWithinMinute: 0 })
})

test('what an earlier run left is held and not new', () => {
  const ledger = new MitigationLedger()
  ledger.adopt(made('1', 1000, { customer: 'acme' }))

  assert.deepEqual(ledger.counts(1000).ofCustomer('acme'), { active: 1, newWithinMinute: 0 })
})

test('reserving before each announcement, no quota is ever exceeded', () => {
  const limit = fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined })
  const quota = fc.record({ activeMax: limit, newPerMinute: limit })
  const quotas = fc.record({ global: quota, customer: quota, pop: quota, rulesMax: limit })
  const event = fc.record({
    waitMs: fc.nat(40_000),
    wanted: fc.array(
      fc.record({ customer: fc.constantFrom(undefined, 'a', 'b'), pop: fc.constantFrom(undefined, 'x') }),
      { maxLength: 4 },
    ),
    ends: fc.nat(2),
  })

  fc.assert(
    fc.property(quotas, fc.array(event, { maxLength: 15 }), (limits, events) => {
      const ledger = new MitigationLedger()
      let now = 0
      let id = 0
      for (const { waitMs, wanted, ends } of events) {
        now += waitMs
        for (const old of ledger.active().slice(0, ends)) ledger.put(over(old))
        const claims = wanted.map(owner => ({ ...owner, enforcer: 'gobgp', isRule: true }))
        const answers = reserve(limits, ledger.counts(now), claims)
        for (const [at, { customer, pop }] of wanted.entries()) {
          if (answers[at]?.length !== 0) continue
          const owner = { ...(customer && { customer }), ...(pop && { pop }) }
          ledger.put(made(String(id++), now, owner))
        }
        const counts = ledger.counts(now)
        const most = Number.POSITIVE_INFINITY
        for (const [usage, { activeMax = most, newPerMinute = most }] of [
          [counts.all, limits.global],
          [counts.ofCustomer('a'), limits.customer],
          [counts.ofCustomer('b'), limits.customer],
          [counts.ofPop('x'), limits.pop],
        ] as const) {
          assert.ok(usage.active <= activeMax && usage.newWithinMinute <= newPerMinute)
        }
        assert.ok(counts.rulesOf('gobgp') <= (limits.rulesMax ?? most))
      }
    }),
    { numRuns: 300 },
  )
})
