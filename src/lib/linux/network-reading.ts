// What the kernel tells of datagrams that did not arrive: counters of its protocols, bound ports, and the check of the way back.
//
// All of it belongs to the network namespace of the process that reads it.

import { readdirSync, readFileSync } from 'node:fs'

/** Files of /proc as they were read; `undefined` where there is none, or it may not be read. */
export interface NetworkTexts {
  readonly snmp: string | undefined
  readonly snmp6: string | undefined
  readonly netstat: string | undefined
  readonly udp: string | undefined
  readonly udp6: string | undefined
  /** `rp_filter` by the name of its interface; `all` is one of them. */
  readonly reversePath: Readonly<Record<string, string>>
}

export interface NetworkReading {
  /** Datagrams to UDP ports that nobody listened on, since the start of the machine. */
  readonly noPorts: number | undefined
  /** Packets dropped because no way back leads out where they came in, since the start of the machine. */
  readonly reversePathDrops: number | undefined
  /** The port of each UDP socket that takes from anybody, IPv4 and IPv6; a port as often as it has sockets. */
  readonly udpPorts: readonly number[] | undefined
  /** How the way back of IPv4 is checked, by interface: 0 not, 1 strictly, 2 loosely (ip-sysctl, rp_filter). */
  readonly reversePath: ReadonlyMap<string, number>
}

export const readNetwork = (): NetworkReading => networkReading(networkTexts())

function networkTexts(): NetworkTexts {
  const folder = '/proc/sys/net/ipv4/conf'
  const read = (name: string) => textOf(`${folder}/${name}/rp_filter`) ?? ''
  return {
    snmp: textOf('/proc/net/snmp'),
    snmp6: textOf('/proc/net/snmp6'),
    netstat: textOf('/proc/net/netstat'),
    udp: textOf('/proc/net/udp'),
    udp6: textOf('/proc/net/udp6'),
    reversePath: Object.fromEntries(namesIn(folder).map(name => [name, read(name)])),
  }
}

export function networkReading(texts: NetworkTexts): NetworkReading {
  const noPorts4 = columnOf(texts.snmp, 'Udp', 'NoPorts')
  const noPorts6 = lineOf(texts.snmp6, 'Udp6NoPorts')
  const udpPorts = texts.udp === undefined ? undefined : [...portsOf(texts.udp), ...portsOf(texts.udp6 ?? '')]
  return {
    noPorts: noPorts4 === undefined ? noPorts6 : noPorts4 + (noPorts6 ?? 0),
    reversePathDrops: columnOf(texts.netstat, 'TcpExt', 'IPReversePathFilter'),
    udpPorts,
    reversePath: effective(texts.reversePath),
  }
}

/** Of pairs of lines `Udp: NAME NAME` and `Udp: 1 2`. */
function columnOf(text: string | undefined, group: string, name: string): number | undefined {
  const [names = [], values = []] = (text ?? '')
    .split('\n')
    .filter(line => line.startsWith(`${group}: `))
    .map(line => line.trim().split(/\s+/))
  const at = names.indexOf(name)
  return at < 1 ? undefined : numberOf(values[at])
}

/** Of lines `NAME 1`. */
const lineOf = (text: string | undefined, name: string): number | undefined =>
  numberOf(
    (text ?? '')
      .split('\n')
      .map(line => line.trim().split(/\s+/))
      .find(([first]) => first === name)?.[1],
  )

const numberOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined

/** Lines `12: 00000000:0807 00000000:0000 07 ...`; a socket that is connected takes from its peer alone. */
const portsOf = (text: string): number[] =>
  text.split('\n').flatMap(line => {
    const [, port] = /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) 0+:0000 /.exec(line) ?? []
    return port === undefined ? [] : [Number.parseInt(port, 16)]
  })

/** The larger value of the interface and of `all` holds. */
function effective(texts: Readonly<Record<string, string>>): ReadonlyMap<string, number> {
  const value = (name: string) => numberOf(texts[name]?.trim()) ?? 0
  const interfaces = Object.keys(texts).filter(name => !['all', 'default', 'lo'].includes(name))
  return new Map(interfaces.map(name => [name, Math.max(value('all'), value(name))]))
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
