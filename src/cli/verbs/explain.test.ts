import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXAMPLE_ATTACK, EXAMPLE_EXPLANATION } from '#api/contract/examples.ts'
import { explanationText } from './explain.ts'

test('a suspect is explained: speeds, limits, budget, suspicion with its reasons, and what was tolerated', () => {
  const text = explanationText(EXAMPLE_EXPLANATION)

  assert.match(text, /^10\.99\.1\.5: 10\.99\.1\.5 went over its limit of incoming packets 3\.4 s ago/)
  assert.match(text, /^Now \(limits of global, mode budget\)$/m)
  assert.match(text, /^ {2}incoming 30,102 packets\/s, 340 Mbit\/s, 9 flows\/s$/m)
  assert.match(
    text,
    /^ {2}incoming packets +20,000 +30,102 +1\.71 +3\.4 s {2}learned, accepted by uid:0 on 2026-11-20$/m,
  )
  assert.match(text, /^ {2}budget 13\.8 limit-seconds$/m)
  assert.match(text, /^ {2}suspicion 2 %, from 412 packets: 0\.50 and$/m)
  assert.match(text, /^ {4}answers +1\.00 +-0\.60 +100 % of the packets are of peers/m)
  assert.match(
    text,
    /^Tolerated\n {2}.*: incoming packets at 61,200 over 20,000 .*burst, tolerated, because/m,
  )
})

test('an attack is explained by what opened it; its suspicion is told once', () => {
  const { now } = EXAMPLE_EXPLANATION
  const suspicion = { weight: 1, packets: 300, features: [] }
  const crossing = { ...EXAMPLE_ATTACK.crossing!, suspicion, interval: { low: 21_000, high: 23_000 } }
  const attack = { ...EXAMPLE_ATTACK, crossing }

  const text = explanationText({ subject: attack.id, verdict: 'it is under attack', attack, now })

  assert.match(text, new RegExp(`^Attack ${attack.id}, ${attack.state}$`, 'm'))
  assert.match(text, /^ {2}why: .+\n {2}decision: .+$/m)
  assert.match(text, /^ {2}counted from samples: between 21,000 and 23,000$/m)
  assert.equal(text.match(/suspicion \d+ %, from/g)?.length, 1)
})

test('a host of which nothing is known is explained in one sentence', () => {
  assert.equal(
    explanationText({ subject: '192.0.2.1', verdict: '192.0.2.1 has no traffic' }),
    '192.0.2.1: 192.0.2.1 has no traffic\n',
  )
})
