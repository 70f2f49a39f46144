// Hot path. NetFlow v9: a head of 20 bytes, then FlowSets (RFC 3954, 5.1).
//
// The head's count is of records, templates included, and tells nothing that the sets do not; it is not looked at.

import { EXPORT_PROTOCOL } from '#2-decode/export-protocol.ts'
import type { ExporterState } from '#2-decode/exporter.ts'
import type { FlowRecord, TakeRecord } from '#2-decode/flow-record.ts'
import { followUptime } from '#2-decode/follow-uptime.ts'
import { FIRST_TEMPLATE_SET, readSets } from '#2-decode/sets.ts'

const HEAD_BYTES = 20

/** Reads the datagram between `at` and `end`, whose version has been looked at. Each record is given to the taker. */
export function decodeNetflow9(
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
  if (end - at < HEAD_BYTES) {
    counters.malformed++
    return
  }
  const domain = exporter.domain(EXPORT_PROTOCOL.netflow9, view.getUint32(at + 16), receivedMs)
  if (domain === undefined) return
  followUptime(domain, view.getUint32(at + 4), view.getUint32(at + 8) * 1000, receivedMs)
  record.receivedMs = receivedMs
  const records = readSets(view, at + HEAD_BYTES, end, FIRST_TEMPLATE_SET.netflow9, domain, record, take)
  domain.sequence.follow(view.getUint32(at + 12), records)
}
