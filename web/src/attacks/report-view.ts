// The report of an attack as the API gives it: a document of another shape than the contract, read with care.

export interface PacketRow {
  readonly time: string
  readonly source: string
  readonly target: string
  readonly protocol: string
  readonly flags: string
  readonly bytes: number
  readonly ttl: number
  /** Hexadecimal; empty: its bytes were not kept. */
  readonly header: string
}

type Fields = Readonly<Record<string, unknown>>

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {}
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0)

/** `198.51.100.7:53`, `[2001:db8::7]:53`; without a port where there is none. */
export function endText(address: string, port: number): string {
  if (port === 0) return address
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/** Packets of a report, oldest first. */
export function packetRows(report: unknown): PacketRow[] {
  const { packets } = fieldsOf(report)
  if (!Array.isArray(packets)) return []
  return packets.map((each: unknown) => {
    const packet = fieldsOf(each)
    const { tcpFlags } = packet
    return {
      time: textOf(packet['time']),
      source: endText(textOf(packet['source']), numberOf(packet['sourcePort'])),
      target: endText(textOf(packet['target']), numberOf(packet['targetPort'])),
      protocol: textOf(fieldsOf(packet['protocol'])['name']),
      flags: [
        ...(Array.isArray(tcpFlags) ? tcpFlags.map(String) : []),
        ...(packet['isFragment'] === true ? ['fragment'] : []),
      ].join(' '),
      bytes: Math.round(numberOf(packet['bytes'])),
      ttl: numberOf(packet['ttl']),
      header: textOf(packet['header']),
    }
  })
}

export interface FlowRow {
  readonly direction: string
  readonly protocol: string
  readonly hostPort: number
  readonly remote: string
  readonly packets: number
  readonly bytes: number
}

/** The largest flows of a report, those with the most packets first. */
export function flowRows(report: unknown): FlowRow[] {
  const { flows } = fieldsOf(report)
  if (!Array.isArray(flows)) return []
  return flows
    .flatMap((each: unknown) => {
      const section = fieldsOf(each)
      const rows = Array.isArray(section['flows']) ? section['flows'] : []
      return rows.map((row: unknown) => {
        const flow = fieldsOf(row)
        return {
          direction: textOf(section['direction']),
          protocol: textOf(section['protocol']),
          hostPort: numberOf(flow['hostPort']),
          remote: endText(textOf(flow['remote']), numberOf(flow['remotePort'])),
          packets: numberOf(flow['packets']),
          bytes: numberOf(flow['bytes']),
        }
      })
    })
    .sort((a, b) => b.packets - a.packets)
}
