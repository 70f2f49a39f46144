import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkAnnouncements } from './check-announcements.ts'
import { configSchema } from './config.ts'

function problems(enforcement: object, rest: object = {}): string[] {
  const config = {
    ...configSchema.parse({ enforcement, ...rest }),
    networks: ['192.0.2.0/24', '2001:db8::/32'],
  }
  const locate = () => ({ file: 'config.yaml', line: 1, column: 1 })
  return checkAnnouncements(config, { settings: {}, problems: [], locate }).map(
    ({ severity, path, message }) => `${severity} ${path}: ${message}`,
  )
}

const HOP = { nextHop: '192.0.2.66' }

test('announcements that are complete, and none at all, need no words', () => {
  assert.deepEqual(problems({}), [])
  assert.deepEqual(problems({ gobgp: { hostIpv4: HOP }, exabgp: { pipe: '/run/e', networkIpv4: HOP } }), [])
})

test('communities without a next hop and a next hop without a pipe are refused', () => {
  assert.deepEqual(problems({ gobgp: { hostIpv4: { communities: ['65001:666'] } } }), [
    'error enforcement.gobgp.hostIpv4: there are communities and no nextHop, so nothing would be announced',
  ])
  assert.deepEqual(problems({ exabgp: { hostIpv4: HOP } }), [
    'error enforcement.exabgp: there is no pipe, so nothing would be announced',
  ])
})

test('a network that the guardrails would keep back is named before it is needed', () => {
  assert.deepEqual(problems({ gobgp: { networkIpv4: HOP } }, { whitelist: ['192.0.2.53/32'] }), [
    'warning enforcement.gobgp.networkIpv4: 192.0.2.0/24 hold whitelisted or management prefixes, so they are never announced as a whole',
  ])
  assert.deepEqual(problems({ gobgp: { hostIpv4: HOP } }, { whitelist: ['192.0.2.53/32'] }), [])
})
