// `script-test`: calls the notify script as an attack would.

import type { Command } from 'commander'
import { addJson, addVerb, type Context, type DebugFlag, type JsonFlag } from '../context.ts'

interface ScriptTestFlags extends DebugFlag, JsonFlag {
  readonly config?: string
}

const EXAMPLES = [
  'script-test /usr/local/bin/notify_about_attack.sh',
  'script-test --config /etc/fastnetmon.conf',
]

export function addScriptTest(program: Command, context: Context): void {
  const summary = 'call the notify script with ban, attack_details and unban of a made-up attack'
  addJson(addVerb(program, 'script-test', summary, EXAMPLES))
    .argument('[path]', 'the program; without it that of the configuration')
    .option('-c, --config <file>', 'native configuration (YAML) or a fastnetmon.conf')
    .action(async (path: string | undefined, flags: ScriptTestFlags) => {
      const options = { path, config: flags.config, json: flags.json ?? false, debug: flags.debug ?? false }
      context.exitCode = await context.verbs.scriptTest(options, context.io)
    })
}
