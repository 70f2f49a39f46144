// Who answers for the state in the store's worker: one for a file, one for a database.

import type { Clocks } from './ban-age.ts'
import type { Change, StorePlan, StoreReply } from './change.ts'
import type { OpenState } from './open-state.ts'
import { postgresWords } from './postgres.ts'
import { isBroken } from './sqlite.ts'
import type { StateDatabase } from './state-database.ts'
import { openStateFile, type StateFile } from './state-file.ts'

/** Throws what the back end throws; the worker makes replies of it. */
export interface StoreDesk {
  open(): Promise<Extract<StoreReply, { kind: 'opened' }>>
  write(changes: readonly Change[]): Promise<Extract<StoreReply, { kind: 'written' | 'replaced' }>>
  /** Whether what is open still answers; opens it again when it is not. */
  check(): Promise<Extract<StoreReply, { kind: 'written' | 'replaced' }>>
  close(): Promise<void>
  /** What is put off until whoever waits for a write has heard of it. Missing: nothing is. */
  betweenWrites?(): void
  /** `undefined` while nothing is open. */
  readonly state: OpenState | undefined
}

export interface DeskOptions extends StorePlan {
  readonly clocks: () => Clocks
}

/** A file: when it breaks or goes away while in use, a new one is begun. */
export class FileDesk implements StoreDesk {
  readonly #options: DeskOptions
  #file: StateFile | undefined

  constructor(options: DeskOptions) {
    this.#options = options
  }

  get state(): StateFile | undefined {
    return this.#file
  }

  async open(): Promise<Extract<StoreReply, { kind: 'opened' }>> {
    await this.#file?.close()
    this.#file = undefined
    const { file, ...found } = await openStateFile(this.#options)
    this.#file = file
    return { kind: 'opened', ...found }
  }

  async write(changes: readonly Change[]): Promise<Extract<StoreReply, { kind: 'written' | 'replaced' }>> {
    const file = this.#file
    if (file === undefined) throw new Error('the state file is not open')
    if (!file.isInPlace) return await this.#replace('the file is no longer where it was')
    try {
      await file.write(changes)
      return { kind: 'written' }
    } catch (error) {
      if (!isBroken(error)) throw error
      const aside = await file.moveAside()
      return await this.#replace(`${messageOf(error)}; what is left of it is ${aside}`)
    }
  }

  betweenWrites(): void {
    this.#file?.foldLog()
  }

  /** A file needs no asking: each write finds out. */
  async check(): Promise<Extract<StoreReply, { kind: 'written' }>> {
    return { kind: 'written' }
  }

  /** Begins a new file in place of the one in use. */
  async #replace(problem: string): Promise<Extract<StoreReply, { kind: 'replaced' }>> {
    await this.open()
    return { kind: 'replaced', problem }
  }

  async close(): Promise<void> {
    await this.#file?.close()
    this.#file = undefined
  }
}

/** A database: when a write fails or the connection goes, the next write connects again. */
export class DatabaseDesk implements StoreDesk {
  readonly #options: DeskOptions
  #database: StateDatabase | undefined
  #identity: string | undefined

  constructor(options: DeskOptions) {
    this.#options = options
  }

  get state(): StateDatabase | undefined {
    return this.#database
  }

  async open(): Promise<Extract<StoreReply, { kind: 'opened' }>> {
    await this.close()
    const { openStateDatabase } = await import('./state-database.ts')
    const postgres = this.#options.postgres ?? {}
    const { file, ...found } = await openStateDatabase({ ...this.#options, postgres })
    this.#database = file
    this.#identity = file.identity
    return { kind: 'opened', ...found }
  }

  write(changes: readonly Change[]): Promise<Extract<StoreReply, { kind: 'written' | 'replaced' }>> {
    return this.#through(async database => {
      await database.write(changes)
      return { kind: 'written' }
    })
  }

  check(): Promise<Extract<StoreReply, { kind: 'written' | 'replaced' }>> {
    return this.#through(async database => {
      await database.check()
      return { kind: 'written' }
    })
  }

  /** On a connection that is new when the one before is gone. */
  async #through(
    act: (database: StateDatabase) => Promise<Extract<StoreReply, { kind: 'written' }>>,
  ): Promise<Extract<StoreReply, { kind: 'written' | 'replaced' }>> {
    const before = this.#identity
    const database = await this.#connected()
    if (before !== undefined && before !== this.#identity)
      return { kind: 'replaced', problem: 'the database is another one than before' }
    try {
      return await act(database)
    } catch (error) {
      // Whether it was written nobody knows when the connection went: it comes again on a new one.
      await this.close()
      throw new Error(postgresWords(error), { cause: error })
    }
  }

  async #connected(): Promise<StateDatabase> {
    if (this.#database === undefined || this.#database.isLost) await this.open()
    if (this.#database === undefined) throw new Error('the database is not open')
    return this.#database
  }

  async close(): Promise<void> {
    await this.#database?.close()
    this.#database = undefined
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
