// The traffic screen as lines of text: what FastNetMon's client shows, for IPv4 and IPv6 together.

import { targetText } from '#api/contract/target-text.ts'
import type { HostRow, Traffic } from '#api/contract/traffic.ts'
import { momentText } from '#lib/clock/local-time.ts'
import { grouped, percentText } from '#lib/number-text.ts'

/** Characters that fit; undefined rows: as many as it takes. */
export interface Size {
  readonly columns: number
  readonly rows: number | undefined
}

export interface ScreenState {
  readonly traffic: Traffic
  /** Rows of each table. */
  readonly limit: number
  /** The last line: keys, or why the numbers are old. Undefined: no last line. */
  readonly footer: string | undefined
}

/** Numbers never take fewer columns, so that the table stands still. */
const NUMBER_WIDTH = 6
const GAP = 2
const LABEL_WIDTH = 24
/** Bans that are shown even when the tables want the room. */
const BANS_LEAST = 3

/** The screen, cut to `size`. */
export function screenLines(state: ScreenState, size: Size): string[] {
  const { traffic, footer } = state
  const fit = fitRows(traffic, state.limit, size.rows, footer === undefined ? 0 : 1)
  const write = columnsOf(traffic, fit)
  const lines = [
    titleLine(traffic),
    `IPs ordered by: ${traffic.sort}`,
    write('Incoming traffic', traffic.incoming),
    ...traffic.incoming.hosts.slice(0, fit.incoming).map(row => write(row.host, row)),
    '',
    write('Outgoing traffic', traffic.outgoing),
    ...traffic.outgoing.hosts.slice(0, fit.outgoing).map(row => write(row.host, row)),
    '',
    write('Internal traffic', traffic.internal),
    '',
    write('Other traffic', traffic.other),
    '',
    ...countLines(traffic),
    '',
    'Ban list:',
    ...banLines(traffic, fit.bans),
  ]
  return cut(lines, footer, size)
}

/** Lines of the screen that are neither a host nor a ban. */
const FIXED_LINES = 16

interface Fit {
  readonly incoming: number
  readonly outgoing: number
  /** Lines for bans, among them the one that counts the rest. */
  readonly bans: number
}

/** Shares the height: hosts first, evenly, but a few bans stay in sight. */
function fitRows(traffic: Traffic, limit: number, rows: number | undefined, footerRows: number): Fit {
  let incoming = Math.min(limit, traffic.incoming.hosts.length)
  let outgoing = Math.min(limit, traffic.outgoing.hosts.length)
  if (rows === undefined) return { incoming, outgoing, bans: Number.POSITIVE_INFINITY }
  const room = Math.max(0, rows - FIXED_LINES - footerRows)
  const forHosts = Math.max(0, room - Math.min(BANS_LEAST, traffic.bansTotal))
  while (incoming + outgoing > forHosts) {
    if (incoming >= outgoing) incoming--
    else outgoing--
  }
  return { incoming, outgoing, bans: room - incoming - outgoing }
}

type Numbers = Pick<HostRow, 'packets' | 'bits'> & Partial<Pick<HostRow, 'flows' | 'banned'>>

const megabits = (bits: number): string => String(Math.floor(bits / 1e6))
const whole = (value: number): string => String(Math.round(value))

/** Writes one row, with columns as wide as the widest address and number on the screen. */
function columnsOf(traffic: Traffic, fit: Fit): (name: string, row: Numbers) => string {
  const hosts = [
    ...traffic.incoming.hosts.slice(0, fit.incoming),
    ...traffic.outgoing.hosts.slice(0, fit.outgoing),
  ]
  const all: Numbers[] = [traffic.incoming, traffic.outgoing, traffic.internal, traffic.other, ...hosts]
  const widest = (texts: string[], least: number) => Math.max(least, ...texts.map(text => text.length))
  const names =
    widest(
      hosts.map(row => row.host),
      'Incoming traffic'.length,
    ) + GAP
  const packets = widest(
    all.map(row => whole(row.packets)),
    NUMBER_WIDTH,
  )
  const bits = widest(
    all.map(row => megabits(row.bits)),
    NUMBER_WIDTH,
  )
  const flows = widest(
    all.map(row => whole(row.flows ?? 0)),
    NUMBER_WIDTH,
  )
  return (name, row) => {
    const speeds = `${whole(row.packets).padStart(packets)} pps ${megabits(row.bits).padStart(bits)} mbps`
    const flowsText = row.flows === undefined ? '' : ` ${whole(row.flows).padStart(flows)} flows`
    return `${name.padEnd(names)}${speeds}${flowsText}${row.banned === true ? '  *banned*' : ''}`
  }
}

const titleLine = (traffic: Traffic): string =>
  [
    `Floodwarden ${traffic.version}`,
    traffic.interfaces.join(' ') || 'no interface',
    `${traffic.mode} mode`,
    traffic.armed ? 'armed' : 'dry run',
    momentText(Date.parse(traffic.at)),
  ].join('   ')

function countLines(traffic: Traffic): string[] {
  const line = (label: string, value: string) => `${label.padEnd(LABEL_WIDTH)}${value}`
  const share = percentText(traffic.droppedPercent)
  return [
    line('Packets received:', grouped(traffic.packetsReceived)),
    line('Packets dropped:', `${grouped(traffic.packetsDropped)} (${share})`),
    ...(traffic.exemptPackets === 0 ? [] : [line('Packets exempt:', grouped(traffic.exemptPackets))]),
    line('Traffic calculated in:', `${grouped(traffic.calculationMicroseconds)} microseconds`),
    line('Not processed packets:', `${grouped(traffic.unparsedPerSecond)} pps`),
  ]
}

function banLines(traffic: Traffic, most: number): string[] {
  const isAll = traffic.bansTotal <= Math.min(most, traffic.bans.length)
  const shown = traffic.bans.slice(0, isAll ? traffic.bansTotal : Math.max(0, most - 1))
  const lines = shown.map(ban => {
    // FastNetMon writes `ADDRESS/SPEED`; behind a prefix the same slash would be read as a length.
    const what = ban.scope === 'host' ? `${ban.host}/` : `${targetText(ban)}: `
    return `${what}${whole(ban.peak)} pps ${ban.direction} at ${momentText(Date.parse(ban.openedAt))}`
  })
  return isAll ? lines : [...lines, `and ${grouped(traffic.bansTotal - shown.length)} more`]
}

function cut(lines: readonly string[], footer: string | undefined, size: Size): string[] {
  const room = size.rows === undefined ? lines.length : size.rows - (footer === undefined ? 0 : 1)
  const body = lines.slice(0, Math.max(0, room))
  if (footer !== undefined) {
    while (body.length < room) body.push('')
    body.push(footer)
  }
  return body.map(line => line.slice(0, size.columns))
}
