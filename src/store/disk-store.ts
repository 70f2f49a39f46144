// The main thread's end of the store: takes changes at once, hands them to the worker in batches, and tries again.
//
// Nothing here waits for the disk, and nothing that happens to the disk reaches further than a problem that health tells:
// whoever detects and acts never notices.

import { randomUUID } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import type { AuditEntry } from '#7-mitigation/audit.ts'
import type { MetricSource } from '#lib/metrics/metric.ts'
import { threadOptions } from '#lib/thread-options.ts'
import { Acknowledgements, type EventFate } from './acknowledgements.ts'
import type {
  Change,
  Kept,
  PastAttack,
  Questions,
  ReceivedEvent,
  StoreNews,
  StorePlan,
  StoreReply,
  StoreRequest,
} from './change.ts'
import type { DiskStoreOptions } from './disk-store-options.ts'
import { DoneWrites } from './done-writes.ts'
import { type Connection, connectionValues, rowValues, setAsideValues } from './metrics.ts'
import { packChanges } from './packed-changes.ts'
import { StoreQuestions } from './questions.ts'
import { PRUNED, type Pruned, type Retention } from './retention.ts'
import { Wave } from './wave.ts'
import { WriteQueue } from './write-queue.ts'

/** Changes gather for so long, so that many of them make one transaction. */
const GATHER_MS = 20
/** Changes in a transaction: copying more to the worker would hold the main thread up. */
const BATCH_MAX = 500
const RETRY_MS = 2000
const HELD_RETRY_MS = 200
/** Held for longer it is not by a daemon that just ended. */
const HELD_LATE_MS = 1500
/** Whoever opens waits so long for the file, then goes on without it; a database may be far away and down for hours. */
const OPEN_WAIT_MS = 3000
const DATABASE_WAIT_MS = 500
/** A database that nobody writes to is asked so often whether it is still there. */
const CHECK_MS = 2000
/** Whoever wants an event or all changes on disk waits so long. */
const ACKNOWLEDGE_MS = 5000
const NOT_OPEN = 'the state is not open yet'
/** Changes that wait longer are a problem worth telling. */
const BEHIND_SECONDS = 5

export class DiskStore {
  readonly #options: DiskStoreOptions
  readonly #queue = new WriteQueue()
  readonly #acknowledgements = new Acknowledgements()
  readonly #questions = new StoreQuestions(request => this.#worker?.postMessage(request))
  readonly #run = randomUUID()
  #retention: Retention
  #worker: Worker | undefined
  #isOpen = false
  #isFound = false
  #isBusy = false
  #isClosing = false
  /** No file of ours: a newer version wrote it. */
  #isRefused = false
  /** Whoever opened it waits no more. */
  #hasTried = false
  /** Another daemon uses the state. */
  #isHeld = false
  #heldSince: number | undefined
  #problem: string | undefined
  #timer: NodeJS.Timeout | undefined
  #soon: NodeJS.Immediate | undefined
  #done = new DoneWrites()
  readonly #wave = new Wave()
  /** What failed is tried again at its time, however much comes meanwhile. */
  #isRetrying = false
  #waitingSince: number | undefined
  #checking: NodeJS.Timeout | undefined
  readonly #tried = Promise.withResolvers<void>()
  readonly #closed = Promise.withResolvers<void>()
  #written = 0
  #failures = 0
  readonly #setAside = { attacks: 0, mitigations: 0, learned: 0 }
  #replaced = 0
  #rows: Readonly<Record<Pruned, number>> = { events: 0, attacks: 0, audit: 0 }
  readonly #pruned: Record<Pruned, number> = { events: 0, attacks: 0, audit: 0 }

  constructor(options: DiskStoreOptions) {
    this.#options = options
    this.#retention = options.retention
  }

