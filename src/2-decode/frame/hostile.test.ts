// Every byte may be hostile: no frame, cut or changed anywhere, makes a decoder throw or look beyond its end.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LINK, OUTCOME } from '#2-decode/sample.ts'
import { type Decoded, decodeBytes, WITHOUT_LINK } from './decode-for-tests.ts'
import {
  authentication,
  type Bytes,
  ethernet,
  extension,
  filled,
  fragment6,
  gre,
  icmp,
  ipv4,
  ipv6,
  label,
  pppoe,
  sctp,
  snap,
  tag,
  tcp,
  udp,
  udpFrame,
  udpV4,
  udpV6,
} from './frames-for-tests.ts'
import { ETHER_TYPE } from './layer.ts'

const LINKS = [WITHOUT_LINK, ...Object.values(LINK), 105]
const frame4 = (protocol: number, payload: Bytes) => ethernet(ETHER_TYPE.ipv4, ipv4({ protocol, payload }))
const frame6 = (next: number, payload: Bytes) => ethernet(ETHER_TYPE.ipv6, ipv6({ next, payload }))

const KINDS: readonly Bytes[] = [
  udpFrame(),
  frame4(6, tcp(1, 2, 2, filled(20))),
  frame4(1, icmp(8, 0)),
  frame4(132, sctp(1, 2)),
  ethernet(ETHER_TYPE.ipv4, ipv4({ protocol: 17, payload: udp(1, 2), options: filled(40, 1) })),
  ethernet(ETHER_TYPE.ipv4, ipv4({ protocol: 17, payload: udp(1, 2), fragment: 0x2000 })),
  ethernet(ETHER_TYPE.ipv4, ipv4({ protocol: 17, payload: udp(1, 2), fragment: 0x0010 })),
  frame4(47, gre(0xb000, ETHER_TYPE.ipv4, 3, udpV4())),
  frame4(
    47,
    gre(0, ETHER_TYPE.ethernet, 0, ethernet(ETHER_TYPE.customerTag, tag(9, ETHER_TYPE.ipv6, udpV6()))),
  ),
  frame4(47, gre(0x3081, ETHER_TYPE.ppp, 3, [0xff, 3, 0, 0x57, ...udpV6()])),
  frame4(41, ipv6({ next: 4, payload: udpV4() })),
  frame6(17, udp(1, 2)),
  frame6(0, extension(43, extension(51, authentication(135, extension(6, tcp(1, 2, 16)))), 3)),
  frame6(44, fragment6(17, 0, true, udp(1, 2))),
  frame6(44, fragment6(17, 8, false, udp(1, 2))),
  ethernet(ETHER_TYPE.serviceTag, tag(2, ETHER_TYPE.customerTag, tag(3, ETHER_TYPE.ipv4, udpV4()))),
  ethernet(ETHER_TYPE.mpls, label(16, false, label(17, true, udpV4()))),
  ethernet(ETHER_TYPE.mpls, label(16, true, [0, 0, 0, 1, ...udpFrame()])),
  ethernet(ETHER_TYPE.pppoeSession, pppoe(0, [0, 0x21, ...udpV4()])),
  ethernet(60, snap(ETHER_TYPE.ipv4, udpV4())),
  udpV4(),
  udpV6(),
]

/** Decodes twice among different foreign bytes; the answers must not differ. */
function decodeTwice(bytes: Bytes, link: number, insideTunnels: boolean): Decoded {
  const once = decodeBytes(bytes, { link, insideTunnels, poison: 0x00 })
  const again = decodeBytes(bytes, { link, insideTunnels, poison: 0xff })
  assert.deepEqual(again, once)
  return once
}

/** What holds of any answer whatever the bytes. */
function assertPlausible({ outcome, fields }: Decoded, length: number): void {
  if (outcome !== OUTCOME.decoded) {
    assert.ok(outcome === OUTCOME.notIp || outcome === OUTCOME.cut || outcome === OUTCOME.malformed)
    assert.ok(Object.values(fields).every(field => field === 0))
    return
  }
  assert.ok(fields.family === 4 || fields.family === 6)
  assert.ok(fields.ipOffset + (fields.family === 4 ? 20 : 40) <= length)
  assert.ok(Object.values(fields).every(field => Number.isInteger(field) && field === (field | 0)))
  assert.ok(fields.fragmentOffset === 0 || (fields.isFragment === 1 && fields.transportOffset === 0))
  assert.ok(fields.sourcePort === 0 || fields.transportOffset + 4 <= length)
  assert.ok(fields.tcpFlags === 0 || (fields.protocol === 6 && fields.transportOffset + 14 <= length))
}

test('every kind, cut at every length, depends on nothing behind the cut', () => {
  for (const bytes of KINDS) {
    for (let length = 0; length <= bytes.length; length++) {
      for (const link of [LINK.ethernet, LINK.rawIp, WITHOUT_LINK]) {
        const cut = bytes.slice(0, length)
        assertPlausible(decodeTwice(cut, link, true), length)
        assertPlausible(decodeTwice(cut, link, false), length)
      }
    }
  }
})

test('a cut takes knowledge away and never changes it', () => {
  for (const bytes of KINDS) {
    const whole = decodeBytes(bytes)
    for (let length = 0; length < bytes.length; length++) {
      const { outcome, fields } = decodeBytes(bytes.slice(0, length))
      if (outcome !== OUTCOME.decoded) continue
      assert.equal(fields.sourceA, whole.fields.sourceA)
      assert.equal(fields.targetD, whole.fields.targetD)
      assert.equal(fields.ipLength, whole.fields.ipLength)
      if (fields.sourcePort !== 0) assert.equal(fields.sourcePort, whole.fields.sourcePort)
      if (fields.protocol !== whole.fields.protocol) assert.equal(fields.isCut, 1)
    }
  }
})

test('random bytes are decoded to something or refused', () => {
  const bytes = fc.uint8Array({ maxLength: 160 })
  fc.assert(
    fc.property(bytes, fc.constantFrom(...LINKS), fc.boolean(), (random, link, insideTunnels) => {
      assertPlausible(decodeTwice([...random], link, insideTunnels), random.length)
    }),
    { numRuns: 2000 },
  )
})

test('changed and cut frames of every kind are decoded to something or refused', () => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 5 })
  const kinds = fc.constantFrom(...KINDS)
  fc.assert(
    fc.property(
      kinds,
      changes,
      fc.nat(),
      fc.constantFrom(...LINKS),
      fc.boolean(),
      (kind, changed, cut, otherLink, isOther) => {
        const bytes = [...kind]
        for (const [at, byte] of changed) bytes[at % bytes.length] = byte
        const length = cut % 4 === 0 ? cut % bytes.length : bytes.length
        const link = isOther ? otherLink : LINK.ethernet

        assertPlausible(decodeTwice(bytes.slice(0, length), link, cut % 2 === 0), length)
      },
    ),
    { numRuns: 5000 },
  )
})
