// The state file: opened, brought to this version, read back, written to, and moved aside when it is broken.
//
// It is locked for this process alone: SQLite then needs no shared memory file beside it, so that a full disk does not
// keep a restart from reading what it must take back.

import { chmodSync, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { backup, DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Kysely } from 'kysely'
import { readAttacks } from './attacks.ts'
import { readAudit } from './audit.ts'
import type { Clocks } from './ban-age.ts'
import { type Change, type Kept, NOTHING_KEPT } from './change.ts'
import { SQLITE } from './dialect.ts'
import { readDocuments } from './documents.ts'
import { readLearned } from './learned.ts'
import { readHours } from './limit-samples.ts'
import type { Migration } from './migrate.ts'
import { readMitigations } from './mitigations.ts'
import { beginState, type OpenState, TooNewError, writeState } from './open-state.ts'
import { type SetAsideRow, setAsideRow, type UnreadableRow } from './set-aside.ts'
import { isBroken, queriesOf } from './sqlite.ts'
import type { Tables } from './tables.ts'

export const STATE_FILE = 'state.db'
/** Broken files that are kept; older ones are deleted. */
const BROKEN_MAX = 3
const MODE = 0o640
/** Pages of the log that are worth it: as many as are copied, and synced, by the time when the next write may begin. */
const FOLDED_PAGES = 400

/**
 * synchronous=FULL: a transaction is on the disk when it ends. Pages go from the log to the tables between two writes
 * (`foldLog`); by itself SQLite would do it within one, of a log of a thousand, while whoever sent an event waits.
 */
const PRAGMAS = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA journal_size_limit = 4194304;
  PRAGMA temp_store = MEMORY;
`

export interface StateFileOptions {
  readonly directory: string
  readonly clocks: () => Clocks
  readonly migrations?: readonly Migration[]
  /** Of this run of the program alone; see `appendAudit`. */
  readonly run?: string
}

export interface Opened {
  readonly file: StateFile
  readonly kept: Kept
  readonly setAside: readonly SetAsideRow[]
  /** What was wrong with the file that was moved aside, when one was. */
  readonly replaced: string | undefined
}

/**
 * Opens the state file, or begins one. A broken file is moved aside, and what can still be read of it is given back.
 * Throws `TooNewError`, and what SQLite and the file system throw when nothing can be opened now.
 */
export async function openStateFile(options: StateFileOptions): Promise<Opened> {
  const path = join(options.directory, STATE_FILE)
  const opening = new StateFile(path, options)
  try {
    const { kept, unreadable } = await opening.begin()
    return { file: opening, kept, setAside: unreadable.map(setAsideRow), replaced: undefined }
  } catch (error) {
    const saved = isBroken(error) ? await opening.salvage() : NOTHING_KEPT
    await opening.close()
    if (!isBroken(error)) throw error
    const aside = moveAside(path, options.clocks().wallMs)
    const file = new StateFile(path, options)
    await file.begin()
    const replaced = `${path} was broken (${messageOf(error)}) and is now ${aside}`
    return { file, kept: saved, setAside: [], replaced }
  }
}

export class StateFile implements OpenState {
  readonly dialect = SQLITE
  readonly #path: string
  readonly #options: StateFileOptions
  #database: DatabaseSync | undefined
  #queries: Kysely<Tables> | undefined
  #inode = 0
  /** How many pages the log has, and has them copied: statements that are kept ready. */
  #logged: StatementSync | undefined
  #fold: StatementSync | undefined

  constructor(path: string, options: StateFileOptions) {
    this.#path = path
    this.#options = options
  }

  /** Opens, migrates, checks and reads. */
  async begin(): Promise<{ readonly kept: Kept; readonly unreadable: readonly UnreadableRow[] }> {
    const database = new DatabaseSync(this.#path)
    const queries = queriesOf(database)
    this.#database = database
    this.#queries = queries
    database.exec(PRAGMAS)
    this.#logged = database.prepare('PRAGMA wal_checkpoint(NOOP)')
    this.#fold = database.prepare('PRAGMA wal_checkpoint(PASSIVE)')
    chmodSync(this.#path, MODE)
    this.#inode = statSync(this.#path).ino
    return await beginState(queries, SQLITE, {
      ...this.#options,
      check: () => {
        const [check] = database.prepare('PRAGMA quick_check(1)').all()
        if (check?.['quick_check'] !== 'ok') throw brokenError(String(check?.['quick_check']))
      },
      tooNew: versions => new TooNewError(tooNewText(this.#path, versions)),
    })
  }

  get queries(): Kysely<Tables> {
    if (this.#queries === undefined) throw new Error(`${this.#path} is not open`)
    return this.#queries
  }

  /** What of a broken file can be read, table by table. */
  async salvage(): Promise<Kept> {
    const queries = this.#queries
    if (queries === undefined) return NOTHING_KEPT
    const { learned, lastAlive } = await readLearned(queries).catch(() => ({
      learned: new Map<string, unknown>(),
      lastAlive: undefined,
    }))
    const { attacks } = await readAttacks(queries, this.#options.clocks(), lastAlive).catch(() => ({
      attacks: [],
    }))
    const { mitigations } = await readMitigations(queries).catch(() => ({ mitigations: [] }))
    const audit = await readAudit(queries).catch(() => [])
    const hours = await readHours(queries).catch(() => [])
    const documents = await readDocuments(queries).catch(() => [])
    return { attacks, mitigations, audit, learned, hours, documents }
  }

  /** All of it or nothing, on the disk when it settles. Throws what SQLite throws. */
  write(changes: readonly Change[]): Promise<void> {
    return writeState(this.queries, SQLITE, changes, this.#options)
  }

  /** Copies pages of the log to their places in the tables, when there are enough of them. What fails here fails in the next write. */
  foldLog(): void {
    try {
      const pages = this.#logged?.get()
      if (Number(pages?.['log']) - Number(pages?.['checkpointed']) >= FOLDED_PAGES) this.#fold?.get()
    } catch {
      // The log keeps all of it.
    }
  }

  /**
   * Copies the file as it is at this moment while it is in use; what is written meanwhile goes on. Its first pages are copied
   * between two transactions: beside one SQLite does not begin, and Node then throws an error that says "not an error".
   */
  async copyTo(path: string): Promise<void> {
    const database = this.#database
    if (database === undefined) throw new Error(`${this.#path} is not open`)
    const begun = Promise.withResolvers<unknown>()
    let copied: Promise<unknown> = begun.promise
    await this.queries.connection().execute(() => {
      copied = backup(database, path, { progress: begun.resolve })
      return Promise.race([begun.promise, copied])
    })
    await copied
  }

  /** Whether the file is still the one under its name: somebody may have deleted it or put another in its place. */
  get isInPlace(): boolean {
    return statSync(this.#path, { throwIfNoEntry: false })?.ino === this.#inode
  }

  async close(): Promise<void> {
    await this.#queries?.destroy().catch(() => {})
    this.#queries = undefined
    this.#database = undefined
    this.#logged = undefined
    this.#fold = undefined
  }

  /** Closes it and moves it out of the way; gives its new name. */
  async moveAside(): Promise<string> {
    await this.close()
    return moveAside(this.#path, this.#options.clocks().wallMs)
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Looks like what SQLite throws for a broken file. */
const brokenError = (says: string): Error => Object.assign(new Error(says), { errcode: 11 })

const tooNewText = (path: string, { version, minimumReader }: { version: number; minimumReader: number }) =>
  `${path} has schema ${version}, written by a newer Floodwarden, and needs one that knows schema ${minimumReader}: ` +
  'start that version, or move the file away to begin without its bans'

/** The file with what belongs to it gets a name with the time; of such files only the newest stay. */
function moveAside(path: string, wallMs: number): string {
  const aside = `${path}.broken-${new Date(wallMs).toISOString().replaceAll(/[:.]/g, '-')}`
  for (const suffix of ['', '-wal', '-journal']) {
    if (existsSync(`${path}${suffix}`)) renameSync(`${path}${suffix}`, `${aside}${suffix}`)
  }
  const directory = dirname(path)
  const names = readdirSync(directory).filter(name => /^state\.db\.broken-[^w]*Z$/.test(name))
  for (const name of names.sort().slice(0, -BROKEN_MAX)) {
    for (const suffix of ['', '-wal', '-journal'])
      rmSync(join(directory, `${name}${suffix}`), { force: true })
  }
  return aside
}
