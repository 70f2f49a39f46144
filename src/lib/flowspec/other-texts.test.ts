import assert from 'node:assert/strict'
import { test } from 'node:test'
import { announceToExabgp, withdrawFromExabgp } from './exabgp.ts'
import { gobgpKey } from './gobgp.ts'
import { parseRule } from './parse.ts'

const ruleOf = (text: string) => {
  const parsed = parseRule(text)
  assert.ok(parsed.kind === 'parsed')
  return parsed.value
}

test('ExaBGP is told a rule of IPv4 and one of IPv6 in its own words', () => {
  const v4 = ruleOf(
    'destination 203.0.113.10/32 protocol udp source-port =53,=123 fragment first then rate 9600 bytes/s, mark 10',
  )
  const v6 = ruleOf(
    'destination 2001:db8::1/128 protocol tcp destination-port >=80&<=443 tcp-flags =syn&!ack then discard',
  )

  assert.deepEqual(announceToExabgp(v4), {
    kind: 'command',
    text: 'announce flow route { match { destination 203.0.113.10/32; protocol [=17]; source-port [=53 =123]; fragment [first-fragment]; } then { rate-limit 9600; mark 10; } }',
  })
  assert.deepEqual(withdrawFromExabgp(v6), {
    kind: 'command',
    text: 'withdraw flow route { match { destination 2001:db8::1/128; next-header [=6]; destination-port [>=80&<=443]; tcp-flags [=syn&!ack]; } }',
  })
})

test('what ExaBGP has no words for is not said in other words', () => {
  for (const text of [
    'protocol udp then discard',
    'destination 192.0.2.1 then rate 1 packets/s',
    'destination 192.0.2.1 then rate 0.5 bytes/s',
    'destination 192.0.2.1 port true then discard',
    'destination 192.0.2.1 tcp-flags 0x200 then discard',
  ])
    assert.equal(announceToExabgp(ruleOf(text)).kind, 'impossible', text)
})

test('the key of gobgpd is known for prefixes and numbers', () => {
  assert.equal(
    gobgpKey(ruleOf('destination 203.0.113.10/32 protocol =udp source-port =53')),
    '[destination: 203.0.113.10/32][protocol: ==udp][source-port: ==53]',
  )
  assert.equal(gobgpKey(ruleOf('destination 203.0.113.10/32 tcp-flags =syn')), undefined)
})
