// `rule extend`, `rule withdraw` and `rule retry`.

import type { Command } from 'commander'
import { failureText } from '#api/contract/failure-text.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { momentText } from '#lib/clock/local-time.ts'
import { type AskFlags, ask } from '../ask.ts'
import { addJson, addState, addVerb, type Context, EXIT, printJson } from '../context.ts'
import { doorOf } from '../door.ts'
import { table } from '../table.ts'
import { addEnd, type EndFlags, endOf } from './rule-words.ts'

interface ReasonFlags extends AskFlags {
  readonly reason?: string
}

export function addRuleChanges(rule: Command, context: Context): void {
  const extend = addVerb(rule, 'extend', 'give a rule another end', ['rule extend mi7kq3l9-r1 --ttl 2h'])
  addEnd(addState(addJson(extend)))
    .argument('<id>', 'as the list names it')
    .option('--reason <text>', 'why, for the audit')
    .action((id: string, _: unknown, self: Command) => {
      const flags = self.optsWithGlobals<ReasonFlags & EndFlags>()
      const { reason } = flags
      const request = { id, ...endOf(flags), ...(reason === undefined ? {} : { reason }) }
      return ask(
        context,
        flags,
        ROUTES.extendRule,
        request,
        ({ endsAt }) => `${id} lasts until ${momentText(Date.parse(endsAt))}.\n`,
      )
    })
  const withdraw = addVerb(rule, 'withdraw', 'take rules back', ['rule withdraw mi7kq3l9-r1 --reason over'])
  addState(addJson(withdraw))
    .argument('<id...>', 'as the list names them')
    .option('--reason <text>', 'why, for the audit')
    .action((ids: string[], _: unknown, self: Command) =>
      withdrawAll(context, ids, self.optsWithGlobals<ReasonFlags>()),
    )
  const retry = 'have a rule that failed or was refused announced once more'
  addState(addJson(addVerb(rule, 'retry', retry, ['rule retry mi7kq3l9-r1'])))
    .argument('<id>', 'as the list names it')
    .action((id: string, _: unknown, self: Command) =>
      ask(
        context,
        self.optsWithGlobals<AskFlags>(),
        ROUTES.retryRule,
        { id },
        ({ state }) => `${id} is tried again: ${state}.\n`,
      ),
    )
}

/** One after another: one that is not known does not keep the others from it. */
async function withdrawAll(context: Context, ids: readonly string[], flags: ReasonFlags): Promise<void> {
  const { io } = context
  const client = io.connect(doorOf(io, flags))
  const { reason } = flags
  const results: { id: string; outcome: string }[] = []
  context.exitCode = EXIT.ok
  for (const id of ids) {
    const reply = await client.call(ROUTES.withdrawRule, { id, ...(reason === undefined ? {} : { reason }) })
    if (reply.kind === 'ok') {
      results.push({ id, outcome: reply.value.outcome === 'over' ? 'was over already' : 'is taken back' })
      continue
    }
    context.exitCode = EXIT.failed
    results.push({ id, outcome: failureText(reply.failure).split('\n')[0] ?? '' })
  }
  if (flags.json) printJson(io, { results })
  else io.out(table(results.map(({ id, outcome }) => [id, outcome])))
}
