// Counters of an exporter's interfaces, kept for whoever asks. They come every twenty seconds or so per interface.

import type { Domain } from '#2-decode/exporter.ts'
import { followSource } from './follow-source.ts'
import { COUNTERS, SOURCE_CLASS } from './formats.ts'
import { ETHERNET_BYTES, GENERIC_BYTES, InterfaceCounters } from './interface-counters.ts'
import { sourceKey } from './sampling-sources.ts'

const COMPACT_BYTES = 12
const EXPANDED_BYTES = 16
const RECORD_HEAD_BYTES = 8
const SOURCE_SHIFT = 24
const SOURCE_MASK = 0xff_ffff

/** Reads a compact sample of counters. False when it is malformed; what came before the fault was used. */
export function readCounterSample(
  view: DataView,
  at: number,
  end: number,
  domain: Domain,
  nowMs: number,
): boolean {
  if (end - at < COMPACT_BYTES) return false
  const id = view.getUint32(at + 4)
  return readCounters(view, at, at + 8, end, id >>> SOURCE_SHIFT, id & SOURCE_MASK, domain, nowMs)
}

/** Reads an expanded sample of counters, with the same result. */
export function readExpandedCounters(
  view: DataView,
  at: number,
  end: number,
  domain: Domain,
  nowMs: number,
): boolean {
  if (end - at < EXPANDED_BYTES) return false
  const sourceClass = view.getUint32(at + 4)
  return readCounters(view, at, at + 12, end, sourceClass, view.getUint32(at + 8), domain, nowMs)
}

function readCounters(
  view: DataView,
  at: number,
  countAt: number,
  end: number,
  sourceClass: number,
  index: number,
  domain: Domain,
  nowMs: number,
): boolean {
  const { sflow } = domain.exporter
  followSource(domain.sources.counters, sourceKey(sourceClass, index), view.getUint32(at), domain)
  const count = view.getInt32(countAt)
  let ownIndex = sourceClass === SOURCE_CLASS.interface ? index : 0
  let next = countAt + 4
  for (let i = 0; i < count; i++) {
    const first = next + RECORD_HEAD_BYTES
    if (first > end) return false
    const bytes = view.getInt32(next + 4)
    if (bytes < 0 || bytes > end - first) return false
    const format = view.getInt32(next)
    if (format === COUNTERS.generic && bytes >= GENERIC_BYTES) {
      ownIndex = view.getUint32(first)
      sflow.interfaceRecords++
      interfaceOf(domain, ownIndex)?.readGeneric(view, first, nowMs)
    } else if (format === COUNTERS.ethernet && bytes >= ETHERNET_BYTES) {
      sflow.interfaceRecords++
      interfaceOf(domain, ownIndex)?.readEthernet(view, first, nowMs)
    } else if (format === COUNTERS.generic || format === COUNTERS.ethernet)
      domain.exporter.counters.malformed++
    else sflow.otherRecords++
    next = first + ((bytes + 3) & ~3)
  }
  if (next < end) sflow.paddedSamples++
  return count >= 0
}

/**
 * The counters of an interface, which then count as the latest. At the bound those of the same domain that came longest ago
 * give way; a domain that has none gets none.
 */
function interfaceOf(domain: Domain, index: number): InterfaceCounters | undefined {
  const { exporter, interfaces } = domain
  const known = interfaces.get(index)
  if (known !== undefined) interfaces.delete(index)
  else if (exporter.interfaces < exporter.limits.interfaces) exporter.interfaces++
  else if (!evictInterface(domain)) return undefined
  const counters = known ?? new InterfaceCounters()
  interfaces.set(index, counters)
  return counters
}

function evictInterface({ exporter, interfaces }: Domain): boolean {
  for (const oldest of interfaces.keys()) {
    interfaces.delete(oldest)
    exporter.sflow.evictedInterfaces++
    return true
  }
  exporter.sflow.refusedInterfaces++
  return false
}
