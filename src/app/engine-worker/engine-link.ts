// The main thread's end of the engine worker: asks, hears events, and keeps the newest facts at hand.

import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { TOTAL_WORDS } from '#3-traffic/host-tables.ts'
import type { CountedSource } from '#3-traffic/speed.ts'
import type { OpenAttack } from '#4-detection/attack.ts'
import { steadyMs } from '#lib/steady-ms.ts'
import { COUNTING_YOUNG_MEGABYTES, threadOptions } from '#lib/thread-options.ts'
import type { ResolvedConfig } from '../config/config.ts'
import type { EngineEvent } from '../engine-event.ts'
import type { EngineFacts } from './engine-facts.ts'
import type { AnswerOf, Ask, EngineMessage, EngineTask, RequestMessage, RequestName } from './messages.ts'

export interface EngineLinkOptions {
  readonly config: ResolvedConfig
  readonly sources: readonly CountedSource[]
  /** Hears what happens to attacks, in order. */
  readonly events: (events: readonly EngineEvent[]) => void
  /** Hears that ticks became longer or shorter. */
  readonly pace: (tickMs: number, share: number) => void
  /** The worker ended by a mistake of ours: nothing can go on. */
  readonly died: (error: unknown) => void
}

interface Pending {
  readonly hear: (answer: never) => void
  readonly fail: (error: Error) => void
}

/** Requests without an answer at most; more are refused. */
const PENDING_MAX = 1000
/** The engine answers between two ticks; whoever waits longer is told that it does not answer. */
const ANSWER_MS = 5000
const TICKED_LOOK_MS = 20
/** Facts that are a little older will do. */
const FACTS_MS = 1000

export class EngineLink {
  readonly #options: EngineLinkOptions
  readonly #taken = new Int32Array(new SharedArrayBuffer(4))
  readonly #pending = new Map<number, Pending>()
  #thread: Worker | undefined
  #ids = 0
  #facts: EngineFacts = noFacts()
  #factsAt = performance.now()

  constructor(options: EngineLinkOptions) {
    this.#options = options
  }

  /**
   * Starts the worker; settles when it ticks, or has died. `open` were open when the program ended: they are taken over
   * before the first tick, which waits for them, and is as long as that: what is counted meanwhile is judged by its time.
   */
  async start(open: readonly OpenAttack[] | Promise<readonly OpenAttack[]>): Promise<void> {
    const { config, sources, died } = this.#options
    const task: EngineTask = { config, sources, taken: this.#taken, countsFromMs: steadyMs() }
    const thread = new Worker(new URL('./engine-worker.ts', import.meta.url), {
      workerData: task,
      ...threadOptions(COUNTING_YOUNG_MEGABYTES),
    })
    this.#thread = thread
    thread.on('message', (message: EngineMessage) => this.#heard(message))
    thread.on('error', died)
    thread.once('exit', () => {
      if (this.#thread !== undefined) died(new Error('the engine worker ended by itself'))
      this.#failAll('the engine has ended')
    })
    const attacks = await open
    if (this.#thread !== thread) return
    // Loading its modules may take longer than any answer afterwards.
    const begun = [this.#post(thread, 'restore', { attacks }), this.#post(thread, 'begin', {})]
    // A worker that dies before has been told of already.
    await Promise.allSettled(begun.map(({ promise }) => promise))
  }

  /** The newest facts: sent once a second, and whenever they were asked for. */
  get facts(): EngineFacts {
    const since = (performance.now() - this.#factsAt) / 1000
    return { ...this.#facts, secondsSinceTick: this.#facts.secondsSinceTick + since }
  }

  /**
   * Asks the engine. `take` hears the answer before anything that happens later, also when it comes too late for the
   * promise, which is rejected when there is no answer in time.
   */
  async ask<Name extends RequestName>(
    name: Name,
    ask: Ask<Name>,
    take: (answer: AnswerOf<Name>) => void = () => {},
    withinMs = ANSWER_MS,
  ): Promise<AnswerOf<Name>> {
    const thread = this.#thread
    if (thread === undefined) throw new Error('the engine does not run')
    if (this.#pending.size >= PENDING_MAX) throw new Error('the engine has too much to answer')
    const { promise, fail } = this.#post(thread, name, ask, take)
    const late = setTimeout(() => fail(new Error('the engine does not answer')), withinMs)
    return promise.finally(() => clearTimeout(late))
  }

  #post<Name extends RequestName>(
    thread: Worker,
    name: Name,
    ask: Ask<Name>,
    take: (answer: AnswerOf<Name>) => void = () => {},
  ) {
    const { promise, resolve, reject: fail } = Promise.withResolvers<AnswerOf<Name>>()
    const id = this.#ids++
    const hear = (answer: AnswerOf<Name>) => {
      take(answer)
      resolve(answer)
    }
    this.#pending.set(id, { hear, fail })
    thread.postMessage({ id, name, ask } satisfies RequestMessage<Name>)
    return { promise, fail }
  }

  /** Asks for new facts; settles with those at hand when the engine does not answer. */
  async refresh(): Promise<void> {
    await this.ask('facts', {}, facts => this.#keep(facts), FACTS_MS).catch(() => {})
  }

  /** Settles when what was counted before has been judged: a tick has ended since, or none ends in time. */
  async ticked(): Promise<void> {
    const deadline = performance.now() + ANSWER_MS
    await this.refresh()
    for (const { ticks } = this.#facts; this.#facts.ticks === ticks && performance.now() < deadline; ) {
      await sleep(TICKED_LOOK_MS)
      await this.refresh()
    }
  }

  /** No more ticks and events; whoever waits for an answer gets none. */
  async stop(): Promise<void> {
    const thread = this.#thread
    this.#thread = undefined
    this.#failAll('the engine is stopping')
    await thread?.terminate()
  }

  #failAll(reason: string): void {
    for (const { fail } of this.#pending.values()) fail(new Error(reason))
    this.#pending.clear()
  }

  #heard(message: EngineMessage): void {
    switch (message.kind) {
      case 'events':
        Atomics.add(this.#taken, 0, 1)
        this.#options.events(message.events)
        break
      case 'answer': {
        const pending = this.#pending.get(message.id)
        this.#pending.delete(message.id)
        pending?.hear(message.answer as never)
        break
      }
      case 'facts':
        this.#keep(message.facts)
        break
      case 'pace':
        this.#options.pace(message.tickMs, message.share)
        break
    }
  }

  #keep(facts: EngineFacts): void {
    this.#facts = facts
    this.#factsAt = performance.now()
  }
}

/** Before the engine has said anything. */
const noFacts = (): EngineFacts => ({
  tickMs: 0,
  tickShare: 0,
  ticks: 0,
  secondsSinceTick: 0,
  lastTickMicros: 0,
  wallMs: Date.now(),
  hosts: 0,
  totals: { counts: new Float64Array(TOTAL_WORDS), averages: new Float64Array(TOTAL_WORDS) },
  flowsIpv4: { incoming: 0, outgoing: 0 },
  metrics: [],
})
