// The main thread's end of the store: takes changes at once, hands them to the worker in batches, and tries again.
//
// Nothing here waits for the disk, and nothing that happens to the disk reaches further than a problem that health tells:
// whoever detects and acts never notices.

import { Worker } from 'node:worker_threads'
import type { AuditEntry } from '#7-mitigation/audit.ts'
import { environmentOfWorker } from '#lib/compile-cache.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricSource } from '#lib/metrics/metric.ts'
import type { Change, Kept, StoreReply, StoreRequest } from './change.ts'
import { WriteQueue } from './write-queue.ts'

export interface DiskStoreOptions {
  readonly directory: string
  readonly log: Logger
  /** Told once, when the file is open: what an earlier run left. */
  readonly found: (kept: Kept) => void
  /** The file is a new and empty one, not for the first time: all that holds must be told again. */
  readonly lost: () => void
  /** From a failure to the next try; 2 s unless a test is in a hurry. */
  readonly retryMs?: number
}

/** Changes gather for so long, so that many of them make one transaction. */
const GATHER_MS = 20
/** Changes in a transaction: copying more to the worker would hold the main thread up. */
const BATCH_MAX = 500
const RETRY_MS = 2000
/** Whoever opens waits so long for the file, then goes on without it. */
const OPEN_WAIT_MS = 3000
/** Changes that wait longer are a problem worth telling. */
const BEHIND_SECONDS = 5

export class DiskStore {
  readonly #options: DiskStoreOptions
  readonly #queue = new WriteQueue()
  #worker: Worker | undefined
  #isOpen = false
  #isFound = false
  #isBusy = false
  #isClosing = false
  /** No file of ours: a newer version wrote it. */
  #isRefused = false
  #problem: string | undefined
  #timer: NodeJS.Timeout | undefined
  #waitingSince: number | undefined
  readonly #tried = Promise.withResolvers<void>()
  readonly #closed = Promise.withResolvers<void>()
  #written = 0
  #failures = 0
  #setAside = 0
  #replaced = 0

  constructor(options: DiskStoreOptions) {
    this.#options = options
  }

