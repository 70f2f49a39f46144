import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Attack } from '#4-detection/attack.ts'
import { exampleAttack } from '#5-evidence/example.ts'
import { EXAMPLE_LIFE } from '#7-mitigation/example.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import { endOf, planRestore } from './restore-plan.ts'

const NOON = Date.UTC(2026, 0, 15, 12)
const HOUR = 3_600_000

const attack = (id: string, changes: Parameters<typeof exampleAttack>[0] = {}) =>
  exampleAttack({ id, openedAt: NOON, lastOverAt: NOON, isOver: false, banSeconds: 600, ...changes })

const mitigation = (attackId: string, target = '192.0.2.1'): Mitigation => ({
  ...{ id: `${attackId}.0`, attackId, target, enforcer: 'notify-script', reason: 'because' },
  ...{
    action: { kind: 'script', path: '/bin/true' },
    ...EXAMPLE_LIFE,
    createdAt: NOON,
    expiresAt: NOON + 24 * HOUR,
  },
  ...{ state: 'announced', announcedAt: NOON },
})

const plan = (
  attacks: readonly { attack: Attack; ageSeconds: number | undefined }[],
  wallMs: number,
  mitigations: readonly Mitigation[] = [],
  isStillOurs: (attack: Attack) => boolean = () => true,
) => {
  const { over, open } = planRestore({ attacks, mitigations }, wallMs, isStillOurs)
  return {
    over: over.map(({ attack: { id, endedBy }, isNews }) => `${id} ${endedBy}${isNews ? '' : ' again'}`),
    open: open.map(({ attack: { id } }) => id),
  }
}

test('what has expired is over, what has not goes on, what lasts until told otherwise too', () => {
  const kept = [
    { attack: attack('expired'), ageSeconds: 600 },
    { attack: attack('young'), ageSeconds: 599.9 },
    { attack: attack('endless', { banSeconds: 0 }), ageSeconds: 1e6 },
  ]

  assert.deepEqual(plan(kept, NOON + 600_000), { over: ['expired finished'], open: ['young', 'endless'] })
})

test('a ban of unknown age is over, because it must not be lengthened', () => {
  const kept = [
    { attack: attack('a'), ageSeconds: undefined },
    { attack: attack('endless', { banSeconds: 0 }), ageSeconds: undefined },
  ]

  assert.deepEqual(plan(kept, NOON - HOUR), { over: ['a finished'], open: ['endless'] })
})

test('what the configuration no longer lets us touch ends for that reason', () => {
  const kept = [{ attack: attack('gone'), ageSeconds: 1 }]

  assert.deepEqual(
    plan(kept, NOON, [], () => false),
    { over: ['gone configuration'], open: [] },
  )
})

test('what had ended and was not all taken back is taken back, also when its attack is lost', () => {
  const kept = [{ attack: endOf(attack('ended'), 'operator', NOON), ageSeconds: 5 }]

  const { over } = planRestore(
    { attacks: kept, mitigations: [mitigation('ended'), mitigation('lost', '2001:db8::/48')] },
    NOON,
    () => true,
  )

  assert.deepEqual(
    over.map(({ attack: { id, endedBy, prefixes, family }, mitigations, isNews }) => [
      ...[id, endedBy, prefixes, family],
      ...[mitigations.length, isNews],
    ]),
    [
      ['ended', 'operator', ['192.0.2.1/32'], 4, 1, false],
      ['lost', 'finished', ['2001:db8::/48'], 6, 1, false],
    ],
  )
})

test('a clock that was set while the daemon was away makes no ban longer or shorter', () => {
  fc.assert(
    fc.property(fc.integer({ min: -9e9, max: 9e9 }), fc.nat(599), (stepMs, ageSeconds) => {
      const wallMs = NOON + ageSeconds * 1000 + stepMs
      const kept = [{ attack: attack('a'), ageSeconds }]

      const [restored] = planRestore({ attacks: kept, mitigations: [] }, wallMs, () => true).open

      const leftMs = restored!.attack.openedAt + 600_000 - wallMs
      assert.ok(Math.abs(leftMs - (600 - ageSeconds) * 1000) <= 1000)
      assert.ok(restored!.attack.lastOverAt <= wallMs)
    }),
  )
})

test('one that was over a limit counts as over now, until traffic says otherwise', () => {
  const kept = [{ attack: attack('a', { isOver: true }), ageSeconds: 60 }]

  const [restored] = planRestore({ attacks: kept, mitigations: [] }, NOON + 60_000, () => true).open

  assert.equal(restored!.attack.lastOverAt, NOON + 60_000)
})
