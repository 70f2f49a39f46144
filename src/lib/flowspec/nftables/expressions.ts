// What a FlowSpec rule matches, as expressions of nftables (RFC 8955, section 4; RFC 8956, section 3).
//
// nftables knows no "or" between expressions, so a rule becomes one or more alternatives. It takes what stands in a later
// fragment for a transport header, so alternatives that look there ask first whether there is one.

import { bitsOf, formatAddress } from '#lib/ip/address.ts'
import { unreachable } from '#lib/unreachable.ts'
import { only, type Range } from '../build.ts'
import { intersect, rangesOf } from '../ranges.ts'
import { rangeText } from '../router-words.ts'
import {
  type BitmaskComponent,
  type BitmaskTest,
  type Component,
  type Flow,
  FRAGMENT_BITS,
  isBitmaskComponent,
  isPrefixComponent,
  type NumericComponent,
  type PrefixComponent,
} from '../rule.ts'

/** One way to hold: what stands in the header, in a packet of one of these protocols. */
interface Option {
  readonly protocols: readonly Range[]
  /** It looks at the transport header. */
  readonly isTransport: boolean
  readonly expression: string
}

const ANY_PROTOCOL: readonly Range[] = [{ from: 0, to: 255 }]
const TCP: readonly Range[] = [only(6)]
/** Only these have ports (RFC 8955, section 4.2.2.4). */
const WITH_PORTS: readonly Range[] = [only(6), only(17)]
const ICMP = { 4: [only(1)], 6: [only(58)] } as const

/**
 * Alternatives that together match the packets of the rule; none: it matches no packet. What asks for two protocols at
 * once is left out, for nft refuses it.
 */
export function expressionsOf({ family, components }: Flow): string[] {
  let alternatives: Option[] = [always('')]
  for (const component of components) {
    const options = optionsOf(component, family)
    alternatives = alternatives.flatMap(one => options.flatMap(option => both(one, option)))
  }
  return alternatives.flatMap(({ protocols, isTransport, expression }) => {
    const isAny = protocols[0]?.from === 0 && protocols[0].to === 255
    const head = `meta nfproto ipv${family}${isAny ? '' : ` meta l4proto ${setOf(protocols)}`}`
    return (isTransport ? WITH_TRANSPORT[family] : ['']).map(place => `${head}${place}${expression}`)
  })
}

/** Not a later fragment. */
const WITH_TRANSPORT = {
  4: [' ip frag-off & 0x1fff == 0x0'],
  6: [' exthdr frag missing', ' frag frag-off 0'],
} as const

function both(one: Option, other: Option): Option[] {
  const protocols = intersect(one.protocols, other.protocols)
  const isTransport = one.isTransport || other.isTransport
  const expression = other.expression === '' ? one.expression : `${one.expression} ${other.expression}`
  return protocols.length === 0 ? [] : [{ protocols, isTransport, expression }]
}

const transport = (protocols: readonly Range[], expression: string): Option => ({
  protocols,
  isTransport: true,
  expression,
})

const always = (expression: string): Option => ({
  protocols: ANY_PROTOCOL,
  isTransport: false,
  expression,
})

/** Of these one must hold; an empty expression always does. */
function optionsOf(component: Component, family: 4 | 6): Option[] {
  if (isPrefixComponent(component)) return [always(prefixExpression(component))]
  if (!isBitmaskComponent(component)) return numericOptions(component, family)
  return component.type === 'tcp-flags' ? flagOptions(component) : fragmentOptions(component, family)
}

function prefixExpression({ type, prefix, offset }: PrefixComponent): string {
  const { family, length, value } = prefix
  const field = `${family === 4 ? 'ip' : 'ip6'} ${type === 'destination' ? 'daddr' : 'saddr'}`
  // nftables refuses to compare no bits at all.
  if (length === offset) return ''
  if (offset === 0) return `${field} ${formatAddress({ family, value })}/${length}`
  const low = BigInt(bitsOf(family) - length)
  const mask = ((1n << BigInt(length - offset)) - 1n) << low
  return `${field} & ${formatAddress({ family, value: mask })} == ${formatAddress({ family, value: value & mask })}`
}

