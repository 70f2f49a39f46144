// `backup` and `restore`: configuration and state into one file, and back.

import { resolve } from 'node:path'
import type { Command } from 'commander'
import {
  addPlace,
  addState,
  addVerb,
  type Context,
  type DebugFlag,
  placeOf,
  type StateFlag,
} from '../context.ts'
import { doorOf } from '../door.ts'

interface BackupFlags extends StateFlag, DebugFlag {
  readonly config?: string
  readonly writeConfig?: string
}

const CONFIG = '-c, --config <file>'

export function addBackup(program: Command, context: Context): void {
  const summary =
    'save configuration and state into one file (mode 0600), also while the daemon runs; secrets only if the configuration holds them'
  addState(addVerb(program, 'backup', summary, ['backup /var/backups/floodwarden-2026-01-15.gz']))
    .argument('<file>', 'the archive; it must not exist')
    .option(CONFIG, 'the configuration of the daemon; needed only when none runs')
    .action(async (file: string, flags: BackupFlags) => {
      context.exitCode = await context.verbs.backup(optionsOf(context, file, flags), context.io)
    })
}

export function addRestore(program: Command, context: Context): void {
  const summary = 'put the state of an archive in place of what is there; no daemon may run'
  const examples = [
    'restore /var/backups/floodwarden-2026-01-15.gz',
    'restore floodwarden.gz --config /etc/floodwarden.yaml',
    'restore floodwarden.gz --write-config /etc/floodwarden.yaml',
  ]
  addPlace(addVerb(program, 'restore', summary, examples))
    .argument('<file>', 'the archive')
    .option(CONFIG, 'says where the state belongs: store.postgres, or else the state directory')
    .option('--write-config <file>', 'write the configuration of the archive here; the file must not exist')
    .action(async (file: string, flags: BackupFlags) => {
      const { writeConfig } = flags
      const options = {
        ...optionsOf(context, file, { ...flags, state: placeOf(context.io, flags).state }),
        writeConfig: writeConfig === undefined ? undefined : resolve(writeConfig),
      }
      context.exitCode = await context.verbs.restore(options, context.io)
    })
}

const optionsOf = (context: Context, file: string, flags: BackupFlags) => ({
  ...placeOf(context.io, flags),
  door: doorOf(context.io, flags),
  file: resolve(file),
  config: flags.config,
  debug: flags.debug ?? false,
})
