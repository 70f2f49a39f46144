// The verb simulate without a daemon: policy of a configuration file against a made-up attack.

import { railPrefixesOf } from '#6-policy/guardrail.ts'
import { MitigationLedger } from '#7-mitigation/mitigation-ledger.ts'
import type { SimulateRequest, Simulation } from '#api/contract/simulate.ts'
import { formatProblem } from '../config/format-problem.ts'
import { loadConfig } from '../config/load.ts'
import { deskContextOf, railsOf } from '../desk-context.ts'
import { simulate } from '../simulation/simulation.ts'

export interface SimulateOptions {
  readonly config: string
  readonly request: SimulateRequest
}

interface Output {
  err(text: string): void
}

/** `undefined`, with the reason on `output`, when there is nothing to run it by. Nothing counts as held. */
export function simulateByFile({ config, request }: SimulateOptions, output: Output): Simulation | undefined {
  const loaded = loadConfig({ file: config })
  if (loaded.kind === 'refused') {
    for (const problem of loaded.problems) output.err(`${formatProblem(problem)}\n`)
    return undefined
  }
  const context = deskContextOf(loaded.config)
  const now = Date.now()
  const rails = railsOf(context, railPrefixesOf(context), new MitigationLedger(), now)
  const simulated = simulate(request, { ...context, rails }, { attackOf: () => undefined, now })
  if (simulated.kind === 'done') return simulated.value
  output.err(`floodwarden: ${simulated.detail}\n`)
  return undefined
}
