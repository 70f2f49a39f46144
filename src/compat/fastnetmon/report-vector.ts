// What kind of flood a report of FastNetMon tells of, from its text alone: for detectors that say it crudely or not at all.
//
// bin/floodwarden-event asks in the same order, in shell. Rules, the first that says something counts:
//
// 1. Counters. Lines such as `Incoming syn tcp pps: 12000 packets per second` of the direction of the attack; those of
//    zero say nothing. The largest of tcp, udp and icmp in packets (in bits when no packets are told; of equal ones the
//    first) is what floods. TCP of which 60 % or more are SYN is syn_flood, other TCP ack_flood; ICMP is icmp_flood;
//    UDP is asked for its ports (3), and is udp_flood without.
// 2. Words. In lines whose number is not zero, as whole words: syn, ack, udp, icmp, in this order; udp as in 1.
// 3. Ports of UDP. Of the packets in lines of flows (below `UDP flows:`) and of packets (`protocol: udp`) that go in the
//    direction of the attack, half or more come from one port of the table: that amplification.

import { parseAddress } from '#lib/ip/address.ts'

/** Ports from which amplified answers come, and what that is called. */
export const AMPLIFIED: ReadonlyMap<number, string> = new Map([
  [17, 'qotd-amplification'],
  [19, 'chargen-amplification'],
  [53, 'dns-amplification'],
  [69, 'tftp-amplification'],
  [111, 'portmap-amplification'],
  [123, 'ntp-amplification'],
  [137, 'netbios-amplification'],
  [161, 'snmp-amplification'],
  [177, 'xdmcp-amplification'],
  [389, 'cldap-amplification'],
  [427, 'slp-amplification'],
  [520, 'rip-amplification'],
  [1194, 'openvpn-amplification'],
  [1434, 'mssql-amplification'],
  [1900, 'ssdp-amplification'],
  [3283, 'ard-amplification'],
  [3702, 'ws-discovery-amplification'],
  [5353, 'mdns-amplification'],
  [5683, 'coap-amplification'],
  [10001, 'ubiquiti-amplification'],
  [11211, 'memcached-amplification'],
  [37810, 'dhcpdiscover-amplification'],
])

/** A report is this long at most; more lines, and what of a line is longer, are not read. */
const LINES_MAX = 20_000
const LINE_CHARACTERS_MAX = 500
const SYN_SHARE = 0.6
const PORT_SHARE = 0.5

type Direction = 'incoming' | 'outgoing'

/** A vector's name, or `undefined`: the text does not say. */
export function vectorOfReport(text: string, direction: Direction): string | undefined {
  const lines = text
    .toLowerCase()
    .split('\n', LINES_MAX)
    .map(line => line.slice(0, LINE_CHARACTERS_MAX))
  const flood = floodOfCounters(lines, direction) ?? floodOfWords(lines)
  return flood === 'udp_flood' ? (amplificationOf(lines, direction) ?? flood) : flood
}

const COUNTER = /^\s*(incoming|outgoing) (tcp|syn tcp|udp|icmp) (pps|traffic): ([0-9]+(?:\.[0-9]+)?)/

function floodOfCounters(lines: readonly string[], direction: Direction): string | undefined {
  const counters = new Map<string, number>()
  for (const line of lines) {
    const [, way, protocol, unit, value] = COUNTER.exec(line) ?? []
    if (way === direction) counters.set(`${protocol} ${unit}`, Number(value))
  }
  for (const unit of ['pps', 'traffic']) {
    const of = (protocol: string) => counters.get(`${protocol} ${unit}`) ?? 0
    const most = Math.max(of('tcp'), of('syn tcp'), of('udp'), of('icmp'))
    if (most === 0) continue
    if (Math.max(of('tcp'), of('syn tcp')) === most)
      return of('syn tcp') >= most * SYN_SHARE ? 'syn_flood' : 'ack_flood'
    return of('udp') === most ? 'udp_flood' : 'icmp_flood'
  }
  return undefined
}

const WORDS: readonly (readonly [RegExp, string])[] = ['syn', 'ack', 'udp', 'icmp'].map(word => [
  new RegExp(`(?:^|[^a-z0-9])${word}(?:[^a-z0-9]|$)`),
  `${word}_flood`,
])
/** `udp pps: 0 packets per second`, `udp flows = 0`. */
const ZERO = /[:=]\s*0+(?:\.0+)?(?:\s*[a-z%][a-z/% ]*)?\s*$/

function floodOfWords(lines: readonly string[]): string | undefined {
  const telling = lines.filter(line => !ZERO.test(line))
  return WORDS.find(([word]) => telling.some(line => word.test(line)))?.[1]
}

const HEADING = /^\s*(tcp|udp|icmp) flows:/
const FLOW = /^\s*(\S+):(\d{1,5}) ([<>]) (\S+):(\d{1,5}) \d+ bytes (\d+) packets/
const PACKET = /(?:^|\s)(\S+):(\d{1,5}) > (\S+):(\d{1,5}) protocol: udp\b(?:.* packets: (\d+))?/
const HOST = /^\s*ip: (\S+)/

function amplificationOf(lines: readonly string[], direction: Direction): string | undefined {
  const host = lines.map(line => HOST.exec(line)?.[1]).find(found => found !== undefined)
  const arrow = direction === 'incoming' ? '<' : '>'
  const packets = new Map<number, number>()
  let all = 0
  const count = (port: number, number: number) => {
    all += number
    packets.set(port, (packets.get(port) ?? 0) + number)
  }
  let section = ''
  for (const line of lines) {
    section = HEADING.exec(line)?.[1] ?? section
    const flow = FLOW.exec(line)
    if (flow !== null) {
      // The sender of a flow towards the host stands on the right.
      if (section === 'udp' && flow[3] === arrow)
        count(Number(flow[direction === 'incoming' ? 5 : 2]), Number(flow[6]))
      continue
    }
    const packet = PACKET.exec(line)
    if (packet === null || host === undefined) continue
    if (isSame(packet[direction === 'incoming' ? 3 : 1], host))
      count(Number(packet[2]), Number(packet[5] ?? 1))
  }
  for (const [port, number] of packets)
    if (number > 0 && number >= all * PORT_SHARE) return AMPLIFIED.get(port)
  return undefined
}

function isSame(a: string | undefined, b: string): boolean {
  if (a === undefined || a === b) return a === b
  const [first, second] = [a, b].map(text => parseAddress(text.replace(/^\[|\]$/g, '')))
  return first !== undefined && first.family === second?.family && first.value === second.value
}
