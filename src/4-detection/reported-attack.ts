// From what a foreign detector reports, or an operator orders, to an attack: one for each host, direction, vector and set of ports.

import { NO_SPEEDS } from '#3-traffic/metric.ts'
import { assert } from '#lib/assert.ts'
import { bitsOf, formatAddress } from '#lib/ip/address.ts'
import { formatPrefix, parsePrefix } from '#lib/ip/prefix.ts'
import type { Agreement, AttackProtocol, AttackType, Finding, OpenAttack, Order, Reported } from './attack.ts'
import type { ForeignEvent } from './foreign-event.ts'
import { VECTORS } from './vectors.ts'

/** An attack that a report or an order made, and not our own counters: nothing but reports and time ends it. */
export const isReported = ({ reported }: { readonly reported?: Reported }): boolean => reported !== undefined

/** An attack that carries out a rule or a blackhole by a person: nobody is attacked because of it. */
export const isRule = ({ reported }: { readonly reported?: Reported }): boolean =>
  reported?.order?.flow !== undefined || reported?.order?.kind === 'blackhole'

/** What makes two reports be about one attack. The host stands last, for maps tell texts apart by their end. */
export function scopeOf({ host, direction, vector, ports }: ForeignEvent): string {
  return `${direction} ${nativeVector(vector)} ${portsInOrder(ports).join(',')} ${host}`
}

export interface Opening {
  readonly id: string
  readonly openedAt: number
  /** The attack lasts at most so long. */
  readonly maximumSeconds: number
}

/** A report that is acted upon: how it is kept, and who agreed. */
export interface Heard {
  readonly eventId: string
  /** Missing: nobody had to. */
  readonly agreed?: Agreement | undefined
}

export function attackOfEvent(event: ForeignEvent, { eventId, agreed }: Heard, opening: Opening): OpenAttack {
  const { source, vector, confidence = 0, bitsPerSecond, packetsPerSecond = 0 } = event
  const words = wordsOf(event.means ?? vector)
  const reported: Reported = {
    ...{ source, vector, confidence, ports: portsInOrder(event.ports) },
    ...(words.protocolNumber === undefined ? {} : { protocol: words.protocolNumber }),
    ...(bitsPerSecond === undefined ? {} : { bitsPerSecond }),
    ...{ firstEventId: eventId, lastEventId: eventId },
    ...(agreed === undefined ? {} : { agreed }),
  }
  const finding = findingOf(words.vector, source, confidence)
  return {
    ...quiet(event.host, opening),
    ...{ origin: 'event', direction: event.direction, reported, finding },
    ...{ type: words.type, protocol: words.protocol },
    ...{ power: packetsPerSecond, peak: packetsPerSecond, speed: packetsPerSecond },
  }
}

/** What an operator wants done about a host or prefix. */
export interface ManualOrder {
  /** Canonical address or prefix. */
  readonly target: string
  /** IP protocol number; missing: all. */
  readonly protocol?: number
  readonly ports: readonly number[]
  readonly order: Order
}

export function attackOfOrder(
  { target, protocol, ports, order }: ManualOrder,
  by: string,
  opening: Opening,
): OpenAttack {
  const reported: Reported = {
    ...{ source: by, vector: 'unknown', confidence: 1, ports: portsInOrder(ports), order },
    ...(protocol === undefined ? {} : { protocol }),
  }
  const name = PROTOCOLS.find(([number]) => number === protocol)?.[1] ?? 'unknown'
  return { ...quiet(target, opening), origin: 'manual', reported, protocol: name }
}

const PROTOCOLS: readonly (readonly [number, AttackProtocol])[] = [
  [1, 'icmp'],
  [6, 'tcp'],
  [17, 'udp'],
  [58, 'icmp'],
]

