// Reports as FastNetMon writes them on the standard input of a notify script: 1.2.4 and its newest source.

export interface Speeds {
  readonly tcp?: number
  readonly syn?: number
  readonly udp?: number
  readonly icmp?: number
  readonly fragments?: number
  /** Packets of no named protocol. */
  readonly other?: number
}

export interface ReportCase {
  readonly host?: string
  readonly type?: string
  readonly protocol?: string
  readonly direction?: string
  readonly speeds?: Speeds
  /** The words of the newest source. */
  readonly head?: boolean
  /** Lines after the counters. */
  readonly lines?: readonly string[]
}

export function reportText(report: ReportCase): string {
  const { host = '192.0.2.1', type = 'unknown', protocol = 'tcp', direction = 'incoming' } = report
  const power = totalOf(report.speeds ?? {})
  return [
    `IP: ${host}`,
    `Attack type: ${type}`,
    `Initial attack power: ${power} packets per second`,
    `Peak attack power: ${power} packets per second`,
    `Attack direction: ${direction}`,
    `Attack protocol: ${protocol}`,
    ...counters(report, direction),
    ...(report.head ? [] : AVERAGE_SIZES),
    ...(report.lines ?? []),
    '',
  ].join('\n')
}

export const totalOf = ({ tcp = 0, udp = 0, icmp = 0, other = 0 }: Speeds): number => tcp + udp + icmp + other

const AVERAGE_SIZES = [
  '',
  'Average packet size for incoming traffic: 200.0 bytes ',
  'Average packet size for outgoing traffic: 0.0 bytes ',
]

function counters({ speeds = {}, head = false }: ReportCase, direction: string): string[] {
  const { tcp = 0, syn = 0, udp = 0, icmp = 0, fragments = 0 } = speeds
  const total = totalOf(speeds)
  return [
    ...both('Total', '', direction, total),
    ...(head ? [] : both('Average', '', direction, total)),
    ...both('', 'ip fragmented', direction, fragments),
    ...(head ? both('', 'dropped', direction, 0) : []),
    ...both('', 'tcp', direction, tcp),
    ...both('', 'syn tcp', direction, syn),
    ...both('', 'udp', direction, udp),
    ...both('', 'icmp', direction, icmp),
  ]
}

function both(before: string, what: string, direction: string, packets: number): string[] {
  return (['traffic', 'pps'] as const).flatMap(unit =>
    ['incoming', 'outgoing'].map(way => {
      const words = [before, way, what, unit].filter(word => word !== '').join(' ')
      const value = way !== direction ? 0 : unit === 'pps' ? packets : Math.floor(packets / 600)
      return `${words[0]?.toUpperCase()}${words.slice(1)}: ${value} ${unit === 'pps' ? 'packets per second' : 'mbps'}`
    }),
  )
}

/** Lines of flows: `[port of the host, port of the other side, packets]`. */
export function flowLines(
  protocol: 'TCP' | 'UDP',
  flows: readonly (readonly [number, number, number])[],
  cropped = true,
): string[] {
  return [
    'Incoming',
    '',
    `${protocol} flows: ${cropped ? 16376 : flows.length}`,
    ...flows.map(
      ([here, there, packets], at) =>
        `192.0.2.1:${here} < 198.18.0.${at}:${there} ${packets * 200} bytes ${packets} packets`,
    ),
    ...(cropped ? ['Flows have cropped due to very long list.'] : []),
    '',
  ]
}

/** Lines of packets to 192.0.2.1: `[protocol, flags, port of the host, port of the other side]`. */
export function packetLines(packets: readonly (readonly [string, string, number, number])[]): string[] {
  return packets.map(
    ([protocol, flags, here, there], at) =>
      `2026-01-15 12:00:00.${String(at).padStart(6, '0')} 198.18.0.${at}:${there} > 192.0.2.1:${here} ` +
      `protocol: ${protocol}${flags === '' ? '' : ` flags: ${flags}`} frag: 0  packets: 1 size: 200 bytes ttl: 64 ` +
      'sample ratio: 1  ',
  )
}
