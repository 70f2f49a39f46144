// IPv6: every extension header alone, in chains, cut, and at the bound.

import { test } from 'node:test'
import { assertDecodes, assertOutcome, word } from './decode-for-tests.ts'
import {
  authentication,
  ethernet,
  extension,
  filled,
  fragment6,
  ipv6,
  SOURCE_V6,
  TARGET_V6,
  tcp,
  udp,
} from './frames-for-tests.ts'
import { ETHER_TYPE } from './layer.ts'

const frame = (next: number, payload: readonly number[], length?: number): number[] =>
  ethernet(ETHER_TYPE.ipv6, ipv6(length === undefined ? { next, payload } : { next, payload, length }))
const PORTS = { protocol: 17, sourcePort: 1900, targetPort: 80, isCut: 0 }
const NO_PORTS = { sourcePort: 0, targetPort: 0 }
const payload = udp(1900, 80)

test('every field of the header is in the sample, and nothing of the packet before', () => {
  assertDecodes(frame(6, tcp(1, 2, 18)), {
    family: 6,
    sourceA: word(SOURCE_V6),
    sourceB: word(SOURCE_V6, 4),
    sourceC: word(SOURCE_V6, 8),
    sourceD: word(SOURCE_V6, 12),
    targetA: word(TARGET_V6),
    targetB: word(TARGET_V6, 4),
    targetC: word(TARGET_V6, 8),
    targetD: word(TARGET_V6, 12),
    protocol: 6,
    sourcePort: 1,
    targetPort: 2,
    tcpFlags: 18,
    icmpType: 0,
    icmpCode: 0,
    ttl: 63,
    isFragment: 0,
    fragmentOffset: 0,
    isCut: 0,
    ipLength: 60,
    vlan: 0,
    ipOffset: 14,
    transportOffset: 54,
  })
})

test('each extension header is passed, of any length', () => {
  for (const header of [0, 43, 60, 135, 139, 140]) {
    for (const words of [1, 2, 6]) {
      const offset = 54 + words * 8
      assertDecodes(frame(header, extension(17, payload, words)), { ...PORTS, transportOffset: offset })
    }
  }
  assertDecodes(frame(51, authentication(17, payload)), { ...PORTS, transportOffset: 78 })
})

test('chains of extension headers are walked to the transport header', () => {
  const inner = authentication(60, extension(6, tcp(5, 6, 2)))
  const chain = extension(43, extension(44, fragment6(51, 0, true, inner)), 3)

  assertDecodes(frame(0, chain), { protocol: 6, sourcePort: 5, targetPort: 6, tcpFlags: 2, isFragment: 1 })
})

test('a chain longer than the bound is left where it is', () => {
  const chain = (headers: number): number[] => {
    let bytes = extension(17, payload)
    for (let i = 1; i < headers; i++) bytes = extension(60, bytes)
    return frame(60, bytes)
  }

  assertDecodes(chain(15), PORTS)
  assertDecodes(chain(16), { protocol: 17, ...NO_PORTS, isCut: 1 })
  assertDecodes(chain(17), { protocol: 60, ...NO_PORTS, isCut: 1 })
})

test('a chain that is cut names the header where it stops', () => {
  const whole = frame(0, extension(60, extension(17, payload)))

  assertDecodes(whole.slice(0, 54), { protocol: 0, ...NO_PORTS, isCut: 1 })
  assertDecodes(whole.slice(0, 55), { protocol: 0, ...NO_PORTS, isCut: 1 })
  assertDecodes(whole.slice(0, 56), { protocol: 60, ...NO_PORTS, isCut: 1 })
  assertDecodes(whole.slice(0, 64), { protocol: 17, ...NO_PORTS, isCut: 1 })
  assertDecodes(whole.slice(0, 74), { ...PORTS, isCut: 1 })
  assertDecodes(whole.slice(0, 78), PORTS)
})

test('ESP, no next header and experiments end the chain', () => {
  for (const protocol of [50, 59, 253, 254, 47]) {
    const expected = { protocol, ...NO_PORTS, isCut: 0, transportOffset: 54 }
    assertDecodes(frame(protocol, filled(24)), expected)
    assertDecodes(frame(60, extension(protocol, filled(24))), { ...expected, transportOffset: 62 })
  }
})

test('fragments are told apart, and a fragment header on a whole packet makes none', () => {
  const offset = (bytes: number, more: boolean) => frame(44, fragment6(17, bytes, more, payload))
  const later = { protocol: 17, ...NO_PORTS, isFragment: 1, isCut: 0, transportOffset: 0 }

  assertDecodes(offset(0, true), { ...PORTS, isFragment: 1, fragmentOffset: 0 })
  assertDecodes(offset(8, true), { ...later, fragmentOffset: 8 })
  assertDecodes(offset(65_528, false), { ...later, fragmentOffset: 65_528 })
  assertDecodes(offset(0, false), { ...PORTS, isFragment: 0, fragmentOffset: 0 })
})

test('a fragment header that is cut names itself', () => {
  const whole = frame(44, fragment6(17, 8, true, payload))

  assertDecodes(whole.slice(0, 57), { protocol: 44, isFragment: 0, isCut: 1 })
  assertDecodes(whole.slice(0, 58), { protocol: 17, isFragment: 1, fragmentOffset: 8, isCut: 0 })
})

test('padding behind the stated length is no payload', () => {
  const bytes = frame(6, tcp(1, 2, 255), 13)
  assertDecodes(bytes, { sourcePort: 1, targetPort: 2, tcpFlags: 0, isCut: 1, ipLength: 53 })
  assertDecodes(frame(0, extension(17, payload), 1), { protocol: 0, isCut: 1 })
  assertDecodes(frame(0, extension(17, payload), 2), { protocol: 17, ...NO_PORTS, isCut: 1 })
})

test('a jumbogram, and a segment the network card will cut, state no length', () => {
  assertDecodes(frame(17, payload, 0), { ...PORTS, ipLength: 0 })
  assertDecodes(frame(0, extension(17, payload), 0), { ...PORTS, ipLength: 0 })
})

test('addresses are known from forty bytes on', () => {
  const whole = frame(17, payload)

  assertDecodes(whole.slice(0, 54), { targetD: word(TARGET_V6, 12), protocol: 17, isCut: 1 })
  assertOutcome(whole.slice(0, 53), 'cut')
  assertOutcome(whole.with(14, 0x45), 'malformed')
})
