// Keeps a BGP daemon told of the routes that are desired: what could not be said is said again, later, as it is then.
//
// There is no queue of messages. What waits are prefixes, and each is told in the state it has when its turn comes: a
// route that was wanted and let go while nobody listened is never announced. So what waits is bounded by what is desired.

import type { Route } from '#6-policy/action.ts'
import { DesiredRoutes, type RouteChange } from '#7-mitigation/desired-routes.ts'
import type { Outcome } from '#7-mitigation/enforcer.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import { assert } from '#lib/assert.ts'
import type { Logger } from '#lib/log/logger.ts'
import { RouteCounts } from './metrics.ts'

/**
 * How it went for one change. Refused: the daemon understood and would not, so this one is tried again later. Down:
 * nobody took it, so nothing else is tried for a while, and when it comes back all that is desired is told again if it
 * `forgets` while it is away.
 */
export type Sent =
  | { readonly kind: 'sent' }
  | { readonly kind: 'refused'; readonly error: string }
  | { readonly kind: 'down'; readonly error: string; readonly forgets: boolean }

/** The way to the daemon. */
export interface RouteSink {
  /** In words for logs and errors: `gobgpd at 127.0.0.1:50051`. */
  readonly name: string
  /** One answer for each change, in their order. Never rejects. */
  send(changes: readonly RouteChange[]): Promise<readonly Sent[]>
}

export interface RouteKeeperOptions {
  readonly sink: RouteSink
  readonly log: Logger
  /** From asking to an answer, at most. */
  readonly deadlineMs: number
  /** Changes that are handed over together. */
  readonly batchMax: number
  /** Prefixes that may be desired; 131,072 unless told otherwise. */
  readonly routesMax?: number
  /** First pause after the daemon was not there, doubled each time up to the last. */
  readonly pauseMs?: { readonly first: number; readonly last: number }
}

interface Asker {
  readonly mitigationId: string
  readonly kind: RouteChange['kind']
  readonly answer: (outcome: Outcome) => void
}

/** A prefix that has to be told. */
interface Waiting {
  /** What the daemon was told of before, or would have been. */
  readonly last: Route
  readonly askers: Asker[]
  /** Rests until what was refused is tried again. */
  isResting: boolean
}

const DONE: Outcome = { kind: 'done' }
const failed = (error: string): Outcome => ({ kind: 'failed', error })
const NEVER_MADE = failed('it was withdrawn before it was made')
const STOPS = failed('the daemon stops')
const ROUTES_MAX = 131_072
const PAUSE_MS = { first: 100, last: 5000 }

