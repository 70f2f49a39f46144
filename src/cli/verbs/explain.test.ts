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

test('proposed rules are explained: what they take, why each component is there, and what would have passed', () => {
  const taken = { share: 0.25, low: 0.2, high: 0.3, matched: 256, of: 1024 }
  const proposed = { ...EXAMPLE_ATTACK.proposed!, before: taken }
  const attack = { ...EXAMPLE_ATTACK, proposed }
  const refused: typeof proposed = {
    ...proposed,
    result: 'inseparable',
    ...{ rules: [], text: 'no rule: alike', reason: 'alike', nextAction: 'divert' },
  }

  const text = explanationText({ subject: attack.id, verdict: 'v', attack })
  const without = explanationText({
    subject: attack.id,
    verdict: 'v',
    attack: { ...attack, proposed: refused },
  })

  assert.match(
    text,
    /^ {2}proposed: destination .* then discard, takes 98\.1 % \(97\.1 % to 98\.8 %\) of 1,024 packets/m,
  )
  assert.match(text, / and 0\.0 % \(at most 0\.6 %\) of 611 calm ones$/m)
  assert.match(text, /^ {4}source-port =53: 98 % of what came during the attack/m)
  assert.match(
    text,
    /^ {4}of its latest packets the rules of before take 25\.0 %; 75\.0 % would have passed$/m,
  )
  assert.match(text, /^ {4}not protocol =udp source-port =53: it takes 11 % of normal traffic$/m)
  assert.match(without, /^ {2}proposed: no rule: alike\n {4}worth trying instead: divert$/m)
})
