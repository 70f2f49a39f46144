import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRule } from '../parse.ts'
import { expressionsOf } from './expressions.ts'

function expressions(text: string): string[] {
  const parsed = parseRule(text)
  assert.ok(parsed.kind === 'parsed', text)
  return expressionsOf(parsed.value)
}

test('each component has its expression', () => {
  const [one, ...none] = expressions(
    'destination 192.0.2.0/24 protocol =17 destination-port =80,>=440&<=443 packet-length >=1000&<=1500 dscp =46',
  )

  assert.equal(
    one,
    'meta nfproto ipv4 meta l4proto 17 ip frag-off & 0x1fff == 0x0 ip daddr 192.0.2.0/24 th dport { 80, 440-443 } ' +
      'meta length 1000-1500 ip dscp 46',
  )
  assert.deepEqual(none, [])
})

test('a port is that of either end, flags have one alternative for each list', () => {
  assert.deepEqual(expressions('destination 192.0.2.1/32 port =53 tcp-flags =syn&!ack,rst'), [
    ...['sport', 'dport'].flatMap(port =>
      ['@th,96,16 & 0x2 == 0x2 @th,96,16 & 0x10 == 0x0', '@th,96,16 & 0x4 != 0x0'].map(
        flags =>
          `meta nfproto ipv4 meta l4proto 6 ip frag-off & 0x1fff == 0x0 ip daddr 192.0.2.1/32 th ${port} 53 ${flags}`,
      ),
    ),
  ])
})

test('in IPv6 a part of an address is compared, and a transport header stands in a whole packet or a first fragment', () => {
  assert.deepEqual(expressions('destination ::1234:0:0:0/80 offset 64 source-port =53'), [
    'meta nfproto ipv6 meta l4proto { 6, 17 } exthdr frag missing ip6 daddr & ::ffff:0:0:0 == ::1234:0:0:0 th sport 53',
    'meta nfproto ipv6 meta l4proto { 6, 17 } frag frag-off 0 ip6 daddr & ::ffff:0:0:0 == ::1234:0:0:0 th sport 53',
  ])
})

test('what no packet can be has no expression', () => {
  for (const text of ['protocol =17 tcp-flags =syn', 'icmp-type =8 source-port =53', 'protocol <0'])
    assert.deepEqual(expressions(`destination 192.0.2.1/32 ${text}`), [], text)
})

test('a fragment is told by its offset and by whether more come', () => {
  assert.deepEqual(expressions('ipv6 fragment last'), [
    'meta nfproto ipv6 frag frag-off != 0 frag more-fragments 0',
  ])
  assert.deepEqual(expressions('ipv4 fragment is-fragment&!dont-fragment'), [
    'meta nfproto ipv4 ip frag-off & 0x6000 == 0x2000 ip frag-off & 0x1fff != 0x0',
    'meta nfproto ipv4 ip frag-off & 0x6000 == 0x0 ip frag-off & 0x1fff != 0x0',
  ])
})
