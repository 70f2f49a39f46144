import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXAMPLE_ATTACK } from '#api/contract/examples.ts'
import { attacksText } from './attacks.ts'

test('an attack says what it is, how sure that is, and why', () => {
  const text = attacksText({ attacks: [EXAMPLE_ATTACK], total: 1 })

  assert.match(text, /^ {2}is: dns-amplification 98 % \(confidence 97 %, from 812 packets\)$/m)
  assert.match(text, /^ {4}dns-amplification: the host sent no request to that port$/m)
})

test('an attack without a name says nothing of it', () => {
  const { finding: _finding, ...unnamed } = EXAMPLE_ATTACK

  assert.doesNotMatch(attacksText({ attacks: [unnamed], total: 1 }), /is:/)
})

test('an attack says which rules its packets suggest', () => {
  const text = attacksText({ attacks: [EXAMPLE_ATTACK], total: 1 })

  assert.match(
    text,
    /^ {2}proposed: destination 10\.99\.1\.1\/32 protocol =udp source-port =53 .* \(takes 98\.1 % of 1024 /m,
  )
})
