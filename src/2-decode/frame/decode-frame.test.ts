// Layers below IP: each kind, beside its nearest neighbour that is something else.

import { test } from 'node:test'
import { LINK } from '#2-decode/sample.ts'
import { assertDecodes, assertOutcome, WITHOUT_LINK, word } from './decode-for-tests.ts'
import {
  ethernet,
  filled,
  label,
  pppoe,
  SOURCE_V4,
  SOURCE_V6,
  snap,
  TARGET_V4,
  TARGET_V6,
  tag,
  u16,
  u32,
  udpFrame,
  udpV4,
  udpV6,
} from './frames-for-tests.ts'
import { ETHER_TYPE } from './layer.ts'

const { ipv4, ipv6, customerTag, serviceTag, oldServiceTag, mpls, mplsMulticast, pppoeSession } = ETHER_TYPE
const UDP = { protocol: 17, sourcePort: 1900, targetPort: 80, isCut: 0 }
const V4 = { ...UDP, family: 4, sourceA: word(SOURCE_V4), targetA: word(TARGET_V4) }
const V6 = { ...UDP, family: 6, sourceD: word(SOURCE_V6, 12), targetD: word(TARGET_V6, 12) }

test('Ethernet carries IPv4 and IPv6', () => {
  assertDecodes(udpFrame(), { ...V4, vlan: 0, ipOffset: 14, transportOffset: 34 })
  assertDecodes(ethernet(ipv6, udpV6()), { ...V6, vlan: 0, ipOffset: 14, transportOffset: 54 })
})

test('what is not IP is told from what is cut and what cannot be', () => {
  assertOutcome(ethernet(0x0806, filled(28)), 'notIp')
  assertOutcome(ethernet(0x88cc, filled(28)), 'notIp')
  assertOutcome(ethernet(0x8863, pppoe(9, filled(8))), 'notIp')
  assertOutcome(ethernet(ipv4, []), 'cut')
  assertOutcome(filled(13), 'cut')
  assertOutcome([], 'cut')
  assertOutcome(ethernet(ipv4, udpV6()), 'malformed')
  assertOutcome(ethernet(ipv6, [...udpV4(), ...filled(40)]), 'malformed')
})

test('tags of every kind are passed in every order, and the outermost identifier is kept', () => {
  assertDecodes(ethernet(customerTag, tag(100, ipv4, udpV4())), { ...V4, vlan: 100, ipOffset: 18 })
  assertDecodes(ethernet(serviceTag, tag(4094, ipv6, udpV6())), { ...V6, vlan: 4094 })
  assertDecodes(ethernet(oldServiceTag, tag(7, ipv4, udpV4())), { ...V4, vlan: 7 })
  const stacked = tag(200, customerTag, tag(100, oldServiceTag, tag(50, ipv4, udpV4())))
  assertDecodes(ethernet(serviceTag, stacked), { ...V4, vlan: 200, ipOffset: 26 })
})

test('a priority tag has no identifier, so that of the next tag counts', () => {
  assertDecodes(ethernet(customerTag, tag(0, customerTag, tag(9, ipv4, udpV4()))), { ...V4, vlan: 9 })
  assertDecodes(ethernet(customerTag, tag(0, ipv4, udpV4())), { ...V4, vlan: 0 })
})

test('layers are followed to their bound and no further', () => {
  const tags = (count: number): number[] => {
    let frame = tag(1, ipv4, udpV4())
    for (let i = 1; i < count; i++) frame = tag(1, customerTag, frame)
    return ethernet(customerTag, frame)
  }
  assertDecodes(tags(8), V4)
  assertDecodes(tags(24), V4)
  assertOutcome(tags(25), 'malformed')
})

test('a tag or label that is cut is no packet', () => {
  assertOutcome(ethernet(customerTag, [0, 1, 8]), 'cut')
  assertOutcome(ethernet(customerTag, tag(1, 0x0806, filled(28))), 'notIp')
  assertOutcome(ethernet(mpls, [0, 1, 0x01]), 'cut')
  assertOutcome(ethernet(mpls, label(16, true, [])), 'cut')
  assertOutcome(ethernet(mpls, label(16, false, [])), 'cut')
})

test('a label stack is walked to its bottom, where the version nibble decides', () => {
  assertDecodes(ethernet(mpls, label(16, true, udpV4())), { ...V4, ipOffset: 18 })
  assertDecodes(ethernet(mplsMulticast, label(16, true, udpV6())), V6)
  assertDecodes(ethernet(mpls, label(16, false, label(17, false, label(2, true, udpV6())))), {
    ...V6,
    ipOffset: 26,
  })
})

test('an Ethernet frame over MPLS is found with and without a control word', () => {
  const inner = udpFrame()
  assertDecodes(ethernet(mpls, label(16, true, [0, 0, 0, 1, ...inner])), { ...V4, ipOffset: 36 })
  assertDecodes(ethernet(mpls, label(16, true, inner)), { ...V4, ipOffset: 32 })
  assertDecodes(ethernet(mpls, label(16, true, [0xac, ...inner.slice(1)])), V4)
  const tagged = ethernet(customerTag, tag(33, ipv6, udpV6()))
  assertDecodes(ethernet(mpls, label(16, true, [0, 0, 0, 1, ...tagged])), { ...V6, vlan: 33 })
  assertOutcome(ethernet(mpls, label(16, true, filled(40, 0))), 'notIp')
})

