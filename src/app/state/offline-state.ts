// The state while no daemon runs: for verbs that read it all or replace it.

import { existsSync } from 'node:fs'
import { uptime } from 'node:os'
import { join } from 'node:path'
import type { Kysely } from 'kysely'
import { type FileLock, lockFile } from '#lib/linux/file-lock.ts'
import type { StorePlace } from '#store/change.ts'
import type { BackEnd } from '#store/dialect.ts'
import { withTransaction } from '#store/snapshot.ts'
import { STATE_FILE, StateFile } from '#store/state-file.ts'
import type { Tables } from '#store/tables.ts'
import { formatProblem } from '../config/format-problem.ts'
import { loadConfig } from '../config/load.ts'
import { giveToOwner } from './owner.ts'

/** What cannot be done, in words for whoever asked for it. */
export class OfflineError extends Error {}

/** Where a daemon with this configuration keeps its state. Throws `OfflineError` with what is wrong with the file. */
export function placeOf(directory: string, configFile: string | undefined): StorePlace {
  const loaded = loadConfig({ file: configFile })
  if (loaded.kind === 'refused') throw new OfflineError(loaded.problems.map(formatProblem).join('\n'))
  return { directory, postgres: loaded.config.store.postgres }
}

/** Keeps daemons out of the state directory until it is released. */
export function lockOffline(directory: string): Extract<FileLock, { kind: 'locked' }> {
  const path = join(directory, 'lock')
  const lock = lockFile(path)
  if (lock.kind === 'locked') {
    giveToOwner(directory, [path])
    return lock
  }
  const who = lock.processId === undefined ? '' : ` (process ${lock.processId})`
  throw new OfflineError(`a daemon${who} uses the state in ${directory}: stop it first`)
}

/** Reads a state that nobody changes meanwhile. */
export async function readOffline<Result>(
  place: StorePlace,
  read: (queries: Kysely<Tables>, backEnd: BackEnd) => Promise<Result>,
): Promise<Result> {
  const { directory, postgres } = place
  if (postgres !== undefined) return await withTransaction(postgres, queries => read(queries, 'postgres'))
  const path = join(directory, STATE_FILE)
  if (!existsSync(path))
    throw new OfflineError(`there is no state in ${directory}; name its place with --state`)
  const lock = lockOffline(directory)
  const file = new StateFile(path, { directory, clocks: clocksOffline })
  try {
    await file.begin()
    return await read(file.queries, 'sqlite')
  } finally {
    await file.close()
    giveToOwner(directory, [path])
    lock.release()
  }
}

const clocksOffline = () => ({ boot: '', uptimeSeconds: uptime(), wallMs: Date.now() })
