// The exabgp enforcer: routes and FlowSpec rules become commands in the named pipe from which a process of ExaBGP takes them.
//
// A pipe tells nothing back. So all that is desired is written again now and then, and at once when the reader had gone
// or the pipe is a new one; ExaBGP takes what it has already for no news.

import type { Change } from '#7-mitigation/announcement.ts'
import type { Enforcer, Outcome } from '#7-mitigation/enforcer.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricSource } from '#lib/metrics/metric.ts'
import { AnnouncementKeeper, type Sent, type Sink } from '../bgp/announcement-keeper.ts'
import type { ExabgpConfig } from './config.ts'
import { commandOf, problemsOf } from './encode.ts'
import { type FifoWritten, fifoIdentity, writeFifo } from './fifo.ts'

export type ExabgpOptions = Pick<ExabgpConfig, 'deadlineSeconds' | 'refreshSeconds'> & {
  readonly pipe: string
  /** How often the pipe is looked at while routes are desired; 1 s unless a test is in a hurry. */
  readonly lookMs?: number
}

/** Commands that are handed over before anything else has its turn. */
const BATCH_MAX = 512
const LOOK_MS = 1000
/** To look at a pipe costs nothing, so a reader that is back is found soon. */
const PAUSE_MS = { first: 50, last: 1000 }

export class Exabgp implements Enforcer {
  readonly name = 'exabgp'
  readonly actions = ['blackhole', 'divert', 'filter'] as const
  readonly lists = false
  readonly #options: ExabgpOptions
  readonly #keeper: AnnouncementKeeper
  readonly #timers: NodeJS.Timeout[] = []
  readonly #log: Logger
  /** The announcement last logged for each key that is announced: repeating one says nothing new. */
  readonly #said = new Map<string, string>()
  #identity: string | undefined

  constructor(options: ExabgpOptions, log: Logger) {
    const { pipe, deadlineSeconds, refreshSeconds, lookMs = LOOK_MS } = options
    this.#options = options
    this.#log = log
    const sink: Sink = {
      name: `the pipe ${pipe}`,
      problems: problemsOf,
      send: changes => Promise.resolve(this.#send(changes)),
    }
    this.#keeper = new AnnouncementKeeper({
      sink,
      log,
      deadlineMs: deadlineSeconds * 1000,
      batchMax: BATCH_MAX,
      pauseMs: PAUSE_MS,
    })
    this.#timers.push(setInterval(() => this.#look(), lookMs))
    if (refreshSeconds > 0) {
      this.#timers.push(setInterval(() => this.#keeper.repeatAll(), refreshSeconds * 1000))
    }
    for (const timer of this.#timers) timer.unref()
  }

  readonly metrics: MetricSource = () => {
    const { desired, told, waiting, isDown, counts } = this.#keeper
    return counts.values(this.name, { isUp: !isDown, desired: desired.size, told: told.size, waiting })
  }

  /** Done when the command is in the pipe; failed when nobody has read it for the deadline, and then tried on. */
  announce(mitigation: Mitigation): Promise<Outcome> {
    return this.#keeper.announce(mitigation)
  }

  /** An announcement says nothing about an attack. */
  amend(): Promise<Outcome> {
    return Promise.resolve({ kind: 'done' })
  }

  /** Done when the command is in the pipe, or when another mitigation wants the same. */
  withdraw(mitigation: Mitigation): Promise<Outcome> {
    return this.#keeper.withdraw(mitigation)
  }

  async reconcile(desired: readonly Mitigation[]): Promise<Outcome> {
    const answers = await Promise.all(desired.map(mitigation => this.#keeper.announce(mitigation)))
    return answers.find(({ kind }) => kind === 'failed') ?? { kind: 'done' }
  }

  listen(hear: (mitigationId: string, outcome: Outcome) => void): void {
    this.#keeper.listen(hear)
  }

  async stop(deadlineMs: number): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    await this.#keeper.stop(deadlineMs)
  }

  #send(changes: readonly Change[]): Sent[] {
    const { pipe } = this.#options
    this.#identity = fifoIdentity(pipe)
    const { written, problem } = writeFifo(pipe, changes.map(commandOf))
    for (const change of changes.slice(0, written)) this.#say(change)
    return changes.map((_, at) =>
      at < written || problem === undefined ? { kind: 'sent' } : downOf(problem),
    )
  }

  #say(change: Change): void {
    const { key } = change.announcement
    const line = commandOf(change).trimEnd()
    if (this.#said.get(key) === line) return
    if (change.kind === 'announce') this.#said.set(key, line)
    else this.#said.delete(key)
    this.#log.info('exabgp told', { line })
  }

  /** Whether the pipe is the one that was written to, and still has a reader. */
  #look(): void {
    const { desired, isDown } = this.#keeper
    if (desired.size === 0 || isDown) return
    const identity = fifoIdentity(this.#options.pipe)
    const isGone = writeFifo(this.#options.pipe, []).problem !== undefined
    if (identity !== this.#identity || isGone) this.#keeper.forget()
  }
}

/** A full pipe keeps what is in it. A reader that is gone may come back knowing nothing. */
const downOf = ({ kind, error }: NonNullable<FifoWritten['problem']>): Sent => ({
  kind: 'down',
  error,
  forgets: kind !== 'full',
})
