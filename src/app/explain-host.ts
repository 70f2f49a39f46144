// What the engine knows of one host, put together for whoever asks why it is under attack, or why it is not.

import { METRIC } from '#3-traffic/metric.ts'
import type { SuspectState } from '#4-detection/budgets.ts'
import { type Burst, burstText } from '#4-detection/burst-notes.ts'
import { inUnit, type Limit } from '#4-detection/limit.ts'
import type { HostFacts } from '#api/contract/explain.ts'
import { presentSuspicion } from '#api/present-attack.ts'
import { type Address, formatAddress } from '#lib/ip/address.ts'
import type { Engine } from './engine.ts'

/** The newest notes of tolerated crossings that are told. */
const BURSTS_MAX = 10

export function explainHost(engine: Engine, address: Address): HostFacts {
  const { detector, suspicion, mode } = engine
  const number = engine.hostOf(address)
  const set = detector.limitsOf(address)
  const state = number === 0 ? undefined : detector.explain(number)
  const text = formatAddress(address)
  const speeds = [speedsOf(engine, number, 0), speedsOf(engine, number, 1)] as const
  return {
    host: text,
    mode,
    hostgroup: set?.hostgroup ?? detector.hostgroupOf(address),
    isJudged: set !== undefined,
    hasTraffic: number !== 0,
    incoming: speeds[0],
    outgoing: speeds[1],
    limits: (set?.limits ?? []).map(limit => limitState(limit, state, speeds[limit.side])),
    isSuspect: state !== undefined,
    ...(state === undefined ? {} : { budgetSeconds: inThousandths(state.budgetSeconds) }),
    ...(state?.suspicion === undefined ? {} : { suspicion: presentSuspicion(state.suspicion) }),
    calmSamples: suspicion.calmSamplesOf(address),
    bursts: suspicion.notes.of(text, BURSTS_MAX).map(presentBurst),
  }
}

/** A tolerated crossing as the API tells it. */
export function presentBurst(burst: Burst): HostFacts['bursts'][number] {
  return {
    ...{ limit: burst.limit, direction: burst.direction, threshold: burst.threshold },
    value: Math.round(burst.value),
    overSeconds: inThousandths(burst.overSeconds),
    excessSeconds: inThousandths(burst.excessSeconds),
    budgetSeconds: inThousandths(burst.budgetSeconds),
    ...(burst.suspicion === undefined ? {} : { suspicion: presentSuspicion(burst.suspicion) }),
    endedAt: new Date(burst.endedAt).toISOString(),
    why: burstText(burst),
  }
}

function speedsOf(engine: Engine, host: number, side: 0 | 1): HostFacts['incoming'] {
  if (host === 0) return { packets: 0, bits: 0, flows: 0 }
  const { pass, now } = engine
  const line = host * 2 + side
  const average = (which: 'packets' | 'bytes') => pass.average(line, which, now.seconds * 1000)
  return {
    packets: Math.round(average('packets')),
    bits: Math.round(average('bytes') * 8),
    flows: Math.round(pass.flowsLately(line) / pass.windowSeconds),
  }
}

/** Averages are kept of packets and bytes; of suspects each limit has a speed. */
function limitState(
  limit: Limit,
  state: SuspectState | undefined,
  speeds: HostFacts['incoming'],
): HostFacts['limits'][number] {
  const found = state?.limits.find(one => one.limit.name === limit.name && one.limit.side === limit.side)
  const value = found === undefined ? averageOf(limit, speeds) : Math.round(inUnit(limit, found.perSecond))
  return {
    limit: limit.name,
    direction: limit.direction,
    threshold: limit.threshold,
    ...(value === undefined ? {} : { value }),
    excessSeconds: inThousandths(found?.excessSeconds ?? 0),
    overSeconds: inThousandths(found?.overSeconds ?? 0),
  }
}

function averageOf({ metric }: Limit, speeds: HostFacts['incoming']): number | undefined {
  switch (metric) {
    case METRIC.packets:
      return speeds.packets
    case METRIC.bytes:
      return speeds.bits
    case METRIC.flows:
      return speeds.flows
    default:
      return undefined
  }
}

/** Why the host is under no attack, in one sentence. */
export function whyNot(facts: HostFacts): string {
  const { host, isJudged, hasTraffic, isSuspect } = facts
  if (!isJudged)
    return `${host} is never judged: it is whitelisted, or its hostgroup or IP version is switched off`
  if (facts.limits.length === 0) return `${host} has no limit that it could cross`
  if (!hasTraffic) return `${host} has no traffic`
  if (isSuspect) return suspectSentence(facts)
  const nearest = nearestLimit(facts)
  if (nearest === undefined) return `${host} is below all its limits`
  const percent = Math.round((100 * (nearest.value ?? 0)) / nearest.threshold)
  return `${host} is below all its limits: ${nearest.direction} ${nearest.limit} are at ${percent} % of theirs`
}

function suspectSentence({ host, limits, budgetSeconds = 0, suspicion, mode }: HostFacts): string {
  const worst = limits.toSorted((a, b) => b.excessSeconds - a.excessSeconds)[0]
  if (worst === undefined || mode === 'plain') return `${host} is over a limit, but its average is not`
  const looks =
    suspicion === undefined
      ? 'nothing is known of its packets yet'
      : `suspicion ${Math.round(suspicion.weight * 100)} %`
  return (
    `${host} went over its limit of ${worst.direction} ${worst.limit} ${worst.overSeconds.toFixed(1)} s ago and has used ` +
    `${worst.excessSeconds.toFixed(2)} of its budget of ${budgetSeconds.toFixed(2)} limit-seconds (${looks})`
  )
}

const nearestLimit = ({ limits }: HostFacts) =>
  limits
    .filter(({ value }) => value !== undefined)
    .toSorted((a, b) => (b.value ?? 0) / b.threshold - (a.value ?? 0) / a.threshold)[0]

const inThousandths = (value: number): number => Math.round(value * 1000) / 1000
