// `check`: reads a configuration and says what is wrong with it.

import type { Command } from 'commander'
import { addJson, addVerb, type Context, type DebugFlag, type JsonFlag } from '../context.ts'

const EXAMPLES = [
  'check /etc/floodwarden.yaml',
  'check --json /etc/fastnetmon.conf',
  'check --to-yaml /etc/fastnetmon.conf > /etc/floodwarden.yaml',
]

interface CheckFlags extends DebugFlag, JsonFlag {
  readonly toYaml?: true
}

export function addCheck(program: Command, context: Context): void {
  const verb = addVerb(program, 'check', 'read a configuration and say what is wrong with it', EXAMPLES)
  addJson(verb)
    .argument('<file>', 'native configuration (YAML) or a fastnetmon.conf')
    .option(
      '--to-yaml',
      'print the native equivalent of the file; what is wrong with it goes to standard error',
    )
    .action(async (file: string, flags: CheckFlags) => {
      const { json = false, toYaml = false, debug = false } = flags
      const options = { file, json, toYaml, debug }
      context.exitCode = await context.verbs.check(options, context.io)
    })
}