  /** Starts the worker. Settles when `found` was told, or when the file cannot be opened now: it comes later then. */
  async open(): Promise<void> {
    this.#start()
    const { postgres } = this.#options
    if (postgres !== undefined) this.#checking = setInterval(() => this.#check(), CHECK_MS)
    const { openWaitMs = postgres === undefined ? OPEN_WAIT_MS : DATABASE_WAIT_MS } = this.#options
    const late = setTimeout(() => this.#tried.resolve(), openWaitMs)
    await this.#tried.promise
    this.#hasTried = true
    clearTimeout(late)
  }

  put(change: Exclude<Change, { kind: 'audit' | 'event' | 'past-attack' }>): void {
    this.#queue.put(change)
    this.#wake()
  }

  /** Keeps an attack that is over, made only if there is room for it. */
  keepPastAttack(make: () => PastAttack): void {
    if (!this.#queue.mayTakePastAttack()) return
    this.#queue.put({ kind: 'past-attack', attack: make() })
    this.#wake()
  }

  /**
   * Keeps an event and settles when it is on disk, with all that was put before: whoever hears `kept` may tell its sender
   * that it is safe. An event that comes late still comes.
   */
  keepEvent(event: ReceivedEvent, waitMs: number = ACKNOWLEDGE_MS): Promise<EventFate> {
    if (this.#isBusy && this.#done.look()) this.#heard({ kind: 'written' })
    const { fate, tell } = this.#acknowledgements.event(waitMs)
    if (!this.#queue.put({ kind: 'event', event }, () => tell({ kind: 'kept' }))) {
      tell({ kind: 'full' })
      return fate
    }
    // Somebody waits for it; those that come while the disk is busy gather all the same.
    this.#wake(0)
    if (this.#wave.gathers() && this.#soon !== undefined && !this.#isBusy) this.#now()
    return fate
  }

  /** Settles when everything that was put before is on disk (true), or after so long (false). */
  onDisk(waitMs: number = ACKNOWLEDGE_MS): Promise<boolean> {
    if (this.#queue.size === 0) return Promise.resolve(true)
    return this.#acknowledgements.upTo(this.#queue.newestTicket, waitMs)
  }

  /** Asks the state while it is in use. Rejects with a sentence when it is not open, and when it fails. */
  ask<About extends keyof Questions>(
    about: About,
    asked: Questions[About]['asked'],
  ): Promise<Questions[About]['answered']> {
    if (this.#worker === undefined || !this.#isOpen)
      return Promise.reject(new Error(this.#problem ?? NOT_OPEN))
    return this.#questions.ask(about, asked)
  }

  /** How long things are kept from now on. */
  retain(retention: Retention): void {
    this.#retention = retention
    this.#worker?.postMessage({ kind: 'retain', retention } satisfies StoreRequest)
  }

  /** What keeps this daemon from starting: another one uses the state. */
  get holder(): string | undefined {
    return this.#isHeld ? this.#problem : undefined
  }

  record(entry: AuditEntry): void {
    this.#queue.record(entry)
    this.#wake()
  }

  /** Why what is held would not survive a restart just now; `undefined` when it would. */
  get problem(): string | undefined {
    if (this.#problem !== undefined) return this.#problem
    // A database that answers slowly has not refused yet, and has not opened either.
    if (this.#hasTried && !this.#isOpen) return NOT_OPEN
    const behind = this.#behindSeconds
    return behind < BEHIND_SECONDS ? undefined : `the disk is ${Math.round(behind)} s behind`
  }

  get #connection(): Connection {
    if (!this.#isOpen || this.#problem !== undefined) return 'none'
    return this.#isBusy || this.#questions.waiting > 0 ? 'busy' : 'idle'
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
    ...setAsideValues(this.#setAside),
    ...connectionValues(this.#connection),
    { name: 'floodwarden_store_files_replaced_total', value: this.#replaced },
    { name: 'floodwarden_store_refused_events_total', value: this.#queue.refusedEvents },
    { name: 'floodwarden_store_dropped_past_attacks_total', value: this.#queue.droppedPastAttacks },
    ...rowValues(this.#rows, this.#pruned),
  ]

  /** Writes what waits as far as there is time, and closes the file. Gives how many changes did not come to the disk. */
  async close(deadlineMs: number): Promise<number> {
    this.#isClosing = true
    clearInterval(this.#checking)
    const late = setTimeout(() => this.#closed.resolve(), deadlineMs)
    this.#schedule(0)
    if (this.#worker === undefined) this.#closed.resolve()
    await this.#closed.promise
    clearTimeout(late)
    clearTimeout(this.#timer)
    clearImmediate(this.#soon)
    const worker = this.#worker
    this.#worker = undefined
    await worker?.terminate()
    this.#acknowledgements.close()
    this.#questions.close('the daemon is ending')
    return this.#queue.size
  }

  #start(): void {
    const { directory, postgres } = this.#options
    this.#done = new DoneWrites()
    const writes = this.#done.counted
    const plan: StorePlan = { directory, postgres, run: this.#run, retention: this.#retention, writes }
    const worker = new Worker(new URL('./store-worker.ts', import.meta.url), {
      workerData: plan,
      ...threadOptions(),
    })
    this.#worker = worker
    worker.on('message', (message: StoreReply | StoreNews) => this.#told(message))
    worker.on('error', error => this.#died(worker, error))
    this.#ask({ kind: 'open' })
  }

  /** A mistake of ours ended the worker: another one begins where it was. */
  #died(worker: Worker, error: unknown): void {
    if (worker !== this.#worker) return
    this.#worker = undefined
    this.#isOpen = false
    this.#questions.close('the store worker died')
    this.#fail(`the store worker died: ${error instanceof Error ? error.message : error}`)
  }

  #wake(gatherMs: number = GATHER_MS): void {
    this.#waitingSince ??= performance.now()
    const isWaiting = this.#isBusy || this.#soon !== undefined || this.#isRetrying
    if (isWaiting || (this.#timer !== undefined && gatherMs > 0)) return
    this.#schedule(gatherMs)
  }

  #schedule(milliseconds: number): void {
    clearTimeout(this.#timer)
    const wait = Math.max(milliseconds, this.#wave.restMs(performance.now()))
    if (wait < 1) {
      // A timer would take a millisecond, in which somebody waits for the disk.
      this.#timer = undefined
      this.#soon ??= setImmediate(() => this.#now())
      return
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#next()
    }, wait)
  }

  #now(): void {
    clearImmediate(this.#soon)
    this.#soon = undefined
    this.#next()
  }

  #next(): void {
    this.#isRetrying = false
    if (this.#isBusy || this.#isRefused) {
      if (this.#isRefused) this.#closed.resolve()
      return
    }
    if (this.#worker === undefined) this.#start()
    else if (!this.#isOpen) this.#ask({ kind: 'open' })
    else if (this.#queue.size > 0) {
      this.#wave.breaks(performance.now())
      this.#ask({ kind: 'write', changes: packChanges(this.#queue.take(BATCH_MAX)) })
    } else if (this.#isClosing) this.#ask({ kind: 'close' })
  }

  #check(): void {
    const isIdle = this.#isOpen && !this.#isBusy && this.#timer === undefined && this.#queue.size === 0
    if (isIdle && !this.#isClosing) this.#ask({ kind: 'check' })
  }

  #ask(request: Exclude<StoreRequest, { kind: 'ask' | 'retain' }>): void {
    this.#isBusy = true
    this.#worker?.postMessage(request)
  }

  #told(message: StoreReply | StoreNews): void {
    if (message.kind === 'answer') this.#questions.answered(message)
    else if (message.kind === 'tended') this.#tended(message)
    else if (message.kind !== 'written' || this.#done.hear()) this.#heard(message)
  }

  #tended({ rows, pruned }: Extract<StoreNews, { kind: 'tended' }>): void {
    this.#rows = rows
    for (const table of PRUNED) this.#pruned[table] += pruned[table]
  }

  #heard(reply: StoreReply): void {
    this.#isBusy = false
    this.#isHeld = reply.kind === 'held'
    switch (reply.kind) {
      case 'opened':
        this.#opened(reply)
        break
      case 'refused':
        this.#isRefused = true
        this.#fail(reply.problem)
        break
      case 'held':
        // A daemon that just ended may hold it for a moment still.
        this.#fail(reply.problem, this.#hasTried ? undefined : HELD_RETRY_MS)
        this.#heldLate(reply.problem)
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

  /** A database may be so slow that the start did not hear of the other daemon: whoever asked to be told is told now. */
  #heldLate(problem: string): void {
    this.#heldSince ??= performance.now()
    const isBriefly = performance.now() - this.#heldSince < HELD_LATE_MS
    if (this.#hasTried && !this.#isFound && !isBriefly) this.#options.heldLate?.(problem)
  }

  #opened({ kept, setAside, replaced }: Extract<StoreReply, { kind: 'opened' }>): void {
    const { log, found, lost } = this.#options
    this.#isOpen = true
    this.#heldSince = undefined
    this.#recovered()
    for (const { text: row } of setAside)
      log.error('a row of the state file cannot be read and was set aside', { row })
    for (const { table } of setAside) this.#setAside[table]++
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
    this.#acknowledgements.reached(this.#queue.oldestTicket)
    this.#recovered()
    if (this.#queue.size === 0) this.#waitingSince = undefined
    if (this.#queue.size > 0 || this.#isClosing) this.#schedule(0)
  }

  /** Says it once for each problem, and tries again later. */
  #fail(problem: string, retryMs: number = this.#options.retryMs ?? RETRY_MS): void {
    this.#isBusy = false
    this.#failures++
    this.#queue.failed()
    if (this.#problem !== problem)
      this.#options.log.error('bans are held, but not kept on disk: a restart would forget them', { problem })
    this.#problem = problem
    if (!this.#isHeld) this.#tried.resolve()
    if (this.#isClosing) this.#closed.resolve()
    else if (!this.#isRefused) {
      this.#isRetrying = true
      this.#schedule(retryMs)
    }
  }

  #recovered(): void {
    if (this.#problem !== undefined) this.#options.log.warn('bans are kept on disk again', {})
    this.#problem = undefined
  }
}

const idOfAttack = ({ attack }: Kept['attacks'][number]): string => attack.id
const idOfMitigation = ({ id }: Kept['mitigations'][number]): string => id
