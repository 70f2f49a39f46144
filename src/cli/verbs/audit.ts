// `audit`: who did what, when and why; `verify` says whether that is what was written.

import type { Command } from 'commander'
import type { Audit } from '#api/contract/audit.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { momentText } from '#lib/clock/local-time.ts'
import { type AskFlags, ask } from '../ask.ts'
import { addJson, addSame, addState, addVerb, type Context, placeOf } from '../context.ts'
import { doorOf } from '../door.ts'
import { wholeNumber } from '../parse.ts'
import { table } from '../table.ts'

interface AuditFlags extends AskFlags {
  readonly limit: number
  readonly who?: string
  readonly what?: string
  readonly target?: string
  readonly outcome?: 'done' | 'failed' | 'refused' | 'dry-run'
  readonly since?: string
  readonly until?: string
  readonly before?: number
}

interface VerifyFlags extends AskFlags {
  readonly config?: string
}

const MOST = 1000

export function addAudit(program: Command, context: Context): void {
  const audit = addVerb(program, 'audit', 'list who did what, when and why', [
    'audit',
    'audit list --target 192.0.2.1 --since 2026-01-15T00:00:00Z',
    'audit list --outcome refused --json',
    'audit verify',
  ])
  addFilters(audit).action((flags: AuditFlags) => list(context, flags))
  addFilters(addSame(audit, 'list', 'audit list --who uid:1000')).action((_: unknown, verb: Command) =>
    list(context, verb.optsWithGlobals<AuditFlags>()),
  )
  addVerify(audit, context)
}

function addFilters(verb: Command): Command {
  return addState(addJson(verb))
    .option('--limit <count>', 'at most so many, newest first', wholeNumber(1, MOST), 100)
    .option('--who <who>', 'only what this one did: floodwarden, uid:1000, grpc')
    .option('--what <deed>', 'only deeds of this kind: decide, announce, withdraw, expire, backup')
    .option('--target <host>', 'only what was about this host')
    .option('--outcome <outcome>', 'only what came to this: done, failed, refused, dry-run')
    .option('--since <moment>', 'only from this moment on, such as 2026-01-15T12:00:00Z')
    .option('--until <moment>', 'only before this moment')
    .option('--before <sequence>', 'only entries before this place: the next page', wholeNumber(1, 2 ** 52))
}

function list(context: Context, flags: AuditFlags): Promise<void> {
  const { limit, who, what, target, outcome, since, until, before } = flags
  const query = { limit, who, what, target, outcome, since, until, before }
  const given = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined))
  return ask(context, flags, ROUTES.audit, { limit, ...given }, auditText)
}

function addVerify(audit: Command, context: Context): void {
  const words = 'say whether the audit is what was written, or which entry is the first that is not'
  addState(addJson(addVerb(audit, 'verify', words, ['audit verify', 'audit verify --json'])))
    .option('-c, --config <file>', 'the configuration of the daemon; needed only when none runs')
    .action(async (_: unknown, verb: Command) => {
      const flags = verb.optsWithGlobals<VerifyFlags>()
      const options = {
        ...placeOf(context.io, flags),
        door: doorOf(context.io, flags),
        ...{ config: flags.config, json: flags.json ?? false, debug: flags.debug ?? false },
      }
      context.exitCode = await context.verbs.verifyAudit(options, context.io)
    })
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
