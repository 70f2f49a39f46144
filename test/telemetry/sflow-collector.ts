// Receives sFlow on one port, decodes it, and tells what it got: `ready` first, `all` once the packets of its argument
// have arrived or are known to be lost, totals as JSON when it is ended.

import { createSocket } from 'node:dgram'
import { ExporterState } from '#2-decode/exporter.ts'
import { decodeFlowExport } from '#2-decode/flow-decoder.ts'
import { FlowRecord } from '#2-decode/flow-record.ts'

/** What came of one kind of packets. */
export interface KindTotals {
  packets: number
  bytes: number
  /** Packets times their sampling rate. */
  estimate: number
}

export interface CollectorTotals {
  /** By IP version, protocol and VLAN: `4 17 0`. */
  readonly kinds: Readonly<Record<string, KindTotals>>
  readonly malformed: number
  readonly lostSamples: number
  /** Packets the exporter says it could have sampled, after the first sample. */
  readonly pooled: number
}

export const COLLECTOR_PORT = 6343
const RECEIVE_BUFFER_BYTES = 4 << 20

function collect(expected: number): void {
  const exporter = new ExporterState('127.0.0.1', { override: 0, fallback: 1 })
  const record = new FlowRecord()
  const kinds: Record<string, KindTotals> = {}
  let taken = 0
  let isTold = false
  const take = ({ sample, packets, bytes, rate }: FlowRecord) => {
    const name = `${sample.family} ${sample.protocol} ${sample.vlan}`
    const kind = kinds[name] ?? { packets: 0, bytes: 0, estimate: 0 }
    kinds[name] = kind
    kind.packets += packets
    taken += packets
    kind.bytes += bytes
    kind.estimate += packets * rate
  }
  const socket = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES })
  socket.on('message', ({ buffer, byteOffset, length }) => {
    const view = new DataView(buffer, byteOffset, length)
    decodeFlowExport(view, 0, length, exporter, Date.now(), record, take)
    if (isTold || taken + exporter.sflow.lostSamples < expected) return
    isTold = true
    console.log('all')
  })
  socket.bind(COLLECTOR_PORT, '127.0.0.1', () => console.log('ready'))
  process.once('SIGTERM', () => {
    const sources = [...exporter.domains.values()].flatMap(domain => [...domain.sources.flows.values()])
    const totals: CollectorTotals = {
      kinds,
      malformed: exporter.counters.malformed,
      lostSamples: exporter.sflow.lostSamples,
      pooled: sources.reduce((sum, { pooled }) => sum + pooled, 0),
    }
    console.log(JSON.stringify(totals))
    socket.close()
  })
}

if (import.meta.main) collect(Number(process.argv[2]))
