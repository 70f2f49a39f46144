// `top`: the live console, or the traffic screen once.

import { type Command, Option } from 'commander'
import { SORTS, type Sort } from '#api/contract/values.ts'
import {
  addJson,
  addState,
  addVerb,
  type Context,
  type DebugFlag,
  type JsonFlag,
  type StateFlag,
} from '../context.ts'
import { doorOf } from '../door.ts'
import type { TopOptions } from '../local-verbs.ts'
import { wholeNumber } from '../parse.ts'

interface TopFlags extends DebugFlag, JsonFlag, StateFlag {
  readonly once?: true
  readonly sort?: Sort
  readonly limit?: number
}

const EXAMPLES = ['top', 'top --sort flows', 'top --once --limit 20', 'top --json']

export function addTop(program: Command, context: Context): void {
  const summary = 'show traffic, attacks, mitigations and exporters live; key ? tells the others'
  addState(addJson(addVerb(program, 'top', summary, EXAMPLES)))
    .option('--once', 'print the screen once, as without a terminal')
    .addOption(new Option('--sort <order>', 'order of the hosts (default: as configured)').choices(SORTS))
    .option('--limit <rows>', 'rows of each table (default: as configured)', wholeNumber(1, 1000))
    .action(async (flags: TopFlags) => {
      const options: TopOptions = {
        door: doorOf(context.io, flags),
        sort: flags.sort,
        limit: flags.limit,
        once: flags.once ?? false,
        json: flags.json ?? false,
        debug: flags.debug ?? false,
      }
      context.exitCode = await context.verbs.top(options, context.io)
    })
}
