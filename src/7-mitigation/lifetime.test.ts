import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { exampleAttack } from '#5-evidence/example.ts'
import { due } from './lifetime.ts'
import type { Mitigation } from './mitigation.ts'
import { announced, create, end, withdraw } from './transitions.ts'

const at = (id: string, createdAt: number): Mitigation =>
  create(
    {
      attack: exampleAttack({ id }),
      ordinal: 0,
      action: { kind: 'script', path: '/bin/true' },
      reason: 'because',
      enforcer: 'notify-script',
      maximumSeconds: 60,
    },
    createdAt,
  )

test('at its expiry a mitigation is renewed while its attack is open, and expires otherwise', () => {
  const mitigations = [at('late', 2000), at('open', 1000), at('closed', 0)]

  const plan = due(mitigations, id => id === 'open', 61_000, 60)

  assert.deepEqual(
    plan.map(({ kind, mitigation }) => [kind, mitigation.attackId, mitigation.expiresAt]),
    [
      ['expire', 'closed', 60_000],
      ['renew', 'open', 121_000],
    ],
  )
})

test('what is over or on its way out is left alone', () => {
  const going = withdraw(at('a', 0))
  assert.equal(going.kind, 'moved')
  const gone = end(going.mitigation, 1, 'withdrawn')
  assert.equal(gone.kind, 'moved')

  assert.deepEqual(
    due([going.mitigation, gone.mitigation], () => true, 1e9, 60),
    [],
  )
})

test('no mitigation outlives its attack by more than the maximum', () => {
  fc.assert(
    fc.property(
      fc.nat(100_000),
      fc.integer({ min: 60, max: 300 }),
      fc.nat(1_000_000),
      (start, maximumSeconds, closes) => {
        const first = announced(at('a', start), start)
        assert.equal(first.kind, 'moved')
        let mitigation = first.mitigation
        for (let now = start; ; now += 1000) {
          const [plan] = due([mitigation], () => now < closes, now, maximumSeconds)
          if (plan === undefined) continue
          if (plan.kind === 'expire') {
            assert.ok(now <= Math.max(closes, start + 60_000) + maximumSeconds * 1000 + 1000)
            return
          }
          mitigation = plan.mitigation
        }
      },
    ),
  )
})
