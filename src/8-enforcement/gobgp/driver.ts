// The gobgp enforcer: routes and FlowSpec rules are put into gobgpd through its gRPC interface, and looked for there again
// and again.
//
// gobgpd keeps nothing on disk. When it went away, all that is desired is announced as soon as it is back, before its
// sessions are; what somebody took out or changed behind our back is found within seconds and put right, and what an
// earlier run left with our mark and nobody wants is withdrawn.

import type { Enforcer, Listing, Outcome } from '#7-mitigation/enforcer.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricSource } from '#lib/metrics/metric.ts'
import { steadyMs } from '#lib/steady-ms.ts'
import { AnnouncementKeeper, type Sink } from '../bgp/announcement-keeper.ts'
import { type Session, Sessions } from '../bgp/sessions.ts'
import type { ClientOptions, GobgpClient } from './client.ts'
import type { GobgpConfig } from './config.ts'
import { type Differences, differencesOf } from './differences.ts'
import { problemsOf } from './encode.ts'
import { listingOf } from './listing.ts'
import { SessionWatch } from './session-watch.ts'

export type GobgpOptions = Pick<
  GobgpConfig,
  | 'address'
  | 'deadlineSeconds'
  | 'listDeadlineSeconds'
  | 'reconcileSeconds'
  | 'orphansAfterSeconds'
  | 'mark'
  | 'flowspecOffsets'
  | 'flowspecTestsMax'
>

/** Changes in one message, 100 KB of it: gobgpd does nothing else while it takes one. */
const BATCH_MAX = 512

export class Gobgp implements Enforcer {
  readonly name = 'gobgp'
  readonly actions = ['blackhole', 'divert', 'filter'] as const
  readonly lists = true
  readonly #log: Logger
  readonly #options: ClientOptions
  readonly #sink: Sink
  readonly #keeper: AnnouncementKeeper
  readonly #sessions: Sessions
  readonly #client: Promise<GobgpClient>
  readonly #timer: NodeJS.Timeout
  #watch: SessionWatch | undefined
  #isConnected = false
  #isStopped = false
  /** The comparison that is under way. */
  #comparing: Promise<Outcome> | undefined
  readonly #orphansAfterMs: number
  /**
   * From when on, by `steadyMs`, what nobody wants is an orphan; unknown before it is known what an earlier run left. What
   * that announced and did not write down before it was killed belongs to a flood that has to be found again first.
   */
  #orphansFromMs: number | undefined
  #orphansTimer: NodeJS.Timeout | undefined
  readonly #comparisons = { done: 0, failed: 0 }
  #problem: string | undefined
  #tooLarge = ''

