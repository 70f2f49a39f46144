// Announcements by ExaBGP and GoBGP, and the gRPC interface, as a fastnetmon.conf names them.

import type { z } from 'zod'
import { isStandard } from '#8-enforcement/bgp/community.ts'
import type { ExabgpConfig, exabgpSchema } from '#8-enforcement/exabgp/config.ts'
import type { gobgpSchema } from '#8-enforcement/gobgp/config.ts'
import { parseAddress } from '#lib/ip/address.ts'
import { confProblem, quote } from './conf-lines.ts'
import type { ConfReading } from './conf-section.ts'
import type { ConfValues } from './conf-values.ts'

const EXABGP_PIPE = '/var/run/exabgp.cmd'
const API_LISTEN = '127.0.0.1:50052'

interface AnnouncePart {
  readonly enforcement: {
    readonly exabgp?: z.input<typeof exabgpSchema>
    readonly gobgp?: z.input<typeof gobgpSchema>
  }
  readonly compatibility: { readonly fastnetmonApi: { readonly listen: string } }
}

/** What is announced is told even when `enable_ban` is off: a dry run shows it. */
export function readAnnouncements({ values }: ConfReading): AnnouncePart {
  const exabgp = values.isOn('exabgp') ? readExabgp(values) : undefined
  const gobgp = values.isOn('gobgp') ? readGobgp(values) : undefined
  return {
    enforcement: { ...(exabgp === undefined ? {} : { exabgp }), ...(gobgp === undefined ? {} : { gobgp }) },
    compatibility: { fastnetmonApi: { listen: values.isOn('enable_api') ? API_LISTEN : 'off' } },
  }
}

type Announcement = ExabgpConfig['hostIpv4']

/** FastNetMon announces nothing when the next hop, the community or the pipe is missing. */
function readExabgp(values: ConfValues): z.input<typeof exabgpSchema> | undefined {
  const pipe = values.text('exabgp_command_pipe') ?? EXABGP_PIPE
  const nextHop = addressOf(values, 'exabgp_next_hop', 4, undefined)
  if (nextHop === undefined) {
    const message = 'exabgp is on without an exabgp_next_hop: nothing is announced by ExaBGP'
    report(values, values.has('exabgp_next_hop') ? 'exabgp_next_hop' : 'exabgp', message)
    return undefined
  }
  const common = values.has('exabgp_community') ? 'exabgp_community' : undefined
  const announcementOf = (scope: 'host' | 'subnet'): Announcement => {
    const own = `exabgp_community_${scope}`
    const key = values.has(own) ? own : common
    return { nextHop, communities: key === undefined ? [] : communitiesOf(values, key) }
  }
  return {
    pipe,
    ...(values.isOn('exabgp_announce_whole_subnet') ? { networkIpv4: announcementOf('subnet') } : {}),
    ...(values.isOn('exabgp_announce_host') ? { hostIpv4: announcementOf('host') } : {}),
  }
}

function readGobgp(values: ConfValues): z.input<typeof gobgpSchema> {
  const common4 = addressOf(values, 'gobgp_next_hop', 4, '0.0.0.0') ?? '0.0.0.0'
  const common6 = addressOf(values, 'gobgp_next_hop_ipv6', 6, '100::1') ?? '100::1'
  const announcementOf = (scope: 'host' | 'subnet', family: 4 | 6): Announcement => {
    const own = addressOf(values, `gobgp_next_hop_${scope}_ipv${family}`, family, undefined)
    const isOwn = own !== undefined && parseAddress(own)?.value !== 0n
    const key = `gobgp_community_${scope}${family === 4 ? '' : '_ipv6'}`
    const communities = values.has(key)
      ? communitiesOf(values, key)
      : [scope === 'host' ? '65001:668' : '65001:667']
    return { nextHop: isOwn ? own : family === 4 ? common4 : common6, communities }
  }
  return {
    // FastNetMon marks nothing, and what routers are told stays as it was.
    mark: 'off',
    ...(values.isOn('gobgp_announce_whole_subnet') ? { networkIpv4: announcementOf('subnet', 4) } : {}),
    ...(values.isOn('gobgp_announce_host') ? { hostIpv4: announcementOf('host', 4) } : {}),
    ...(values.isOn('gobgp_announce_whole_subnet_ipv6') ? { networkIpv6: announcementOf('subnet', 6) } : {}),
    ...(values.isOn('gobgp_announce_host_ipv6') ? { hostIpv6: announcementOf('host', 6) } : {}),
  }
}

/** An address of the family; `missing` when the option is not set or is none, which is reported. */
function addressOf(
  values: ConfValues,
  key: string,
  family: 4 | 6,
  missing: string | undefined,
): string | undefined {
  const text = values.text(key)
  if (text === undefined) return missing
  // The shipped file of FastNetMon has ::0, which is an address; its own reader wants no prefix length.
  if (parseAddress(text)?.family === family) return text
  const used = missing === undefined ? 'it is left out' : `${missing} is used`
  report(values, key, `${key}: expected an IPv${family} address, found ${quote(text)}; ${used}`)
  return missing
}

/** The names RFC 1997 and RFC 7999 give to some. */
const KNOWN: Readonly<Record<string, string>> = {
  blackhole: '65535:666',
  'no-export': '65535:65281',
  'no-advertise': '65535:65282',
}

/** `65001:666` or `[65001:666 65001:777]`. What is no standard community is left out and reported. */
function communitiesOf(values: ConfValues, key: string): string[] {
  const words = (values.text(key) ?? '').replace(/^\[|\]$/g, '').split(/[\s,]+/)
  return words
    .filter(word => word !== '')
    .flatMap(word => {
      const community = KNOWN[word] ?? word
      if (isStandard(community)) return [community]
      report(
        values,
        key,
        `${key}: expected a community such as 65001:666, found ${quote(word)}; it is left out`,
      )
      return []
    })
}

const report = (values: ConfValues, key: string, message: string): number =>
  values.problems.push(confProblem('fastnetmon-announcement', 'warning', values.place(key), message))
