// `protect list`, `show`, `lookup`, `preview`, `counters`, `blocked` and `incidents`: what the daemon knows of protection.

import { type Command, Option } from 'commander'
import { COUNTERMEASURES } from '#api/contract/protection.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { type AskFlags, ask } from '../ask.ts'
import { addJson, addState, addVerb, type Context, complain, EXIT, printJson } from '../context.ts'
import { doorOf } from '../door.ts'
import { targetText, wholeNumber } from '../parse.ts'
import { blockedText, countersText, incidentsText, profileText, protectionText } from './protect-text.ts'

export interface ProfileFlags extends AskFlags {
  readonly profile?: string
}

interface BlockedFlags extends ProfileFlags {
  readonly source?: string
  readonly limit?: number
}

interface LookupFlags extends AskFlags {
  readonly source?: string
  readonly protocol?: number
  readonly port?: number
}

interface PreviewFlags extends AskFlags {
  readonly file?: string
  readonly countermeasure?: (typeof COUNTERMEASURES)[number]
}

type Mode = 'on' | 'monitor' | 'off' | 'configured'

export const asking = (protect: Command, name: string, summary: string, example: string): Command =>
  addState(addJson(addVerb(protect, name, summary, [example])))

export function addProtectQuestions(protect: Command, context: Context): void {
  asking(protect, 'list', 'list the profiles of the daemon', 'protect list').action((flags: AskFlags) =>
    ask(context, flags, ROUTES.protection, {}, protectionText),
  )
  asking(protect, 'show', 'print one profile with its countermeasures', 'protect show web')
    .argument('<profile>', 'its id in the configuration')
    .action((id: string, flags: AskFlags) =>
      ask(context, flags, ROUTES.protectionProfile, { id }, profileText),
    )
  addLookup(protect, context)
  asking(protect, 'incidents', 'when which profile was needed', 'protect incidents')
    .option('--profile <id>', 'only of this one')
    .action((flags: ProfileFlags) => {
      const { profile } = flags
      return ask(context, flags, ROUTES.protectionIncidents, { profile }, incidentsText)
    })
  addPreview(protect, context)
  addCounters(protect, context)
  addBlocked(protect, context)
}

function addLookup(protect: Command, context: Context): void {
  const summary = 'which profile a packet to this address would meet'
  asking(protect, 'lookup', summary, 'protect lookup 192.0.2.1 --protocol 6 --port 443')
    .argument('<target>', 'address or prefix', targetText)
    .option('--source <prefix>', 'where it comes from', targetText)
    .option('--protocol <number>', 'IP protocol, such as 6', wholeNumber(0, 255))
    .option('--port <number>', 'of the target', wholeNumber(0, 65_535))
    .action((target: string, flags: LookupFlags) => {
      const { source, protocol, port: targetPort } = flags
      const packet = { target, source, protocol, targetPort }
      return ask(context, flags, ROUTES.protectionFor, packet, ({ profile }) =>
        profile === undefined ? 'It meets no countermeasure.\n' : profileText(profile),
      )
    })
}

function addPreview(protect: Command, context: Context): void {
  const summary = 'print what would be carried out: of a file, or by the daemon, now or after a switch'
  addState(
    addJson(
      addVerb(protect, 'preview', summary, [
        'protect preview --file profiles.yaml',
        'protect preview',
        'protect preview web on --countermeasure acl',
      ]),
    ),
  )
    .argument('[profile]', 'as if this one were switched')
    .addArgument(
      protect
        .createArgument('[mode]', 'like this')
        .choices(['on', 'monitor', 'off', 'configured'])
        .argOptional(),
    )
    .option('--file <file>', 'profiles, as docs/operate/nftables.md describes them; no daemon is asked')
    .addOption(
      new Option('--countermeasure <name>', 'only this one of it is switched').choices(COUNTERMEASURES),
    )
    .action(async (profile: string | undefined, mode: Mode | undefined, flags: PreviewFlags) => {
      const { file, countermeasure } = flags
      if (file !== undefined) {
        context.exitCode = await context.verbs.protect({ kind: 'preview', file }, context.io)
        return
      }
      await ask(context, flags, ROUTES.previewProtection, { profile, mode, countermeasure }, previewed =>
        [...previewed.notes.map(note => `# ${note}\n`), previewed.text].join(''),
      )
    })
}

function addCounters(protect: Command, context: Context): void {
  const summary = 'what each countermeasure did; without a daemon, what the kernel of this machine counted'
  asking(protect, 'counters', summary, 'protect counters')
    .option('--profile <id>', 'only of this one')
    .action(async (flags: ProfileFlags) => {
      const { profile } = flags
      const reply = await context.io
        .connect(doorOf(context.io, flags))
        .call(ROUTES.protectionCounters, { profile })
      if (reply.kind === 'ok') {
        if (flags.json) printJson(context.io, reply.value)
        else context.io.out(countersText(reply.value))
        context.exitCode = EXIT.ok
      } else if (isHereAlone(context, flags, reply.failure.kind))
        context.exitCode = await context.verbs.protect(
          { kind: 'counters', json: flags.json ?? false },
          context.io,
        )
      else context.exitCode = complain(context.io, reply.failure, flags)
    })
}

function addBlocked(protect: Command, context: Context): void {
  const summary = 'sources that are blocked for a time; without a daemon, those in the kernel of this machine'
  asking(protect, 'blocked', summary, 'protect blocked --source 192.0.2.0/24')
    .option('--profile <id>', 'only of this one')
    .option('--source <prefix>', 'only these', targetText)
    .option('--limit <count>', 'at most so many', wholeNumber(1, 10_000))
    .action(async (flags: BlockedFlags) => {
      const { profile, source, limit } = flags
      const reply = await context.io
        .connect(doorOf(context.io, flags))
        .call(ROUTES.blockedSources, { profile, source, limit })
      if (reply.kind === 'ok') {
        if (flags.json) printJson(context.io, reply.value)
        else context.io.out(blockedText(reply.value))
        context.exitCode = EXIT.ok
      } else if (isHereAlone(context, flags, reply.failure.kind))
        context.exitCode = await context.verbs.protect(
          { kind: 'blocked', json: flags.json ?? false },
          context.io,
        )
      else context.exitCode = complain(context.io, reply.failure, flags)
    })
}

/** No daemon runs on this machine, and none elsewhere was meant: the kernel is asked itself. */
const isHereAlone = ({ io }: Context, flags: AskFlags, failure: string): boolean =>
  failure === 'absent' && doorOf(io, flags).kind === 'socket'
