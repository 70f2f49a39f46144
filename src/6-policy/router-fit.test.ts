import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonical } from '#lib/flowspec/canonical.ts'
import { covers } from '#lib/flowspec/cover.ts'
import { parseRule } from '#lib/flowspec/parse.ts'
import { printRule } from '#lib/flowspec/print.ts'
import type { Rule } from '#lib/flowspec/rule.ts'
import { ENFORCING_ROUTERS, type EnforcingRouter, fitToRouter } from './router-fit.ts'

function ruleOf(text: string): Rule {
  const parsed = parseRule(text)
  assert.equal(parsed.kind, 'parsed')
  return canonical(parsed.value)
}

const told = (text: string, router: EnforcingRouter | undefined) => {
  const fitted = fitToRouter(ruleOf(text), router)
  return fitted.kind === 'rule' ? [printRule(fitted.rule), fitted.note] : [fitted.reason]
}

const LIMIT = 'destination 192.0.2.1/32 protocol =udp then rate 100000 bytes/s'

test('where nothing is known of the routers a rule stays as it is', () => {
  assert.deepEqual(told(LIMIT, undefined), [LIMIT, undefined])
  assert.deepEqual(told(LIMIT, 'junos'), [LIMIT, undefined])
})

test('a rate goes up to the next step that the router can enforce, and that is said', () => {
  const [rule, note] = told(LIMIT, 'slx')

  assert.equal(rule, 'destination 192.0.2.1/32 protocol =udp then rate 101750 bytes/s')
  assert.match(note ?? '', /2,?750|step/)
})

test('what a router has no words for is refused with the reason', () => {
  assert.match(told('destination 192.0.2.1/32 then rate 500 packets/s', 'junos')[0]!, /rate-packets/)
  assert.match(told('destination 2001:db8::1/128 then discard', 'slx')[0]!, /IPv6/)
  assert.match(
    told('destination 192.0.2.1/32 port =53 destination-port =80 then discard', 'junos')[0]!,
    /cannot have port and destination-port in one rule/,
  )
})

test('whatever the router, what is made to fit matches nothing that was not asked for', () => {
  const rule = fc.constantFrom(
    LIMIT,
    'destination 192.0.2.1/32 protocol =udp source-port =53 then discard',
    'destination 192.0.2.1/32 fragment is-fragment then discard',
    'destination 192.0.2.1/32 protocol =tcp tcp-flags =syn then rate 12345 bytes/s',
    'destination 2001:db8::1/128 protocol =udp then discard',
  )
  fc.assert(
    fc.property(rule, fc.constantFrom(...ENFORCING_ROUTERS), (text, router) => {
      const fitted = fitToRouter(ruleOf(text), router)
      if (fitted.kind === 'rule') assert.ok(covers(ruleOf(text), fitted.rule))
    }),
  )
})
