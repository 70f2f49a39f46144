// `arm` and `disarm`: what would change in the network is shown, then asked for, then done.

import type { Command } from 'commander'
import type { Arming } from '#api/contract/arming.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { grouped } from '#lib/number-text.ts'
import type { AskFlags } from '../ask.ts'
import { addJson, addState, addVerb, type Context, complain, EXIT, printJson } from '../context.ts'
import { doorOf } from '../door.ts'

interface ArmFlags extends AskFlags {
  readonly yes?: true
  readonly reason?: string
}

export function addArm(program: Command, context: Context): void {
  const verbs = [
    ['arm', true, 'carry out what is decided: from now on the network is changed'],
    ['disarm', false, 'carry out nothing more, and take back all that is done'],
  ] as const
  for (const [name, armed, summary] of verbs) {
    const verb = addVerb(program, name, summary, [name, `${name} --yes --reason "ticket 4711"`])
    addState(addJson(verb))
      .option('--yes', 'do not ask')
      .option('--reason <text>', 'why, for the audit')
      .action((flags: ArmFlags) => switchTo(armed, context, flags))
  }
}

async function switchTo(armed: boolean, context: Context, flags: ArmFlags): Promise<void> {
  const { io } = context
  const client = io.connect(doorOf(io, flags))
  const before = await client.call(ROUTES.arming, {})
  if (before.kind === 'failed') {
    context.exitCode = complain(io, before.failure, flags)
    return
  }
  if (before.value.armed === armed) {
    if (flags.json) printJson(io, before.value)
    else io.out(`It is ${armed ? 'armed' : 'disarmed'} already${byText(before.value)}.\n`)
    context.exitCode = EXIT.ok
    return
  }
  if (!flags.json) io.out(diffText(before.value))
  if (flags.yes !== true && !(await agrees(context, armed))) return
  const { reason } = flags
  const after = await client.call(ROUTES.arm, { armed, ...(reason === undefined ? {} : { reason }) })
  if (after.kind === 'failed') {
    context.exitCode = complain(io, after.failure, flags)
    return
  }
  if (flags.json) printJson(io, after.value)
  else io.out(armed ? 'Armed.\n' : 'Disarmed: what was done is being taken back.\n')
  context.exitCode = EXIT.ok
}

async function agrees(context: Context, armed: boolean): Promise<boolean> {
  const { io } = context
  const answer = await io.question(`Type yes to ${armed ? 'arm' : 'disarm'}: `)
  if (answer === 'yes') return true
  io.err(
    answer === undefined
      ? 'floodwarden: nobody can be asked here; say --yes when it is meant\n'
      : 'floodwarden: nothing was changed\n',
  )
  context.exitCode = EXIT.failed
  return false
}

/** What switching would change, `+` for what is announced and `-` for what is withdrawn. */
export function diffText({ armed, changes, total, enforcers }: Arming): string {
  const lines = changes.flatMap(({ host, attackId, announce, withdraw, refused }) => [
    `${host} (attack ${attackId})`,
    ...announce.map(text => `  + ${text}`),
    ...withdraw.map(text => `  - ${text}`),
    ...refused.map(text => `  ! ${text}`),
  ])
  const nothing = armed
    ? 'Nothing is done now that would be taken back.'
    : 'No attack is open: nothing would change now.'
  const more = total > changes.length ? [`and ${grouped(total - changes.length)} more attacks`] : []
  const who = enforcers.length === 0 ? [] : [`Carried out by: ${enforcers.join(', ')}.`]
  return `${[...(lines.length === 0 ? [nothing] : lines), ...more, ...(armed ? [] : who)].join('\n')}\n`
}

const byText = ({ from, orderedBy, orderedAt }: Arming): string =>
  from === 'configuration' ? ' by the configuration' : `, ordered by ${orderedBy} at ${orderedAt}`
