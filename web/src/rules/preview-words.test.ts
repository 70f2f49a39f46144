import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXAMPLE_MITIGATION, EXAMPLE_PREVIEW } from '#api/contract/examples-resources.ts'
import { isHarsh, matchWords, ruleOf, shareWords } from './preview-words.ts'

test('shares are told with how sure they are', () => {
  const { packets, friends } = EXAMPLE_PREVIEW.traffic

  assert.equal(shareWords(packets), '97 % (96 % to 98 %), 970 of 1000 samples')
  assert.equal(shareWords({ ...friends, of: 0 }), 'no samples')
})

test('a rule that takes honest traffic is called harsh', () => {
  const { traffic } = EXAMPLE_PREVIEW

  assert.equal(isHarsh(traffic), false)
  assert.equal(isHarsh({ ...traffic, friends: { ...traffic.friends, share: 0.2 } }), true)
  assert.equal(isHarsh({ ...traffic, friends: { ...traffic.friends, share: 0.2, of: 0 } }), false)
})

test('the rule of a mitigation is found in what it does', () => {
  assert.equal(
    ruleOf(EXAMPLE_MITIGATION.does),
    'destination 10.99.1.1/32 protocol =udp then rate 625000 bytes/s',
  )
  assert.equal(ruleOf('call the script /x'), undefined)
})

test('a match is one line', () => {
  assert.equal(matchWords({ protocol: '=udp', sourcePort: '=123' }), 'protocol =udp sourcePort =123')
})
