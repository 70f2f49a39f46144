import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRule } from '../parse.ts'
import { printNftables } from './print-nftables.ts'

const ruleOf = (text: string) => {
  const parsed = parseRule(text)
  assert.ok(parsed.kind === 'parsed', text)
  return parsed.value
}

test('rules become a table that judges before fragments are put together', () => {
  const printed = printNftables([ruleOf('destination 192.0.2.1/32 protocol =udp then discard')])

  assert.ok(printed.kind === 'text')
  assert.match(
    printed.text,
    /^table inet floodwarden\ndelete table inet floodwarden\ntable inet floodwarden \{\n/,
  )
  assert.match(printed.text, /type filter hook prerouting priority -450; policy accept;/)
  assert.match(printed.text, /ip daddr 192\.0\.2\.1\/32 goto act0\n/)
})

test('what nftables cannot do is said, and nothing is printed', () => {
  const printed = printNftables([
    ruleOf('destination 192.0.2.1/32 then discard'),
    ruleOf('destination 192.0.2.1/32 then redirect 65001:100'),
    ruleOf('destination 192.0.2.1/32 then action sample'),
    ruleOf('destination 192.0.2.1/32 protocol =udp tcp-flags =syn then discard'),
  ])

  assert.ok(printed.kind === 'impossible')
  assert.deepEqual(
    printed.problems.map(problem => problem.slice(problem.lastIndexOf(': ') + 2)),
    ['nftables does not do redirect here', 'nftables takes no samples', 'no packet can match it'],
  )
})
