// The verb restore: checks an archive whole, and puts its state in place of what is there, all of it or nothing.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorText, stackText } from '#lib/log/facts.ts'
import { type Archive, checkArchive } from '#store/read-archive.ts'
import { restoreState } from '#store/restore.ts'
import { STATE_FILE } from '#store/state-file.ts'
import { lockOffline, OfflineError, placeOf } from '../state/offline-state.ts'
import { giveToOwner } from '../state/owner.ts'
import type { BackupOptions } from './backup.ts'

export interface RestoreOptions extends BackupOptions {
  /** Where the configuration of the archive is written to; the file must not exist. */
  readonly writeConfig: string | undefined
}

interface Output {
  out(text: string): void
  err(text: string): void
}

const STATE_MODE = 0o750
const CONFIG_MODE = 0o600

/** Exit code 0 when the state is that of the archive; else it is what it was. */
export async function restore(options: RestoreOptions, { out, err }: Output): Promise<number> {
  try {
    for (const line of await restoreAll(options)) out(`${line}\n`)
    return 0
  } catch (error) {
    err(`floodwarden: nothing was restored: ${options.debug ? stackText(error) : errorText(error)}\n`)
    return 1
  }
}

async function restoreAll({ state, file, config, writeConfig }: RestoreOptions): Promise<string[]> {
  const place = placeOf(state, config)
  const archive = await checkArchive(file)
  mkdirSync(state, { recursive: true, mode: STATE_MODE })
  const lock = lockOffline(state)
  const uid = process.getuid?.()
  const removeConfig = writeConfig === undefined ? undefined : saveConfig(archive, writeConfig)
  try {
    const { at, program, backEnd } = archive.head
    const { before } = await restoreState(place, file, {
      ...{ at: Date.now(), who: uid === undefined ? 'unknown' : `uid:${uid}`, what: 'restore' },
      ...{ target: 'state', attackId: '', mitigationId: undefined, outcome: 'done' },
      reason: `from an archive of ${at} (${program}, ${backEnd}, ${archive.rows} rows)`,
    })
    giveToOwner(state, [join(state, STATE_FILE), ...HEADS.map(name => join(state, name))])
    return words(
      archive,
      place.postgres === undefined ? join(state, STATE_FILE) : 'PostgreSQL',
      before,
      writeConfig,
    )
  } catch (error) {
    removeConfig?.()
    throw error
  } finally {
    lock.release()
  }
}

const HEADS = ['audit-head-sqlite.json', 'audit-head-postgres.json']

/** Gives what removes it again. */
function saveConfig({ config }: Archive, path: string): () => void {
  if (config === undefined)
    throw new OfflineError('the archive holds no configuration: leave out --write-config')
  writeFileSync(path, config.text, { flag: 'wx', mode: CONFIG_MODE })
  return () => rmSync(path, { force: true })
}

function words(
  { head, rows, config }: Archive,
  where: string,
  before: string | undefined,
  writeConfig: string | undefined,
): string[] {
  const held =
    config === undefined ? 'The archive holds no configuration.' : `Its configuration was ${config.file}`
  const configuration =
    config === undefined || writeConfig !== undefined
      ? held
      : `${held}, and is left where it is: --write-config FILE would write it down.`
  return [
    `${where}: ${rows} rows as they were at ${head.at}`,
    ...(before === undefined ? [] : [`What was there before is now ${before}`]),
    writeConfig === undefined ? configuration : `The configuration is in ${writeConfig}`,
    'The next start takes back what has expired since, and holds the rest.',
  ]
}
