import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Change, flowAnnouncement, routeAnnouncement } from '#7-mitigation/announcement.ts'
import { parseRule } from '#lib/flowspec/parse.ts'
import { commandOf, problemsOf } from './encode.ts'

const ROUTE = {
  prefix: '10.99.1.1/32',
  nextHop: '10.0.3.114',
  communities: ['65001:666', '65001:777'],
}

const of = (kind: Change['kind'], route = ROUTE): Change => ({ kind, announcement: routeAnnouncement(route) })
const rule = (text: string) => {
  const parsed = parseRule(text)
  assert.ok(parsed.kind === 'parsed', text)
  return flowAnnouncement(parsed.value)
}

test('commands are those FastNetMon 1.2.4 writes into the pipe', () => {
  assert.equal(
    commandOf(of('announce')),
    'announce route 10.99.1.1/32 next-hop 10.0.3.114 community [65001:666 65001:777]\n',
  )
  assert.equal(commandOf(of('withdraw')), 'withdraw route 10.99.1.1/32 next-hop 10.0.3.114\n')
})

test('one community stands without brackets, none is not mentioned, and IPv6 is the same', () => {
  const route = { prefix: '2001:db8::1/128', nextHop: '100::1', communities: ['65535:666'] }

  assert.equal(
    commandOf(of('announce', route)),
    'announce route 2001:db8::1/128 next-hop 100::1 community 65535:666\n',
  )
  assert.equal(
    commandOf(of('announce', { ...route, communities: [] })),
    'announce route 2001:db8::1/128 next-hop 100::1\n',
  )
})

test('large communities have a list of their own', () => {
  const route = { ...ROUTE, communities: ['65001:666:1', '65001:666', '4200000000:0:2'] }

  assert.equal(
    commandOf(of('announce', route)),
    'announce route 10.99.1.1/32 next-hop 10.0.3.114 community 65001:666 large-community [65001:666:1 4200000000:0:2]\n',
  )
})

test('a rule is announced with its actions and withdrawn by what it matches', () => {
  const announcement = rule('destination 192.0.2.1/32 protocol =udp source-port =53 then rate 9600 bytes/s')
  const match = 'match { destination 192.0.2.1/32; protocol [=17]; source-port [=53]; }'

  assert.deepEqual(problemsOf(announcement), [])
  assert.equal(
    commandOf({ kind: 'announce', announcement }),
    `announce flow route { ${match} then { rate-limit 9600; } }\n`,
  )
  assert.equal(commandOf({ kind: 'withdraw', announcement }), `withdraw flow route { ${match} }\n`)
})

test('what ExaBGP cannot say, and what a pipe would cut, is refused with the reason', () => {
  const ports = Array.from({ length: 700 }, (_, at) => `=${1000 + 2 * at}`).join()
  const reasons = [
    rule('destination 192.0.2.1/32 then rate 1 packets/s'),
    rule('protocol =udp then discard'),
    rule('destination 192.0.2.1/32'),
    rule(`destination 192.0.2.1/32 port ${ports} then discard`),
    routeAnnouncement({ ...ROUTE, nextHop: '100::1' }),
    routeAnnouncement({ ...ROUTE, prefix: '0.0.0.0/0' }),
  ].map(announcement => problemsOf(announcement).join('; '))

  assert.deepEqual(reasons, [
    'ExaBGP has no words for action rate-packets',
    'ExaBGP has no words for a rule without a prefix',
    'a rule without actions does nothing: name one',
    'its command has 4286 bytes, and a pipe takes at most 4096 whole: split it',
    'the next hop of an IPv4 route is an IPv4 address, not "100::1"',
    'a default route is never announced',
  ])
})
