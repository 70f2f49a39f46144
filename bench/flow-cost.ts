// What a second of flow telemetry costs a collector, and how much of it is accepted.
//
// Accepted is what the collector itself says it has taken: our records per exporter, FastNetMon's counter, the files of
// nfcapd. Its processor time is that of all its threads; what the kernel does to hand a datagram over on loopback is done
// on the generator's processor and not in it.

import { setTimeout as delay } from 'node:timers/promises'
import { type ExportsOptions, startExports } from '../lab/exports/exports.ts'
import { COUNTED, type Detector, type DetectorOptions } from './detector.ts'
import { idleCores } from './live-flood.ts'
import type { Metrics } from './metrics-reader.ts'
import { hasNfcapd, startNfcapd, type Writer } from './nfcapd.ts'
import { processorNanos, residentMegabytes } from './process-usage.ts'
import { GENERATOR_PROCESSOR, type Stage } from './stage.ts'
import { OURS, PEER, type Start, startsOf } from './starters.ts'

/** Records that lasted a second are counted for that long by Floodwarden, and it reports once a second. */
const REST_MILLISECONDS = 2200
const WARM_UP_SECONDS = 2
const WARM_UP_RATE = 500_000
const EXPORTER_RECORDS = 'floodwarden_exporter_records_total{'

export interface FlowCost {
  readonly sentPerSecond: number
  readonly acceptedPerSecond: number
  readonly lostPercent: number
  readonly nanosPerRecord: number
  /** Share of a core that was taken off. */
  readonly idle: number
  readonly cores: number
  readonly megabytes: number
}

export type StartWriter = (stage: Stage) => Promise<Writer>

/** By name, those that are installed. */
export function collectorsOf(networks: readonly string[]): StartWriter[] {
  const detectors = startsOf(OURS, PEER).map(start => (stage: Stage) => started(start, { stage, networks }))
  return [...detectors, ...(hasNfcapd() ? [startNfcapd] : [])]
}

async function started(start: Start, options: DetectorOptions): Promise<Writer> {
  const detector = await start({ ...options, source: 'telemetry' })
  return {
    name: detector.name,
    pid: detector.pid,
    accepted: () => acceptedBy(detector),
    [Symbol.asyncDispose]: () => detector[Symbol.asyncDispose](),
  }
}

async function acceptedBy(detector: Detector): Promise<number> {
  return acceptedIn(detector.name, await detector.settled())
}

function acceptedIn(name: string, metrics: Metrics): number {
  if (name !== OURS) return metrics.get(COUNTED) ?? 0
  return [...metrics].reduce(
    (sum, [metric, value]) => (metric.startsWith(EXPORTER_RECORDS) ? sum + value : sum),
    0,
  )
}

/** Has the collector learn templates, compile and touch what it needs, and measures what it does at rest. */
export async function prepare(
  stage: Stage,
  writer: Writer,
  traffic: Pick<ExportsOptions, 'protocol' | 'port'>,
  idleSeconds: number,
): Promise<number> {
  const warm = { ...traffic, rate: WARM_UP_RATE, seconds: WARM_UP_SECONDS, processor: GENERATOR_PROCESSOR }
  await startExports(stage.lab, warm).sent
  await delay(REST_MILLISECONDS)
  return await idleCores(writer.pid, idleSeconds)
}

/** Sends to the collector; `idle` is its share of a core when nothing comes. */
export async function measureExports(
  { lab }: Stage,
  writer: Writer,
  traffic: ExportsOptions,
  idle: number,
): Promise<FlowCost> {
  const before = await writer.accepted()
  const [spent, began] = [processorNanos(writer.pid), performance.now()]
  const sent = await startExports(lab, { ...traffic, processor: GENERATOR_PROCESSOR }).sent
  await delay(REST_MILLISECONDS)
  // Asking costs the collector time of its own, so the clock is read before.
  const gross = processorNanos(writer.pid) - spent
  const nanos = Math.max(0, gross - idle * (performance.now() - began) * 1e6)
  const { now: megabytes } = residentMegabytes(writer.pid)
  const accepted = (await writer.accepted()) - before
  return {
    sentPerSecond: sent.sent / sent.seconds,
    acceptedPerSecond: accepted / sent.seconds,
    lostPercent: 100 * (1 - accepted / sent.sent),
    nanosPerRecord: nanos / accepted,
    idle,
    cores: nanos / 1e9 / sent.seconds,
    megabytes,
  }
}
