// `protect preview`, `apply`, `remove`, `block`, `counters` and `blocked`: protection on this machine, by hand.

import type { Command } from 'commander'
import { addJson, addVerb, type Context, type DebugFlag, type JsonFlag } from '../context.ts'

interface FileFlags extends DebugFlag {
  readonly file: string
  readonly yes?: true
  readonly setKernel?: true
}

interface SureFlags extends DebugFlag {
  readonly yes?: true
}

export function addLocalProtect(protect: Command, context: Context): void {
  const file = (verb: Command): Command =>
    verb.requiredOption('--file <file>', 'profiles, as docs/operate/nftables.md describes them')
  const sure = (verb: Command): Command => verb.option('--yes', 'do it; without it nothing is changed')

  file(
    addVerb(protect, 'preview', 'print what nft would be told', ['protect preview --file profiles.yaml']),
  ).action(async (flags: FileFlags) => {
    context.exitCode = await context.verbs.protect({ kind: 'preview', file: flags.file }, context.io)
  })

  const applied = ['protect apply --file profiles.yaml', 'protect apply --file profiles.yaml --yes']
  sure(file(addVerb(protect, 'apply', 'carry profiles out on this machine', applied)))
    .option('--set-kernel', 'settings of the kernel that a SYN proxy needs may be set')
    .action(async (flags: FileFlags) => {
      context.exitCode = await context.verbs.protect(
        {
          ...{ kind: 'apply', file: flags.file },
          ...{ isSure: flags.yes ?? false, maySetKernel: flags.setKernel ?? false },
        },
        context.io,
      )
    })

  const removed = 'remove all that is ours from nftables'
  sure(addVerb(protect, 'remove', removed, ['protect remove --yes'])).action(async (flags: SureFlags) => {
    context.exitCode = await context.verbs.protect({ kind: 'remove', isSure: flags.yes ?? false }, context.io)
  })

  const blocked = 'put sources onto the temporary blacklist of a profile that is in place'
  sure(addVerb(protect, 'block', blocked, ['protect block web 192.0.2.7 2001:db8:7::/64 --yes']))
    .argument('<profile>', 'of the file that was applied')
    .argument('<sources...>', 'IPv4 addresses, IPv6 prefixes of 64 bits')
    .action(async (profile: string, sources: readonly string[], flags: SureFlags) => {
      context.exitCode = await context.verbs.protect(
        { kind: 'block', profile, sources, isSure: flags.yes ?? false },
        context.io,
      )
    })

  for (const [kind, summary] of [
    ['counters', 'what each countermeasure on this machine did'],
    ['blocked', 'sources that are blocked on this machine for a time'],
  ] as const)
    addJson(addVerb(protect, kind, summary, [`protect ${kind}`])).action(async (flags: JsonFlag) => {
      context.exitCode = await context.verbs.protect({ kind, json: flags.json ?? false }, context.io)
    })
}
