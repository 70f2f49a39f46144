// The `Key: value` lines with which a report of FastNetMon begins: who is attacked, by what, and how much.

import { type Address, parseAddress } from '#lib/ip/address.ts'

export interface DumpHeaders {
  /** Absent: not named, or as 0.0.0.0, which FastNetMon writes for every IPv6 host. */
  readonly host?: Address
  /** Such as `syn_flood`; `unknown` where it could not tell. */
  readonly attackType?: string
  readonly direction?: 'incoming' | 'outgoing'
  /** `tcp`, `udp`, `icmp` or `unknown`. */
  readonly protocol?: string
  /** Packets per second when the attack opened. */
  readonly power?: number
}

/** Names one header, if the line is one that says something here. */
export function readHeader(line: string): DumpHeaders {
  const [, key, text = ''] = /^([A-Z][A-Za-z ]{1,60}): (\S.*)$/.exec(line.trimEnd()) ?? []
  const value = text.trim()
  switch (key?.toLowerCase()) {
    case 'ip':
      return hostOf(value)
    case 'attack type':
      return { attackType: value.toLowerCase() }
    case 'attack protocol':
      return { protocol: value.toLowerCase() }
    case 'attack direction':
      return value === 'incoming' || value === 'outgoing' ? { direction: value } : {}
    case 'initial attack power':
      return powerOf(value)
    default:
      return {}
  }
}

function hostOf(text: string): DumpHeaders {
  const host = parseAddress(text)
  return host === undefined || host.value === 0n ? {} : { host }
}

function powerOf(text: string): DumpHeaders {
  const [, digits] = /^(\d{1,15}) packets per second/.exec(text) ?? []
  return digits === undefined ? {} : { power: Number(digits) }
}
