// The screen file of FastNetMon 1.2.4, which its console client shows and scripts take apart: tabs, widths and spaces at
// line ends are its own. One thing is added: bans of IPv6 hosts, which it lists nowhere, stand below its IPv6 screen.

import type { Traffic } from '#api/contract/traffic.ts'
import { formatPadded, parseAddress } from '#lib/ip/address.ts'

/** Traffic of one IP version. */
export interface ScreenFile
  extends Pick<
    Traffic,
    | 'version'
    | 'sort'
    | 'incoming'
    | 'outgoing'
    | 'internal'
    | 'other'
    | 'calculationMicroseconds'
    | 'unparsedPerSecond'
  > {
  readonly family: 4 | 6
  /** What it took to gather all this. */
  readonly drawnSeconds: number
  readonly bans: readonly {
    readonly host: string
    readonly direction: string
    /** Packets per second. */
    readonly peak: number
    readonly openedAt: number
  }[]
}

type Side = 'incoming' | 'outgoing'

/** `stamp`: local time as `20_11_26_10:11:49`, of milliseconds since 1970 UTC. */
export function screenFileText(screen: ScreenFile, stamp: (atMs: number) => string): string {
  const tabs = screen.family === 4 ? '\t' : '\t\t\t'
  const sums = (name: string, gap: string, { packets, bits }: Traffic['internal']) =>
    `${name} traffic${gap}${rates(packets, bits)}`
  const flows = (side: Side) => (screen.family === 4 ? ` ${wide(screen[side].flows)} flows` : '')
  const lines = [
    `Floodwarden ${screen.version}`,
    `IPs ordered by: ${screen.sort}`,
    sums('Incoming', tabs, screen.incoming) + flows('incoming'),
    ...hostLines(screen, 'incoming'),
    '',
    sums('Outgoing', tabs, screen.outgoing) + flows('outgoing'),
    ...hostLines(screen, 'outgoing'),
    '',
    sums('Internal', tabs, screen.internal),
    '',
    sums('Other', `${tabs}\t`, screen.other),
    '',
    ...(screen.family === 4 ? footLines(screen) : []),
    ...banLines(screen, stamp),
  ]
  return `${lines.join('\n')}\n`
}

const wide = (value: number): string => String(Math.floor(value)).padStart(6, ' ')

const rates = (packets: number, bits: number): string => `${wide(packets)} pps ${wide(bits / 1e6)} mbps`

function hostLines(screen: ScreenFile, side: Side): string[] {
  const gap = screen.family === 4 ? '\t\t' : '\t'
  return screen[side].hosts.map(({ host, packets, bits, flows, banned }) => {
    const mark = banned ? ' *banned* ' : ''
    return `${ip(host)}${gap}${rates(packets, bits)} ${wide(flows)} flows ${mark}`
  })
}

function footLines({ calculationMicroseconds, unparsedPerSecond, drawnSeconds }: ScreenFile): string[] {
  const micros = Math.floor(calculationMicroseconds)
  return [
    `Screen updated in:\t\t${Number(drawnSeconds.toPrecision(2))} sec`,
    `Traffic calculated in:\t\t${Math.floor(micros / 1e6)} sec ${micros % 1_000_000} microseconds`,
    `Not processed packets: ${Math.floor(unparsedPerSecond)} pps`,
  ]
}

function banLines({ family, bans }: ScreenFile, stamp: (atMs: number) => string): string[] {
  if (bans.length === 0) return []
  const lines = bans.map(({ host, direction, peak, openedAt }) => {
    return `${ip(host)}/${Math.floor(peak)} pps ${direction} at ${stamp(openedAt)}`
  })
  return [...(family === 4 ? [''] : []), 'Ban list:', ...lines]
}

/** IPv6 with all its zeros. */
function ip(host: string): string {
  const address = parseAddress(host)
  return address === undefined ? host : formatPadded(address)
}
