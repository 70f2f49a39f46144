// `doctor`: looks at the machine and says what would keep the daemon from its work.

import type { Command } from 'commander'
import {
  addJson,
  addPlace,
  addVerb,
  type Context,
  type DebugFlag,
  type JsonFlag,
  placeOf,
  type StateFlag,
} from '../context.ts'

interface DoctorFlags extends DebugFlag, JsonFlag, StateFlag {
  readonly config?: string
}

const EXAMPLES = ['doctor', 'doctor --config /etc/floodwarden.yaml --json']

export function addDoctor(program: Command, context: Context): void {
  const summary = 'look at this machine and say what would keep the daemon from its work'
  addPlace(addJson(addVerb(program, 'doctor', summary, EXAMPLES)))
    .option('-c, --config <file>', 'native configuration (YAML) or a fastnetmon.conf')
    .action(async (flags: DoctorFlags) => {
      const options = {
        ...placeOf(context.io, flags),
        config: flags.config,
        json: flags.json ?? false,
        debug: flags.debug ?? false,
      }
      context.exitCode = await context.verbs.doctor(options, context.io)
    })
}
