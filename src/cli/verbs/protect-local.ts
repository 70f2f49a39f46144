// `protect apply` and `block`: protection on this machine, by hand and without a daemon.

import type { Command } from 'commander'
import { addVerb, type Context, type DebugFlag } from '../context.ts'

interface FileFlags extends DebugFlag {
  readonly file: string
  readonly yes?: true
  readonly setKernel?: true
}

interface PresetFlags extends DebugFlag {
  readonly config: string
  readonly yes?: true
}

interface SureFlags extends DebugFlag {
  readonly yes?: true
}

export function addLocalProtect(protect: Command, context: Context): void {
  const file = (verb: Command): Command =>
    verb.requiredOption('--file <file>', 'profiles, as docs/operate/nftables.md describes them')
  const sure = (verb: Command): Command => verb.option('--yes', 'do it; without it nothing is changed')

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

  const preset = 'what a profile of the configuration needs before the usual choice is worth switching on'
  addVerb(protect, 'preset', preset, [
    'protect preset --config /etc/floodwarden.yaml',
    'protect preset web --yes',
  ])
    .argument('[profile]', 'of the configuration, or a new one', 'general')
    .option('-c, --config <file>', 'native configuration', '/etc/floodwarden.yaml')
    .option('--yes', 'write it; without it you are asked')
    .action(async (profile: string, flags: PresetFlags) => {
      const options = { file: flags.config, profile, isConfirmed: flags.yes ?? false }
      context.exitCode = await context.verbs.protectPreset(options, context.io)
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
}
