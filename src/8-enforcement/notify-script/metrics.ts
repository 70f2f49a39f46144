// What the notify script counts: calls by action and by how they ended.

import type { MetricDeclaration, MetricValue } from '#lib/metrics/metric.ts'
import type { ProgramEnd } from './client.ts'
import { CALL_ACTIONS, type CallAction } from './encode.ts'

export const METRICS: readonly MetricDeclaration[] = [
  {
    name: 'floodwarden_script_calls_total',
    kind: 'counter',
    help: 'Calls of the notify script that ended, by action (ban, attack_details, unban) and end: ok, failed (its status was not 0, or a signal ended it), timed-out, stopped (by the end of the daemon) or not-started.',
    labels: ['action', 'end'],
  },
  {
    name: 'floodwarden_script_dropped_calls_total',
    kind: 'counter',
    help: 'Calls of the notify script that were never made, because too many waited or the daemon stopped.',
    labels: ['action'],
  },
  {
    name: 'floodwarden_script_running_calls',
    kind: 'gauge',
    help: 'Calls of the notify script that run now.',
  },
  {
    name: 'floodwarden_script_waiting_calls',
    kind: 'gauge',
    help: 'Calls of the notify script that wait for their turn.',
  },
]

const ENDS = ['ok', 'failed', 'timed-out', 'stopped', 'not-started'] as const
type End = (typeof ENDS)[number]

export class CallCounts {
  readonly #ended = new Map<string, number>()
  readonly #dropped = new Map<CallAction, number>()

  ended(action: CallAction, end: ProgramEnd): void {
    const key = `${action} ${endOf(end)}`
    this.#ended.set(key, (this.#ended.get(key) ?? 0) + 1)
  }

  dropped(action: CallAction): void {
    this.#dropped.set(action, (this.#dropped.get(action) ?? 0) + 1)
  }

  *values(now: { readonly running: number; readonly waiting: number }): Generator<MetricValue> {
    for (const action of CALL_ACTIONS) {
      for (const end of ENDS) {
        const value = this.#ended.get(`${action} ${end}`) ?? 0
        yield { name: 'floodwarden_script_calls_total', value, labels: { action, end } }
      }
      const dropped = this.#dropped.get(action) ?? 0
      yield { name: 'floodwarden_script_dropped_calls_total', value: dropped, labels: { action } }
    }
    yield { name: 'floodwarden_script_running_calls', value: now.running }
    yield { name: 'floodwarden_script_waiting_calls', value: now.waiting }
  }
}

function endOf(end: ProgramEnd): End {
  if (end.kind === 'exited') return end.status === 0 ? 'ok' : 'failed'
  return end.kind === 'killed' ? 'failed' : end.kind
}
