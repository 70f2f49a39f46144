// Interfaces of an exporter, put together of what each worker knows of it, for whoever asks.

import { TRAFFIC } from '#2-decode/interface-traffic.ts'
import type { ExporterInterface, ExporterInterfaces, InterfaceReport } from '#api/contract/exporters.ts'
import type { InterfacesFacts, ReportedCounters } from './interface-facts.ts'

interface Row {
  readonly totals: Float64Array
  readonly rates: Float64Array
  counters: ReportedCounters | undefined
}

/** `known`: of the workers that have heard the exporter; `undefined`: none has. */
export function interfacesView(
  address: string,
  known: readonly InterfacesFacts[],
  limit: number,
): ExporterInterfaces | undefined {
  if (known.length === 0) return undefined
  const rows = new Map<number, Row>()
  const rowOf = (index: number): Row => {
    const row = rows.get(index) ?? {
      ...{ totals: new Float64Array(TRAFFIC.words), rates: new Float64Array(TRAFFIC.words) },
      counters: undefined,
    }
    rows.set(index, row)
    return row
  }
  for (const { traffic, counters } of known) {
    for (const { index, totals, rates } of traffic) {
      const row = rowOf(index)
      addTo(row.totals, totals)
      addTo(row.rates, rates)
    }
    for (const { index, counters: reported } of counters) {
      const row = rowOf(index)
      // Sub-agents may number the same interface: the one that was heard last is shown.
      if (reported.genericMs > (row.counters?.genericMs ?? 0)) row.counters = reported
    }
  }
  const sorted = [...rows].sort(([a], [b]) => a - b)
  return {
    ...{ address, name: known.find(({ name }) => name !== '')?.name ?? '' },
    interfaces: sorted.slice(0, limit).map(([index, row]) => interfaceView(index, row)),
    total: sorted.length,
    unlistedPackets: Math.round(known.reduce((sum, { unlistedPackets }) => sum + unlistedPackets, 0)),
  }
}

function addTo(sum: Float64Array, more: Float64Array): void {
  for (const [at, value] of more.entries()) sum[at] = (sum[at] ?? 0) + value
}

function interfaceView(index: number, { totals, rates, counters }: Row): ExporterInterface {
  return {
    index,
    incoming: counted(totals, rates, [TRAFFIC.inByIngress, TRAFFIC.inByEgress]),
    outgoing: counted(totals, rates, [TRAFFIC.outByEgress, TRAFFIC.outByIngress]),
    ...(counters === undefined ? {} : { counters: reportView(counters) }),
  }
}

/** By where it passed; where nothing was recorded there, by what the other end told of it. */
function counted(totals: Float64Array, rates: Float64Array, [best, other]: readonly [number, number]) {
  const at = (totals[best] ?? 0) > 0 ? best : other
  return {
    packets: Math.round(totals[at] ?? 0),
    bytes: Math.round(totals[at + 1] ?? 0),
    packetsPerSecond: Math.max(0, rates[at] ?? 0),
    bitsPerSecond: Math.max(0, (rates[at + 1] ?? 0) * 8),
  }
}

const DUPLEX = ['unknown', 'full', 'half', 'in', 'out'] as const
const COUNTERS = [
  ...(['inBytes', 'inUnicastPackets', 'inDiscards', 'inErrors'] as const),
  ...(['outBytes', 'outUnicastPackets', 'outDiscards', 'outErrors'] as const),
] as const

function reportView(counters: ReportedCounters): InterfaceReport {
  const { genericMs, beforeMs, isUp, isAdministrativelyUp, type, speedBitsPerSecond, duplex } = counters
  const seconds = beforeMs === 0 ? 0 : (genericMs - beforeMs) / 1000
  const kept = COUNTERS.flatMap(name => (counters[name] < 0 ? [] : [[name, counters[name]] as const]))
  const rates = [
    ['inBitsPerSecond', perSecond(counters.inBytes, counters.inBytesBefore, seconds, 8)],
    ['outBitsPerSecond', perSecond(counters.outBytes, counters.outBytesBefore, seconds, 8)],
    ['inPacketsPerSecond', perSecond(counters.inUnicastPackets, counters.inPacketsBefore, seconds, 1)],
    ['outPacketsPerSecond', perSecond(counters.outUnicastPackets, counters.outPacketsBefore, seconds, 1)],
  ] as const
  return {
    at: new Date(genericMs).toISOString(),
    ...{ isUp, isAdministrativelyUp, type, speedBitsPerSecond, duplex: DUPLEX[duplex] ?? 'unknown' },
    ...Object.fromEntries(kept),
    ...Object.fromEntries(rates.filter(([, rate]) => rate !== undefined)),
  }
}

/** `undefined`: it is not kept, came once only, or began anew. */
function perSecond(now: number, before: number, seconds: number, times: number): number | undefined {
  return now < 0 || before < 0 || now < before || seconds <= 0
    ? undefined
    : ((now - before) * times) / seconds
}