/** An open attack of which nothing was counted. */
function quiet(target: string, { id, openedAt, maximumSeconds }: Opening): OpenAttack {
  const prefix = parsePrefix(target)
  assert(prefix !== undefined, 'what is attacked is an address or a prefix')
  const isHost = prefix.length === bitsOf(prefix.family)
  const silent = { incoming: NO_SPEEDS, outgoing: NO_SPEEDS }
  return {
    ...{ id, scope: isHost ? 'host' : 'prefix', host: isHost ? formatAddress(prefix) : formatPrefix(prefix) },
    ...{ prefixes: [formatPrefix(prefix)], family: prefix.family },
    ...{ origin: 'event', hostgroup: 'global', crossing: undefined, finding: undefined },
    ...{ direction: 'incoming', type: 'unknown', protocol: 'unknown' },
    ...{ power: 0, speeds: silent, averages: silent, openedAt, banSeconds: maximumSeconds },
    ...{ state: 'open', peak: 0, speed: 0, isOver: true, lastOverAt: openedAt },
  }
}

/** The attack after another report about it: it is as sure as the surest of them, and seen until now. */
export function extendedBy(
  attack: OpenAttack,
  event: ForeignEvent,
  { eventId, agreed }: Heard,
  now: number,
): OpenAttack {
  const { reported } = attack
  if (reported === undefined) return { ...attack, lastOverAt: now }
  const { confidence = 0, packetsPerSecond = attack.speed, bitsPerSecond = reported.bitsPerSecond } = event
  return {
    ...attack,
    reported: {
      ...reported,
      ...(bitsPerSecond === undefined ? {} : { bitsPerSecond }),
      ...{ confidence: Math.max(confidence, reported.confidence), lastEventId: eventId },
      ...(agreed === undefined ? {} : { agreed }),
    },
    ...{ speed: packetsPerSecond, peak: Math.max(attack.peak, packetsPerSecond), lastOverAt: now },
  }
}

interface VectorWords {
  readonly type: AttackType
  readonly protocol: AttackProtocol
  readonly protocolNumber?: number
  /** Name in our table; missing: the type says all there is. */
  readonly vector?: string
}

const UDP: VectorWords = { type: 'udp_flood', protocol: 'udp', protocolNumber: 17 }
const SYN: VectorWords = { type: 'syn_flood', protocol: 'tcp', protocolNumber: 6 }
const ICMP: VectorWords = { type: 'icmp_flood', protocol: 'icmp', protocolNumber: 1 }
const ACK: VectorWords = { type: 'unknown', protocol: 'tcp', protocolNumber: 6, vector: 'ack-flood' }
const FRAGMENTS: VectorWords = { type: 'ip_fragmentation', protocol: 'unknown' }

/** Words of FastNetMon and prefixd. */
const FOREIGN: Readonly<Record<string, VectorWords>> = {
  ...{ udp_flood: UDP, syn_flood: SYN, icmp_flood: ICMP, ack_flood: ACK, ip_fragmentation: FRAGMENTS },
  unknown: { type: 'unknown', protocol: 'unknown' },
}

/** Whether a report may say so without the configuration knowing it. */
export const isKnownVector = (name: string): boolean =>
  Object.hasOwn(FOREIGN, name) || VECTORS.some(vector => vector.name === nativeVector(name))

/** `dns_amplification` is `dns-amplification`; FastNetMon's own words stay. */
const nativeVector = (name: string): string => {
  const dashed = name.replaceAll('_', '-')
  return !Object.hasOwn(FOREIGN, name) && VECTORS.some(vector => vector.name === dashed) ? dashed : name
}

function wordsOf(name: string): VectorWords {
  const foreign = Object.hasOwn(FOREIGN, name) ? FOREIGN[name] : undefined
  if (foreign !== undefined) return foreign
  const row = VECTORS.find(vector => vector.name === nativeVector(name))
  if (row === undefined) return { type: 'unknown', protocol: 'unknown' }
  const { protocol } = row.match
  return {
    ...row.fastnetmon,
    vector: row.name,
    ...(protocol === undefined ? {} : { protocolNumber: protocol }),
  }
}

const findingOf = (vector: string | undefined, source: string, confidence: number): Finding | undefined =>
  vector === undefined
    ? undefined
    : { parts: [{ vector, share: 1, reasons: [`${source} reports it`] }], confidence, packets: 0 }

const portsInOrder = (ports: readonly number[]): number[] => [...new Set(ports)].sort((a, b) => a - b)
