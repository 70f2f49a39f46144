// Transport headers, over both versions of IP, at every length that makes a difference.

import { test } from 'node:test'
import { assertDecodes } from './decode-for-tests.ts'
import { ethernet, filled, icmp, ipv4, ipv6, sctp, tcp, udp } from './frames-for-tests.ts'
import { ETHER_TYPE } from './layer.ts'

const over4 = (protocol: number, payload: readonly number[]) =>
  ethernet(ETHER_TYPE.ipv4, ipv4({ protocol, payload }))
const over6 = (next: number, payload: readonly number[]) => ethernet(ETHER_TYPE.ipv6, ipv6({ next, payload }))

/** Cuts the payload twice: by the capture, and by the sender who states a shorter length and pads (length 0 would state none). */
function assertPayload(protocol: number, payload: readonly number[], bytes: number, expected: object): void {
  for (const over of [over4, over6]) {
    const whole = over(protocol, payload)
    assertDecodes(whole.slice(0, whole.length - payload.length + bytes), expected)
    if (bytes > 0) assertDecodes([...over(protocol, payload.slice(0, bytes)), ...filled(40, 0xff)], expected)
  }
}

test('TCP gives ports from four bytes on and flags from fourteen on', () => {
  const segment = tcp(40_000, 443, 0xc2, filled(10))
  const ports = { sourcePort: 40_000, targetPort: 443 }

  assertPayload(6, segment, 30, { ...ports, tcpFlags: 0xc2, isCut: 0 })
  assertPayload(6, segment, 20, { ...ports, tcpFlags: 0xc2, isCut: 0 })
  assertPayload(6, segment, 19, { ...ports, tcpFlags: 0xc2, isCut: 1 })
  assertPayload(6, segment, 14, { ...ports, tcpFlags: 0xc2, isCut: 1 })
  assertPayload(6, segment, 13, { ...ports, tcpFlags: 0, isCut: 1 })
  assertPayload(6, segment, 4, { ...ports, tcpFlags: 0, isCut: 1 })
  assertPayload(6, segment, 3, { sourcePort: 0, targetPort: 0, tcpFlags: 0, isCut: 1 })
})

test('UDP and UDP-Lite give ports from four bytes on', () => {
  for (const protocol of [17, 136]) {
    const ports = { protocol, sourcePort: 65_535, targetPort: 53 }
    assertPayload(protocol, udp(65_535, 53), 26, { ...ports, isCut: 0 })
    assertPayload(protocol, udp(65_535, 53), 8, { ...ports, isCut: 0 })
    assertPayload(protocol, udp(65_535, 53), 7, { ...ports, isCut: 1 })
    assertPayload(protocol, udp(65_535, 53), 4, { ...ports, isCut: 1 })
    assertPayload(protocol, udp(65_535, 53), 3, { sourcePort: 0, targetPort: 0, isCut: 1 })
  }
})

test('SCTP and DCCP give ports as well', () => {
  for (const protocol of [132, 33]) {
    assertPayload(protocol, sctp(2905, 36_412), 12, { sourcePort: 2905, targetPort: 36_412, isCut: 0 })
    assertPayload(protocol, sctp(2905, 36_412), 11, { sourcePort: 2905, targetPort: 36_412, isCut: 1 })
  }
})

test('ICMP of both versions gives type and code, and no ports', () => {
  for (const protocol of [1, 58]) {
    const none = { sourcePort: 0, targetPort: 0 }
    assertPayload(protocol, icmp(3, 4), 8, { icmpType: 3, icmpCode: 4, isCut: 0, ...none })
    assertPayload(protocol, icmp(3, 4), 4, { icmpType: 3, icmpCode: 4, isCut: 0 })
    assertPayload(protocol, icmp(3, 4), 3, { icmpType: 3, icmpCode: 4, isCut: 1 })
    assertPayload(protocol, icmp(3, 4), 1, { icmpType: 3, icmpCode: 0, isCut: 1 })
    assertPayload(protocol, icmp(3, 4), 0, { icmpType: 0, icmpCode: 0, isCut: 1 })
  }
})

test('other protocols are known by number, and their bytes are not taken for ports', () => {
  for (const protocol of [2, 47, 50, 89, 103, 112, 255]) {
    assertPayload(protocol, filled(20), 20, { protocol, sourcePort: 0, targetPort: 0, isCut: 0 })
    assertPayload(protocol, filled(20), 0, { protocol, sourcePort: 0, targetPort: 0, isCut: 0 })
  }
})
