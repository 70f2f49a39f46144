// Who is told what, by all destinations there are: those of the configuration, and those in prefixd's words.

import type { Documents } from '#lib/documents.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricSource } from '#lib/metrics/metric.ts'
import type { Carried, Destination, Message } from './carrier.ts'
import type { QueueConfig } from './config.ts'
import { type DeadLetter, KeptMessages } from './kept-messages.ts'
import type { Outlet, OutletStatus } from './outlet.ts'
import { GONE, WaitingLine } from './waiting-line.ts'

export interface DispatcherOptions {
  readonly documents: () => Documents
  readonly config: () => QueueConfig
  readonly log: Logger
  readonly now: () => number
  /** Unlike that of any other run. */
  readonly run: string
  readonly tryAgainMs?: number
}

/** Destinations of one origin come and go together. */
export type Origin = 'configuration' | 'alerting'

type Fate = 'sent' | 'refused' | 'dropped'

export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #kept: KeptMessages
  readonly #outlets = new Map<string, { readonly origin: Origin; readonly outlet: Outlet }>()
  /** By the kind of service, of all there were. */
  readonly #fates = new Map<string, Record<Fate, number>>()
  #again = 0

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#kept = new KeptMessages(options.documents, options.run)
  }

  /** Takes up what an earlier run left. Call it once, when the state was read and all destinations are known. */
  restore(): void {
    const { run, now, config } = this.#options
    for (const [id, all] of this.#kept.left()) {
      const left = all.filter(waiting => !waiting.id.endsWith(`-${run}`))
      const line = this.#outlets.get(id)?.outlet
      if (line instanceof WaitingLine) line.takeUp(left)
      else
        for (const { id: letter, ...waiting } of left) {
          const dead = {
            ...waiting,
            id: letter,
            destination: id,
            diedAt: now(),
            why: 'gone',
            error: GONE,
          } as const
          // Kept as the one before it is gone as the other: whatever happens in between, nothing is lost.
          this.#kept.bury(dead, config().deadLettersMax)
          this.#kept.drop(letter)
        }
    }
  }

  /**
   * These are all of an origin from now on. What waits for one that stays goes on waiting and is tried by its new settings;
   * what waits for one that is gone becomes dead letters.
   */
  reconfigure(origin: Origin, destinations: readonly (Destination | Outlet)[]): void {
    const known = new Set(destinations.map(({ id }) => id))
    for (const [id, { origin: its, outlet }] of [...this.#outlets]) {
      if (its !== origin || known.has(id)) continue
      this.#outlets.delete(id)
      if (outlet instanceof WaitingLine) outlet.dissolve()
      else outlet.stop()
    }
    for (const each of destinations) {
      const before = this.#outlets.get(each.id)?.outlet
      if (!('carry' in each)) {
        if (before instanceof WaitingLine) before.dissolve()
        else if (before !== each) before?.stop()
        this.#outlets.set(each.id, { origin, outlet: each })
      } else if (before instanceof WaitingLine) before.destination = each
      else {
        before?.stop()
        this.#outlets.set(each.id, { origin, outlet: this.#line(each) })
      }
    }
  }

  /** Never throws, never waits. Unknown destinations are passed over. */
  send(ids: Iterable<string>, message: Message): void {
    for (const id of ids) this.#outlets.get(id)?.outlet.tell(message)
  }

  /** At once, beside all that waits. `undefined`: there is no such destination. */
  async test(id: string, message: Message): Promise<Carried | undefined> {
    return await this.#outlets.get(id)?.outlet.test(message)
  }

  status(): readonly (OutletStatus & { readonly origin: Origin })[] {
    return [...this.#outlets.values()].map(({ origin, outlet }) => ({ origin, ...outlet.status() }))
  }

  /** How many there are, by destination. */
  deadCounts(): ReadonlyMap<string, number> {
    return this.#kept.deadCounts()
  }

  deadLetters(): readonly DeadLetter[] {
    return this.#kept.deadLetters()
  }

  /** Sent again as if they were told now; those whose destination is gone stay where they are. Gives what was found. */
  resend(ids: ReadonlySet<string>): {
    readonly sent: readonly DeadLetter[]
    readonly homeless: readonly DeadLetter[]
  } {
    const chosen = this.deadLetters()
      .filter(({ id }) => ids.has(id))
      .toReversed()
    const homeless = chosen.filter(({ destination }) => !this.#outlets.has(destination))
    const sent = chosen.filter(({ destination }) => this.#outlets.has(destination))
    for (const { id, destination, message } of sent) {
      this.send([destination], message)
      this.#kept.unbury(id)
    }
    return { sent, homeless }
  }

  /** Forgets dead letters; gives those there were. */
  discard(ids: ReadonlySet<string>): readonly DeadLetter[] {
    const chosen = this.deadLetters().filter(({ id }) => ids.has(id))
    for (const { id } of chosen) this.#kept.unbury(id)
    return chosen
  }

  readonly metrics: MetricSource = () => {
    const all = this.status()
    const lost = 'floodwarden_alerts_lost_total'
    return [
      ...[...this.#fates].flatMap(([service, { sent, refused, dropped }]) => [
        { name: 'floodwarden_alerts_sent_total', value: sent, labels: { service } },
        { name: lost, value: refused, labels: { service, why: 'refused' } },
        { name: lost, value: dropped, labels: { service, why: 'dropped' } },
      ]),
      { name: 'floodwarden_alerts_tried_again_total', value: this.#again },
      { name: 'floodwarden_alerts_waiting', value: all.reduce((sum, { waiting }) => sum + waiting, 0) },
      ...all.map(({ id, type, state }) => ({
        name: 'floodwarden_notify_destination_failing',
        value: state === 'failing' ? 1 : 0,
        labels: { destination: id, service: type },
      })),
      { name: 'floodwarden_notify_dead_letters', value: this.#kept.deadCount },
      { name: 'floodwarden_notify_forgotten_total', value: this.#kept.forgotten },
    ]
  }

  stop(): void {
    for (const { outlet } of this.#outlets.values()) outlet.stop()
  }

  #line(destination: Destination): WaitingLine {
    const { log, now, config, tryAgainMs } = this.#options
    const { type } = destination
    this.#fatesOf(type)
    return new WaitingLine(destination, {
      ...{ config, kept: this.#kept, log, now, count: fate => this.count(type, fate) },
      ...(tryAgainMs === undefined ? {} : { tryAgainMs }),
    })
  }

  count(type: string, fate: 'sent' | 'again' | DeadLetter['why']): void {
    if (fate === 'again') this.#again++
    else this.#fatesOf(type)[FATE[fate]]++
  }

  #fatesOf(type: string): Record<Fate, number> {
    const known = this.#fates.get(type)
    if (known !== undefined) return known
    const fates = { sent: 0, refused: 0, dropped: 0 }
    this.#fates.set(type, fates)
    return fates
  }
}

const FATE: Readonly<Record<'sent' | DeadLetter['why'], Fate>> = {
  ...{ sent: 'sent', refused: 'refused', 'given-up': 'refused', dropped: 'dropped', gone: 'dropped' },
}
