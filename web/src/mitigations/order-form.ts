// The form of a mitigation by hand: from what was typed to an order, or to what is still missing.

import { portsOf, rateOf, secondsOf } from '../lib/amount.ts'
import type { InputOf } from '../lib/api.ts'

export interface OrderForm {
  readonly target: string
  /** A number, or empty for all. */
  readonly protocol: string
  readonly ports: string
  readonly action: string
  readonly rate: string
  readonly ttl: string
}

export const EMPTY_ORDER: OrderForm = {
  ...{ target: '', protocol: '17', ports: '', action: 'rate-limit', rate: '', ttl: '10m' },
}

export const PROTOCOLS = [
  ['17', 'UDP'],
  ['6', 'TCP'],
  ['1', 'ICMP'],
  ['58', 'ICMPv6'],
  ['47', 'GRE'],
  ['50', 'ESP'],
  ['', 'all'],
] as const

export const ORDER_ACTIONS = [
  ['rate-limit', 'limit the rate'],
  ['discard', 'discard all of it'],
] as const

export type OrderPreview = InputOf<'previewOrder'>

export type ReadOrder =
  | { readonly kind: 'order'; readonly order: OrderPreview }
  /** By field; what is merely empty is not called wrong. */
  | { readonly kind: 'unfinished'; readonly fields: Readonly<Record<string, string>> }

/** The rest is for the daemon to judge, which knows networks and rails. */
export function readOrder(form: OrderForm): ReadOrder {
  const { target, protocol, action } = form
  const ports = portsOf(form.ports)
  const ttlSeconds = secondsOf(form.ttl)
  const bitsPerSecond = action === 'rate-limit' ? rateOf(form.rate) : undefined
  const hasPorts = protocol === '6' || protocol === '17'
  const fields = {
    ...(ports === undefined ? { ports: 'ports are numbers up to 65535, such as 53, 123' } : {}),
    ...(ttlSeconds === undefined && form.ttl !== '' ? { ttl: 'a length of time is 10m, 2h or 600' } : {}),
    ...(action === 'rate-limit' && bitsPerSecond === undefined && form.rate !== ''
      ? { rate: 'a rate is 5M, 2.5 Gbit/s or 5000000' }
      : {}),
    ...(ports !== undefined && ports.length > 0 && !hasPorts ? { ports: 'only TCP and UDP have ports' } : {}),
  }
  const isWhole =
    target.trim() !== '' && ttlSeconds !== undefined && (action === 'discard' || bitsPerSecond !== undefined)
  if (Object.keys(fields).length > 0 || !isWhole) return { kind: 'unfinished', fields }
  return {
    kind: 'order',
    order: {
      ...{ target: target.trim(), action: action === 'discard' ? 'discard' : 'rate-limit', ttlSeconds },
      ...(protocol === '' ? {} : { protocol: Number(protocol) }),
      ...(ports === undefined || ports.length === 0 ? {} : { ports }),
      ...(bitsPerSecond === undefined ? {} : { bitsPerSecond }),
    },
  }
}
