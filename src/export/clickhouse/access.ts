// Statements for ClickHouse's HTTP interface: user and password go in headers and not in the address.

import { readFile } from 'node:fs/promises'
import { errorText } from '#lib/log/facts.ts'
import type { ServerAddress } from '#lib/server-address.ts'
import { gzipped, HttpPost, saidText } from '../push/http-post.ts'
import type { ClickhouseConfig } from './config.ts'

/** `refused` is about this statement alone, and `code` is ClickHouse's own; `away`: the next one would fare no better. */
export type Outcome =
  | { readonly kind: 'done'; readonly text: string }
  | { readonly kind: 'refused'; readonly code: number; readonly error: string }
  | { readonly kind: 'away'; readonly error: string }

const CODE = /^Code: (\d{1,5})\b/
/** Of statuses, those that are about the statement. Too many parts, no memory left and a wrong password have others. */
const REFUSALS = [200, 400, 404]

export class ClickhouseAccess {
  readonly #server: ServerAddress
  readonly #config: ClickhouseConfig
  #http: HttpPost | undefined
  #password: string | undefined

  constructor(server: ServerAddress, config: ClickhouseConfig) {
    this.#server = server
    this.#config = config
  }

  /** Reads the files with secrets again. Rejects when one cannot be read. */
  async open(): Promise<void> {
    const { tls, caFile, password, passwordFile } = this.#config
    this.#password = passwordFile === undefined ? password : (await readFile(passwordFile, 'utf8')).trim()
    this.#http ??= new HttpPost({
      ...{ ...this.#server, tls },
      authority: caFile === undefined ? undefined : await readFile(caFile, 'utf8'),
    })
  }

  /** A statement with the rows that belong to it, compressed. */
  async send(query: string, rows: string, signal: AbortSignal): Promise<Outcome> {
    const path = `/?${new URLSearchParams({ query })}`
    return await this.#post(path, await gzipped(rows), { 'content-encoding': 'gzip' }, signal)
  }

  /** A question, and so many bytes of its answer: a longer one is cut. */
  async ask(query: string, signal: AbortSignal, answerBytes: number): Promise<Outcome> {
    return await this.#post('/', Buffer.from(query), {}, signal, answerBytes)
  }

  close(): void {
    this.#http?.close()
  }

  async #post(
    path: string,
    body: Uint8Array,
    more: Readonly<Record<string, string>>,
    signal: AbortSignal,
    answerBytes?: number,
  ): Promise<Outcome> {
    const headers = {
      ...{ ...more, 'content-type': 'text/plain; charset=utf-8' },
      'x-clickhouse-user': headerText(this.#config.user),
      ...(this.#password === undefined ? {} : { 'x-clickhouse-key': headerText(this.#password) }),
    }
    try {
      const answer = await this.#http?.post(path, body, headers, signal, answerBytes)
      return this.#outcomeOf(answer?.status ?? 0, answer?.text ?? '')
    } catch (error) {
      return { kind: 'away', error: errorText(signal.aborted ? signal.reason : error) }
    }
  }

  /** An error may stand in the body of a 200 too, when it came after the head was sent. */
  #outcomeOf(status: number, text: string): Outcome {
    const code = Number(CODE.exec(text)?.[1] ?? 0)
    if (status === 200 && code === 0) return { kind: 'done', text }
    const error = `answer ${status} ${saidText(text, [this.#password])}`.trim()
    return code !== 0 && REFUSALS.includes(status)
      ? { kind: 'refused', code, error }
      : { kind: 'away', error }
  }
}

/** A header is bytes: what is beyond ASCII goes as UTF-8. */
const headerText = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')
