// Hot path. One door for sFlow, NetFlow v5, v9 and IPFIX: a datagram goes to the decoder of the version it states.

import { EXPORT_PROTOCOL, exportProtocolOf } from './export-protocol.ts'
import type { ExporterState } from './exporter.ts'
import type { FlowRecord, TakeRecord } from './flow-record.ts'
import { decodeIpfix } from './ipfix/decode-ipfix.ts'
import { decodeNetflow5 } from './netflow-5/decode-netflow-5.ts'
import { decodeNetflow9 } from './netflow-9/decode-netflow-9.ts'
import { decodeSflow } from './sflow/decode-sflow.ts'

const { sflow, netflow5, netflow9, ipfix } = EXPORT_PROTOCOL

/**
 * Decodes one datagram, which may lie anywhere in a larger buffer: nothing outside `at` to `end` is read. `record` is
 * filled anew for each flow record and given to `take`, which must neither keep nor change it. Never throws; what is
 * wrong is counted in the exporter's counters. Returns the protocol, one of EXPORT_PROTOCOL; an unknown one is
 * left untouched.
 */
export function decodeFlowExport(
  view: DataView,
  at: number,
  end: number,
  exporter: ExporterState,
  receivedMs: number,
  record: FlowRecord,
  take: TakeRecord,
): number {
  const protocol = exportProtocolOf(view, at, end)
  switch (protocol) {
    case sflow:
      decodeSflow(view, at, end, exporter, receivedMs, record, take)
      break
    case netflow5:
      decodeNetflow5(view, at, end, exporter, receivedMs, record, take)
      break
    case netflow9:
      decodeNetflow9(view, at, end, exporter, receivedMs, record, take)
      break
    case ipfix:
      decodeIpfix(view, at, end, exporter, receivedMs, record, take)
      break
    default:
  }
  return protocol
}
