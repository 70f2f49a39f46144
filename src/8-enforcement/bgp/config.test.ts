import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { announcementSettings, plansOf } from './config.ts'

const schema = z.strictObject(announcementSettings)
const isValid = (announcement: object) => schema.safeParse(announcement).success

test('networks are announced before hosts, and only what has a next hop', () => {
  const settings = schema.parse({
    hostIpv4: { nextHop: '192.0.2.66', communities: ['65001:666'] },
    networkIpv4: { nextHop: '192.0.2.77' },
    hostIpv6: { nextHop: '0100:0::1' },
  })

  assert.deepEqual(plansOf('gobgp', settings), [
    { enforcer: 'gobgp', scope: 'network', family: 4, nextHop: '192.0.2.77', communities: [] },
    { enforcer: 'gobgp', scope: 'host', family: 4, nextHop: '192.0.2.66', communities: ['65001:666'] },
    { enforcer: 'gobgp', scope: 'host', family: 6, nextHop: '100::1', communities: [] },
  ])
  assert.deepEqual(plansOf('exabgp', schema.parse({})), [])
})

test('a next hop is of the family of its route, and a community is two numbers of 16 bits or three of 32', () => {
  assert.ok(!isValid({ hostIpv4: { nextHop: '100::1' } }))
  assert.ok(!isValid({ hostIpv6: { nextHop: '192.0.2.66' } }))
  for (const text of [
    '65536:1',
    '1:65536',
    '1',
    '1:2:3:4',
    '1:2:4294967296',
    '1:02:3',
    '01:2',
    ' 1:2',
    'blackhole',
  ]) {
    assert.ok(!isValid({ hostIpv4: { nextHop: '192.0.2.66', communities: [text] } }), text)
  }
  assert.ok(
    isValid({
      hostIpv4: { nextHop: '192.0.2.66', communities: ['0:0', '65535:65535', '4294967295:0:4294967295'] },
    }),
  )
})
