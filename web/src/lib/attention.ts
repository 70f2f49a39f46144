// What somebody should look at, the worst first: from the status, the health and the arming of the daemon.

import type { Arming } from '#api/contract/arming.ts'
import type { Health } from '#api/contract/health.ts'
import type { Status } from '#api/contract/status.ts'

export interface Concern {
  readonly tone: 'danger' | 'warn'
  readonly text: string
}

export interface Known {
  readonly status: Status | undefined
  readonly health: Health | undefined
  readonly arming: Arming | undefined
}

/** Above it packets are missing in what is counted. */
const DROPPED_PERCENT = 0.1

export function concernsOf({ status, health, arming }: Known): readonly Concern[] {
  return [
    ...(health?.checks ?? []).filter(({ ok }) => !ok).map(({ name, detail }) => danger(`${name}: ${detail}`)),
    ...(status === undefined ? [] : statusConcerns(status)),
    ...(arming === undefined ? [] : armingConcerns(arming)),
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

const armingConcerns = ({ armed, enforcers }: Arming): readonly Concern[] =>
  armed && enforcers.length === 0 ? [warn('It is armed, and nothing is configured that could act.')] : []

const danger = (text: string): Concern => ({ tone: 'danger', text })
const warn = (text: string): Concern => ({ tone: 'warn', text })
