// Hot path. IPFIX: a head of 16 bytes that states the length of the message, then sets (RFC 7011, 3.1).

import { EXPORT_PROTOCOL } from '#2-decode/export-protocol.ts'
import type { ExporterState } from '#2-decode/exporter.ts'
import type { FlowRecord, TakeRecord } from '#2-decode/flow-record.ts'
import { FIRST_TEMPLATE_SET, readSets } from '#2-decode/sets.ts'
import { IPFIX_HEAD_BYTES } from './message-length.ts'

const HEAD_BYTES = IPFIX_HEAD_BYTES
const UNKNOWN = -1

/** Reads the message between `at` and `end`, whose version has been looked at. Each record is given to the taker. */
export function decodeIpfix(
  view: DataView,
  at: number,
  end: number,
  exporter: ExporterState,
  receivedMs: number,
  record: FlowRecord,
  take: TakeRecord,
): void {
  const { counters } = exporter
  counters.datagrams++
  const bytes = end - at < HEAD_BYTES ? 0 : view.getUint16(at + 2)
  if (bytes < HEAD_BYTES || bytes > end - at) {
    counters.malformed++
    return
  }
  const { session } = exporter
  const domain = exporter.domain(EXPORT_PROTOCOL.ipfix, view.getUint32(at + 12), receivedMs, session)
  if (domain === undefined) return
  domain.exportMs = view.getUint32(at + 4) * 1000
  domain.uptimeMs = UNKNOWN
  domain.skewMs = receivedMs - domain.exportMs
  record.receivedMs = receivedMs
  const records = readSets(view, at + HEAD_BYTES, at + bytes, FIRST_TEMPLATE_SET.ipfix, domain, record, take)
  domain.sequence.follow(view.getUint32(at + 8), records)
}
