// Flow telemetry in the status and the health of the daemon.

import type { Health } from '#api/contract/health.ts'
import type { TelemetrySocket } from '#api/contract/status.ts'
import { lostOf } from './exporters-view.ts'
import type { ListenerState } from './telemetry-crew.ts'

const isListening = ({ receiver, problem }: ListenerState): boolean =>
  receiver !== undefined && problem === undefined

export const telemetryRows = (states: readonly ListenerState[]): TelemetrySocket[] =>
  states.map(state => {
    const { listen, worker, facts } = state
    const exporters = facts?.exporters ?? []
    const lost = lostOf(exporters)
    return {
      listen,
      worker,
      isListening: isListening(state),
      exporters: exporters.length,
      datagrams: facts?.datagrams ?? 0,
      dropped: facts?.drops ?? 0,
      records: exporters.reduce((sum, { counters }) => sum + counters.records, 0),
      lostDatagrams: lost.datagrams,
      lostRecords: lost.records,
    }
  })

/** What an operator should mend. */
export function telemetryWarnings(states: readonly ListenerState[]): string[] {
  const drops = states.reduce((sum, { facts }) => sum + (facts?.drops ?? 0), 0)
  const refused = states.reduce((sum, { facts }) => sum + (facts?.refusedByList ?? 0), 0)
  return [
    ...states.flatMap(({ problem }) => problem ?? []),
    ...(drops === 0
      ? []
      : [`the kernel dropped ${drops} datagrams: a queue was full (telemetry.receiveMegabytes, workers)`]),
    ...(refused === 0
      ? []
      : [
          `${refused} datagrams are of exporters that telemetry.exporters does not name: floodwarden exporters`,
        ]),
  ]
}

export const telemetryChecks = (
  states: readonly ListenerState[],
  lateSeconds: number,
): Health['checks'][number][] =>
  states.map(state => ({
    name: `telemetry ${state.listen}/${state.worker}`,
    ok: isListening(state) && state.silentSeconds < lateSeconds,
    detail: state.problem ?? `alive ${state.silentSeconds.toFixed(1)} s ago`,
  }))
