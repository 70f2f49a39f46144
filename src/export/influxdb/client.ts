// Points for InfluxDB 1.x: POST /write, which answers 204. The password stands in the address, so no address is ever told.

import { readFile } from 'node:fs/promises'
import { errorText } from '#lib/log/facts.ts'
import type { ServerAddress } from '#lib/server-address.ts'
import { HttpPost, saidText } from '../push/http-post.ts'
import type { Chunk } from '../push/line-chunks.ts'
import type { Pushed } from '../push/push-loop.ts'
import type { InfluxdbConfig } from './config.ts'

/** Lines in one request; InfluxDB advises 5,000 to 10,000. */
const BATCH_LINES = 5000

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

/** A batch is refused for itself (400), or the server takes nothing now. */
type Answer = { readonly kind: 'taken' } | { readonly kind: 'refused' | 'away'; readonly error: string }

/** Requests, and those of them that were not taken. */
export interface InfluxdbWrites {
  writes: number
  failed: number
}

export class InfluxdbClient {
  readonly #config: InfluxdbConfig
  readonly #http: HttpPost
  readonly #counts: InfluxdbWrites

  /** Counts into `counts`, which may have counted for another one before. */
  constructor(server: ServerAddress, config: InfluxdbConfig, counts: InfluxdbWrites) {
    this.#counts = counts
    this.#config = config
    this.#http = new HttpPost({ ...server, tls: config.tls })
  }

  /** Writes batch after batch; the first that fails for another reason than its own lines is the last. Rejects when there is no password. */
  async push(chunks: AsyncIterable<Chunk>, signal: AbortSignal): Promise<Pushed> {
    const password = await this.#password()
    const done = { lines: 0, failedLines: 0, error: undefined as string | undefined }
    const write = async ({ text, lines }: Chunk): Promise<boolean> => {
      const answer = await this.#write(text, password, signal)
      this.#counts.writes++
      if (answer.kind === 'taken') {
        done.lines += lines
        return true
      }
      this.#counts.failed++
      done.failedLines += lines
      done.error = answer.error
      return answer.kind === 'refused'
    }
    for await (const batch of batches(chunks)) if (!(await write(batch))) break
    return done
  }

  close(): void {
    this.#http.close()
  }

  async #password(): Promise<string | undefined> {
    const { password, passwordFile } = this.#config
    return passwordFile === undefined ? password : (await readFile(passwordFile, 'utf8')).trim()
  }

  async #write(body: string, password: string | undefined, signal: AbortSignal): Promise<Answer> {
    try {
      const { status, text } = await this.#http.post(this.#path(password), Buffer.from(body), FORM, signal)
      if (status >= 200 && status < 300) return { kind: 'taken' }
      const error = `answer ${status} ${saidText(text, [password])}`.trim()
      return { kind: status === 400 ? 'refused' : 'away', error }
    } catch (error) {
      return { kind: 'away', error: errorText(signal.aborted ? signal.reason : error) }
    }
  }

  #path(password: string | undefined): string {
    const { database, user } = this.#config
    const login = user === undefined ? {} : { u: user, p: password ?? '' }
    return `/write?${new URLSearchParams({ db: database, ...login })}`
  }
}

async function* batches(chunks: AsyncIterable<Chunk>): AsyncGenerator<Chunk> {
  let text = ''
  let lines = 0
  for await (const chunk of chunks) {
    if (lines > 0 && lines + chunk.lines > BATCH_LINES) {
      yield { text, lines }
      text = ''
      lines = 0
    }
    text += chunk.text
    lines += chunk.lines
  }
  if (lines > 0) yield { text, lines }
}
