// Rules that people need often: for a server of one service three, and for networks a pack against common floods of amplifiers.
//
// What is discarded by a template is what such a server does not need. Answers to what it asks others itself come to other ports
// than those of its service: a server that does has to name them, or do without the third rule.

import type { Range } from '#lib/flowspec/build.ts'
import type { Fields } from '#lib/flowspec/fields.ts'

export interface TemplateRule {
  /** In a few words: `all fragments`. */
  readonly what: string
  readonly match: Fields
  readonly action: 'discard' | 'rate-limit'
  /** Of a rate-limit. */
  readonly bitsPerSecond?: number
}

export interface ServiceTemplate {
  readonly what: string
  readonly protocols: readonly number[]
  /** Where clients reach it. */
  readonly ports: readonly number[]
}

const [TCP, UDP, ICMPV6] = [6, 17, 58] as const

export const SERVICES = {
  web: { what: 'a web server', protocols: [TCP], ports: [80, 443] },
  mail: { what: 'a mail server', protocols: [TCP], ports: [25, 465, 587] },
  dns: { what: 'a name server', protocols: [TCP, UDP], ports: [53] },
  ntp: { what: 'a time server', protocols: [UDP], ports: [123] },
} as const satisfies Readonly<Record<string, ServiceTemplate>>
export type ServiceName = keyof typeof SERVICES
export const SERVICE_NAMES = ['web', 'mail', 'dns', 'ntp'] as const satisfies readonly ServiceName[]

/** Any fragment: the first, a later one, the last. */
const FRAGMENT = 'is-fragment+first+last'

/** Against what a server of the service does not need. `ports` in place of those of the service; none: the usual ones. */
export function templateRules(
  name: ServiceName,
  family: 4 | 6,
  ports: readonly number[] = [],
): TemplateRule[] {
  const { protocols, ports: usual } = SERVICES[name]
  const served = ports.length > 0 ? ports : usual
  // Without ICMPv6 no path of IPv6 finds out how long its packets may be (RFC 8201).
  const needed = family === 6 ? [...protocols, ICMPV6] : protocols
  return [
    { what: 'all fragments', match: { fragment: FRAGMENT }, action: 'discard' },
    { what: 'all protocols but those it needs', match: { protocol: allBut(needed, 255) }, action: 'discard' },
    {
      what: 'all ports but those of the service',
      match: { protocol: anyOf(protocols), destinationPort: allBut(served, 65_535) },
      action: 'discard',
    },
  ]
}

/** 9600 octets a second, as DDPS lets pass. */
const TRICKLE_BITS = 76_800
/** Headers of IPv6 are so much longer. */
const LONGER = 20

/** What no network wants from outside: answers of amplifiers, GRE and fragments. */
export function defaultPack(family: 4 | 6): TemplateRule[] {
  const length = (octets: number) => `=${family === 6 ? octets + LONGER : octets}`
  const [both, udp] = [anyOf([TCP, UDP]), anyOf([UDP])]
  const discard = (what: string, match: Fields): TemplateRule => ({ what, match, action: 'discard' })
  const limit = (what: string, match: Fields): TemplateRule => ({
    ...{ what, match, action: 'rate-limit', bitsPerSecond: TRICKLE_BITS },
  })
  return [
    discard('all fragments', { fragment: FRAGMENT }),
    discard('answers of NTP to monlist', { protocol: udp, sourcePort: '=123', packetLength: length(468) }),
    discard('full answers of DNS', { protocol: udp, sourcePort: '=53', packetLength: length(512) }),
    discard('chargen', { protocol: both, sourcePort: '=19' }),
    discard('quote of the day', { protocol: both, sourcePort: '=17' }),
    discard('GRE', { protocol: '=gre' }),
    discard('memcached', { protocol: udp, sourcePort: '=11211' }),
    limit('SSDP', { protocol: udp, sourcePort: '=1900' }),
    limit('SNMP', { protocol: udp, sourcePort: '=161,=162' }),
  ]
}

const anyOf = (numbers: readonly number[]): string => numbers.map(number => `=${number}`).join(',')

/** As ranges: a rule of parts that are each true for nearly everything would match everything. */
function allBut(numbers: readonly number[], largest: number): string {
  const ends = [...new Set(numbers)].sort((a, b) => a - b).concat(largest + 1)
  return ends
    .map((end, at): Range => ({ from: (ends[at - 1] ?? -1) + 1, to: end - 1 }))
    .filter(({ from, to }) => from <= to)
    .map(({ from, to }) => (from === to ? `=${from}` : `>=${from}&<=${to}`))
    .join(',')
}
