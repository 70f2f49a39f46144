// Hot path. sFlow version 5 (July 2004): a head that names the agent, then samples, each with its length.

import { EXPORT_PROTOCOL } from '#2-decode/export-protocol.ts'
import type { Domain, ExporterState } from '#2-decode/exporter.ts'
import type { FlowRecord, TakeRecord } from '#2-decode/flow-record.ts'
import { followUptime } from '#2-decode/follow-uptime.ts'
import { readCounterSample, readExpandedCounters } from './counter-sample.ts'
import { readDiscard, readExpandedSample, readFlowSample } from './flow-sample.ts'
import { SAMPLE } from './formats.ts'
import { addressBytes } from './gateway.ts'

const { sflow: SFLOW } = EXPORT_PROTOCOL
const {
  flow: FLOW,
  counters: COUNTERS,
  expandedFlow: EXPANDED_FLOW,
  expandedCounters: EXPANDED_COUNTERS,
  discard: DISCARD,
} = SAMPLE
/** Version and kind of the agent's address; then, behind the address, the rest of the head. */
const AGENT_AT = 8
const HEAD_BYTES = 16
const SAMPLE_HEAD_BYTES = 8

/** Reads the datagram between `at` and `end`, whose version has been looked at. Each packet sampled is given to the taker. */
export function decodeSflow(
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
  const bytes = end - at < AGENT_AT ? -1 : addressBytes(view.getInt32(at + 4))
  const head = at + AGENT_AT + bytes
  if (bytes < 0 || end - head < HEAD_BYTES) {
    counters.malformed++
    return
  }
  const domain = domainOf(view, at + AGENT_AT, bytes, view.getUint32(head), exporter, receivedMs)
  if (domain === undefined) return
  // No clock is sent: the time of arrival stands for it.
  if (followUptime(domain, view.getUint32(head + 8), receivedMs, receivedMs)) domain.sources.restart()
  const count = view.getInt32(head + 12)
  domain.sequence.follow(view.getUint32(head + 4), count)
  // All else a record has is set by each sample.
  record.receivedMs = record.endMs = receivedMs
  record.durationMs = record.isReverse = record.endReason = 0
  readSamples(view, head + HEAD_BYTES, end, count, domain, record, take)
}

/** The domain of the sub-agent, whose agent has its address of `bytes` at `at`. */
function domainOf(
  view: DataView,
  at: number,
  bytes: number,
  id: number,
  exporter: ExporterState,
  nowMs: number,
): Domain | undefined {
  const { agents, domains, limits } = exporter
  // An agent without a domain would keep its number for ever.
  const mayAdd = domains.size < limits.domains
  const a = bytes === 0 ? 0 : view.getInt32(at)
  const agent =
    bytes === 16
      ? agents.numberOf(6, a, view.getInt32(at + 4), view.getInt32(at + 8), view.getInt32(at + 12), mayAdd)
      : agents.numberOf(bytes, a, 0, 0, 0, mayAdd)
  if (agent < 0) {
    exporter.counters.refusedDomains++
    return undefined
  }
  return exporter.domain(SFLOW, id, nowMs, agent)
}

function readSamples(
  view: DataView,
  at: number,
  end: number,
  count: number,
  domain: Domain,
  record: FlowRecord,
  take: TakeRecord,
): void {
  const { counters, sflow } = domain.exporter
  let next = at
  for (let i = 0; i < count; i++) {
    const first = next + SAMPLE_HEAD_BYTES
    const bytes = first > end ? -1 : view.getInt32(next + 4)
    if (bytes < 0 || bytes > end - first) {
      counters.malformed++
      return
    }
    if (!readSample(view, view.getInt32(next), first, first + bytes, domain, record, take)) {
      counters.malformed++
      sflow.malformedSamples++
    }
    next = first + ((bytes + 3) & ~3)
  }
  if (count < 0) counters.malformed++
  else if (next < end) sflow.paddedDatagrams++
}

/** Reads one sample; false when it is malformed. */
function readSample(
  view: DataView,
  format: number,
  at: number,
  end: number,
  domain: Domain,
  record: FlowRecord,
  take: TakeRecord,
): boolean {
  const { sflow } = domain.exporter
  switch (format) {
    case FLOW:
      sflow.flowSamples++
      return readFlowSample(view, at, end, domain, record, take)
    case EXPANDED_FLOW:
      sflow.flowSamples++
      return readExpandedSample(view, at, end, domain, record, take)
    case DISCARD:
      sflow.discardSamples++
      return readDiscard(view, at, end, domain, record, take)
    case COUNTERS:
      sflow.counterSamples++
      return readCounterSample(view, at, end, domain, record.receivedMs)
    case EXPANDED_COUNTERS:
      sflow.counterSamples++
      return readExpandedCounters(view, at, end, domain, record.receivedMs)
    default:
      sflow.otherSamples++
      return true
  }
}
