// IPv4: options, lengths that differ from the frame's, fragments.

import { test } from 'node:test'
import { assertDecodes, assertOutcome, word } from './decode-for-tests.ts'
import { ethernet, filled, ipv4, SOURCE_V4, TARGET_V4, tcp, udp } from './frames-for-tests.ts'
import { ETHER_TYPE } from './layer.ts'

const frame = (...fields: Parameters<typeof ipv4>): number[] => ethernet(ETHER_TYPE.ipv4, ipv4(...fields))
const PORTS = { sourcePort: 1900, targetPort: 80 }
const payload = udp(1900, 80)

test('every field of the header is in the sample, and nothing of the packet before', () => {
  assertDecodes(frame({ protocol: 17, payload }), {
    family: 4,
    sourceA: word(SOURCE_V4),
    sourceB: 0,
    sourceC: 0,
    sourceD: 0,
    targetA: word(TARGET_V4),
    targetB: 0,
    targetC: 0,
    targetD: 0,
    protocol: 17,
    ...PORTS,
    tcpFlags: 0,
    icmpType: 0,
    icmpCode: 0,
    ttl: 57,
    isFragment: 0,
    fragmentOffset: 0,
    isCut: 0,
    ipLength: 46,
    vlan: 0,
    ipOffset: 14,
    transportOffset: 34,
  })
})

test('options of any length are passed', () => {
  for (const words of [1, 2, 10]) {
    const options = filled(words * 4, 1)
    assertDecodes(frame({ protocol: 17, payload, options }), { ...PORTS, transportOffset: 34 + words * 4 })
  }
})

test('options that are cut leave the protocol known', () => {
  const whole = frame({ protocol: 17, payload, options: filled(8, 1) })

  assertDecodes(whole.slice(0, 14 + 24), { protocol: 17, sourcePort: 0, isCut: 1 })
  assertDecodes(frame({ protocol: 50, payload, options: filled(8, 1) }).slice(0, 38), {
    protocol: 50,
    isCut: 1,
  })
  assertDecodes(frame({ protocol: 50, payload: [], options: filled(8, 1) }), { protocol: 50, isCut: 0 })
})

test('addresses are known from twenty bytes on', () => {
  const whole = frame({ protocol: 17, payload })

  assertDecodes(whole.slice(0, 34), {
    sourceA: word(SOURCE_V4),
    targetA: word(TARGET_V4),
    protocol: 17,
    isCut: 1,
  })
  assertOutcome(whole.slice(0, 33), 'cut')
})

test('padding behind the stated length is no payload', () => {
  const short = frame({ protocol: 6, payload: tcp(1, 2, 16).slice(0, 13), length: 33 })

  assertDecodes([...short, ...filled(20, 0xff)], { sourcePort: 1, targetPort: 2, tcpFlags: 0, isCut: 1 })
})

test('a stated length beyond the capture is no cut as long as the header is there', () => {
  assertDecodes(frame({ protocol: 17, payload, length: 1500 }), { ...PORTS, ipLength: 1500, isCut: 0 })
})

test('length 0 is that of a segment the network card will cut: all that was captured counts', () => {
  assertDecodes(frame({ protocol: 17, payload, length: 0 }), { ...PORTS, ipLength: 0, isCut: 0 })
})

test('lengths and versions that cannot be are malformed', () => {
  const good = frame({ protocol: 17, payload })

  assertOutcome(frame({ protocol: 17, payload, length: 19 }), 'malformed')
  assertOutcome(frame({ protocol: 17, payload, options: filled(4, 1), length: 23 }), 'malformed')
  assertDecodes(frame({ protocol: 17, payload, options: filled(4, 1), length: 24 }), { isCut: 1 })
  assertOutcome(good.with(14, 0x44), 'malformed')
  assertOutcome(good.with(14, 0x55), 'malformed')
})

test('first, middle and last fragments are told apart from whole packets', () => {
  const first = { isFragment: 1, fragmentOffset: 0, ...PORTS, transportOffset: 34 }
  const later = { isFragment: 1, sourcePort: 0, targetPort: 0, transportOffset: 0, isCut: 0, protocol: 17 }

  assertDecodes(frame({ protocol: 17, payload, fragment: 0x2000 }), first)
  assertDecodes(frame({ protocol: 17, payload, fragment: 0x2001 }), { ...later, fragmentOffset: 8 })
  assertDecodes(frame({ protocol: 17, payload, fragment: 0x1fff }), { ...later, fragmentOffset: 65_528 })
  assertDecodes(frame({ protocol: 17, payload, fragment: 0x4000 }), { isFragment: 0, ...PORTS })
  assertDecodes(frame({ protocol: 17, payload, fragment: 0x8000 }), { isFragment: 0, ...PORTS })
})
