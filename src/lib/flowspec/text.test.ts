import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyRule } from './arbitrary-for-tests.ts'
import { parseRule } from './parse.ts'
import { printRule } from './print.ts'

test('what is printed is read back as the same rule', () => {
  fc.assert(
    fc.property(anyRule, rule => {
      assert.deepEqual(parseRule(printRule(rule)), { kind: 'parsed', value: rule })
    }),
    { numRuns: 1000 },
  )
})

test('random text gives a rule or a problem within the line', () => {
  const word = fc.constantFrom(
    'destination',
    '192.0.2.1/32',
    'protocol',
    '=udp',
    'then',
    'rate',
    '1',
    ',',
    'bytes/s',
    '&',
    '=',
    'offset',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(word).map(words => words.join(' ')),
      ),
      text => {
        const parsed = parseRule(text)

        if (parsed.kind === 'problem') assert.ok(parsed.column >= 1 && parsed.column <= text.length + 1)
        else assert.deepEqual(parseRule(printRule(parsed.value)), parsed)
      },
    ),
    { numRuns: 2000 },
  )
})

const SAME: readonly (readonly [text: string, printed: string])[] = [
  [
    'source-port 53 destination 192.0.2.1 protocol udp then discard',
    'destination 192.0.2.1/32 protocol =udp source-port =53 then discard',
  ],
  [
    'destination 2001:db8::/32 next-header =6 tcp-flags =syn&!ack then rate 1e6 bytes/s as 65000,mark 8',
    'destination 2001:db8::/32 protocol =tcp tcp-flags =syn&!ack then rate 1000000 bytes/s as 65000, mark 8',
  ],
  ['ipv6 flow-label =7 fragment is-fragment+first', 'ipv6 fragment is-fragment+first flow-label =7'],
  [
    'destination ::1234:5678:9a00:0/104 offset 64 then redirect [2001:db8::1]:7, redirect 65000L:1',
    'destination ::1234:5678:9a00:0/104 offset 64 then redirect [2001:db8::1]:7, redirect 65000L:1',
  ],
]

for (const [text, printed] of SAME) {
  test(`read: ${text}`, () => {
    const parsed = parseRule(text)

    assert.ok(parsed.kind === 'parsed', 'what' in parsed ? parsed.what : '')
    assert.equal(printRule(parsed.value), printed)
  })
}

const WRONG: readonly (readonly [text: string, column: number, what: string])[] = [
  ['', 1, 'a rule needs a component: name at least a destination'],
  ['destinaton 192.0.2.1', 1, '"destinaton" is no component'],
  ['destination 192.0.2.1/24', 13, '"192.0.2.1/24" has host bits set'],
  ['destination nonsense', 13, '"nonsense" is no prefix'],
  ['protocol =udp protocol =tcp', 15, 'protocol comes twice'],
  ['protocol =udp,=>tcp', 15, '"=>" is no comparison'],
  ['port =80,=http', 10, '"http" is no value of port'],
  ['port =65536', 1, 'port is a whole number from 0 to 65535, not 65536'],
  ['tcp-flags =syn&!urgent', 16, '"urgent" is no bit of tcp-flags'],
  ['port', 5, 'port has no value'],
  ['port =80 then discard, drop', 24, '"drop" is no action'],
  ['ipv6 destination 192.0.2.1', 1, 'the rule says ipv6 and has a prefix of IPv4'],
]

for (const [text, column, what] of WRONG) {
  test(`refused: "${text}"`, () => {
    const parsed = parseRule(text)

    assert.ok(parsed.kind === 'problem')
    assert.deepEqual({ column: parsed.column, what: parsed.what }, { column, what })
    assert.ok(parsed.advice.length > 0)
  })
}