function numericOptions(component: NumericComponent, family: 4 | 6): Option[] {
  const ranges = rangesOf(component)
  if (ranges.length === 0) return []
  const set = setOf(ranges)
  const ip = family === 4 ? 'ip' : 'ip6'
  const icmp = family === 4 ? 'icmp' : 'icmpv6'
  const port = (name: string): Option => transport(WITH_PORTS, `th ${name} ${set}`)
  switch (component.type) {
    case 'protocol':
      return [{ ...always(''), protocols: ranges }]
    case 'port':
      return [port('sport'), port('dport')]
    case 'destination-port':
      return [port('dport')]
    case 'source-port':
      return [port('sport')]
    case 'icmp-type':
      return [transport(ICMP[family], `${icmp} type ${set}`)]
    case 'icmp-code':
      return [transport(ICMP[family], `${icmp} code ${set}`)]
    case 'packet-length':
      return [always(`meta length ${set}`)]
    case 'dscp':
      return [always(`${ip} dscp ${set}`)]
    case 'flow-label':
      return [always(`ip6 flowlabel ${set}`)]
    default:
      return unreachable(component.type)
  }
}

/** One value or range is compared: to look it up in a set takes the kernel several times as long. */
function setOf(ranges: readonly Range[]): string {
  const [first, ...others] = ranges.map(rangeText)
  return first !== undefined && others.length === 0 ? first : `{ ${ranges.map(rangeText).join(', ')} }`
}

/** The lower twelve bits of octets 13 and 14. */
const FLAGS = '@th,96,16'

function flagOptions({ anyOf }: BitmaskComponent): Option[] {
  return anyOf.flatMap(tests => {
    if (tests.some(isNever)) return []
    const tested = tests.filter(({ bits }) => bits !== 0).map(flagExpression)
    return [transport(TCP, tested.join(' '))]
  })
}

/** A test of no bits: "all of them" always holds, "any of them" never does. */
const isNever = ({ bits, isMatchAll, isNot }: BitmaskTest): boolean => bits === 0 && isMatchAll === isNot

function flagExpression({ bits, isMatchAll, isNot }: BitmaskTest): string {
  const hex = `0x${bits.toString(16)}`
  if (isMatchAll) return `${FLAGS} & ${hex} ${isNot ? '!=' : '=='} ${hex}`
  return `${FLAGS} & ${hex} ${isNot ? '==' : '!='} 0x0`
}

/** How a packet can stand as a fragment. */
interface Place {
  readonly bits: number
  readonly expression: string
}

const { 'dont-fragment': DONT, 'is-fragment': LATER, first: FIRST, last: LAST } = FRAGMENT_BITS
const V4_OFFSET = 'ip frag-off & 0x1fff'

const V4_PLACES: readonly Place[] = [0, DONT].flatMap(bit => {
  // More-fragments and do-not-fragment.
  const flags = (more: boolean) =>
    `ip frag-off & 0x6000 == 0x${((bit === 0 ? 0 : 0x4000) | (more ? 0x2000 : 0)).toString(16)}`
  return [
    { bits: bit, expression: `${flags(false)} ${V4_OFFSET} == 0x0` },
    { bits: bit | FIRST, expression: `${flags(true)} ${V4_OFFSET} == 0x0` },
    { bits: bit | LATER, expression: `${flags(true)} ${V4_OFFSET} != 0x0` },
    { bits: bit | LATER | LAST, expression: `${flags(false)} ${V4_OFFSET} != 0x0` },
  ]
})

const V6_PLACES: readonly Place[] = [
  { bits: 0, expression: 'exthdr frag missing' },
  // An atomic fragment (RFC 6946) is whole.
  { bits: 0, expression: 'frag frag-off 0 frag more-fragments 0' },
  { bits: FIRST, expression: 'frag frag-off 0 frag more-fragments 1' },
  { bits: LATER, expression: 'frag frag-off != 0 frag more-fragments 1' },
  { bits: LATER | LAST, expression: 'frag frag-off != 0 frag more-fragments 0' },
]

function fragmentOptions({ anyOf }: BitmaskComponent, family: 4 | 6): Option[] {
  const places = family === 4 ? V4_PLACES : V6_PLACES
  const held = places.filter(({ bits }) => anyOf.some(tests => tests.every(test => holds(test, bits))))
  return held.length === places.length ? [always('')] : held.map(({ expression }) => always(expression))
}

function holds({ bits, isMatchAll, isNot }: BitmaskTest, value: number): boolean {
  const common = value & bits
  return (isMatchAll ? common === bits : common !== 0) !== isNot
}
