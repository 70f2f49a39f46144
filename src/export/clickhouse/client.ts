// Rows for ClickHouse: tables are made when they are missing, then each batch is one insert.

import type { Logger } from '#lib/log/logger.ts'
import type { ServerAddress } from '#lib/server-address.ts'
import type { Pushed } from '../push/push-loop.ts'
import { ClickhouseAccess } from './access.ts'
import type { ClickhouseConfig } from './config.ts'
import type { Batch } from './rows.ts'
import { createStatement, insertStatement, TABLES } from './tables.ts'

const SYNTAX_ERROR = 62
/** No such table, no such database: they are made again before the next push. */
const GONE = [60, 81]

export class ClickhouseClient {
  readonly #access: ClickhouseAccess
  readonly #config: ClickhouseConfig
  readonly #log: Logger
  #hasTables = false

  constructor(server: ServerAddress, config: ClickhouseConfig, log: Logger) {
    this.#access = new ClickhouseAccess(server, config)
    this.#config = config
    this.#log = log
  }

  /**
   * Inserts batch after batch, at first after making database and tables. A batch that is refused for itself is counted and the next
   * one tried; when the server takes nothing the push ends. Rejects when a file with a secret cannot be read.
   */
  async push(batches: AsyncIterable<Batch>, signal: AbortSignal): Promise<Pushed> {
    await this.#access.open()
    const missing = this.#hasTables ? undefined : await this.#makeTables(signal)
    if (missing !== undefined) return { lines: 0, failedLines: 0, error: missing }
    const done = { lines: 0, failedLines: 0, error: undefined as string | undefined }
    for await (const { table, text, rows } of batches) {
      const outcome = await this.#access.send(insertStatement(this.#config.database, table), text, signal)
      if (outcome.kind === 'done') {
        done.lines += rows
        continue
      }
      done.failedLines += rows
      done.error = outcome.error
      if (outcome.kind === 'away') break
      if (GONE.includes(outcome.code)) this.#hasTables = false
    }
    return done
  }

  close(): void {
    this.#access.close()
  }

  /** What went wrong, if anything. Whoever may not make a database may still have one. */
  async #makeTables(signal: AbortSignal): Promise<string | undefined> {
    const { database } = this.#config
    await this.#access.send(`CREATE DATABASE IF NOT EXISTS ${database}`, '', signal)
    let ttlDays = this.#config.retentionDays
    for (const table of Object.values(TABLES)) {
      let outcome = await this.#access.send(createStatement(database, table, ttlDays), '', signal)
      if (outcome.kind === 'refused' && outcome.code === SYNTAX_ERROR && ttlDays > 0) {
        ttlDays = 0
        this.#log.warn('ClickHouse knows no TTL: its tables keep rows until somebody deletes them', {
          server: this.#config.server,
        })
        outcome = await this.#access.send(createStatement(database, table, ttlDays), '', signal)
      }
      if (outcome.kind !== 'done') return `${table.name}: ${outcome.error}`
    }
    this.#hasTables = true
    return undefined
  }
}
