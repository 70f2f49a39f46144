import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Rule } from '#lib/flowspec/rule.ts'
import { counterfactual } from './counterfactual.ts'
import { distill } from './distill.ts'
import { type Followed, followOf, followRules, type Round } from './follow-rules.ts'
import { FLOODS, inputOf, type PacketOf, web } from './samples-for-tests.ts'

function roundOf(flood: PacketOf, seed: number): Round {
  const input = inputOf({ flood, honest: web, seed, attack: 300, calm: 1000 })
  return { fresh: input.attack, normal: input.normal, distilled: distill(input) }
}

function rulesAgainst(flood: PacketOf): readonly Rule[] {
  const { distilled } = roundOf(flood, 1)
  assert.equal(distilled.kind, 'rules')
  return distilled.kind === 'rules' ? distilled.rules.map(({ rule }) => rule) : []
}

/** How often the rules were replaced in as many rounds. */
function follow(start: Followed, floods: readonly PacketOf[]): { followed: Followed; changes: number[] } {
  const changes: number[] = []
  const followed = floods.reduce((before, flood, at) => {
    const decision = followRules(before, roundOf(flood, at + 2))
    if (decision.kind === 'replace') changes.push(at)
    return decision.followed
  }, start)
  return { followed, changes }
}

test('rules stay while the flood stays', () => {
  const { followed, changes } = follow(
    followOf(rulesAgainst(FLOODS.ssdp)),
    Array<PacketOf>(6).fill(FLOODS.ssdp),
  )

  assert.deepEqual(changes, [])
  assert.equal(followed.betterRounds, 0)
})

test('rules follow a flood that changes its vector, in the third round', () => {
  const { followed, changes } = follow(
    followOf(rulesAgainst(FLOODS.ntp)),
    Array<PacketOf>(5).fill(FLOODS.ssdp),
  )

  assert.deepEqual(changes, [2])
  assert.ok(counterfactual(followed.rules, roundOf(FLOODS.ssdp, 9).fresh).taken.share > 0.9)
})

test('a flood that changes each round changes nothing, and one that comes back has to wait longer', () => {
  const start = followOf(rulesAgainst(FLOODS.ntp))
  const back = (rounds: number, flood: PacketOf) => Array<PacketOf>(rounds).fill(flood)

  assert.deepEqual(follow(start, [FLOODS.ssdp, FLOODS.ntp, FLOODS.ssdp, FLOODS.ntp, FLOODS.ssdp]).changes, [])
  assert.deepEqual(follow(start, [...back(3, FLOODS.ssdp), ...back(7, FLOODS.ntp)]).changes, [2, 8])
})

test('an inseparable flood or too few samples never take rules away', () => {
  const start = followOf(rulesAgainst(FLOODS.ntp))
  const few = { ...roundOf(FLOODS.ssdp, 3), fresh: [] }

  assert.deepEqual(followRules(start, roundOf(FLOODS.syn, 3)).followed.rules, start.rules)
  assert.deepEqual(followRules(start, few).followed, start)
})

test('what would have passed: shares of all, of each rule, and of what cannot be told', () => {
  const rules = [...rulesAgainst(FLOODS.ssdp), ...rulesAgainst(FLOODS['no-flags'])]
  const { attack } = inputOf({ flood: FLOODS.ssdp, honest: web, attack: 100, honestShare: 0 })
  const [first, ...others] = attack
  assert.ok(first)

  const all = counterfactual(rules, attack)
  const hidden = counterfactual(rules, [{ ...first, untold: ['source-port'], weight: 99 }, ...others])
  const none = counterfactual([], attack)

  assert.equal(all.taken.share, 1)
  assert.deepEqual(
    all.byRule.map(({ matched }) => matched),
    [100, 0],
  )
  assert.equal(hidden.undecided.share, 0.5)
  assert.equal(hidden.undecided.matched, 1)
  assert.equal(hidden.passed.share, 0)
  assert.ok(hidden.taken.low < 0.5 && hidden.taken.high > 0.5)
  assert.equal(none.passed.share, 1)
})