test('a PPPoE session carries IPv4 and IPv6, negotiation is not IP', () => {
  const session = (...payload: number[]) => ethernet(pppoeSession, pppoe(0, payload))
  assertDecodes(session(0, 0x21, ...udpV4()), { ...V4, ipOffset: 22 })
  assertDecodes(session(0, 0x57, ...udpV6()), V6)
  assertDecodes(session(0x21, ...udpV4()), { ...V4, ipOffset: 21 })
  assertDecodes(session(0x02, 0x81, ...label(16, true, udpV4())), V4)
  assertOutcome(session(0xc0, 0x21, ...filled(40)), 'notIp')
  assertOutcome(session(0x80, 0x21, ...filled(40)), 'notIp')
  assertOutcome(ethernet(pppoeSession, pppoe(0xa7, filled(40))), 'notIp')
  assertOutcome(ethernet(pppoeSession, [0x12, 0, 0, 1, 0, 40, ...filled(40)]), 'malformed')
  assertOutcome(ethernet(pppoeSession, [0x11, 0, 0, 1, 0]), 'cut')
  assertOutcome(session(0), 'cut')
})

test('IP behind SNAP is decoded, other LLC is not IP', () => {
  const llc = (payload: number[]) => ethernet(payload.length, payload)
  assertDecodes(llc(snap(ipv4, udpV4())), { ...V4, ipOffset: 22 })
  assertDecodes(ethernet(customerTag, tag(5, 46, snap(ipv6, udpV6()))), { ...V6, vlan: 5 })
  assertOutcome(llc([0x42, 0x42, 3, ...filled(35)]), 'notIp')
  assertOutcome(llc([0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0, ...filled(35)]), 'notIp')
  assertOutcome(llc(snap(46, snap(ipv4, udpV4()))), 'notIp')
  assertOutcome(llc([0xaa, 0xaa, 3]), 'notIp')
})

test('IP without a link layer goes by its version', () => {
  for (const link of [LINK.rawIp, LINK.rawIpBsd, LINK.rawIpOpenBsd, WITHOUT_LINK]) {
    assertDecodes(udpV4(), { ...V4, ipOffset: 0 }, { link })
    assertDecodes(udpV6(), { ...V6, ipOffset: 0 }, { link })
    assertOutcome([0x50, ...filled(60)], 'malformed', { link })
    assertOutcome([], 'cut', { link })
  }
  assertDecodes(udpV4(), V4, { link: LINK.ipv4 })
  assertDecodes(udpV6(), V6, { link: LINK.ipv6 })
  assertOutcome(udpV6(), 'malformed', { link: LINK.ipv4 })
})

test('both cooked captures of Linux are read', () => {
  const cooked = (etherType: number, payload: number[]) => [...filled(14, 0), ...u16(etherType), ...payload]
  const cooked2 = (etherType: number, payload: number[]) => [...u16(etherType), ...filled(18, 0), ...payload]
  assertDecodes(cooked(ipv4, udpV4()), { ...V4, ipOffset: 16 }, { link: LINK.linuxSll })
  assertDecodes(cooked(customerTag, tag(12, ipv6, udpV6())), { ...V6, vlan: 12 }, { link: LINK.linuxSll })
  assertOutcome(cooked(0x0806, filled(28)), 'notIp', { link: LINK.linuxSll })
  assertOutcome(cooked(4, [0x42, 0x42, 3, ...filled(35)]), 'notIp', { link: LINK.linuxSll })
  assertOutcome(filled(15), 'cut', { link: LINK.linuxSll })
  assertDecodes(cooked2(ipv6, udpV6()), { ...V6, ipOffset: 20 }, { link: LINK.linuxSll2 })
  assertOutcome(filled(19), 'cut', { link: LINK.linuxSll2 })
})

test('loopback families are read in either byte order, with every number IPv6 has had', () => {
  assertDecodes([2, 0, 0, 0, ...udpV4()], { ...V4, ipOffset: 4 }, { link: LINK.null })
  assertDecodes([...u32(2), ...udpV4()], V4, { link: LINK.loop })
  for (const family of [10, 24, 28, 30]) {
    assertDecodes([family, 0, 0, 0, ...udpV6()], V6, { link: LINK.null })
    assertDecodes([...u32(family), ...udpV6()], V6, { link: LINK.null })
  }
  assertOutcome([7, 0, 0, 0, ...udpV4()], 'notIp', { link: LINK.null })
  assertOutcome([2, 0, 0], 'cut', { link: LINK.null })
})

test('PPP is read with and without its HDLC framing', () => {
  assertDecodes([0xff, 3, 0, 0x21, ...udpV4()], V4, { link: LINK.ppp })
  assertDecodes([0, 0x57, ...udpV6()], V6, { link: LINK.ppp })
  assertOutcome([0xff, 3, 0xc0, 0x21, ...filled(30)], 'notIp', { link: LINK.ppp })
  assertOutcome([0xff, 3, 0], 'cut', { link: LINK.ppp })
})

test('a link type nobody knows is not IP', () => {
  assertOutcome(udpFrame(), 'notIp', { link: 105 })
})
