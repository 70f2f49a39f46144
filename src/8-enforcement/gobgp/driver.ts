// The gobgp enforcer: routes are put into gobgpd through its gRPC interface, and looked for there again and again.
//
// gobgpd keeps nothing on disk. When it went away, all that is desired is announced as soon as it is back, before its
// sessions are; a route that somebody took out or changed behind our back is found within seconds and put right.

import type { Route } from '#6-policy/action.ts'
import { saysTheSame } from '#7-mitigation/desired-routes.ts'
import type { Enforcer, Outcome } from '#7-mitigation/enforcer.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricSource } from '#lib/metrics/metric.ts'
import { RouteKeeper, type RouteSink } from '../bgp/route-keeper.ts'
import type { GobgpClient } from './client.ts'
import type { GobgpConfig } from './config.ts'

export type GobgpOptions = Pick<GobgpConfig, 'address' | 'deadlineSeconds' | 'reconcileSeconds'>

/** Changes in one message, 100 KB of it: gobgpd does nothing else while it takes one. */
const BATCH_MAX = 512

export class Gobgp implements Enforcer {
  readonly name = 'gobgp'
  readonly actions = ['blackhole'] as const
  readonly lists = true
  readonly #log: Logger
  readonly #sink: RouteSink
  readonly #keeper: RouteKeeper
  readonly #client: Promise<GobgpClient>
  readonly #timer: NodeJS.Timeout
  #isConnected = false
  #isComparing = false
  #isStopped = false
  #problem: string | undefined

  constructor({ address, deadlineSeconds, reconcileSeconds }: GobgpOptions, log: Logger) {
    this.#log = log
    const deadlineMs = deadlineSeconds * 1000
    this.#client = this.#connect(address, deadlineMs)
    this.#sink = {
      name: `gobgpd at ${address}`,
      send: async changes => (await this.#client).send(changes),
    }
    this.#keeper = new RouteKeeper({ sink: this.#sink, log, deadlineMs, batchMax: BATCH_MAX })
    this.#timer = setInterval(() => void this.#compare(), reconcileSeconds * 1000)
    this.#timer.unref()
  }

  readonly metrics: MetricSource = () => {
    const { desired, told, waiting, isDown, counts } = this.#keeper
    const isUp = this.#isConnected && !isDown
    return counts.values(this.name, { isUp, desired: desired.size, told: told.size, waiting })
  }

  /** Done when gobgpd has taken the route; failed after the deadline, and then tried on. */
  announce(mitigation: Mitigation): Promise<Outcome> {
    return this.#keeper.announce(mitigation)
  }

  /** A route says nothing about an attack. */
  amend(): Promise<Outcome> {
    return Promise.resolve({ kind: 'done' })
  }

  /** Done when gobgpd has taken the route out, or when another mitigation wants the same prefix. */
  withdraw(mitigation: Mitigation): Promise<Outcome> {
    return this.#keeper.withdraw(mitigation)
  }

  async reconcile(desired: readonly Mitigation[]): Promise<Outcome> {
    this.#keeper.adopt(desired)
    return this.#compare()
  }

  listen(hear: (mitigationId: string, outcome: Outcome) => void): void {
    this.#keeper.listen(hear)
  }

  async stop(deadlineMs: number): Promise<void> {
    this.#isStopped = true
    clearInterval(this.#timer)
    await this.#keeper.stop(deadlineMs)
    const client = await this.#client
    client.close()
  }

  /** The packages of gRPC are loaded by whoever needs them: they would make every start slower. */
  async #connect(address: string, deadlineMs: number): Promise<GobgpClient> {
    const { GobgpClient } = await import('./client.ts')
    const client = new GobgpClient(address, deadlineMs)
    if (!this.#isStopped) client.watch(isConnected => this.#changed(isConnected))
    return client
  }

  #changed(isConnected: boolean): void {
    this.#isConnected = isConnected
    this.#log[isConnected ? 'info' : 'warn'](isConnected ? 'connected' : 'connection lost', {
      to: this.#sink.name,
      routes: this.#keeper.desired.size,
    })
    if (isConnected) {
      this.#keeper.retryNow()
      void this.#compare()
    } else this.#keeper.forget()
  }

  /** Looks for all that is desired, and announces again what is not there or is not as it should be. */
  async #compare(): Promise<Outcome> {
    if (this.#isComparing || this.#isStopped) return { kind: 'done' }
    this.#isComparing = true
    try {
      return await this.#compareOnce(await this.#client)
    } finally {
      this.#isComparing = false
    }
  }

  async #compareOnce(client: GobgpClient): Promise<Outcome> {
    const keeper = this.#keeper
    const told = [...keeper.told.keys()]
    const reply = told.length === 0 ? await client.asNumber() : await client.held(told)
    if (reply.kind !== 'ok') return this.#cannotTell(reply.error)
    if (reply.value === 0) return this.#cannotTell('it runs no BGP, because it has no configuration')
    this.#problem = undefined
    if (typeof reply.value !== 'number') this.#repair(told, reply.value)
    keeper.retryRefused()
    return { kind: 'done' }
  }

  #repair(told: readonly string[], held: ReadonlyMap<string, Route>): void {
    const wrong = told.filter(prefix => !isRight(this.#keeper.desired.get(prefix), held.get(prefix)))
    if (wrong.length === 0) return
    this.#keeper.counts.repairs += wrong.length
    const facts = { by: this.#sink.name, routes: wrong.length, first: wrong[0] }
    this.#log.warn('routes were missing or changed and are announced again', facts)
    this.#keeper.repeat(wrong)
  }

  /** Each new reason is logged once. */
  #cannotTell(error: string): Outcome {
    if (error !== this.#problem) this.#log.warn('held routes are not known', { by: this.#sink.name, error })
    this.#problem = error
    return { kind: 'failed', error: `${this.#sink.name}: ${error}` }
  }
}

/** Whether what is there is what is desired; what nobody desires is being taken back. */
function isRight(desired: Route | undefined, held: Route | undefined): boolean {
  if (desired === undefined) return true
  return held !== undefined && saysTheSame(desired, held)
}
