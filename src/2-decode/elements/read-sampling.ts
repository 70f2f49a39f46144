// Hot path. Sampling rates, as records of data and of options tell them (RFC 3954, 8; RFC 5477, 8.2).

import type { Domain } from '#2-decode/exporter.ts'
import type { FlowRecord } from '#2-decode/flow-record.ts'
import { isRate, NO_SAMPLER } from '#2-decode/sampling-rates.ts'
import { PLAN as SHARED_PLAN } from './plan.ts'
import { slotNumber } from './read-core.ts'
import { SLOT } from './slots.ts'

const PLAN = SHARED_PLAN
const SAMPLER = 2 * SLOT.sampler
const INTERVAL = 2 * SLOT.samplingInterval
const RANDOM_INTERVAL = 2 * SLOT.randomInterval
const ALGORITHM = 2 * SLOT.selectorAlgorithm
const PACKET_INTERVAL = 2 * SLOT.packetInterval
const PACKET_SPACE = 2 * SLOT.packetSpace
const TIME_INTERVAL = 2 * SLOT.timeInterval
const TIME_SPACE = 2 * SLOT.timeSpace
const SIZE = 2 * SLOT.samplingSize
const POPULATION = 2 * SLOT.samplingPopulation
const PROBABILITY = 2 * SLOT.samplingProbability
const OBSERVED = 2 * SLOT.packetsObserved
const SELECTED = 2 * SLOT.packetsSelected
const ACTIVE_TIMEOUT = 2 * SLOT.activeTimeout
const IDLE_TIMEOUT = 2 * SLOT.idleTimeout
const BOOT_MS = 2 * SLOT.bootMilliseconds
const DOMAIN = 2 * SLOT.observationDomain

/** Selection techniques by their number (IANA "psamp-parameters"). */
const ALGORITHM_TIME = 2
const ALGORITHM_RANDOM = 3
const ALGORITHM_PROBABILITY = 4

const samplerOf = (view: DataView, at: number): number =>
  PLAN[SAMPLER + 1]! === 0 ? NO_SAMPLER : slotNumber(view, at, SAMPLER)

/** The rate of a record of data that names its sampler, or says nothing of sampling. */
export function readSampler(view: DataView, at: number, record: FlowRecord, domain: Domain): void {
  const sampler = samplerOf(view, at)
  record.sampler = sampler
  record.rate = domain.rates.rateOf(sampler)
}

/** The rate of a record of data with fields for it: what it tells itself (MikroTik, NetFlow Lite), else what is known of its sampler. */
export function readRates(view: DataView, at: number, record: FlowRecord, domain: Domain): void {
  const sampler = samplerOf(view, at)
  const told = statedRate(view, at)
  record.sampler = sampler
  if (told === 0) {
    const counted = countedRate(view, at)
    record.rate = isRate(counted) ? domain.rates.rateOfRecord(counted) : domain.rates.rateOf(sampler)
    return
  }
  if (domain.rates.ownRate(sampler) !== told) domain.exporter.learnRate(domain, sampler, told)
  record.rate = isRate(told) ? domain.rates.rateOfRecord(told) : domain.rates.rateOf(sampler)
}

/** Takes over what a record of options tells of sampling, timeouts and the start of the exporter. */
export function readOptions(view: DataView, at: number, domain: Domain): void {
  const { exporter } = domain
  const about =
    PLAN[DOMAIN + 1]! === 0
      ? domain
      : (exporter.knownDomain(domain.version, slotNumber(view, at, DOMAIN)) ?? domain)
  const rate = statedRate(view, at) || Math.round(countedRate(view, at))
  if (rate !== 0) exporter.learnRate(about, samplerOf(view, at), rate)
  if (PLAN[ACTIVE_TIMEOUT + 1]! !== 0) about.activeTimeoutSeconds = slotNumber(view, at, ACTIVE_TIMEOUT)
  if (PLAN[IDLE_TIMEOUT + 1]! !== 0) about.idleTimeoutSeconds = slotNumber(view, at, IDLE_TIMEOUT)
  if (PLAN[BOOT_MS + 1]! !== 0) about.bootMs = slotNumber(view, at, BOOT_MS)
}

/** The rate in plain words or as parameters of a selector; 0 when there is none. */
function statedRate(view: DataView, at: number): number {
  const interval = slotNumber(view, at, INTERVAL) || slotNumber(view, at, RANDOM_INTERVAL)
  if (interval !== 0) return interval
  const algorithm = slotNumber(view, at, ALGORITHM)
  if (algorithm === ALGORITHM_PROBABILITY) return probabilityRate(view, at) || randomRate(view, at)
  if (algorithm === ALGORITHM_RANDOM) return randomRate(view, at) || spacedRate(view, at)
  if (algorithm === ALGORITHM_TIME) return timedRate(view, at)
  return spacedRate(view, at) || randomRate(view, at) || probabilityRate(view, at)
}

/** So many packets are taken, so many left out (Nokia). Without the second number the first is the rate (Cisco NCS). */
function spacedRate(view: DataView, at: number): number {
  const interval = slotNumber(view, at, PACKET_INTERVAL)
  if (interval === 0 || PLAN[PACKET_SPACE + 1]! === 0) return interval
  return (interval + slotNumber(view, at, PACKET_SPACE)) / interval
}

function timedRate(view: DataView, at: number): number {
  const interval = slotNumber(view, at, TIME_INTERVAL)
  return interval === 0 ? 0 : (interval + slotNumber(view, at, TIME_SPACE)) / interval
}

/** n of N packets; n is 1 when it is not told. */
const randomRate = (view: DataView, at: number): number =>
  slotNumber(view, at, POPULATION) / (slotNumber(view, at, SIZE) || 1)

function probabilityRate(view: DataView, at: number): number {
  const place = at + PLAN[PROBABILITY]!
  const bytes = PLAN[PROBABILITY + 1]!
  const probability = bytes === 8 ? view.getFloat64(place) : bytes === 4 ? view.getFloat32(place) : 0
  return probability > 0 && probability <= 1 ? 1 / probability : 0
}

/** Packets a selector saw to packets it took (NetFlow Lite); 0 when that is not told. It is never quite the same twice. */
function countedRate(view: DataView, at: number): number {
  const selected = slotNumber(view, at, SELECTED)
  return selected === 0 ? 0 : slotNumber(view, at, OBSERVED) / selected
}
