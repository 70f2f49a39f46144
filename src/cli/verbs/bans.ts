// `bans`, `ban` and `unban`: hosts under a ban, by decision of the program or of an operator.

import type { Command } from 'commander'
import type { Ban, Bans } from '#api/contract/ban.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { targetText } from '#api/contract/target-text.ts'
import { momentText } from '#lib/clock/local-time.ts'
import { grouped } from '#lib/number-text.ts'
import { type AskFlags, ask } from '../ask.ts'
import { addJson, addState, addVerb, type Context } from '../context.ts'
import { banTarget, hostAddress, wholeNumber } from '../parse.ts'
import { table } from '../table.ts'

interface BanFlags extends AskFlags {
  readonly seconds?: number
  readonly reason?: string
}
interface UnbanFlags extends AskFlags {
  readonly reason?: string
}
interface BansFlags extends AskFlags {
  readonly limit: number
}

const YEAR_SECONDS = 31_536_000

export function addBans(program: Command, context: Context): void {
  const bans = addVerb(program, 'bans', 'list the hosts and prefixes under a ban', ['bans', 'bans --json'])
  addState(addJson(bans))
    .option('--limit <count>', 'at most so many, newest first', wholeNumber(1, 100_000), 1000)
    .action((flags: BansFlags) => ask(context, flags, ROUTES.bans, { limit: flags.limit }, bansText))

  const ban = addVerb(program, 'ban', 'ban a host by hand', [
    'ban 192.0.2.1',
    'ban 2001:db8::1 --seconds 600 --reason "ticket 4711"',
  ])
  addState(addJson(ban))
    .argument('<ip>', 'the host', hostAddress)
    .option('--seconds <count>', 'how long; 0 until somebody ends it', wholeNumber(0, YEAR_SECONDS))
    .option('--reason <text>', 'why, for the audit')
    .action((host: string, flags: BanFlags) => {
      const { seconds, reason } = flags
      return ask(context, flags, ROUTES.ban, { host, seconds, reason }, banText)
    })

  const unban = addVerb(program, 'unban', 'end the ban of a host, or of attacked prefixes', [
    'unban 192.0.2.1',
    'unban 192.0.2.0/24 --reason "false alarm"',
    'unban mi7kq3l9-1',
  ])
  addState(addJson(unban))
    .argument('<what>', 'the host, one of the prefixes, or the identifier of the attack', banTarget)
    .option('--reason <text>', 'why, for the audit')
    .action((host: string, flags: UnbanFlags) =>
      ask(context, flags, ROUTES.unban, { host, reason: flags.reason }, unbanText),
    )
}

export function bansText({ bans, total }: Bans): string {
  if (total === 0) return 'Nothing is banned.\n'
  const rows = bans.map(ban => [
    targetText(ban),
    ban.direction,
    `${grouped(ban.peak)} pps`,
    momentText(Date.parse(ban.openedAt)),
    endText(ban),
    ban.why,
  ])
  const rest = total > bans.length ? `and ${grouped(total - bans.length)} more\n` : ''
  return table([['host', 'direction', 'peak', 'since', 'until', 'why'], ...rows], [2]) + rest
}

const banText = (ban: Ban): string => `${ban.host} is banned until ${endText(ban)}: ${ban.decision}.\n`
const unbanText = (ban: Ban): string => `${targetText(ban)} is no longer banned.\n`

const endText = (ban: Ban): string =>
  ban.endsAt === undefined ? 'somebody ends it' : momentText(Date.parse(ban.endsAt))
