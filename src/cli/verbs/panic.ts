// `panic`: everything is taken back, after one question.

import type { Command } from 'commander'
import { ROUTES } from '#api/contract/routes.ts'
import type { Panic } from '#api/contract/rules.ts'
import type { AskFlags } from '../ask.ts'
import { addJson, addState, addVerb, type Context, complain, EXIT, printJson } from '../context.ts'
import { doorOf } from '../door.ts'

interface PanicFlags extends AskFlags {
  readonly yes?: true
  readonly reason?: string
}

const WHAT =
  'take back all routes and rules, also those of detection, and announce nothing until it is armed again'

export function addPanic(program: Command, context: Context): void {
  addState(addJson(addVerb(program, 'panic', WHAT, ['panic', 'panic --yes --reason "wrong rules at 3 am"'])))
    .option('--yes', 'do not ask')
    .option('--reason <text>', 'why, for the audit')
    .action((flags: PanicFlags) => panic(context, flags))
}

async function panic(context: Context, flags: PanicFlags): Promise<void> {
  const { io } = context
  context.exitCode = EXIT.failed
  if (flags.yes !== true) {
    const answer = await io.question(`This will ${WHAT}.\nType yes: `)
    if (answer !== 'yes') {
      io.err(
        answer === undefined
          ? 'floodwarden: nobody can be asked here; say --yes when it is meant\n'
          : 'floodwarden: nothing was changed\n',
      )
      return
    }
  }
  const { reason } = flags
  const request = { confirm: true, ...(reason === undefined ? {} : { reason }) } as const
  const reply = await io.connect(doorOf(io, flags)).call(ROUTES.panic, request)
  if (reply.kind === 'failed') {
    context.exitCode = complain(io, reply.failure, flags)
    return
  }
  if (flags.json) printJson(io, reply.value)
  else io.out(panicText(reply.value))
  context.exitCode = reply.value.stillHeld === 0 ? EXIT.ok : EXIT.failed
}

export function panicText({ rules, mitigations, stillHeld, liftedBy }: Panic): string {
  const left =
    stillHeld === 0
      ? 'Nothing is announced any more.'
      : `${stillHeld} are not confirmed to be gone: floodwarden mitigations and floodwarden status say by whom.`
  return `${mitigations} mitigations are taken back, and ${rules} rules by people are withdrawn for good. ${left}
Attacks are found and shown as before, and nothing is done about them until: ${liftedBy}
`
}
