// Values of options as typed by people. A wrong one is a usage error that says what was expected.

import { resolve } from 'node:path'
import { InvalidArgumentError } from 'commander'
import { accessName } from '#api/contract/users.ts'
import { isBanTarget } from '#api/contract/values.ts'
import { parseDuration } from '#lib/clock/duration.ts'
import { parseAddress } from '#lib/ip/address.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { parseListenAddress } from '#lib/listen-address.ts'
import type { ReplaySpeed } from './local-verbs.ts'

/** A whole number within bounds. */
export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`)
  }

/** A path as the daemon sees it, whatever its working directory becomes. */
export const absolutePath = (text: string): string => resolve(text)

/** `full`, `recorded`, or how many times faster than recorded. */
export function replaySpeed(text: string): ReplaySpeed {
  if (text === 'full' || text === 'recorded') return text
  const factor = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0
  if (factor > 0) return factor
  throw new InvalidArgumentError('Expected full, recorded, or a number above 0 such as 10.')
}

/** `host:port` or `off`. */
export function metricsAddress(text: string): string {
  if (text === 'off' || parseListenAddress(text) !== undefined) return text
  throw new InvalidArgumentError('Expected an address such as 127.0.0.1:9209 or [::1]:9209, or off.')
}

export function hostAddress(text: string): string {
  if (parseAddress(text) !== undefined) return text
  throw new InvalidArgumentError(
    'Expected an IPv4 or IPv6 address without a prefix length: a ban by hand is for one host.',
  )
}

/** A host, a prefix or the identifier of an attack. */
export function banTarget(text: string): string {
  if (isBanTarget(text)) return text
  throw new InvalidArgumentError(
    'Expected an address, a prefix such as 192.0.2.0/24, or the identifier of an attack (floodwarden attacks).',
  )
}

/** Prefixes parted by commas; spaces around them do not count. */
export function prefixList(text: string): string[] {
  const prefixes = text.split(',').map(prefix => prefix.trim())
  const wrong = prefixes.find(prefix => parsePrefix(prefix) === undefined)
  if (wrong === undefined) return prefixes
  throw new InvalidArgumentError('Expected prefixes such as 192.0.2.0/24 or 2001:db8::/32, parted by commas.')
}

/** Interfaces parted by commas; spaces around them do not count. */
export function interfaceList(text: string): string[] {
  const names = text.split(',').map(name => name.trim())
  const wrong = names.find(name => !/^[^\s/]{1,15}$/.test(name))
  if (wrong === undefined) return names
  throw new InvalidArgumentError(`"${wrong}" is no interface name. Expected names such as eth0,eth1.`)
}

/** An address or a prefix. */
export function targetText(text: string): string {
  if (parsePrefix(text) !== undefined) return text
  throw new InvalidArgumentError('Expected an address such as 192.0.2.1 or a prefix such as 192.0.2.0/24.')
}

/** Ports parted by commas; spaces around them do not count. */
export function portList(text: string): number[] {
  const ports = text.split(',').map(port => port.trim())
  if (ports.every(port => /^\d{1,5}$/.test(port) && Number(port) <= 65_535)) return ports.map(Number)
  throw new InvalidArgumentError('Expected ports such as 53,443.')
}

/** The name of a user or token. */
export function accessNameText(text: string): string {
  if (accessName.safeParse(text).success) return text
  throw new InvalidArgumentError('Expected 1 to 64 letters of ASCII, digits, dots, dashes and underscores.')
}

/** Seconds, or a number with its unit: `600`, `10m`, `2h`, `1d`. */
export function durationSeconds(text: string): number {
  const seconds = parseDuration(text)
  if (seconds !== undefined) return seconds
  throw new InvalidArgumentError('Expected a duration such as 600, 10m, 2h or 1d, at most a year.')
}

const UNIT_MS = { h: 3_600_000, d: 86_400_000 } as const

/** A moment to come, or so many days or hours from now; as ISO 8601 in UTC. */
export function expiryMoment(text: string): string {
  const [, count, unit] = /^(\d{1,5})([hd])$/.exec(text) ?? []
  const unitMs = unit === 'h' ? UNIT_MS.h : UNIT_MS.d
  const at = count === undefined ? Date.parse(text) : Date.now() + Number(count) * unitMs
  if (Number.isFinite(at) && at > Date.now()) return new Date(at).toISOString()
  throw new InvalidArgumentError('Expected a moment to come such as 2027-01-01T00:00:00Z, or 90d, or 12h.')
}

const RATE_UNITS = { bytes: 1, kbit: 125, mbit: 125_000, gbit: 125_000_000 } as const

/** A rate with its unit; as bytes per second. */
export function rateBytes(text: string): number {
  const [, count, unit] = /^(\d{1,9}(?:\.\d{1,3})?)(bytes|kbit|mbit|gbit)$/.exec(text) ?? []
  const factor = Object.entries(RATE_UNITS).find(([name]) => name === unit)?.[1]
  const rate = Math.round(Number(count) * (factor ?? Number.NaN))
  if (rate > 0) return rate
  throw new InvalidArgumentError(
    'Expected a rate above 0 with its unit, such as 10mbit, 500kbit or 9600bytes.',
  )
}

/** A percentage; as a share from 0 to 1. */
export function percentShare(text: string): number {
  const value = /^\d{1,3}(\.\d{1,3})?%?$/.test(text) ? Number.parseFloat(text) : Number.NaN
  if (value >= 0 && value <= 100) return value / 100
  throw new InvalidArgumentError('Expected a percentage from 0 to 100.')
}

interface Ports {
  readonly from: number
  readonly to: number
}

/** Ports of services by protocol, parted by commas. A protocol that is not named has none. */
export function serviceList(text: string): {
  readonly tcp: readonly Ports[]
  readonly udp: readonly Ports[]
} {
  const found = { tcp: [] as Ports[], udp: [] as Ports[] }
  for (const part of text.split(',')) {
    const [, protocol, first, last = first] = /^(tcp|udp)\/(\d{1,5})(?:-(\d{1,5}))?$/.exec(part.trim()) ?? []
    const [from, to] = [Number(first), Number(last)]
    if (protocol === undefined || from > to || to > 65_535)
      throw new InvalidArgumentError('Expected ports such as tcp/443,udp/5000-5100.')
    found[protocol === 'tcp' ? 'tcp' : 'udp'].push({ from, to })
  }
  return found
}
