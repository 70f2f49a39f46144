// Hot path. Samples of packets: compact, expanded, and of packets that were discarded. They differ in their heads only.

import { deliverRecord } from '#2-decode/elements/deliver-record.ts'
import type { Domain } from '#2-decode/exporter.ts'
import { DIRECTION, type FlowRecord, type TakeRecord } from '#2-decode/flow-record.ts'
import { NO_SAMPLER, RATE_MAX } from '#2-decode/sampling-rates.ts'
import { findRecords } from './find-records.ts'
import { followSource } from './follow-source.ts'
import { INTERFACE, INTERNAL_INTERFACE } from './formats.ts'
import { readPacket } from './read-packet.ts'
import { type DataSource, sourceKey } from './sampling-sources.ts'

const { ingress: INGRESS, egress: EGRESS, unknown: UNKNOWN } = DIRECTION
const { single: SINGLE, discard: DISCARD } = INTERFACE
const INTERNAL = INTERNAL_INTERFACE
const NO_REASON = -1
/** Bytes of the heads, without what each sample has before them. */
const FLOW_BYTES = 32
const EXPANDED_BYTES = 44
const DISCARD_BYTES = 32
/** In compact samples: the class of a source above its index, the form of an interface above its value. */
const SOURCE_SHIFT = 24
const SOURCE_MASK = 0xff_ffff
const FORM_SHIFT = 30
const VALUE_MASK = 0x3fff_ffff

/** Reads a compact sample. False when it is malformed; what came before the fault was used. */
export function readFlowSample(
  view: DataView,
  at: number,
  end: number,
  domain: Domain,
  record: FlowRecord,
  take: TakeRecord,
): boolean {
  if (end - at < FLOW_BYTES) return false
  const id = view.getInt32(at + 4)
  const key = sourceKey(id >>> SOURCE_SHIFT, id & SOURCE_MASK)
  const input = view.getInt32(at + 20)
  const output = view.getInt32(at + 24)
  setInterfaces(
    record,
    key,
    input >>> FORM_SHIFT,
    input & VALUE_MASK,
    output >>> FORM_SHIFT,
    output & VALUE_MASK,
  )
  followFlow(view, at, at + 8, key, domain, record)
  return takeSample(view, at + FLOW_BYTES, end, view.getInt32(at + 28), domain, record, take)
}

/** Reads an expanded sample, with the same result. */
export function readExpandedSample(
  view: DataView,
  at: number,
  end: number,
  domain: Domain,
  record: FlowRecord,
  take: TakeRecord,
): boolean {
  if (end - at < EXPANDED_BYTES) return false
  const key = sourceKey(view.getUint32(at + 4), view.getUint32(at + 8))
  const inputForm = view.getUint32(at + 24)
  const outputForm = view.getUint32(at + 32)
  setInterfaces(record, key, inputForm, view.getUint32(at + 28), outputForm, view.getUint32(at + 36))
  followFlow(view, at, at + 12, key, domain, record)
  return takeSample(view, at + EXPANDED_BYTES, end, view.getInt32(at + 40), domain, record, take)
}

/** Reads a discarded packet, with the same result. Discards are reported one by one, so that each stands for itself. */
export function readDiscard(
  view: DataView,
  at: number,
  end: number,
  domain: Domain,
  record: FlowRecord,
  take: TakeRecord,
): boolean {
  if (end - at < DISCARD_BYTES) return false
  const { exporter, sources } = domain
  const key = sourceKey(view.getUint32(at + 4), view.getUint32(at + 8))
  setInterfaces(record, key, SINGLE, view.getUint32(at + 16), SINGLE, view.getUint32(at + 20))
  record.isDropped = 1
  record.dropReason = view.getInt32(at + 24)
  record.rate = 1
  const source = followSource(sources.discards, key, view.getUint32(at), domain)
  if (source !== undefined) exporter.sflow.droppedByExporter += source.followTotals(0, view.getInt32(at + 12))
  return takeSample(view, at + DISCARD_BYTES, end, view.getInt32(at + 28), domain, record, take)
}

/**
 * An interface told by its index; others are told by how many they are, or by why there is none. A source that is an
 * interface saw the packet come in or go out there.
 */
function setInterfaces(
  record: FlowRecord,
  key: number,
  inputForm: number,
  input: number,
  outputForm: number,
  output: number,
): void {
  const hasInput = inputForm === SINGLE && input !== INTERNAL
  const hasOutput = outputForm === SINGLE && output !== INTERNAL
  record.sampler = key
  record.inputInterface = hasInput ? input : 0
  record.outputInterface = hasOutput ? output : 0
  record.isDropped = outputForm === DISCARD ? 1 : 0
  record.dropReason = outputForm === DISCARD ? output : NO_REASON
  if (key === 0) record.direction = UNKNOWN
  else if (hasInput && key === input) record.direction = INGRESS
  else record.direction = hasOutput && key === output ? EGRESS : UNKNOWN
}

/** Notes what the head of a flow sample says of its source; `at` begins the sample, `rateAt` rate, pool and drops. */
function followFlow(
  view: DataView,
  at: number,
  rateAt: number,
  key: number,
  domain: Domain,
  record: FlowRecord,
): void {
  const { exporter, rates, sources } = domain
  const rate = view.getInt32(rateAt)
  const source = followSource(sources.flows, key, view.getUint32(at), domain)
  if (source !== undefined) {
    const dropped = source.followTotals(view.getInt32(rateAt + 4), view.getInt32(rateAt + 8))
    if (dropped !== 0) exporter.sflow.droppedByExporter += dropped
  }
  if (rate >= 1 && rate <= RATE_MAX) {
    if (source !== undefined && source.rate !== rate) learnRate(source, key, rate, domain)
    record.rate = rates.rateOfRecord(rate)
  } else {
    exporter.counters.refusedRates++
    record.rate = rates.rateOfRecord((source?.rate ?? 0) || rates.rateOf(NO_SAMPLER))
  }
}

/** Takes over the rate of a source. Of many that begin with the same one only the first is told. */
function learnRate(source: DataSource, key: number, rate: number, domain: Domain): void {
  const { exporter, rates } = domain
  const from = source.rate
  source.rate = rate
  if (from !== 0 || rates.learnt !== rate) exporter.tellRate(domain, key, from, rate)
  rates.learnt = exporter.rates.learnt = rate
}

/** Gives the packet of a sample whose records lie between `at` and `end` to the taker. */
function takeSample(
  view: DataView,
  at: number,
  end: number,
  count: number,
  domain: Domain,
  record: FlowRecord,
  take: TakeRecord,
): boolean {
  const { exporter } = domain
  const { counters, sflow } = exporter
  counters.records++
  const after = findRecords(view, at, end, count, exporter)
  if (after >= 0 && after < end) sflow.paddedSamples++
  if (readPacket(view, record, domain)) {
    record.packets = 1
    deliverRecord(record, counters, take)
  }
  return after >= 0
}
