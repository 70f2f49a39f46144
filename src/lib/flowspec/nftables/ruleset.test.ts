import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRule } from '../parse.ts'
import type { Rule } from '../rule.ts'
import { rulesetOf } from './ruleset.ts'

function rule(text: string): Rule {
  const parsed = parseRule(text)
  assert.ok(parsed.kind === 'parsed', text)
  return parsed.value
}

const HOST = 'destination 192.0.2.1/32'

/** What is done with a packet that the only rule matches. */
function statements(text: string): string[] {
  const lines = rulesetOf([rule(text)]).script.split('\n')
  return lines.slice(lines.indexOf('chain act0 {') + 2, lines.indexOf('chain match0 {') - 1)
}

test('actions have their statements, and later rules are looked at when the rule says so', () => {
  assert.deepEqual(statements(`${HOST} then discard`), ['drop', 'accept'])
  assert.deepEqual(statements(`${HOST} then rate 100000 bytes/s`), [
    'limit rate over 100000 bytes/second burst 10000 bytes drop',
    'accept',
  ])
  assert.deepEqual(statements(`${HOST} then rate 5 packets/s`), [
    'limit rate over 5/second burst 1 packets drop',
    'accept',
  ])
  assert.deepEqual(statements(`${HOST} then mark 10, action terminal`), ['ip dscp set 10', 'return'])
  assert.deepEqual(statements('destination 2001:db8::1/128 then mark 46'), ['ip6 dscp set 46', 'accept'])
})

test('rules stand in the order of RFC 8955, whatever the order in which they come', () => {
  const texts = [
    `${HOST} source 198.51.100.0/24 then discard`,
    `${HOST} then rate 1000 bytes/s`,
    'destination 192.0.2.0/24 then mark 10',
    'destination 2001:db8::1/128 then discard',
  ]

  const ordered = rulesetOf(texts.map(rule))
  const reversed = rulesetOf(texts.toReversed().map(rule))

  assert.deepEqual(ordered.rules, texts.map(rule))
  assert.deepEqual(reversed, ordered)
})

test('what nftables cannot do is told, and the rule is counted all the same', () => {
  const { script, told } = rulesetOf([
    rule(`${HOST} then redirect 65001:100`),
    rule('destination 192.0.2.2/32 then discard, action sample'),
  ])

  assert.deepEqual(told, [
    `${HOST} then redirect 65001:100: it is not redirected, only counted`,
    'destination 192.0.2.2/32 then action sample, discard: no samples are taken',
  ])
  assert.match(script, /counter name matched0[^\n]*\naccept/)
})
