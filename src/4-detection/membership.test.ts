import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostgroupSchema } from './config.ts'
import { addressFor, detectionWith } from './limits-for-tests.ts'
import { Membership } from './membership.ts'

const group = (networks: string[], more: object = {}) => hostgroupSchema.parse({ networks, ...more })
const limits = (packetsPerSecond: number) => ({ incoming: { packetsPerSecond }, outgoing: {} })

const membership = new Membership({
  detection: detectionWith({ thresholds: limits(1000) }),
  hostgroups: {
    wide: group(['10.0.0.0/8', '2001:db8::/32'], { thresholds: limits(2000) }),
    narrow: group(['10.1.0.0/16'], { thresholds: limits(3000) }),
    exempt: group(['10.1.9.0/24'], { enableBan: false, thresholds: limits(1) }),
    bare: group(['10.2.0.0/16']),
  },
  whitelist: ['10.1.2.0/24', '2001:db8:1::1'],
})

/** Hostgroup and first limit of a host. */
function judged(host: string): string | undefined {
  const set = membership.limitsOf(addressFor(host))
  return set && `${set.hostgroup} ${set.limits[0]?.threshold}`
}

test('a host has the limits of the group with the longest prefix, else the general ones', () => {
  assert.equal(judged('192.0.2.1'), 'global 1000')
  assert.equal(judged('10.0.0.1'), 'wide 2000')
  assert.equal(judged('10.1.0.1'), 'narrow 3000')
  assert.equal(judged('2001:db8::1'), 'wide 2000')
  assert.equal(judged('2001:db9::1'), 'global 1000')
})

test('a group that sets no limit has the general ones, under its own name', () => {
  assert.equal(judged('10.2.0.1'), 'bare 1000')
})

test('a group that is exempt and a host on the whitelist are not judged', () => {
  assert.equal(judged('10.1.9.1'), undefined)
  assert.equal(judged('10.1.2.1'), undefined)
  assert.equal(judged('2001:db8:1::1'), undefined)
  assert.equal(judged('2001:db8:1::2'), 'wide 2000')
  assert.equal(membership.isWhitelisted(addressFor('10.1.2.1')), true)
  assert.equal(membership.isWhitelisted(addressFor('10.1.3.1')), false)
})

test('hosts that are not judged still have their group', () => {
  assert.equal(membership.hostgroupOf(addressFor('10.1.9.1')), 'exempt')
  assert.equal(membership.hostgroupOf(addressFor('10.1.2.1')), 'narrow')
  assert.equal(membership.hostgroupOf(addressFor('192.0.2.1')), 'global')
})

test('a family that is switched off is not judged, the other one is', () => {
  const settings = { hostgroups: {}, whitelist: [] }
  const onlyV4 = new Membership({ ...settings, detection: detectionWith({ enableIpv6: false }) })
  const onlyV6 = new Membership({ ...settings, detection: detectionWith({ enableIpv4: false }) })

  assert.deepEqual(
    [onlyV4, onlyV6].map(one => [
      one.limitsOf(addressFor('192.0.2.1')) !== undefined,
      one.limitsOf(addressFor('2001:db8::1')) !== undefined,
    ]),
    [
      [true, false],
      [false, true],
    ],
  )
})

test('flows are judged as soon as one group of them has a limit, unless it is exempt', () => {
  const of = (more: object) =>
    new Membership({
      detection: detectionWith(),
      whitelist: [],
      hostgroups: {
        one: group(['10.0.0.0/8'], { thresholds: { outgoing: { flowsPerSecond: 5 } }, ...more }),
      },
    })

  assert.equal(membership.judgesFlows, false)
  assert.equal(of({}).judgesFlows, true)
  assert.equal(of({ enableBan: false }).judgesFlows, false)
  assert.equal(membership.sets.length, 4)
})
