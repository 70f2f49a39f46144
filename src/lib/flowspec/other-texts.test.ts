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
    'destination 192.0.2.1 then redirect 65001L:100',
    'destination 192.0.2.1 then redirect 192.0.2.9:100',
  ])
    assert.equal(announceToExabgp(ruleOf(text)).kind, 'impossible', text)
})

/** As gobgpd 3.10 wrote them. */
const KEYS: readonly (readonly [text: string, key: string])[] = [
  [
    'destination 203.0.113.10/32 protocol =udp,=tcp destination-port >=80&<=443,=8080 source-port !=53 icmp-type =8 packet-length >1000 dscp =46',
    '[destination: 203.0.113.10/32][protocol: ==udp ==tcp][destination-port: >=80&<=443 ==8080][source-port: !=53][icmp-type: ==8][packet-length: >1000][dscp: ==46]',
  ],
  [
    'destination 2001:db8::1/128 protocol =tcp,=sctp flow-label =7',
    '[destination: 2001:db8::1/128/0][protocol: ==tcp ==sctp][label: ==7]',
  ],
]

for (const [text, key] of KEYS) {
  test(`gobgpd names as seen: ${key}`, () => {
    assert.equal(gobgpKey(ruleOf(text)), key)
  })
}

test('no key of gobgpd is guessed', () => {
  for (const text of ['tcp-flags =syn', 'protocol =58', 'port true', 'destination ::1/128 offset 64'])
    assert.equal(gobgpKey(ruleOf(text)), undefined, text)
})