export class RouteKeeper {
  readonly desired = new DesiredRoutes()
  readonly counts = new RouteCounts()
  readonly #options: RouteKeeperOptions
  readonly #waiting = new Map<string, Waiting>()
  /** Routes the daemon was told of and took. */
  readonly #told = new Map<string, Route>()
  /** Mitigations whose announcement was answered with a failure, though it is still tried. */
  readonly #late = new Set<string>()
  #hear: (mitigationId: string, outcome: Outcome) => void = () => {}
  #isSending = false
  #isStopped = false
  /** Why the daemon cannot be told anything now. */
  #problem: string | undefined
  /** All that is desired waits already, because the daemon forgot it. */
  #hasForgotten = false
  #pauseMs = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: RouteKeeperOptions) {
    this.#options = options
  }

  listen(hear: (mitigationId: string, outcome: Outcome) => void): void {
    this.#hear = hear
  }

  get isDown(): boolean {
    return this.#problem !== undefined
  }

  /** Prefixes that have to be told. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** Routes the daemon was told of and took, by prefix. */
  get told(): ReadonlyMap<string, Route> {
    return this.#told
  }

  /** The mitigation's route is desired; done when the daemon took it. */
  announce(mitigation: Mitigation): Promise<Outcome> {
    const route = routeOf(mitigation)
    if (this.#isStopped) return Promise.resolve(STOPS)
    const isNew = this.desired.get(route.prefix) === undefined
    if (isNew && this.desired.size >= (this.#options.routesMax ?? ROUTES_MAX)) {
      this.counts.full++
      return Promise.resolve(failed(`${this.desired.size} routes are announced and no more are possible`))
    }
    this.desired.hold(mitigation.id, route)
    return this.#ask(mitigation.id, 'announce', route)
  }

  /**
   * The mitigation's route is no longer desired by it. Done when the daemon took it back or somebody else wants it, however
   * long that takes: until then it may still be held. Failed only when this process stops before.
   */
  withdraw(mitigation: Mitigation): Promise<Outcome> {
    const route = routeOf(mitigation)
    if (this.#isStopped) return Promise.resolve(STOPS)
    this.#late.delete(mitigation.id)
    this.desired.release(mitigation.id, route.prefix)
    return this.#ask(mitigation.id, 'withdraw', route)
  }

  /** What an earlier run announced is desired; it counts as told. */
  adopt(mitigations: readonly Mitigation[]): void {
    for (const mitigation of mitigations) {
      const route = routeOf(mitigation)
      this.desired.hold(mitigation.id, route)
      this.#told.set(route.prefix, route)
    }
  }

  /** Tells these prefixes again, as far as they are desired. */
  repeat(prefixes: Iterable<string>): void {
    for (const prefix of prefixes) {
      const route = this.desired.get(prefix)
      if (route !== undefined) this.#mark(route)
    }
    this.#wake()
  }

  /** Tells all that is desired again. */
  repeatAll(): void {
    this.repeat([...this.desired.prefixes()])
  }

  /** The daemon may be back: what waits is told now. */
  retryNow(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#wake()
  }

  /** What was refused may be tried again. */
  retryRefused(): void {
    for (const waiting of this.#waiting.values()) waiting.isResting = false
    this.#wake()
  }

  /** Settles when nothing more can be told, or after the time; what waits then is answered with a failure. */
  async stop(deadlineMs: number): Promise<void> {
    const endsAt = performance.now() + deadlineMs
    while (this.#isSending && !this.isDown && performance.now() < endsAt) await pause(5)
    this.#isStopped = true
    clearTimeout(this.#timer)
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { askers } of waiting) for (const { answer } of askers) answer(STOPS)
  }

  #ask(mitigationId: string, kind: RouteChange['kind'], route: Route): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    const answer = (outcome: Outcome) => {
      clearTimeout(late)
      resolve(outcome)
    }
    // Somebody waits to hear that a host is protected. That it is let free is only true when it is.
    const late =
      kind === 'withdraw'
        ? undefined
        : setTimeout(() => {
            this.#late.add(mitigationId)
            resolve(failed(this.#lateText()))
          }, this.#options.deadlineMs)
    this.#mark(route, { mitigationId, kind, answer })
    this.#wake()
    return promise
  }

  #lateText(): string {
    const why = this.#problem ?? `${this.#options.sink.name} has not answered yet`
    return `${why}; it is tried on`
  }

  #mark(route: Route, asker?: Asker): void {
    const { prefix } = route
    const waiting = this.#waiting.get(prefix) ?? {
      last: this.#told.get(prefix) ?? route,
      askers: [],
      isResting: false,
    }
    waiting.isResting = false
    if (asker !== undefined) waiting.askers.push(asker)
    this.#waiting.set(prefix, waiting)
  }

  #wake(): void {
    if (this.#isSending || this.#isStopped || this.#timer !== undefined) return
    this.#isSending = true
    void this.#sendAll()
  }

  async #sendAll(): Promise<void> {
    // Everything that is asked in this turn of the event loop is handed over together.
    await Promise.resolve()
    try {
      for (let batch = this.#nextBatch(); batch.length > 0 && !this.#isStopped; batch = this.#nextBatch()) {
        if (!(await this.#sendBatch(batch))) return
      }
    } finally {
      this.#isSending = false
    }
  }

  /** False: nobody is there, and the rest waits. */
  async #sendBatch(batch: readonly Waiting[]): Promise<boolean> {
    const changes = batch.map(({ last }) => this.desired.changeFor(last))
    const answers = await this.#options.sink.send(changes)
    assert(answers.length === changes.length, 'there is an answer for each change')
    const down = this.#take(batch, changes, answers)
    if (answers[0]?.kind === 'sent') this.#pauseMs = 0
    if (down === undefined) this.#comeBack()
    else this.#goDown(down)
    return down === undefined
  }

  #nextBatch(): Waiting[] {
    const batch: Waiting[] = []
    for (const [prefix, waiting] of this.#waiting) {
      if (batch.length === this.#options.batchMax) break
      if (waiting.isResting) continue
      this.#waiting.delete(prefix)
      batch.push(waiting)
    }
    return batch
  }

  /** Gives the first answer that says that nobody is there. */
  #take(
    batch: readonly Waiting[],
    changes: readonly RouteChange[],
    answers: readonly Sent[],
  ): Extract<Sent, { kind: 'down' }> | undefined {
    let down: Extract<Sent, { kind: 'down' }> | undefined
    for (const [at, waiting] of batch.entries()) {
      const change = changes[at]
      const sent = answers[at]
      if (change === undefined || sent === undefined) continue
      this.counts.count(change.kind, sent.kind)
      if (sent.kind === 'sent') this.#sent(change, waiting)
      else this.#notSent(waiting, sent)
      if (sent.kind === 'down') down ??= sent
    }
    return down
  }

  #sent({ kind, route }: RouteChange, { askers }: Waiting): void {
    if (kind === 'announce') this.#told.set(route.prefix, route)
    else this.#told.delete(route.prefix)
    for (const asker of askers) {
      asker.answer(kind === 'withdraw' && asker.kind === 'announce' ? NEVER_MADE : DONE)
      if (this.#late.delete(asker.mitigationId)) this.#hear(asker.mitigationId, DONE)
    }
  }

  #notSent(waiting: Waiting, sent: Exclude<Sent, { kind: 'sent' }>): void {
    if (this.#isStopped) {
      for (const { answer } of waiting.askers) answer(STOPS)
      return
    }
    const { prefix } = waiting.last
    const newer = this.#waiting.get(prefix)
    const isRefused = sent.kind === 'refused'
    for (const { answer, kind, mitigationId } of isRefused ? waiting.askers : []) {
      if (kind === 'withdraw') continue
      answer(failed(sent.error))
      this.#late.add(mitigationId)
    }
    // Those who were answered stay: the listener hears of them when it succeeds.
    waiting.askers.push(...(newer?.askers ?? []))
    waiting.isResting = isRefused && newer === undefined
    this.#waiting.set(prefix, waiting)
    if (!isRefused) return
    this.#options.log.warn('route refused', { by: this.#options.sink.name, prefix, error: sent.error })
  }

  #goDown({ error, forgets }: Extract<Sent, { kind: 'down' }>): void {
    const { sink, log, pauseMs = PAUSE_MS } = this.#options
    if (error !== this.#problem) {
      log.warn('routes wait', { for: sink.name, error, routes: this.#waiting.size })
    }
    this.#problem = error
    if (forgets) this.forget()
    this.#pauseMs = Math.min(pauseMs.last, this.#pauseMs === 0 ? pauseMs.first : this.#pauseMs * 2)
    if (this.#isStopped) return
    this.#timer = setTimeout(() => this.retryNow(), this.#pauseMs)
  }

  /** The daemon holds nothing any more: all that is desired is told again. */
  forget(): void {
    if (this.#hasForgotten) return
    this.#hasForgotten = true
    if (this.#told.size > 0) this.counts.losses++
    this.#told.clear()
    this.repeatAll()
  }

  #comeBack(): void {
    this.#pauseMs = 0
    this.#hasForgotten = false
    if (this.#problem === undefined) return
    this.#options.log.info('routes are taken again', { by: this.#options.sink.name, after: this.#problem })
    this.#problem = undefined
  }
}

function routeOf({ action }: Mitigation): Route {
  assert(action.kind === 'blackhole' || action.kind === 'divert', 'routes come from actions that have one')
  const { prefix, nextHop, communities } = action
  return { prefix, nextHop, communities }
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise(resolve => setTimeout(resolve, milliseconds))
