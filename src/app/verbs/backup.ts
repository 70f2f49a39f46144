// The verb backup: the daemon makes the archive while it runs; without a daemon the state is read here.

import { randomUUID } from 'node:crypto'
import { linkSync, rmSync } from 'node:fs'
import { BACKUP } from '#api/contract/backup.ts'
import { failureText } from '#api/contract/failure-text.ts'
import { problemSchema } from '#api/contract/problem.ts'
import type { Door } from '#lib/door.ts'
import { downloadAt } from '#lib/door-download.ts'
import { errorText, stackText } from '#lib/log/facts.ts'
import { checkArchive } from '#store/read-archive.ts'
import { writeArchive } from '#store/write-archive.ts'
import { archivedConfig } from '../state/archived-config.ts'
import { placeOf, readOffline } from '../state/offline-state.ts'

export interface BackupOptions {
  readonly state: string
  readonly door: Door
  readonly file: string
  readonly config: string | undefined
  readonly debug: boolean
}

interface Output {
  out(text: string): void
  err(text: string): void
}

const MODE = 0o600
/** A large state takes a while. */
const ANSWER_MS = 3_600_000

/** Exit code 0 when the archive is there, whole and synced; else there is none of this name that was not there before. */
export async function backup(options: BackupOptions, { out, err }: Output): Promise<number> {
  try {
    const { from, rows, bytes } = (await fromDaemon(options)) ?? (await fromState(options))
    out(`${options.file}: ${rows} rows, ${bytes} bytes, from ${from}\n`)
    return 0
  } catch (error) {
    err(`floodwarden: no backup: ${options.debug ? stackText(error) : wordsOf(error, options.file)}\n`)
    return 1
  }
}

const wordsOf = (error: unknown, file: string): string =>
  error instanceof Error && 'code' in error && error.code === 'EEXIST'
    ? `${file} is there already; name another file`
    : errorText(error)

/** `undefined` when no daemon runs. */
async function fromDaemon({ door, file }: BackupOptions) {
  const part = `${file}.${randomUUID()}.part`
  try {
    const { method, path, type } = BACKUP
    const reply = await downloadAt({
      ...{ door, method, path, body: undefined, timeoutMs: ANSWER_MS },
      ...{ file: part, mode: MODE, type },
    })
    if (reply.kind === 'absent' && door.kind === 'socket') return undefined
    if (reply.kind === 'answered') {
      const problem = problemSchema.safeParse(jsonOf(reply.text)).data
      if (problem === undefined) throw new Error(`the daemon answered with status ${reply.status}`)
      throw new Error(failureText({ kind: 'refused', problem }))
    }
    if (reply.kind !== 'saved') throw new Error(failureText(reply))
    // The daemon may have ended in the middle of it.
    const { rows } = await checkArchive(part)
    linkSync(part, file)
    return { from: 'the running daemon', rows, bytes: reply.bytes }
  } finally {
    rmSync(part, { force: true })
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function fromState({ state, file, config }: BackupOptions) {
  const place = placeOf(state, config)
  const archive = { path: file, config: archivedConfig(config), wallMs: Date.now() }
  const done = await readOffline(place, (queries, backEnd) => writeArchive({ ...archive, queries, backEnd }))
  return { from: 'the state; no daemon runs', ...done }
}
