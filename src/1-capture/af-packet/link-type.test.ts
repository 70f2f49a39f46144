import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LINK_TYPE, linkKindOf } from './link-type.ts'

test('Ethernet and loopback frames are read as they are', () => {
  for (const hardwareType of [1, 772]) {
    assert.deepEqual(linkKindOf(hardwareType), { linkType: LINK_TYPE.ethernet, isCooked: false })
  }
})

test('of tunnels, PPP, raw IP and links nobody has heard of the network header comes first', () => {
  const others = {
    infiniband: 32,
    ppp: 512,
    rawIp: 519,
    ipip: 768,
    ip6tnl: 769,
    sit: 776,
    gre: 778,
    ip6gre: 823,
    none: 65534,
    unheard: 4711,
  }

  for (const hardwareType of Object.values(others)) {
    assert.deepEqual(linkKindOf(hardwareType), { linkType: LINK_TYPE.rawIp, isCooked: true })
  }
})
