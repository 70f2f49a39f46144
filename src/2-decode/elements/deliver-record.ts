// Hot path. The last look at a record before it is counted: a record without address, without packets, or beyond belief is none.

import type { ExporterCounters } from '#2-decode/exporter-counters.ts'
import type { FlowRecord, TakeRecord } from '#2-decode/flow-record.ts'

/** A petabyte and 10^13 packets: more than the fastest link carries in a day. */
const BYTES_MAX = 2 ** 50
const PACKETS_MAX = 2 ** 43
/** Where only bytes are told, packets are taken to be as large as Ethernet has them: the fewest that can have been. */
const PACKET_BYTES = 1500

export function deliverRecord(record: FlowRecord, counters: ExporterCounters, take: TakeRecord): void {
  if (record.sample.family === 0) {
    counters.withoutAddress++
    return
  }
  const { bytes, packets } = record
  if (packets === 0) {
    if (bytes === 0) {
      counters.empty++
      return
    }
    record.packets = Math.ceil(bytes / PACKET_BYTES)
  }
  if (bytes > BYTES_MAX || packets > PACKETS_MAX) {
    counters.implausible++
    return
  }
  counters.taken++
  take(record)
}
