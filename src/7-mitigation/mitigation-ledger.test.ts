import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { exampleAttack } from '#5-evidence/example.ts'
import { auditOf, auditText } from './audit.ts'
import { EXAMPLE_STEP } from './example.ts'
import { METRICS } from './metrics.ts'
import type { Mitigation } from './mitigation.ts'
import { MitigationLedger } from './mitigation-ledger.ts'
import { announced, create, end, type Move, withdraw } from './transitions.ts'

const pending = (id: string, createdAt = 0): Mitigation =>
  create(
    {
      attack: exampleAttack({ id }),
      ordinal: 0,
      action: { kind: 'script', path: '/bin/true' },
      reason: 'because',
      enforcer: 'notify-script',
      ...EXAMPLE_STEP,
      maximumSeconds: 60,
    },
    createdAt,
  )

function moved(move: Move): Mitigation {
  assert.equal(move.kind, 'moved')
  return move.mitigation
}

const ended = (id: string): Mitigation => moved(end(moved(withdraw(pending(id))), 9, 'withdrawn'))

test('what an attack holds is told in the order in which it began, as it is when it is asked', () => {
  const ledger = new MitigationLedger({ endedMax: 1 })
  const [first, second] = [pending('a', 3), { ...pending('a', 5), id: 'a.1' }]
  ledger.put(second)
  ledger.put(first)
  const before = ledger.ofAttack('a')

  ledger.put(moved(announced(first, 6)))
  const after = ledger.ofAttack('a')
  ledger.put(moved(end(moved(withdraw(second)), 9, 'withdrawn')))
  ledger.put(ended('b'))

  assert.deepEqual(before, [first, second])
  assert.deepEqual(
    after.map(({ id, state }) => [id, state]),
    [
      ['a.0', 'announced'],
      ['a.1', 'pending'],
    ],
  )
  // Of what has ended one is remembered.
  assert.deepEqual(
    ledger.ofAttack('a').map(({ id }) => id),
    ['a.0'],
  )
})

test('a mitigation is held by its id in its latest state', () => {
  const ledger = new MitigationLedger()
  ledger.put(pending('a'))
  ledger.put(moved(announced(pending('a'), 5)))

  assert.equal(ledger.get('a.0')?.state, 'announced')
  assert.equal(ledger.active().length, 1)
  assert.deepEqual(ledger.ofAttack('a'), ledger.active())
  assert.deepEqual(ledger.ofAttack('b'), [])
})

test('ended mitigations are forgotten oldest first and counted; active ones never', () => {
  const ledger = new MitigationLedger({ endedMax: 2, auditMax: 2 })
  for (const id of ['a', 'b', 'c', 'd', 'e']) ledger.put(pending(id))
  for (const id of ['a', 'b', 'c']) ledger.put(ended(id))

  assert.equal(ledger.get('a.0'), undefined)
  assert.equal(ledger.get('b.0')?.state, 'withdrawn')
  assert.deepEqual(
    ledger.active().map(({ attackId }) => attackId),
    ['d', 'e'],
  )
  assert.deepEqual(
    [...ledger.metrics()].filter(({ value }) => value > 0),
    [
      { name: 'floodwarden_mitigations', value: 2, labels: { state: 'pending' } },
      { name: 'floodwarden_mitigations', value: 2, labels: { state: 'withdrawn' } },
      { name: 'floodwarden_forgotten_mitigations_total', value: 1 },
    ],
  )
})

test('the audit keeps its newest entries and reads as sentences', () => {
  const ledger = new MitigationLedger({ endedMax: 2, auditMax: 2 })
  for (const at of [1, 2, 3]) {
    ledger.record(
      auditOf(pending('a'), { at, who: 'uid:1000', what: 'withdraw', outcome: 'done', reason: 'asked' }),
    )
  }

  assert.deepEqual(
    ledger.audit().map(({ at }) => at),
    [2, 3],
  )
  assert.equal(auditText(ledger.audit()[0]!), 'uid:1000 withdraw 192.0.2.1: done (asked)')
})

test('whatever is put in, memory is bounded by the active ones and the bounds', () => {
  const change = fc.tuple(fc.nat(20).map(String), fc.boolean())

  fc.assert(
    fc.property(fc.array(change), changes => {
      const ledger = new MitigationLedger({ endedMax: 3, auditMax: 3 })
      const active = new Set<string>()
      for (const [id, isEnd] of changes) {
        ledger.put(isEnd ? ended(id) : pending(id))
        if (isEnd) active.delete(id)
        else active.add(id)
      }
      assert.deepEqual(new Set(ledger.active().map(({ attackId }) => attackId)), active)
      const held = [...ledger.metrics()].filter(({ name }) => name === 'floodwarden_mitigations')
      assert.ok(held.reduce((sum, { value }) => sum + value, 0) <= active.size + 3)
    }),
  )
})

test('every value belongs to a declared metric', () => {
  for (const { name } of new MitigationLedger().metrics())
    assert.ok(METRICS.some(metric => metric.name === name))
})
