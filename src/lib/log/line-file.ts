// A file that lines are appended to: never waited for, reopened without losing a line, outliving a full disk.
//
// Lines queue up to a bound while the disk is slow or refuses; at the bound new ones are dropped and counted. After a
// refusal the same bytes are tried again every second from where the disk stopped.

import { close, constants, open, openSync, write } from 'node:fs'
import { promisify } from 'node:util'

const closeFile = promisify(close)
const openFile = promisify(open)

/** Not blocking: a FIFO without a reader refuses instead of keeping a thread for ever. A regular file does not care. */
const FLAGS =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK | constants.O_NOCTTY
const MODE = 0o640
const QUEUE_BYTES_MAX = 4 << 20
const WRITE_BYTES_MAX = 256 << 10
const TRY_AGAIN_MS = 1000

export interface LineFileOptions {
  readonly path: string
  /** Told once when the file begins to refuse, and once (`undefined`) when it takes lines again. */
  readonly trouble?: (error: string | undefined) => void
  readonly queueBytesMax?: number
  readonly tryAgainMs?: number
}

export class LineFile {
  readonly #options: LineFileOptions
  #fd: number
  #queue: Buffer[] = []
  #queuedBytes = 0
  #isBusy = false
  #isClosed = false
  #hasGivenUp = false
  #mustReopen = false
  #reopened: (() => void)[] = []
  #problem: string | undefined
  #retry: NodeJS.Timeout | undefined
  #idle: (() => void)[] = []
  /** Lines that are not whole in the file and never will be: beyond the bound, or given up at the end. */
  dropped = 0

  /** Opens the file, or makes it; throws what the system says. */
  constructor(options: LineFileOptions) {
    this.#options = options
    this.#fd = openSync(options.path, FLAGS, MODE)
  }

  write(line: string): void {
    const bytes = Buffer.from(line)
    const { queueBytesMax = QUEUE_BYTES_MAX } = this.#options
    if (this.#isClosed || this.#queuedBytes + bytes.length > queueBytesMax) {
      this.dropped++
      return
    }
    this.#queue.push(bytes)
    this.#queuedBytes += bytes.length
    this.#pump()
  }

  /** Goes on in whatever file has the path now; settles when that is so, or when it could not be opened. */
  reopen(): Promise<void> {
    if (this.#isClosed) return Promise.resolve()
    this.#mustReopen = true
    clearTimeout(this.#retry)
    return new Promise(resolve => {
      this.#reopened.push(resolve)
      this.#pump()
    })
  }

  /**
   * Writes what waits, but no longer than so many milliseconds. What waits then is dropped and counted; lines of a write
   * that is still under way are counted when the disk has refused them.
   */
  async close(deadlineMs: number): Promise<void> {
    this.#isClosed = true
    const late = setTimeout(() => this.#settle(), deadlineMs)
    await new Promise<void>(resolve => {
      this.#idle.push(resolve)
      this.#pump()
    })
    clearTimeout(late)
    clearTimeout(this.#retry)
    this.#hasGivenUp = true
    this.#dropWaiting()
    if (!this.#isBusy) await this.#end()
  }

  /** A write under way keeps its descriptor: closed beneath it, the number could be another file's a moment later. */
  #pump(): void {
    if (this.#isBusy || this.#hasGivenUp) return
    this.#isBusy = true
    void this.#run().finally(() => {
      this.#isBusy = false
      if (this.#hasGivenUp) void this.#end()
      else if (this.#mustReopen) this.#pump()
      else if (this.#queue.length === 0) this.#settle()
    })
  }

  async #end(): Promise<void> {
    this.#dropWaiting()
    for (const resolve of this.#reopened.splice(0)) resolve()
    await closeFile(this.#fd).catch(() => {})
  }

  #dropWaiting(): void {
    this.dropped += this.#queue.splice(0).length
    this.#queuedBytes = 0
  }

  #settle(): void {
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  async #run(): Promise<void> {
    // Each write is handed to another thread and back: lines of one moment go together.
    if (!this.#isClosed) await new Promise(setImmediate)
    while (!this.#hasGivenUp && (this.#mustReopen || this.#queue.length > 0)) {
      if (this.#mustReopen) {
        await this.#openAnew()
        continue
      }
      const error = await this.#writeSome()
      if (error === undefined) continue
      this.#tell(error)
      clearTimeout(this.#retry)
      this.#retry = setTimeout(() => this.#pump(), this.#options.tryAgainMs ?? TRY_AGAIN_MS).unref()
      return
    }
  }

  /** The old file stays in use when there is no new one to be had. */
  async #openAnew(): Promise<void> {
    this.#mustReopen = false
    const heard = this.#reopened.splice(0)
    try {
      const fd = await openFile(this.#options.path, FLAGS, MODE)
      await closeFile(this.#fd).catch(() => {})
      this.#fd = fd
    } catch (error) {
      this.#tell(wordsOf(error))
    } finally {
      for (const resolve of heard) resolve()
    }
  }

  async #writeSome(): Promise<string | undefined> {
    const lines = this.#nextLines()
    const bytes = Buffer.concat(lines)
    let at = 0
    while (at < bytes.length) {
      const written = await writeTo(this.#fd, bytes, at)
      if (typeof written === 'string') {
        this.#putBack(lines, at)
        return written
      }
      at += written
    }
    this.#tell(undefined)
    return undefined
  }

  #nextLines(): Buffer[] {
    let bytes = 0
    let lines = 0
    for (const line of this.#queue) {
      if (lines > 0 && bytes + line.length > WRITE_BYTES_MAX) break
      bytes += line.length
      lines++
    }
    this.#queuedBytes -= bytes
    return this.#queue.splice(0, lines)
  }

  /** Of these lines only so many bytes were written. They stay lines, so that each counts if it is dropped in the end. */
  #putBack(lines: readonly Buffer[], written: number): void {
    let left = written
    const rest: Buffer[] = []
    for (const line of lines) {
      if (left < line.length) rest.push(left > 0 ? line.subarray(left) : line)
      left = Math.max(0, left - line.length)
    }
    for (const line of rest) this.#queuedBytes += line.length
    this.#queue = [...rest, ...this.#queue]
  }

  #tell(problem: string | undefined): void {
    if ((this.#problem === undefined) === (problem === undefined)) return
    this.#problem = problem
    this.#options.trouble?.(problem)
  }
}

/** Bytes written, or the system's words for why none were. */
const writeTo = (fd: number, bytes: Buffer, at: number): Promise<number | string> =>
  new Promise(resolve =>
    write(fd, bytes, at, bytes.length - at, null, (error, written) =>
      resolve(error === null ? written : wordsOf(error)),
    ),
  )

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