  /** Starts the worker. Settles when `found` was told, or when the file cannot be opened now: it comes later then. */
  async open(): Promise<void> {
    this.#start()
    const late = setTimeout(() => this.#tried.resolve(), OPEN_WAIT_MS)
    await this.#tried.promise
    clearTimeout(late)
  }

  put(change: Exclude<Change, { kind: 'audit' }>): void {
    this.#queue.put(change)
    this.#wake()
  }

  record(entry: AuditEntry): void {
    this.#queue.record(entry)
    this.#wake()
  }

  /** Why what is held would not survive a restart just now; `undefined` when it would. */
  get problem(): string | undefined {
    if (this.#problem !== undefined) return this.#problem
    const behind = this.#behindSeconds
    return behind < BEHIND_SECONDS ? undefined : `the disk is ${Math.round(behind)} s behind`
  }

  get #behindSeconds(): number {
    return this.#waitingSince === undefined ? 0 : (performance.now() - this.#waitingSince) / 1000
  }

  readonly metrics: MetricSource = () => [
    { name: 'floodwarden_store_changes_written_total', value: this.#written },
    { name: 'floodwarden_store_changes_waiting', value: this.#queue.size },
    { name: 'floodwarden_store_behind_seconds', value: this.#behindSeconds },
    { name: 'floodwarden_store_failures_total', value: this.#failures },
    { name: 'floodwarden_store_dropped_audit_entries_total', value: this.#queue.droppedEntries },
    { name: 'floodwarden_store_rows_set_aside_total', value: this.#setAside },
    { name: 'floodwarden_store_files_replaced_total', value: this.#replaced },
  ]

  /** Writes what waits as far as there is time, and closes the file. Gives how many changes did not come to the disk. */
  async close(deadlineMs: number): Promise<number> {
    this.#isClosing = true
    const late = setTimeout(() => this.#closed.resolve(), deadlineMs)
    this.#schedule(0)
    if (this.#worker === undefined) this.#closed.resolve()
    await this.#closed.promise
    clearTimeout(late)
    clearTimeout(this.#timer)
    const worker = this.#worker
    this.#worker = undefined
    await worker?.terminate()
    return this.#queue.size
  }

  #start(): void {
    const worker = new Worker(new URL('./store-worker.ts', import.meta.url), {
      workerData: { directory: this.#options.directory },
      env: environmentOfWorker(),
    })
    this.#worker = worker
    worker.on('message', (reply: StoreReply) => this.#heard(reply))
    worker.on('error', error => this.#died(worker, error))
    this.#ask({ kind: 'open' })
  }

  /** A mistake of ours ended the worker: another one begins where it was. */
  #died(worker: Worker, error: unknown): void {
    if (worker !== this.#worker) return
    this.#worker = undefined
    this.#isOpen = false
    this.#fail(`the store worker died: ${error instanceof Error ? error.message : error}`)
  }

  #wake(): void {
    this.#waitingSince ??= performance.now()
    if (this.#timer === undefined && !this.#isBusy) this.#schedule(GATHER_MS)
  }

  #schedule(milliseconds: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#next()
    }, milliseconds)
  }

  #next(): void {
    if (this.#isBusy || this.#isRefused) {
      if (this.#isRefused) this.#closed.resolve()
      return
    }
    if (this.#worker === undefined) this.#start()
    else if (!this.#isOpen) this.#ask({ kind: 'open' })
    else if (this.#queue.size > 0) this.#ask({ kind: 'write', changes: this.#queue.take(BATCH_MAX) })
    else if (this.#isClosing) this.#ask({ kind: 'close' })
  }

  #ask(request: StoreRequest): void {
    this.#isBusy = true
    this.#worker?.postMessage(request)
  }

  #heard(reply: StoreReply): void {
    this.#isBusy = false
    switch (reply.kind) {
      case 'opened':
        this.#opened(reply)
        break
      case 'refused':
        this.#isRefused = true
        this.#fail(reply.problem)
        break
      case 'failed':
        this.#fail(reply.problem)
        break
      case 'written':
        this.#wrote()
        break
      case 'replaced':
        this.#begunAnew(reply.problem)
        this.#options.lost()
        this.#schedule(0)
        break
      case 'closed':
        this.#closed.resolve()
        break
    }
  }

  #opened({ kept, setAside, replaced }: Extract<StoreReply, { kind: 'opened' }>): void {
    const { log, found, lost } = this.#options
    this.#isOpen = true
    this.#recovered()
    for (const row of setAside) log.error('a row of the state file cannot be read and was set aside', { row })
    this.#setAside += setAside.length
    if (replaced !== undefined) this.#begunAnew(replaced)
    else this.#queue.found(kept.attacks.map(idOfAttack), kept.mitigations.map(idOfMitigation))
    if (!this.#isFound) found(kept)
    else if (replaced !== undefined) lost()
    this.#isFound = true
    this.#tried.resolve()
    this.#schedule(0)
  }

  #begunAnew(problem: string): void {
    this.#replaced++
    this.#queue.forget()
    this.#options.log.error('the state file was replaced by a new one', { problem })
  }

  #wrote(): void {
    const before = this.#queue.size
    this.#queue.written()
    this.#written += before - this.#queue.size
    this.#recovered()
    if (this.#queue.size === 0) this.#waitingSince = undefined
    if (this.#queue.size > 0 || this.#isClosing) this.#schedule(0)
  }

  /** Says it once for each problem, and tries again later. */
  #fail(problem: string): void {
    this.#isBusy = false
    this.#failures++
    this.#queue.failed()
    if (this.#problem !== problem)
      this.#options.log.error('bans are held, but not kept on disk: a restart would forget them', { problem })
    this.#problem = problem
    this.#tried.resolve()
    if (this.#isClosing) this.#closed.resolve()
    else if (!this.#isRefused) this.#schedule(this.#options.retryMs ?? RETRY_MS)
  }

  #recovered(): void {
    if (this.#problem !== undefined) this.#options.log.warn('bans are kept on disk again', {})
    this.#problem = undefined
  }
}

const idOfAttack = ({ attack }: Kept['attacks'][number]): string => attack.id
const idOfMitigation = ({ id }: Kept['mitigations'][number]): string => id