  constructor(options: GobgpOptions, log: Logger) {
    this.#log = log
    this.#options = clientOptions(options)
    this.#orphansAfterMs = options.orphansAfterSeconds * 1000
    const { address, deadlineMs } = this.#options
    this.#client = this.#connect()
    this.#sink = {
      name: `gobgpd at ${address}`,
      problems: announcement => problemsOf(announcement, this.#options),
      send: async changes => (await this.#client).send(changes),
    }
    this.#sessions = new Sessions(this.#sink.name, log)
    this.#keeper = new AnnouncementKeeper({ sink: this.#sink, log, deadlineMs, batchMax: BATCH_MAX })
    this.#timer = setInterval(() => void this.#compare(), options.reconcileSeconds * 1000)
    this.#timer.unref()
  }

  readonly metrics: MetricSource = () => {
    const { desired, told, waiting, isDown, counts } = this.#keeper
    const isUp = this.#isConnected && !isDown
    return [
      ...counts.values(this.name, { isUp, desired: desired.size, told: told.size, waiting }),
      ...this.#sessions.values(this.name),
      ...(['done', 'failed'] as const).map(result => {
        const labels = { enforcer: this.name, result }
        return { name: 'floodwarden_bgp_comparisons_total', value: this.#comparisons[result], labels }
      }),
    ]
  }

  /** Its BGP neighbours, by address; unknown from the moment gobgpd is lost. */
  sessions(): readonly Session[] {
    return this.#sessions.list()
  }

  /** Done when gobgpd has taken it; failed after the deadline, and then tried on; failed for good when it is unsafe. */
  announce(mitigation: Mitigation): Promise<Outcome> {
    return this.#keeper.announce(mitigation)
  }

  /** An announcement says nothing about an attack. */
  amend(): Promise<Outcome> {
    return Promise.resolve({ kind: 'done' })
  }

  /** Done when gobgpd has taken it out, or when another mitigation wants the same. */
  withdraw(mitigation: Mitigation): Promise<Outcome> {
    return this.#keeper.withdraw(mitigation)
  }

  /**
   * Done when gobgpd holds what is desired, and nothing else with our mark; `orphansAfterSeconds` after the first time that
   * includes what an earlier run left.
   */
  async reconcile(desired: readonly Mitigation[]): Promise<Outcome> {
    this.#keeper.adopt(desired)
    this.#awaitOrphans()
    await this.#comparing
    const outcome = await this.#compare()
    if (outcome.kind === 'failed') return outcome
    if (await this.#keeper.settled(this.#options.deadlineMs)) return outcome
    return { kind: 'failed', error: `${this.#sink.name} has not taken all of it yet; it is tried on` }
  }

  #awaitOrphans(): void {
    if (this.#orphansFromMs !== undefined) return
    this.#orphansFromMs = steadyMs() + this.#orphansAfterMs
    this.#orphansTimer = setTimeout(() => void this.#compare(), this.#orphansAfterMs + 1)
    this.#orphansTimer.unref()
  }

  async list(): Promise<Listing> {
    const listing = await listingOf(await this.#client, undefined)
    if (listing.kind === 'unknown') return { ...listing, error: `${this.#sink.name}: ${listing.error}` }
    return { kind: 'listed', held: [...listing.held.values()].map(({ item }) => item) }
  }

  listen(hear: (mitigationId: string, outcome: Outcome) => void): void {
    this.#keeper.listen(hear)
  }

  async stop(deadlineMs: number): Promise<void> {
    this.#isStopped = true
    clearInterval(this.#timer)
    clearTimeout(this.#orphansTimer)
    this.#watch?.stop()
    await this.#keeper.stop(deadlineMs)
    const client = await this.#client
    client.close()
  }

  /** The packages of gRPC are loaded by whoever needs them: they would make every start slower. */
  async #connect(): Promise<GobgpClient> {
    const { GobgpClient } = await import('./client.ts')
    const client = new GobgpClient(this.#options)
    if (this.#isStopped) return client
    this.#watch = new SessionWatch(client, this.#sessions, () => void this.#compare())
    client.watch(isConnected => this.#changed(isConnected))
    return client
  }

  #changed(isConnected: boolean): void {
    this.#isConnected = isConnected
    this.#log[isConnected ? 'info' : 'warn'](isConnected ? 'connected' : 'connection lost', {
      to: this.#sink.name,
      routes: this.#keeper.desired.size,
    })
    if (isConnected) {
      this.#watch?.start()
      this.#keeper.retryNow()
      void this.#compare()
    } else {
      this.#watch?.stop()
      this.#keeper.forget()
    }
  }

  /** Compares what is held with what is desired. One at a time: who comes meanwhile is answered with it. */
  #compare(): Promise<Outcome> {
    if (this.#isStopped) return Promise.resolve({ kind: 'done' })
    this.#comparing ??= this.#compareOnce()
      .then(outcome => {
        this.#comparisons[outcome.kind === 'done' ? 'done' : 'failed']++
        return outcome
      })
      .finally(() => {
        this.#comparing = undefined
      })
    return this.#comparing
  }

  async #compareOnce(): Promise<Outcome> {
    const client = await this.#client
    const asn = await client.asNumber()
    if (asn.kind !== 'ok') return this.#cannotTell(asn.error)
    if (asn.value === 0) return this.#cannotTell('it runs no BGP, because it has no configuration')
    await this.#watch?.refresh()
    const before = new Map(this.#keeper.told)
    const listing = await listingOf(client, before)
    if (listing.kind === 'unknown') return this.#cannotTell(listing.error)
    this.#problem = undefined
    this.#sayTooLarge(listing.tooLarge)
    const { desired, told } = this.#keeper
    const isMoving = (key: string) => this.#keeper.isMoving(key)
    const knowsOrphans = this.#orphansFromMs !== undefined && steadyMs() >= this.#orphansFromMs
    const isForgotten = (key: string) => knowsOrphans && desired.get(key) === undefined && !isMoving(key)
    this.#repair(
      differencesOf({ before, now: told, isForgotten, isMoving }, listing.held, this.#options.mark),
    )
    this.#keeper.retryRefused()
    return { kind: 'done' }
  }

  #repair({ wrong, orphans }: Differences): void {
    const { counts } = this.#keeper
    counts.repairs += wrong.length
    counts.orphans += orphans.length
    const by = this.#sink.name
    if (wrong.length > 0) {
      const facts = { by, routes: wrong.length, first: wrong[0] }
      this.#log.warn('routes were missing or changed and are announced again', facts)
      this.#keeper.repeat(wrong)
    }
    if (orphans.length > 0) {
      const facts = { by, routes: orphans.length, first: orphans[0]?.key }
      this.#log.warn('routes with our mark that nobody wants are withdrawn', facts)
      this.#keeper.takeBack(orphans)
    }
  }

  /** Each new reason is logged once. */
  #cannotTell(error: string): Outcome {
    const isNews = error !== this.#problem && !this.#isStopped
    if (isNews) this.#log.warn('held routes are not known', { by: this.#sink.name, error })
    this.#problem = error
    return { kind: 'failed', error: `${this.#sink.name}: ${error}` }
  }

  #sayTooLarge(families: readonly string[]): void {
    const tables = families.join(', ')
    if (tables !== this.#tooLarge && tables !== '') {
      const facts = { by: this.#sink.name, tables }
      this.#log.warn('tables are too large to be listed: orphans in them are not found', facts)
    }
    this.#tooLarge = tables
  }
}

const clientOptions = (options: GobgpOptions): ClientOptions => ({
  address: options.address,
  deadlineMs: options.deadlineSeconds * 1000,
  listDeadlineMs: options.listDeadlineSeconds * 1000,
  mark: options.mark === 'off' ? undefined : options.mark,
  allowOffsets: options.flowspecOffsets,
  testsMax: options.flowspecTestsMax,
})
