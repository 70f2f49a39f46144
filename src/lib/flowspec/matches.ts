// Whether a rule matches a packet: the reference that encoders, merges and labs are held against.

import { type Address, bitsOf } from '#lib/ip/address.ts'
import { unreachable } from '#lib/unreachable.ts'
import {
  type BitmaskTest,
  type Component,
  type Flow,
  isBitmaskComponent,
  isPrefixComponent,
  type NumericTest,
  type NumericType,
} from './rule.ts'

/** What of a packet rules look at. A field that it does not have (ports of a later fragment) is `undefined`. */
export interface Packet {
  readonly source: Address
  readonly target: Address
  readonly protocol: number
  readonly sourcePort?: number
  readonly targetPort?: number
  readonly icmpType?: number
  readonly icmpCode?: number
  readonly tcpFlags?: number
  /** Octets of the IP packet. */
  readonly length: number
  readonly dscp: number
  /** `FRAGMENT_BITS`. */
  readonly fragment: number
  readonly flowLabel?: number
}

/** All components must hold; a field that is absent holds none (RFC 8955, section 4.2.2). */
export function matches(flow: Flow, packet: Packet): boolean {
  return flow.family === packet.target.family && flow.components.every(component => holds(component, packet))
}

function holds(component: Component, packet: Packet): boolean {
  if (isPrefixComponent(component)) {
    const { prefix, offset } = component
    const address = component.type === 'destination' ? packet.target : packet.source
    const low = BigInt(bitsOf(prefix.family) - prefix.length)
    const pattern = (1n << BigInt(prefix.length - offset)) - 1n
    return ((address.value >> low) & pattern) === ((prefix.value >> low) & pattern)
  }
  if (isBitmaskComponent(component)) {
    const bits = component.type === 'tcp-flags' ? packet.tcpFlags : packet.fragment
    return bits !== undefined && component.anyOf.some(tests => tests.every(test => bitsHold(test, bits)))
  }
  const values = valuesOf(component.type, packet)
  return values.some(value => component.anyOf.some(tests => tests.every(test => numberHolds(test, value))))
}

/** A port is that of the source or that of the destination: one of them has to hold the whole list. */
function valuesOf(type: NumericType, packet: Packet): readonly number[] {
  if (type === 'port') return present(packet.sourcePort, packet.targetPort)
  return present(fieldOf(type, packet))
}

const present = (...values: (number | undefined)[]): number[] => values.filter(value => value !== undefined)

function fieldOf(type: Exclude<NumericType, 'port'>, packet: Packet): number | undefined {
  switch (type) {
    case 'protocol':
      return packet.protocol
    case 'destination-port':
      return packet.targetPort
    case 'source-port':
      return packet.sourcePort
    case 'icmp-type':
      return packet.icmpType
    case 'icmp-code':
      return packet.icmpCode
    case 'packet-length':
      return packet.length
    case 'dscp':
      return packet.dscp
    case 'flow-label':
      return packet.flowLabel
    default:
      return unreachable(type)
  }
}

function numberHolds({ operator, value }: NumericTest, number: number): boolean {
  switch (operator) {
    case '=':
      return number === value
    case '!=':
      return number !== value
    case '<':
      return number < value
    case '<=':
      return number <= value
    case '>':
      return number > value
    case '>=':
      return number >= value
    case 'true':
      return true
    case 'false':
      return false
    default:
      return unreachable(operator)
  }
}

/** All: `(data AND bits) == bits`; any: `(data AND bits) != 0`; then `isNot` (RFC 8955, section 4.2.1.2). */
function bitsHold({ isNot, isMatchAll, bits }: BitmaskTest, data: number): boolean {
  const isHeld = isMatchAll ? (data & bits) === bits : (data & bits) !== 0
  return isHeld !== isNot
}
