// Metrics for an OpenTelemetry collector by OTLP/HTTP: a POST per batch, compressed.

import { readFile } from 'node:fs/promises'
import { assert } from '#lib/assert.ts'
import { errorText } from '#lib/log/facts.ts'
import { gzipped, HttpPost, saidText } from '../push/http-post.ts'
import type { Pushed } from '../push/push-loop.ts'
import { type OtlpConfig, otlpUrl } from './config.ts'
import type { OtlpBatch } from './encode.ts'

const HEADERS_MAX = 32
const HEADER = /^([A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}):[ \t]*([\x20-\x7e]{0,4096})$/

export class OtlpClient {
  readonly #url: URL
  readonly #config: OtlpConfig
  #http: HttpPost | undefined

  constructor(config: OtlpConfig) {
    const url = otlpUrl(config.url)
    assert(url !== undefined, 'the URL of OTLP was checked before')
    this.#url = url
    this.#config = config
  }

  /** Posts batch after batch until the server takes nothing more now. Rejects when a file cannot be read or a header is none. */
  async push(batches: Iterable<OtlpBatch>, signal: AbortSignal): Promise<Pushed> {
    const headers = await this.#headers()
    const secrets = Object.values(headers).flatMap(value => [value, ...value.split(' ').slice(1)])
    const http = await this.#open()
    const done = { lines: 0, failedLines: 0, error: undefined as string | undefined }
    const path = `${this.#url.pathname}${this.#url.search}`
    for (const { text, points } of batches) {
      const fate = await http.post(path, await gzipped(text), { ...headers, ...JSON_GZIP }, signal).then(
        ({ status, text: said, retryAfter }) => ({
          ...fateOf(status, said, points, secrets),
          pauseSeconds: secondsOf(retryAfter),
        }),
        error => ({
          lost: points,
          isLast: true,
          error: errorText(signal.aborted ? signal.reason : error),
          pauseSeconds: 0,
        }),
      )
      done.lines += points - fate.lost
      done.failedLines += fate.lost
      done.error = fate.error ?? done.error
      if (fate.isLast) return { ...done, pauseSeconds: fate.pauseSeconds }
    }
    return done
  }

  close(): void {
    this.#http?.close()
  }

  async #open(): Promise<HttpPost> {
    const { hostname, port, protocol } = this.#url
    const { caFile } = this.#config
    const tls = protocol === 'https:'
    this.#http ??= new HttpPost({
      ...{ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (tls ? 443 : 80), tls },
      authority: caFile === undefined ? undefined : await readFile(caFile, 'utf8'),
    })
    return this.#http
  }

  async #headers(): Promise<Record<string, string>> {
    const { headersFile } = this.#config
    if (headersFile === undefined) return {}
    return Object.fromEntries(headersOf(await readFile(headersFile, 'utf8'), headersFile))
  }
}

const JSON_GZIP = { 'content-type': 'application/json', 'content-encoding': 'gzip' }

interface Fate {
  /** Points that were not taken. */
  readonly lost: number
  readonly error: string | undefined
  readonly isLast: boolean
}

/** A 200 may say that some points were rejected (partialSuccess), which is for good too. */
function fateOf(status: number, said: string, points: number, secrets: readonly string[]): Fate {
  if (status >= 200 && status < 300) {
    const rejected = Math.min(points, rejectedOf(said))
    const error = rejected === 0 ? undefined : `${rejected} points rejected: ${saidText(said, secrets)}`
    return { lost: rejected, error, isLast: false }
  }
  const error = `answer ${status} ${saidText(said, secrets)}`.trim()
  return { lost: points, error, isLast: status !== 400 }
}

/** Of Retry-After, when it is a number of seconds. */
const secondsOf = (retryAfter: string | undefined): number =>
  /^\d{1,6}$/.test(retryAfter ?? '') ? Number(retryAfter) : 0

function rejectedOf(said: string): number {
  try {
    const count = Number(JSON.parse(said)?.partialSuccess?.rejectedDataPoints ?? 0)
    return count > 0 ? count : 0
  } catch {
    return 0
  }
}

/** Lines of a file as headers. What stands in it may be secret: an error tells the line alone. */
function headersOf(text: string, file: string): [name: string, value: string][] {
  const lines = text.split('\n').map(line => line.trim())
  const headers: [string, string][] = []
  for (const [at, line] of lines.entries()) {
    if (line === '' || line.startsWith('#')) continue
    const [, name, value] = HEADER.exec(line) ?? []
    if (name === undefined || value === undefined || headers.length === HEADERS_MAX)
      throw new Error(`${file}, line ${at + 1}: expected "Name: value", at most ${HEADERS_MAX} of them`)
    headers.push([name.toLowerCase(), value])
  }
  return headers
}
