// `check`: reads a configuration and says what is wrong with it.

import type { Command } from 'commander'
import { ROUTES } from '#api/contract/routes.ts'
import { addJson, addVerb, type Context, type DebugFlag, EXIT, type JsonFlag } from '../context.ts'
import { doorOf } from '../door.ts'
import { learnedLines } from './limits.ts'

const EXAMPLES = [
  'check /etc/floodwarden.yaml',
  'check --json /etc/fastnetmon.conf',
  'check --to-yaml /etc/fastnetmon.conf > /etc/floodwarden.yaml',
  'check /etc/prefixd',
]

interface CheckFlags extends DebugFlag, JsonFlag {
  readonly config?: string
  readonly toYaml?: true
}

export function addCheck(program: Command, context: Context): void {
  const verb = addVerb(program, 'check', 'read a configuration and say what is wrong with it', EXAMPLES)
  addJson(verb)
    .argument('[file]', 'native configuration (YAML), a fastnetmon.conf or a folder of prefixd')
    .option('-c, --config <file>', 'the same, as run is given it')
    .option(
      '--to-yaml',
      'print the native equivalent of the file; what is wrong with it goes to standard error',
    )
    .action(async (argument: string | undefined, flags: CheckFlags) => {
      const file = flags.config ?? argument
      if (argument !== undefined && flags.config !== undefined)
        return verb.error('error: name one configuration, as the argument or with --config')
      if (file === undefined) return verb.error("error: missing required argument 'file'")
      const { json = false, toYaml = false, debug = false } = flags
      const options = { file, json, toYaml, debug }
      context.exitCode = await context.verbs.check(options, context.io)
      if (!json && !toYaml && context.exitCode === EXIT.ok) await tellLearned(context)
    })
}

/** Limits that the daemon of this machine has beside those of its file; nothing when none runs. */
async function tellLearned({ io }: Context): Promise<void> {
  const reply = await io.connect(doorOf(io, {})).call(ROUTES.limits, { state: 'accepted', limit: 1000 })
  if (reply.kind === 'ok') io.out(learnedLines(reply.value.limits))
}
