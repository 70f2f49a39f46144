// `decode-attack`: what FastNetMon calls, to have a rule made of each attack.

import type { Command } from 'commander'
import { addVerb, type Context, type DebugFlag, EXIT } from '../context.ts'

interface DecodeFlags extends DebugFlag {
  readonly verbose?: true
  readonly resend?: true
}

const EXAMPLES = [
  'decode-attack -v 192.0.2.1 incoming 30000 attack_details < report.txt',
  'decode-attack --resend',
]

export function addDecodeAttack(program: Command, context: Context): void {
  const summary =
    "be FastNetMon's notify script: make a rule of the report on standard input and post it (bin/floodwarden-decode-attack)"
  addVerb(program, 'decode-attack', summary, EXAMPLES)
    .argument('[ip]', 'the attacked host')
    .argument('[direction]', 'incoming or outgoing')
    .argument('[pps]', 'packets per second')
    .argument('[action]', 'ban, attack_details or unban')
    .option('-v, --verbose', 'tell on standard error what is done')
    .option('--resend', 'send what earlier calls could not')
    .action(async (...args: readonly unknown[]) => {
      const words = args.slice(0, 4).filter(word => typeof word === 'string')
      const flags = args[4] as DecodeFlags
      const [ip, direction, pps, action] = words
      const isWhole = ip !== undefined && direction !== undefined && pps !== undefined && action !== undefined
      if (flags.resend ? words.length > 0 : !isWhole) {
        context.io.err('error: expected IP DIRECTION PPS ACTION, or --resend alone\n')
        context.exitCode = EXIT.usage
        return
      }
      const call = isWhole ? { ip, direction, pps, action } : undefined
      context.exitCode = await context.verbs.decodeAttack(
        { call, isVerbose: flags.verbose ?? flags.debug ?? false, environment: context.io.environment },
        context.io,
      )
    })
}
