// Hot path. NetFlow v5: a head of 24 bytes, then records of 48 bytes, IPv4 only, always of the same form.

import { deliverRecord } from '#2-decode/elements/deliver-record.ts'
import { setPorts } from '#2-decode/elements/read-core.ts'
import { setUptimes } from '#2-decode/elements/read-times.ts'
import { EXPORT_PROTOCOL } from '#2-decode/export-protocol.ts'
import type { Domain, ExporterState } from '#2-decode/exporter.ts'
import type { FlowRecord, TakeRecord } from '#2-decode/flow-record.ts'
import { followUptime } from '#2-decode/follow-uptime.ts'
import { PROTOCOL } from '#2-decode/frame/transport.ts'
import { NO_SAMPLER } from '#2-decode/sampling-rates.ts'

const { tcp: TCP } = PROTOCOL
const HEAD_BYTES = 24
const RECORD_BYTES = 48
/** The upper two bits of the sampling field are the mode, which changes nothing about what a packet stands for. */
const INTERVAL_MASK = 0x3fff

/** Reads the datagram between `at` and `end`, whose version has been looked at. Each record is given to the taker. */
export function decodeNetflow5(
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
  const stated = view.getUint16(at + 2)
  const held = Math.floor((end - at - HEAD_BYTES) / RECORD_BYTES)
  const engine = view.getUint16(at + 20)
  const domain = exporter.domain(EXPORT_PROTOCOL.netflow5, engine, receivedMs)
  if (domain === undefined) return
  if (stated === 0 || stated > held) counters.malformed++
  const records = Math.min(stated, held)
  followUptime(
    domain,
    view.getUint32(at + 4),
    view.getUint32(at + 8) * 1000 + Math.floor(view.getUint32(at + 12) / 1e6),
    receivedMs,
  )
  domain.sequence.follow(view.getUint32(at + 16), stated)
  const interval = view.getUint16(at + 22) & INTERVAL_MASK
  if (interval !== 0) exporter.learnRate(domain, NO_SAMPLER, interval)
  record.clear()
  record.receivedMs = receivedMs
  record.rate = domain.rates.rateOf(NO_SAMPLER)
  counters.records += records
  const first = at + HEAD_BYTES
  for (let i = 0; i < records; i++) readRecord(view, first + i * RECORD_BYTES, record, domain, take)
}

function readRecord(view: DataView, at: number, record: FlowRecord, domain: Domain, take: TakeRecord): void {
  const { sample } = record
  sample.family = 4
  sample.sourceA = view.getInt32(at, true)
  sample.targetA = view.getInt32(at + 4, true)
  record.inputInterface = view.getUint16(at + 12)
  record.outputInterface = view.getUint16(at + 14)
  record.packets = view.getUint32(at + 16)
  record.bytes = view.getUint32(at + 20)
  setUptimes(record, domain, view.getUint32(at + 24), view.getUint32(at + 28), 0)
  const protocol = view.getUint8(at + 38)
  sample.protocol = protocol
  setPorts(sample, protocol, view.getUint16(at + 32), view.getUint16(at + 34))
  if (protocol === TCP) sample.tcpFlags = view.getUint8(at + 37)
  record.sourceAs = view.getUint16(at + 40)
  record.targetAs = view.getUint16(at + 42)
  deliverRecord(record, domain.exporter.counters, take)
}
