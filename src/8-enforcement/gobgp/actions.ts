// Actions of a rule as gobgpd takes and lists them: it has messages for most; the others go as the bytes they are.

import { decodeExtended, decodeIpv6Extended, encodeActions } from '#lib/flowspec/communities.ts'
import { floatBelow } from '#lib/flowspec/float32.ts'
import type { Action } from '#lib/flowspec/rule.ts'
import { formatAddress, parseAddress } from '#lib/ip/address.ts'
import { listOf, numberOf, type Packed, TYPE, textOf, unpack } from './wire.ts'

/** Attribute 25, IPv6 address specific extended communities (RFC 5701): optional and transitive. */
const IPV6_EXTENDED = 25
const OPTIONAL_TRANSITIVE = 0xc0
const IPV6_OCTETS = 20

/** The attributes that say the actions. */
export function actionAttributes(actions: readonly Action[]): object[] {
  const { ipv6 } = encodeActions(actions)
  const communities = actions.map(messageOf).filter(message => message !== undefined)
  return [
    ...(communities.length === 0 ? [] : [{ '@type': `${TYPE}ExtendedCommunitiesAttribute`, communities }]),
    ...(ipv6.length === 0
      ? []
      : [
          {
            '@type': `${TYPE}UnknownAttribute`,
            flags: OPTIONAL_TRANSITIVE,
            type: IPV6_EXTENDED,
            value: Buffer.concat(ipv6),
          },
        ]),
  ]
}

/** `undefined` for one that stands in attribute 25. */
function messageOf(action: Action): object | undefined {
  switch (action.kind) {
    case 'discard':
      return { '@type': `${TYPE}TrafficRateExtended`, asn: 0, rate: 0 }
    case 'rate-bytes':
      return {
        '@type': `${TYPE}TrafficRateExtended`,
        asn: action.asn,
        rate: floatBelow(action.bytesPerSecond),
      }
    case 'traffic-action':
      return {
        '@type': `${TYPE}TrafficActionExtended`,
        terminal: action.isTerminal,
        sample: action.isSampled,
      }
    case 'mark':
      return { '@type': `${TYPE}TrafficRemarkExtended`, dscp: action.dscp }
    case 'redirect':
      return redirectOf(action)
    default:
      return bytesOf(action)
  }
}

function redirectOf(action: Extract<Action, { kind: 'redirect' }>): object | undefined {
  const { target } = action
  switch (target.kind) {
    case 'as2':
      return {
        '@type': `${TYPE}RedirectTwoOctetAsSpecificExtended`,
        asn: target.asn,
        local_admin: target.number,
      }
    case 'as4':
      return {
        '@type': `${TYPE}RedirectFourOctetAsSpecificExtended`,
        asn: target.asn,
        local_admin: target.number,
      }
    default: {
      if (target.address.family === 6) return undefined
      const address = formatAddress(target.address)
      return { '@type': `${TYPE}RedirectIPv4AddressSpecificExtended`, address, local_admin: target.number }
    }
  }
}

function bytesOf(action: Action): object | undefined {
  const [bytes] = encodeActions([action]).extended
  if (bytes === undefined) return undefined
  return { '@type': `${TYPE}UnknownExtended`, type: bytes[0], value: Buffer.from(bytes.subarray(1)) }
}

/** Actions of listed attributes, and in words what is none that is known. */
export function actionsOf(attributes: readonly Packed[]): { actions: Action[]; unknown: string[] } {
  const actions: Action[] = []
  const unknown: string[] = []
  const take = (action: Action | undefined, what: string) => {
    if (action === undefined) unknown.push(what)
    else actions.push(action)
  }
  for (const { name, fields } of attributes) {
    if (name === 'ExtendedCommunitiesAttribute') {
      for (const packed of listOf(fields['communities']).map(unpack))
        take(packed && actionOf(packed), packed?.name ?? 'unreadable')
    } else if (name === 'UnknownAttribute' && numberOf(fields['type']) === IPV6_EXTENDED) {
      const bytes = octetsOf(fields['value'])
      for (let at = 0; at < bytes.length; at += IPV6_OCTETS)
        take(decoded(decodeIpv6Extended(bytes.subarray(at, at + IPV6_OCTETS))), 'attribute 25')
    }
  }
  return { actions, unknown }
}

function actionOf({ name, fields }: Packed): Action | undefined {
  const asn = numberOf(fields['asn'])
  const number = numberOf(fields['local_admin'])
  switch (name) {
    case 'TrafficRateExtended': {
      const rate = numberOf(fields['rate'])
      return rate > 0 ? { kind: 'rate-bytes', bytesPerSecond: rate, asn } : { kind: 'discard' }
    }
    case 'TrafficActionExtended':
      return {
        kind: 'traffic-action',
        isSampled: fields['sample'] === true,
        isTerminal: fields['terminal'] === true,
      }
    case 'TrafficRemarkExtended':
      return { kind: 'mark', dscp: numberOf(fields['dscp']) }
    case 'RedirectTwoOctetAsSpecificExtended':
      return { kind: 'redirect', target: { kind: 'as2', asn, number } }
    case 'RedirectFourOctetAsSpecificExtended':
      return { kind: 'redirect', target: { kind: 'as4', asn, number } }
    case 'RedirectIPv4AddressSpecificExtended': {
      const address = parseAddress(textOf(fields['address']))
      return address && { kind: 'redirect', target: { kind: 'address', address, number } }
    }
    case 'UnknownExtended':
      return decoded(
        decodeExtended(Uint8Array.of(numberOf(fields['type']) & 255, ...octetsOf(fields['value']))),
      )
    default:
      return undefined
  }
}

const decoded = (found: ReturnType<typeof decodeExtended>): Action | undefined =>
  found.kind === 'action' ? found.action : undefined

const octetsOf = (value: unknown): Uint8Array => (value instanceof Uint8Array ? value : new Uint8Array())
