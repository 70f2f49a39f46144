// The actions of a rule as extended communities (RFC 8955, section 7; RFC 8956, section 6; redirect to IP by
// draft-ietf-idr-flowspec-redirect-ip), and the two of IPv6 as attribute 25 (RFC 5701).

import type { Address } from '#lib/ip/address.ts'
import { unreachable } from '#lib/unreachable.ts'
import { floatBytes, floatOf } from './float32.ts'
import type { Action, RouteTarget } from './rule.ts'

/** `extended` holds eight octets each, `ipv6` twenty each. */
export interface Communities {
  readonly extended: readonly Uint8Array[]
  readonly ipv6: readonly Uint8Array[]
}

/** `unknown` is none of an action, and of no harm; `malformed` claims to be one and cannot be. */
export type DecodedAction =
  | { readonly kind: 'action'; readonly action: Action }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'malformed'; readonly what: string }

/** Rates are rounded down to what a float of 32 bits can hold; `floatBelow` says to what. */
export function encodeActions(actions: readonly Action[]): Communities {
  const communities = actions.map(action => Uint8Array.from(encodeAction(action)))
  return {
    extended: communities.filter(({ length }) => length === 8),
    ipv6: communities.filter(({ length }) => length === 20),
  }
}

function encodeAction(action: Action): number[] {
  switch (action.kind) {
    case 'discard':
      return [0x80, 0x06, 0, 0, 0, 0, 0, 0]
    case 'rate-bytes':
      return [0x80, 0x06, ...two(action.asn), ...floatBytes(action.bytesPerSecond)]
    case 'rate-packets':
      return [0x80, 0x0c, ...two(action.asn), ...floatBytes(action.packetsPerSecond)]
    case 'traffic-action':
      return [0x80, 0x07, 0, 0, 0, 0, 0, (action.isSampled ? 2 : 0) | (action.isTerminal ? 1 : 0)]
    case 'redirect':
      return encodeRedirect(action.target)
    case 'redirect-ip': {
      const type = action.address.family === 4 ? [0x01, 0x0c] : [0x00, 0x0c]
      return [...type, ...octetsOf(action.address), 0, action.isCopy ? 1 : 0]
    }
    case 'mark':
      return [0x80, 0x09, 0, 0, 0, 0, 0, action.dscp]
    default:
      return unreachable(action)
  }
}

function encodeRedirect(target: RouteTarget): number[] {
  switch (target.kind) {
    case 'as2':
      return [0x80, 0x08, ...two(target.asn), ...four(target.number)]
    case 'as4':
      return [0x82, 0x08, ...four(target.asn), ...two(target.number)]
    case 'address':
      // IPv6 has a number of its own, without the 0x80 (RFC 8956, section 6.1).
      return target.address.family === 4
        ? [0x81, 0x08, ...octetsOf(target.address), ...two(target.number)]
        : [0x00, 0x0d, ...octetsOf(target.address), ...two(target.number)]
    default:
      return unreachable(target)
  }
}

/** Reads one community of eight octets. Never throws. */
export function decodeExtended(bytes: Uint8Array): DecodedAction {
  if (bytes.length !== 8) return { kind: 'malformed', what: `${bytes.length} octets instead of 8` }
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8)
  const asn = view.getUint16(2)
  const wide = view.getUint32(2)
  const last = view.getUint16(6)
  switch (view.getUint16(0)) {
    case 0x8006:
      return decodeRate(floatOf(bytes.subarray(4)), bytesPerSecond => ({
        kind: 'rate-bytes',
        bytesPerSecond,
        asn,
      }))
    case 0x800c:
      return decodeRate(floatOf(bytes.subarray(4)), packetsPerSecond => ({
        kind: 'rate-packets',
        packetsPerSecond,
        asn,
      }))
    case 0x8007:
      return known({ kind: 'traffic-action', isSampled: (last & 2) !== 0, isTerminal: (last & 1) !== 0 })
    case 0x8008:
      return known({ kind: 'redirect', target: { kind: 'as2', asn, number: view.getUint32(4) } })
    case 0x8108:
      return known({
        kind: 'redirect',
        target: { kind: 'address', address: addressOf(bytes, 4), number: last },
      })
    case 0x8208:
      return known({ kind: 'redirect', target: { kind: 'as4', asn: wide, number: last } })
    case 0x010c:
      return known({ kind: 'redirect-ip', address: addressOf(bytes, 4), isCopy: (last & 1) !== 0 })
    case 0x8009:
      return known({ kind: 'mark', dscp: last & 63 })
    default:
      return { kind: 'unknown' }
  }
}

/** Reads one community of attribute 25, of twenty octets. Never throws. */
export function decodeIpv6Extended(bytes: Uint8Array): DecodedAction {
  if (bytes.length !== 20) return { kind: 'malformed', what: `${bytes.length} octets instead of 20` }
  const view = new DataView(bytes.buffer, bytes.byteOffset, 20)
  const address = addressOf(bytes, 16)
  const number = view.getUint16(18)
  switch (view.getUint16(0)) {
    case 0x000c:
      return known({ kind: 'redirect-ip', address, isCopy: (number & 1) !== 0 })
    case 0x000d:
      return known({ kind: 'redirect', target: { kind: 'address', address, number } })
    default:
      return { kind: 'unknown' }
  }
}

/** A negative rate counts as zero (RFC 8955, section 7.1); one that is no number is refused. */
function decodeRate(rate: number, action: (rate: number) => Action): DecodedAction {
  if (!Number.isFinite(rate)) return { kind: 'malformed', what: 'the rate is no number' }
  return known(rate <= 0 ? { kind: 'discard' } : action(rate))
}

const known = (action: Action): DecodedAction => ({ kind: 'action', action })
const two = (value: number) => [(value >> 8) & 255, value & 255]
const four = (value: number) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]

function octetsOf({ family, value }: Address): number[] {
  const length = family === 4 ? 4 : 16
  return Array.from({ length }, (_, at) => Number((value >> BigInt(8 * (length - 1 - at))) & 255n))
}

function addressOf(bytes: Uint8Array, length: 4 | 16): Address {
  let value = 0n
  for (const octet of bytes.subarray(2, 2 + length)) value = (value << 8n) | BigInt(octet)
  return { family: length === 4 ? 4 : 6, value }
}
