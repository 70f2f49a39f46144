// What a daemon may have said, for tests of the console: the examples of the contract.

import {
  EXAMPLE_ATTACK,
  EXAMPLE_EXPLANATION,
  EXAMPLE_EXPORTERS,
  EXAMPLE_TRAFFIC,
} from '#api/contract/examples.ts'
import { EXAMPLE_MITIGATION } from '#api/contract/examples-resources.ts'
import { type Line, textOf } from '../lines.ts'
import { type ConsoleState, type Facts, firstState } from './state.ts'

export const FACTS: Facts = {
  traffic: EXAMPLE_TRAFFIC,
  attacks: { kind: 'told', value: [EXAMPLE_ATTACK] },
  mitigations: { kind: 'told', value: [EXAMPLE_MITIGATION] },
  exporters: { kind: 'told', value: EXAMPLE_EXPORTERS },
  explanation: { subject: EXAMPLE_ATTACK.id, told: { kind: 'told', value: EXAMPLE_EXPLANATION } },
}

export const STATE: ConsoleState = firstState(EXAMPLE_TRAFFIC)

/** Texts of lines with clock times that do not depend on the time zone; spaces at the end go. */
export const textsOf = (lines: readonly Line[]): string[] =>
  lines.map(line =>
    textOf(line)
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'YYYY-MM-DD hh:mm:ss')
      .replace(/\d\d:\d\d:\d\d/g, 'hh:mm:ss')
      .trimEnd(),
  )
