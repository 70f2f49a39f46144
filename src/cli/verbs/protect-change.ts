// `protect on`, `off`, `monitor` and `reset` switch profiles of the daemon by hand; `add` and `remove` block sources and let them
// go; `backup` and `restore` keep how profiles are switched.

import { readFileSync, writeFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { COUNTERMEASURES } from '#api/contract/protection.ts'
import type { SourcesBlocked, Switched } from '#api/contract/protection-requests.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { durationText } from '#lib/clock/local-time.ts'
import { type AskFlags, ask } from '../ask.ts'
import { addJson, addState, addVerb, type Context, complain, EXIT, printJson } from '../context.ts'
import { doorOf } from '../door.ts'
import { durationSeconds, targetText } from '../parse.ts'
import { asking } from './protect-ask.ts'

interface ReasonFlags extends AskFlags {
  readonly reason: string
  readonly ttl?: number
}

interface RemoveFlags extends AskFlags {
  readonly reason?: string
  readonly yes?: true
}

interface RestoreFlags extends AskFlags {
  readonly reason: string
  readonly replace?: true
}

const SWITCHES = [
  ['on', 'on', 'switch a profile, or a countermeasure of it, on'],
  ['monitor', 'monitor', 'have it count what it would drop, and drop nothing'],
  ['off', 'off', 'switch it off; what attacks need stays on until they are over'],
  ['reset', 'configured', 'have it as the configuration says again'],
] as const

export function addProtectChanges(protect: Command, context: Context): void {
  for (const [name, mode, summary] of SWITCHES)
    asking(protect, name, summary, `protect ${name} web acl --reason "ticket 4711"`)
      .argument('<profile>', 'its id in the configuration')
      .addArgument(
        protect
          .createArgument('[countermeasure]', 'missing: all of it')
          .choices(COUNTERMEASURES)
          .argOptional(),
      )
      .requiredOption('--reason <text>', 'why, for the audit')
      .option('--ttl <duration>', 'as configured again after so long: 600, 10m, 2h or 1d', durationSeconds)
      .action(
        (id: string, countermeasure: (typeof COUNTERMEASURES)[number] | undefined, flags: ReasonFlags) => {
          const { reason, ttl: ttlSeconds } = flags
          const order = { id, countermeasure, mode, ttlSeconds, reason }
          return ask(context, flags, ROUTES.switchProtection, order, switched =>
            switchedText(switched, countermeasure),
          )
        },
      )
  asking(
    protect,
    'add',
    'put sources onto the temporary blacklist of a profile',
    'protect add web 192.0.2.7 --ttl 10m --reason scanner',
  )
    .argument('<profile>', 'its id in the configuration')
    .argument('<sources...>', 'IPv4 addresses, IPv6 prefixes of 64 bits')
    .requiredOption('--reason <text>', 'why, for the audit')
    .option('--ttl <duration>', 'for so long: 600, 10m or 2h; missing: as the profile says', durationSeconds)
    .action((id: string, sources: string[], flags: ReasonFlags) => {
      const { reason, ttl: ttlSeconds } = flags
      return ask(context, flags, ROUTES.blockSources, { id, sources, ttlSeconds, reason }, blockedNowText)
    })
  addRemove(protect, context)
  addBackups(protect, context)
}

function addRemove(protect: Command, context: Context): void {
  const summary = 'let sources of a profile go; without a profile: remove all that is ours from nftables'
  addState(
    addJson(addVerb(protect, 'remove', summary, ['protect remove web 192.0.2.7', 'protect remove --yes'])),
  )
    .argument('[profile]', 'its id in the configuration')
    .argument('[sources...]', 'as the list names them')
    .option('--reason <text>', 'why, for the audit')
    .option('--yes', 'without a profile: do it; else nothing is changed')
    .action(async (id: string | undefined, sources: string[], flags: RemoveFlags) => {
      if (id === undefined) {
        context.exitCode = await context.verbs.protect(
          { kind: 'remove', isSure: flags.yes ?? false },
          context.io,
        )
        return
      }
      if (sources.length === 0) throw new Error(`name the sources of ${id} that shall be let go`)
      for (const source of sources) {
        await ask(
          context,
          flags,
          ROUTES.unblockSource,
          { id, source: targetText(source), reason: flags.reason },
          told,
        )
        if (context.exitCode !== EXIT.ok) return
      }
    })
}

const told = ({ source, wasBlocked }: { readonly source: string; readonly wasBlocked: boolean }): string =>
  wasBlocked ? `${source} is let go.\n` : `${source} was not blocked.\n`

function addBackups(protect: Command, context: Context): void {
  const saving = 'print how people have switched profiles, or write it into a file'
  asking(protect, 'backup', saving, 'protect backup protection.json')
    .argument('[file]', 'must not exist; missing: standard output')
    .action(async (file: string | undefined, flags: AskFlags) => {
      const { io } = context
      const reply = await io.connect(doorOf(io, flags)).call(ROUTES.protectionBackup, {})
      context.exitCode = reply.kind === 'ok' ? EXIT.ok : complain(io, reply.failure, flags)
      if (reply.kind !== 'ok') return
      if (file === undefined) printJson(io, reply.value)
      else writeFileSync(file, `${JSON.stringify(reply.value, null, 2)}\n`, { flag: 'wx', mode: 0o600 })
    })
  const putting = 'put a backup back: all of it or nothing, and never on without what spares honest traffic'
  asking(protect, 'restore', putting, 'protect restore protection.json --reason "new machine"')
    .argument('<file>', 'as backup wrote it')
    .requiredOption('--reason <text>', 'why, for the audit')
    .addOption(new Option('--replace', 'also where somebody has switched something meanwhile'))
    .action((file: string, flags: RestoreFlags) => {
      const request = { backup: JSON.parse(readFileSync(file, 'utf8')), replaces: flags.replace ?? false }
      return ask(context, flags, ROUTES.restoreProtection, { ...request, reason: flags.reason }, restored =>
        [`${restored.switches} switches are as they were.`, ...restored.notes]
          .map(line => `${line}\n`)
          .join(''),
      )
    })
}

function switchedText({ profile, notes }: Switched, name: string | undefined): string {
  const one = profile.countermeasures.find(countermeasure => countermeasure.name === name)
  const what = one === undefined ? profile.id : `${profile.id} ${one.name}`
  const state = one === undefined ? (profile.isOn ? 'on' : 'off') : one.mode
  return [`${what} is ${state}: ${profile.carried}.`, ...profile.problems, ...notes]
    .map(line => `${line}\n`)
    .join('')
}

function blockedNowText({ sources, notes }: SourcesBlocked): string {
  const lines = sources.map(
    ({ source, remainingSeconds }) => `${source} is blocked for ${durationText(remainingSeconds)}.`,
  )
  return [...lines, ...notes].map(line => `${line}\n`).join('')
}
