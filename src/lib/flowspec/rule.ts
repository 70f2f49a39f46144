// What a FlowSpec rule is (RFC 8955, RFC 8956): what it matches, and what happens to what matches. Plain data.

import type { Address } from '#lib/ip/address.ts'
import type { Prefix } from '#lib/ip/prefix.ts'

/** What a rule matches; its NLRI. One with nothing to match is none: it has at least one component. */
export interface Flow {
  readonly family: 4 | 6
  /** In the order of their numbers, each type at most once. */
  readonly components: readonly Component[]
}

export interface Rule extends Flow {
  readonly actions: readonly Action[]
}

export type Component = PrefixComponent | NumericComponent | BitmaskComponent

export type PrefixType = 'destination' | 'source'
export type NumericType =
  | 'protocol'
  | 'port'
  | 'destination-port'
  | 'source-port'
  | 'icmp-type'
  | 'icmp-code'
  | 'packet-length'
  | 'dscp'
  | 'flow-label'
export type BitmaskType = 'tcp-flags' | 'fragment'
export type ComponentType = PrefixType | NumericType | BitmaskType

/** Bits `offset` to `prefix.length` of the address are compared (RFC 8956, section 3.1); the others are zero. */
export interface PrefixComponent {
  readonly type: PrefixType
  readonly prefix: Prefix
  /** Always 0 in IPv4. */
  readonly offset: number
}

/** An OR of ANDs: it matches when all tests of one of the lists hold. */
export interface NumericComponent {
  readonly type: NumericType
  readonly anyOf: readonly (readonly NumericTest[])[]
}

export interface BitmaskComponent {
  readonly type: BitmaskType
  readonly anyOf: readonly (readonly BitmaskTest[])[]
}

/** `true` and `false` are the operators with all three bits and with none (RFC 8955, section 4.2.1.1). */
export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'true' | 'false'

export interface NumericTest {
  readonly operator: Operator
  readonly value: number
}

/** Holds when all (`isMatchAll`) or any of the bits are set, or the contrary with `isNot`. */
export interface BitmaskTest {
  readonly isNot: boolean
  readonly isMatchAll: boolean
  readonly bits: number
}

export type Action =
  /** A rate of zero. */
  | { readonly kind: 'discard' }
  | { readonly kind: 'rate-bytes'; readonly bytesPerSecond: number; readonly asn: number }
  | { readonly kind: 'rate-packets'; readonly packetsPerSecond: number; readonly asn: number }
  /** `isTerminal` is the bit as it is sent: set, later rules are evaluated as well (RFC 8955, section 7.3). */
  | { readonly kind: 'traffic-action'; readonly isSampled: boolean; readonly isTerminal: boolean }
  | { readonly kind: 'redirect'; readonly target: RouteTarget }
  /** draft-ietf-idr-flowspec-redirect-ip; a copy leaves the original on its way. */
  | { readonly kind: 'redirect-ip'; readonly address: Address; readonly isCopy: boolean }
  | { readonly kind: 'mark'; readonly dscp: number }

export type ActionKind = Action['kind']

export type RouteTarget =
  | { readonly kind: 'as2'; readonly asn: number; readonly number: number }
  | { readonly kind: 'as4'; readonly asn: number; readonly number: number }
  | { readonly kind: 'address'; readonly address: Address; readonly number: number }

/** Numbers of the IANA registry "Flow Spec Component Types". */
export const COMPONENT_NUMBERS: Readonly<Record<ComponentType, number>> = {
  destination: 1,
  source: 2,
  protocol: 3,
  port: 4,
  'destination-port': 5,
  'source-port': 6,
  'icmp-type': 7,
  'icmp-code': 8,
  'tcp-flags': 9,
  'packet-length': 10,
  dscp: 11,
  fragment: 12,
  'flow-label': 13,
}

/** The largest value of the header field. */
export const LARGEST: Readonly<Record<NumericType | BitmaskType, number>> = {
  protocol: 255,
  port: 65_535,
  'destination-port': 65_535,
  'source-port': 65_535,
  'icmp-type': 255,
  'icmp-code': 255,
  'tcp-flags': 0xfff,
  'packet-length': 65_535,
  dscp: 63,
  fragment: 15,
  'flow-label': 0xfffff,
}

/** Bits of a fragment component (RFC 8955, section 4.2.2.12); IPv6 has no don't-fragment. */
export const FRAGMENT_BITS = { 'dont-fragment': 1, 'is-fragment': 2, first: 4, last: 8 } as const

/** Bits of octets 13 and 14 of the TCP header, the lower twelve (RFC 9293). */
export const TCP_FLAG_BITS = {
  fin: 1,
  syn: 2,
  rst: 4,
  psh: 8,
  ack: 16,
  urg: 32,
  ece: 64,
  cwr: 128,
  ae: 256,
} as const

export const isPrefixComponent = (component: Component): component is PrefixComponent => 'prefix' in component

export const isBitmaskComponent = (component: Component): component is BitmaskComponent =>
  component.type === 'tcp-flags' || component.type === 'fragment'

export const isNumericComponent = (component: Component): component is NumericComponent =>
  !isPrefixComponent(component) && !isBitmaskComponent(component)

/** The largest bitmask of a fragment component depends on the family: bit 0 must be zero in IPv6, and 0xf is the field. */
export const bitsAllowed = (type: BitmaskType, family: 4 | 6): number =>
  type === 'fragment' && family === 6 ? 14 : LARGEST[type]
