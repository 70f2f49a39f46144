// Rows for ClickHouse over its HTTP interface: a POST per batch, compressed, with user and password in headers and not in the address.

import { readFile } from 'node:fs/promises'
import { errorText } from '#lib/log/facts.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { ServerAddress } from '#lib/server-address.ts'
import { gzipped, HttpPost, saidText } from '../push/http-post.ts'
import type { Pushed } from '../push/push-loop.ts'
import type { ClickhouseConfig } from './config.ts'
import type { Batch } from './rows.ts'
import { createStatement, insertStatement, TABLES } from './tables.ts'

/** `code` is ClickHouse's own. */
type Outcome =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly code: number; readonly error: string }
  | { readonly kind: 'away'; readonly error: string }

const SYNTAX_ERROR = 62
/** No such table, no such database: they are made again before the next push. */
const GONE = [60, 81]
const CODE = /^Code: (\d{1,5})\b/
/** Of statuses, those that are about the batch alone. */
const REFUSALS = [200, 400, 404]

export class ClickhouseClient {
  readonly #server: ServerAddress
  readonly #config: ClickhouseConfig
  readonly #log: Logger
  #http: HttpPost | undefined
  #hasTables = false
  #password: string | undefined

  constructor(server: ServerAddress, config: ClickhouseConfig, log: Logger) {
    this.#server = server
    this.#config = config
    this.#log = log
  }

  /**
   * Inserts batch after batch, at first after making database and tables. A batch that is refused for itself is counted and the next
   * one tried; when the server takes nothing the push ends. Rejects when a file with a secret cannot be read.
   */
  async push(batches: AsyncIterable<Batch>, signal: AbortSignal): Promise<Pushed> {
    await this.#open()
    const missing = this.#hasTables ? undefined : await this.#makeTables(signal)
    if (missing !== undefined) return { lines: 0, failedLines: 0, error: missing }
    const done = { lines: 0, failedLines: 0, error: undefined as string | undefined }
    for await (const { table, text, rows } of batches) {
      const outcome = await this.#send(insertStatement(this.#config.database, table), text, signal)
      if (outcome.kind === 'taken') {
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
    this.#http?.close()
  }

  async #open(): Promise<void> {
    const { tls, caFile, password, passwordFile } = this.#config
    this.#password = passwordFile === undefined ? password : (await readFile(passwordFile, 'utf8')).trim()
    this.#http ??= new HttpPost({
      ...{ ...this.#server, tls },
      authority: caFile === undefined ? undefined : await readFile(caFile, 'utf8'),
    })
  }

  /** What went wrong, if anything. Whoever may not make a database may still have one. */
  async #makeTables(signal: AbortSignal): Promise<string | undefined> {
    const { database } = this.#config
    await this.#send(`CREATE DATABASE IF NOT EXISTS ${database}`, '', signal)
    let ttlDays = this.#config.retentionDays
    for (const table of Object.values(TABLES)) {
      let outcome = await this.#send(createStatement(database, table, ttlDays), '', signal)
      if (outcome.kind === 'refused' && outcome.code === SYNTAX_ERROR && ttlDays > 0) {
        ttlDays = 0
        this.#log.warn('ClickHouse knows no TTL: its tables keep rows until somebody deletes them', {
          server: this.#config.server,
        })
        outcome = await this.#send(createStatement(database, table, ttlDays), '', signal)
      }
      if (outcome.kind !== 'taken') return `${table.name}: ${outcome.error}`
    }
    this.#hasTables = true
    return undefined
  }

  async #send(query: string, rows: string, signal: AbortSignal): Promise<Outcome> {
    const headers = {
      'content-type': 'text/plain; charset=utf-8',
      'content-encoding': 'gzip',
      'x-clickhouse-user': headerText(this.#config.user),
      ...(this.#password === undefined ? {} : { 'x-clickhouse-key': headerText(this.#password) }),
    }
    try {
      const body = await gzipped(rows)
      const path = `/?${new URLSearchParams({ query })}`
      const answer = await this.#http?.post(path, body, headers, signal)
      return this.#outcomeOf(answer?.status ?? 0, answer?.text ?? '')
    } catch (error) {
      return { kind: 'away', error: errorText(signal.aborted ? signal.reason : error) }
    }
  }

  /** An error may stand in the body of a 200 too, when it came after the head was sent. */
  #outcomeOf(status: number, text: string): Outcome {
    const code = Number(CODE.exec(text)?.[1] ?? 0)
    if (status === 200 && code === 0) return { kind: 'taken' }
    const error = `answer ${status} ${saidText(text, [this.#password])}`.trim()
    // Too many parts, no memory left, a wrong password: the next batch would fare no better.
    return code !== 0 && REFUSALS.includes(status)
      ? { kind: 'refused', code, error }
      : { kind: 'away', error }
  }
}

/** A header is bytes: what is beyond ASCII goes as UTF-8. */
const headerText = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')
