// `audit`: who did what, when and why.

import type { Command } from 'commander'
import type { Audit } from '#api/contract/audit.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { momentText } from '#lib/clock/local-time.ts'
import { type AskFlags, ask } from '../ask.ts'
import { addJson, addState, addVerb, type Context } from '../context.ts'
import { wholeNumber } from '../parse.ts'
import { table } from '../table.ts'

interface AuditFlags extends AskFlags {
  readonly limit: number
}

export function addAudit(program: Command, context: Context): void {
  const audit = addVerb(program, 'audit', 'list who did what, when and why', [
    'audit',
    'audit --limit 10 --json',
  ])
  addState(addJson(audit))
    .option('--limit <count>', 'at most so many, newest first', wholeNumber(1, 1000), 100)
    .action((flags: AuditFlags) => ask(context, flags, ROUTES.audit, { limit: flags.limit }, auditText))
}

export function auditText({ entries }: Audit): string {
  if (entries.length === 0) return 'Nothing was done yet.\n'
  const rows = entries.map(entry => [
    momentText(Date.parse(entry.at)),
    entry.who,
    entry.what,
    entry.target,
    entry.outcome,
    entry.reason,
  ])
  return table([['when', 'who', 'what', 'on', 'outcome', 'why'], ...rows])
}
