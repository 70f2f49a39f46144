import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { exampleAttack } from '#5-evidence/example.ts'
import { EXAMPLE_STEP } from './example.ts'
import { due } from './lifetime.ts'
import type { Mitigation } from './mitigation.ts'
import { announced, create, end, holdDown, withdraw } from './transitions.ts'

const proposal = (id: string, banSeconds = 1900) => ({
  attack: exampleAttack({ id, banSeconds }),
  ordinal: 0,
  action: { kind: 'script', path: '/bin/true' } as const,
  reason: 'because',
  enforcer: 'notify-script',
  ...EXAMPLE_STEP,
  ttlSeconds: 20,
  maximumSeconds: 60,
})

const at = (id: string, createdAt: number): Mitigation => create(proposal(id), createdAt)

test('at its expiry a mitigation is renewed while its attack is seen, and expires otherwise', () => {
  const mitigations = [at('late', 2000), at('open', 1000), at('closed', 0)]

  const plan = due(mitigations, id => id === 'open', 21_000, 60)

  assert.deepEqual(
    plan.map(({ kind, mitigation }) => [kind, mitigation.attackId, mitigation.expiresAt]),
    [
      ['expire', 'closed', 20_000],
      ['renew', 'open', 41_000],
    ],
  )
})

test('whether its attack is seen is asked of the time for which it would be extended', () => {
  const asked: number[] = []

  due(
    [at('a', 0)],
    (_, withinSeconds) => {
      asked.push(withinSeconds)
      return true
    },
    20_000,
    60,
  )

  assert.deepEqual(asked, [20])
})

test('the last extension ends at the maximum lifetime, and at that moment it expires', () => {
  const [last] = due([{ ...at('a', 0), expiresAt: 50_000 }], () => true, 50_000, 60)
  assert.deepEqual([last?.kind, last?.mitigation.expiresAt], ['renew', 60_000])

  const [over] = due([last!.mitigation], () => true, 60_000, 60)
  assert.equal(over?.kind, 'expire')
})

test('a standing order is renewed beyond the maximum lifetime', () => {
  const standing = create(proposal('a', 0), 0)
  assert.equal(standing.isStanding, true)

  const [plan] = due([{ ...standing, expiresAt: 60_000 }], () => true, 60_000, 60)

  assert.deepEqual([plan?.kind, plan?.mitigation.expiresAt], ['renew', 80_000])
})

test('what is held down is let go when that is over, whatever its expiry is', () => {
  const down = holdDown(at('a', 0), 5000)
  assert.equal(down.kind, 'moved')

  assert.deepEqual(
    due([down.mitigation], () => true, 4999, 60),
    [],
  )
  assert.deepEqual(
    due([down.mitigation], () => true, 5000, 60).map(({ kind }) => kind),
    ['release'],
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

test('no mitigation outlives its maximum, nor its attack by more than its TTL', () => {
  fc.assert(
    fc.property(
      fc.nat(100_000),
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 60, max: 300 }),
      fc.nat(1_000_000),
      (start, ttlSeconds, maximumSeconds, closes) => {
        const first = announced(create({ ...proposal('a'), ttlSeconds, maximumSeconds }, start), start)
        assert.equal(first.kind, 'moved')
        let mitigation = first.mitigation
        for (let now = start; ; now += 1000) {
          const [plan] = due([mitigation], () => now < closes, now, maximumSeconds)
          if (plan === undefined) continue
          if (plan.kind === 'expire') {
            assert.ok(now <= start + maximumSeconds * 1000 + 1000)
            assert.ok(now <= Math.max(closes, start) + ttlSeconds * 1000 + 1000)
            return
          }
          mitigation = plan.mitigation
        }
      },
    ),
  )
})
