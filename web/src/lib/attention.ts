// What somebody should look at, the worst first: from the status, the health and the arming of the daemon.

import type { Arming } from '#api/contract/arming.ts'
import type { Exporters } from '#api/contract/exporters.ts'
import type { Health } from '#api/contract/health.ts'
import type { Status } from '#api/contract/status.ts'
import { lengthText } from './time-text.ts'

export interface Concern {
  readonly tone: 'danger' | 'warn'
  readonly text: string
}

export interface Known {
  readonly status: Status | undefined
  readonly health: Health | undefined
  readonly arming: Arming | undefined
  readonly exporters: Exporters | undefined
  /** Ms since 1970. */
  readonly now: number
}

/** Above it packets are missing in what is counted. */
const DROPPED_PERCENT = 0.1
/** An exporter that works tells of something at least so often. */
const SILENT_SECONDS = 120
const LOST_SHARE = 0.01

export function concernsOf({ status, health, arming, exporters, now }: Known): readonly Concern[] {
  return [
    ...(health?.checks ?? []).filter(({ ok }) => !ok).map(({ name, detail }) => danger(`${name}: ${detail}`)),
    ...(status === undefined ? [] : statusConcerns(status)),
    ...(arming === undefined ? [] : armingConcerns(arming)),
    ...(exporters?.exporters ?? []).flatMap(exporter => exporterConcerns(exporter, now)),
  ].toSorted((a, b) => Number(b.tone === 'danger') - Number(a.tone === 'danger'))
}

function statusConcerns({ capture, telemetry, enforcers, warnings, lastReload }: Status): readonly Concern[] {
  return [
    ...capture
      .filter(({ link }) => link !== 'up' && link !== 'unknown')
      .map(worker => danger(`Interface ${worker.interface} is ${worker.link}: nothing is seen there.`)),
    ...capture
      .filter(({ droppedPercent }) => droppedPercent > DROPPED_PERCENT)
      .map(worker => warn(`${worker.droppedPercent} % of the packets on ${worker.interface} were dropped.`)),
    ...telemetry
      .filter(({ isListening }) => !isListening)
      .map(({ listen }) => danger(`Flow telemetry is not received on ${listen}.`)),
    ...enforcers.flatMap(({ name, sessions }) =>
      sessions
        .filter(({ state }) => state !== 'established')
        .map(({ address, state }) => danger(`BGP session of ${name} with ${address} is ${state}.`)),
    ),
    ...(lastReload?.outcome === 'refused'
      ? [danger(`The last reload was refused: ${lastReload.problems[0] ?? ''}`)]
      : []),
    ...((lastReload?.needsRestart.length ?? 0) > 0
      ? [warn(`Waiting for a restart: ${lastReload?.needsRestart.join(', ')}.`)]
      : []),
    ...warnings.map(warn),
  ]
}

/** `now`: ms since 1970. */
export const isSilent = ({ lastSeen }: { readonly lastSeen: string }, now: number): boolean =>
  now - Date.parse(lastSeen) >= SILENT_SECONDS * 1000

export const exporterName = ({ name, address }: Exporters['exporters'][number]): string => name || address

function exporterConcerns(exporter: Exporters['exporters'][number], now: number): readonly Concern[] {
  if (isSilent(exporter, now)) {
    const silent = lengthText((now - Date.parse(exporter.lastSeen)) / 1000)
    return [danger(`Exporter ${exporterName(exporter)} is silent for ${silent}.`)]
  }
  const { lostRecords, records } = exporter
  const lost = lostRecords / Math.max(1, lostRecords + records)
  return lost > LOST_SHARE
    ? [warn(`Of the records of exporter ${exporterName(exporter)} ${(lost * 100).toFixed(1)} % were lost.`)]
    : []
}

const armingConcerns = ({ armed, enforcers }: Arming): readonly Concern[] =>
  armed && enforcers.length === 0 ? [warn('It is armed, and nothing is configured that could act.')] : []

const danger = (text: string): Concern => ({ tone: 'danger', text })
const warn = (text: string): Concern => ({ tone: 'warn', text })
