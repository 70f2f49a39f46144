// `check`: reads a configuration and says what is wrong with it.

import type { Command } from 'commander'
import { addJson, addVerb, type Context, type DebugFlag, type JsonFlag } from '../context.ts'

const EXAMPLES = ['check /etc/floodwarden.yaml', 'check --json /etc/fastnetmon.conf']

export function addCheck(program: Command, context: Context): void {
  const verb = addVerb(program, 'check', 'read a configuration and say what is wrong with it', EXAMPLES)
  addJson(verb)
    .argument('<file>', 'native configuration (YAML) or a fastnetmon.conf')
    .action(async (file: string, flags: DebugFlag & JsonFlag) => {
      const options = { file, json: flags.json ?? false, debug: flags.debug ?? false }
      context.exitCode = await context.verbs.check(options, context.io)
    })
}
