// Tunnels: the packet outside when asked for the outer one, the packet inside when asked for the inner one.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertDecodes, decodeBytes, WITHOUT_LINK } from './decode-for-tests.ts'
import {
  ethernet,
  extension,
  filled,
  gre,
  ipv4,
  ipv6,
  label,
  tag,
  tcp,
  udp,
  udpFrame,
  udpV4,
  udpV6,
} from './frames-for-tests.ts'
import { ETHER_TYPE } from './layer.ts'

const over4 = (protocol: number, payload: readonly number[]) =>
  ethernet(ETHER_TYPE.ipv4, ipv4({ protocol, payload }))
const over6 = (next: number, payload: readonly number[]) => ethernet(ETHER_TYPE.ipv6, ipv6({ next, payload }))
const INSIDE = { insideTunnels: true }
const UDP_INSIDE = { protocol: 17, sourcePort: 1900, targetPort: 80, isCut: 0 }

/** Every tunnel that is entered, with an IPv4 or IPv6 UDP packet inside. */
const TUNNELS = [
  { name: 'IPv4 in IPv4', frame: over4(4, udpV4()), protocol: 4, outer: 4, inner: 4 },
  { name: 'IPv6 in IPv4', frame: over4(41, udpV6()), protocol: 41, outer: 4, inner: 6 },
  { name: 'IPv4 in IPv6', frame: over6(4, udpV4()), protocol: 4, outer: 6, inner: 4 },
  { name: 'IPv6 in IPv6', frame: over6(60, extension(41, udpV6())), protocol: 41, outer: 6, inner: 6 },
  { name: 'GRE', frame: over4(47, gre(0, ETHER_TYPE.ipv4, 0, udpV4())), protocol: 47, outer: 4, inner: 4 },
  {
    name: 'GRE, checksum',
    frame: over4(47, gre(0x8000, ETHER_TYPE.ipv6, 1, udpV6())),
    protocol: 47,
    outer: 4,
    inner: 6,
  },
  {
    name: 'GRE, key',
    frame: over6(47, gre(0x2000, ETHER_TYPE.ipv4, 1, udpV4())),
    protocol: 47,
    outer: 6,
    inner: 4,
  },
  {
    name: 'GRE, all',
    frame: over4(47, gre(0xb000, ETHER_TYPE.ipv4, 3, udpV4())),
    protocol: 47,
    outer: 4,
    inner: 4,
  },
  {
    name: 'GRE, frame',
    frame: over4(47, gre(0x2000, ETHER_TYPE.ethernet, 1, udpFrame())),
    protocol: 47,
    outer: 4,
    inner: 4,
  },
  {
    name: 'GRE, MPLS',
    frame: over4(47, gre(0, ETHER_TYPE.mpls, 0, label(3, true, udpV6()))),
    protocol: 47,
    outer: 4,
    inner: 6,
  },
  {
    name: 'PPTP',
    frame: over4(47, gre(0x3001, ETHER_TYPE.ppp, 2, [0, 0x21, ...udpV4()])),
    protocol: 47,
    outer: 4,
    inner: 4,
  },
  {
    name: 'PPTP, acknowledging',
    frame: over4(47, gre(0x3081, ETHER_TYPE.ppp, 3, [0xff, 3, 0x21, ...udpV4()])),
    protocol: 47,
    outer: 4,
    inner: 4,
  },
]

test('the outer packet is that of the tunnel', () => {
  for (const { frame, protocol, outer } of TUNNELS) {
    assertDecodes(frame, { family: outer, protocol, sourcePort: 0, targetPort: 0, ipOffset: 14, isCut: 0 })
  }
})

test('the inner packet replaces it entirely', () => {
  for (const { name, frame, inner } of TUNNELS) {
    const { fields } = decodeBytes(frame, INSIDE)
    const packet = inner === 4 ? udpV4() : udpV6()
    const alone = decodeBytes(packet, { link: WITHOUT_LINK }).fields
    const ipOffset = frame.length - packet.length
    const transportOffset = ipOffset + alone.transportOffset

    assert.deepEqual(fields, { ...alone, ipOffset, transportOffset }, name)
  }
})

test('where the inner packet cannot be decoded the tunnel stays, with nothing of what was inside', () => {
  const frames = [
    over4(4, udpV4().slice(0, 19)),
    over4(4, udpV6()),
    over4(41, []),
    over6(47, gre(0, 0x0806, 0, filled(28))),
    over4(47, gre(0x4000, ETHER_TYPE.ipv4, 2, udpV4())),
    over4(47, gre(0x0002, ETHER_TYPE.ipv4, 0, udpV4())),
    over4(47, gre(0x2001, ETHER_TYPE.ppp, 1, [])),
    over4(47, gre(0x3001, ETHER_TYPE.ppp, 2, [0, 0xfd, ...filled(40)])),
    over4(47, [0, 0, 8]),
    over4(47, gre(0, ETHER_TYPE.ethernet, 0, ethernet(ETHER_TYPE.customerTag, tag(9, 0x0806, filled(28))))),
  ]
  for (const frame of frames) assert.deepEqual(decodeBytes(frame, INSIDE), decodeBytes(frame))
})

test('a later fragment has no tunnel header, a first one has', () => {
  const fragment = (field: number) =>
    ethernet(
      ETHER_TYPE.ipv4,
      ipv4({ protocol: 47, payload: gre(0, ETHER_TYPE.ipv4, 0, udpV4()), fragment: field }),
    )

  assertDecodes(fragment(0x0001), { protocol: 47, isFragment: 1, fragmentOffset: 8 }, INSIDE)
  assertDecodes(fragment(0x2000), { ...UDP_INSIDE, isFragment: 0 }, INSIDE)
})

test('the inner packet ends where the outer one says it ends', () => {
  const inner = ipv4({ protocol: 6, payload: tcp(1, 2, 0xff) })
  const frame = ethernet(ETHER_TYPE.ipv4, ipv4({ protocol: 4, payload: inner, length: 20 + 33 }))

  assertDecodes(frame, { protocol: 6, sourcePort: 1, tcpFlags: 0, isCut: 1 }, INSIDE)
})

test('the tag of the frame outside is kept, that of a frame inside counts when there is none', () => {
  const inside = gre(
    0,
    ETHER_TYPE.ethernet,
    0,
    ethernet(ETHER_TYPE.customerTag, tag(9, ETHER_TYPE.ipv4, udpV4())),
  )
  const packet = ipv4({ protocol: 47, payload: inside })

  assertDecodes(
    ethernet(ETHER_TYPE.customerTag, tag(5, ETHER_TYPE.ipv4, packet)),
    { ...UDP_INSIDE, vlan: 5 },
    INSIDE,
  )
  assertDecodes(ethernet(ETHER_TYPE.ipv4, packet), { ...UDP_INSIDE, vlan: 9 }, INSIDE)
})

test('tunnels are entered four deep', () => {
  const nested = (levels: number): number[] => {
    let packet = ipv4({ protocol: 17, payload: udp(1900, 80) })
    for (let i = 0; i < levels; i++) packet = ipv4({ protocol: 4, payload: packet })
    return ethernet(ETHER_TYPE.ipv4, packet)
  }

  assertDecodes(nested(4), { ...UDP_INSIDE, ipOffset: 14 + 4 * 20 }, INSIDE)
  assertDecodes(nested(5), { protocol: 4, sourcePort: 0, ipOffset: 14 + 4 * 20 }, INSIDE)
})
