// Packets of a host put together as flows: who talked to it most, per direction and protocol.

import type { FlowRecord, FlowSection, PacketRecord } from './evidence.ts'

/** Flows counted in the last window in each direction, as the sketch tells. */
export interface FlowCounts {
  readonly incoming: number
  readonly outgoing: number
}

const DIRECTIONS = ['incoming', 'outgoing'] as const
const PROTOCOLS = ['tcp', 'udp'] as const
const TCP = 6
const UDP = 17

interface Tally extends Omit<FlowRecord, 'packets' | 'bytes'> {
  packets: number
  bytes: number
}

/**
 * Groups the packets of `host` into flows: at most `linesMax` for each direction and protocol, most packets first.
 * Counts are those of the packets that were kept, times the sampling rate of the telemetry: what a flow had at least.
 * Weights would make a spoofed packet look like many. How many flows there were comes from `counts`: the samples hold only a part of
 * them, so they decide just how the count divides between protocols. A section never counts less than was seen.
 */
export function flowsFrom(
  records: Iterable<PacketRecord>,
  host: string,
  counts: FlowCounts,
  linesMax: number,
): FlowSection[] {
  const flows = [...talliesOf(records, host).values()].sort(byPackets)
  return DIRECTIONS.flatMap(direction => {
    const ofDirection = flows.filter(flow => flow.direction === direction)
    return PROTOCOLS.flatMap(protocol => {
      const seen = ofDirection.filter(flow => flow.protocol === protocol)
      if (seen.length === 0) return []
      const share = Math.round((counts[direction] * seen.length) / ofDirection.length)
      return [{ direction, protocol, count: Math.max(share, seen.length), flows: seen.slice(0, linesMax) }]
    })
  })
}

function talliesOf(records: Iterable<PacketRecord>, host: string): Map<string, Tally> {
  const tallies = new Map<string, Tally>()
  for (const record of records) {
    if (record.target !== host && record.source !== host) continue
    const flow = flowOf(record, host)
    const key = `${flow.direction} ${flow.protocol} ${flow.hostPort} ${flow.remote} ${flow.remotePort}`
    const tally = tallies.get(key) ?? { ...flow, packets: 0, bytes: 0 }
    const packets = record.sampleRatio * (record.recordPackets ?? 1)
    tally.packets += packets
    tally.bytes += packets * record.bytes
    tallies.set(key, tally)
  }
  return tallies
}

function flowOf(record: PacketRecord, host: string): Omit<Tally, 'packets' | 'bytes'> {
  const protocol = record.protocol === TCP ? 'tcp' : record.protocol === UDP ? 'udp' : 'other'
  const { source, sourcePort, target, targetPort } = record
  return target === host
    ? { protocol, direction: 'incoming', host, hostPort: targetPort, remote: source, remotePort: sourcePort }
    : { protocol, direction: 'outgoing', host, hostPort: sourcePort, remote: target, remotePort: targetPort }
}

/** Most packets first; equal ones by remote address, remote port and own port, so that a replay repeats itself. */
function byPackets(a: Tally, b: Tally): number {
  if (a.packets !== b.packets) return b.packets - a.packets
  if (a.remote !== b.remote) return a.remote < b.remote ? -1 : 1
  return a.remotePort - b.remotePort || a.hostPort - b.hostPort
}
