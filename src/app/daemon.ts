// The running system: capture crew, engine worker and action desk, told and asked by the control room.

import { randomInt } from 'node:crypto'
import { METRICS as CAPTURE_METRICS } from '#1-capture/metrics.ts'
import { METRICS as DECODE_METRICS } from '#2-decode/metrics.ts'
import { prefixesOf } from '#3-traffic/hostgroup.ts'
import { slotSource, METRICS as TRAFFIC_METRICS } from '#3-traffic/metrics.ts'
import type { OpenAttack } from '#4-detection/attack.ts'
import { AttackCounts, METRICS as DETECTION_METRICS } from '#4-detection/metrics.ts'
import { METRICS as EVIDENCE_METRICS } from '#5-evidence/metrics.ts'
import type { Rails } from '#6-policy/guardrail.ts'
import { DecisionCounts, METRICS as POLICY_METRICS } from '#6-policy/metrics.ts'
import type { Actor } from '#7-mitigation/audit.ts'
import { METRICS as MITIGATION_METRICS } from '#7-mitigation/metrics.ts'
import { MitigationLedger } from '#7-mitigation/mitigation-ledger.ts'
import { DryRun } from '#8-enforcement/dry-run/driver.ts'
import { NotifyScript } from '#8-enforcement/notify-script/driver.ts'
import { METRICS as SCRIPT_METRICS } from '#8-enforcement/notify-script/metrics.ts'
import type { Sort } from '#api/contract/values.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricRegistry } from '#lib/metrics/registry.ts'
import { METRICS as STORE_METRICS } from '#store/metrics.ts'
import type { ScreenConfig } from '#tui/config.ts'
import { ActionDesk } from './action-desk.ts'
import { Announcers } from './announcers.ts'
import { AttackBook } from './attack-book.ts'
import { AttackPapers } from './attack-papers.ts'
import { AttackStory } from './attack-story.ts'
import { CaptureCrew } from './capture/capture-crew.ts'
import { captureSource } from './capture/capture-metrics.ts'
import { announcementsOf } from './config/announcements.ts'
import type { ResolvedConfig } from './config/config.ts'
import type { Origin } from './config/load.ts'
import type { Daemon as Daemonic } from './control-room.ts'
import type { EngineEvent } from './engine.ts'
import { EngineLink } from './engine-worker/engine-link.ts'
import { METRICS as LINK_METRICS } from './engine-worker/metrics.ts'
import { METRICS as LOOP_METRICS } from './loops/metrics.ts'
import { METRICS as SCREEN_METRICS } from './screen/metrics.ts'
import type { ScreenFiles } from './screen/screen-files.ts'
import { screenFilesOf } from './screen/screen-source.ts'
import { scriptOptionsOf } from './script-options.ts'
import { endOf } from './state/restore-plan.ts'
import { StateRoom } from './state/state-room.ts'
import { StatusView } from './status-view.ts'
import type { Sides } from './traffic-view.ts'

export interface DaemonOptions {
  readonly config: ResolvedConfig
  readonly origin: { readonly kind: Origin; readonly file: string | undefined }
  readonly stateDirectory: string
  readonly warnings: readonly string[]
  readonly listeners: () => readonly string[]
  readonly log: Logger
  /** A mistake of ours ended a worker: the process must not go on. */
  readonly died: (error: unknown) => void
}

export class Daemon implements Daemonic {
  readonly #options: DaemonOptions
  readonly #crew: CaptureCrew
  readonly #engine: EngineLink
  readonly #desk: ActionDesk
  readonly #story: AttackStory
  readonly #papers: AttackPapers
  readonly #screens: ScreenFiles
  readonly #script: NotifyScript
  readonly #announcers: Announcers
  #everySecond: NodeJS.Timeout | undefined
  readonly #attackCounts = new AttackCounts()
  readonly #decisionCounts = new DecisionCounts()
  readonly book = new AttackBook()
  readonly store: MitigationLedger
  readonly #state: StateRoom
  readonly status: StatusView

  constructor(options: DaemonOptions) {
    const { config, log } = options
    this.#options = options
    // A random seed: nobody outside can choose addresses that collide in our tables.
    this.#crew = new CaptureCrew(config, randomInt(2 ** 31), log)
    this.#state = new StateRoom({ directory: options.stateDirectory, log, now: Date.now })
    this.store = new MitigationLedger({}, this.#state.keeper)
    this.#script = new NotifyScript(scriptOptionsOf(config, process.env), log)
    this.#announcers = new Announcers(config, log)
    this.#desk = this.#actionDesk()
    this.#papers = new AttackPapers(options)
    this.#story = new AttackStory({
      ...{ desk: this.#desk, book: this.book, counts: this.#attackCounts, log },
      keeper: this.#state.keeper,
      witnesses: [this.#papers],
    })
    this.#engine = new EngineLink({
      config,
      sources: this.#crew.sources,
      events: events => this.#story.tell(events),
      pace: (tickMs, share) => this.#tellPace(tickMs, share),
      died: options.died,
    })
    this.status = new StatusView({
      ...options,
      engine: this.#engine,
      crew: this.#crew,
      mode: config.detection.mode,
      armed: config.mitigation.armed,
      networks: config.networks.length,
      startedAt: Date.now(),
      stateProblem: () => this.#state.problem,
    })
    this.#screens = screenFilesOf(this, log)
  }

  #actionDesk(): ActionDesk {
    const { config, log } = this.#options
    return new ActionDesk({
      store: this.store,
      enforcers: [this.#script, ...this.#announcers.enforcers],
      dryRun: new DryRun(log),
      maximumSeconds: config.mitigation.maximumSeconds,
      context: {
        ...this.#railPrefixes(),
        policy: config.policy,
        armed: config.mitigation.armed,
        scriptPath: config.enforcement.notifyScript.path,
        scriptTakesPrefixes: config.enforcement.notifyScript.prefixes,
        announcements: announcementsOf(config),
      },
      counts: this.#decisionCounts,
      log,
      now: Date.now,
    })
  }

  #railPrefixes() {
    const { config } = this.#options
    return {
      networks: prefixesOf(config.networks),
      whitelist: prefixesOf(config.whitelist),
      managementPrefixes: prefixesOf(config.policy.managementPrefixes),
    }
  }

  #tellPace(tickMs: number, share: number): void {
    const facts = { tickMs, sharePercent: Math.round(share * 100) }
    this.#options.log.warn('ticks have another length, because of what they cost', facts)
  }

  /** Settles when the engine ticks, and capture has begun or has said why it cannot yet. */
  async start(): Promise<void> {
    const { died } = this.#options
    this.#everySecond = setInterval(() => {
      this.#desk.expire(this.book)
      this.#papers.look(this.book.open)
      this.#crew.follow()
    }, SECOND_MS)
    await Promise.all([this.#crew.start(died), this.#engine.start(this.#restored()), this.#papers.start()])
    this.#screens.start()
  }

  /** What an earlier run left, taken up: nothing new is decided before. */
  async #restored(): Promise<readonly OpenAttack[]> {
    await this.#state.open({
      ...{ ledger: this.store, book: this.book, desk: this.#desk, story: this.#story },
      late: attacks => {
        this.#desk.reconcile()
        void this.#engine.ask('restore', { attacks }).catch(this.#options.died)
      },
    })
    this.#desk.reconcile()
    return this.book.open
  }

  /**
   * Ends within a few seconds: no more ticks, workers gone, scripts finished or killed. Bans stay in place for the next
   * start, unless `mitigation.onStop` says that they are taken back.
   */
  async stop(): Promise<void> {
    clearInterval(this.#everySecond)
    await Promise.all([this.#engine.stop(), this.#crew.stop(), this.#screens.stop()])
    this.#desk.stopping()
    if (this.#options.config.mitigation.onStop === 'withdraw') this.#withdrawAll()
    await Promise.all([this.#script.stop(SCRIPT_STOP_MS), this.#announcers.stop(ANNOUNCERS_STOP_MS)])
    await Promise.all([this.#state.close(STATE_STOP_MS), this.#papers.stop(PAPERS_STOP_MS)])
  }

  #withdrawAll(): void {
    const now = this.now()
    this.#story.tell(
      this.book.open.map(attack => ({ kind: 'ended', attack: endOf(attack, 'operator', now) })),
    )
  }

  addMetrics(registry: MetricRegistry): void {
    registry.add(CAPTURE_METRICS, captureSource(this.#crew))
    registry.add(
      TRAFFIC_METRICS,
      slotSource(() => this.#crew.slotCounts),
    )
    registry.add(DETECTION_METRICS, this.#attackCounts.metrics)
    registry.add(POLICY_METRICS, this.#decisionCounts.metrics)
    registry.add(MITIGATION_METRICS, this.store.metrics)
    registry.add(STORE_METRICS, this.#state.metrics)
    registry.add(SCREEN_METRICS, this.#screens.metrics)
    this.#papers.addMetrics(registry)
    registry.add(SCRIPT_METRICS, this.#script.metrics)
    this.#announcers.addMetrics(registry)
    // What is counted where the engine runs comes with its facts once a second, also values of metrics declared above.
    const ofEngine = [...DECODE_METRICS, ...EVIDENCE_METRICS, ...LOOP_METRICS, ...LINK_METRICS]
    registry.add(ofEngine, () => this.#engine.facts.metrics)
  }

  refresh(): Promise<void> {
    return this.#engine.refresh()
  }

  traffic(sort: Sort, limit: number, family?: 4 | 6): Promise<Sides> {
    return this.#engine.ask('traffic', { sort, limit, family })
  }

  rails(): Rails {
    return this.#desk.rails()
  }

  isBanned(host: string): boolean {
    return this.book.isOpen(host)
  }

  async ban(host: string, seconds: number | undefined, who: Actor, begins: () => void): Promise<boolean> {
    const events = await this.#engine.ask('ban', { host, seconds }, told =>
      this.#tellOrder(told, who, begins),
    )
    return events.length > 0
  }

  async unban(host: string, who: Actor, begins: () => void): Promise<boolean> {
    const events = await this.#engine.ask('unban', { host }, told => this.#tellOrder(told, who, begins))
    return events.length > 0
  }

  #tellOrder(events: readonly EngineEvent[], who: Actor, begins: () => void): void {
    if (events.length > 0) begins()
    this.#story.tell(events, who)
  }

  get banSeconds(): number {
    return this.#options.config.detection.banSeconds
  }

  get screen(): ScreenConfig {
    return this.#options.config.screen
  }

  /** Counts traffic now, for the log at the end. */
  get summary(): { readonly attacks: number; readonly hosts: number } {
    return { attacks: this.book.openCount, hosts: this.#engine.facts.hosts }
  }

  now(): number {
    return Date.now()
  }
}

/** Scripts get so long to end when the daemon does. */
const SCRIPT_STOP_MS = 3000
/** What routers are still to be told gets so long; what is left is told by the next start. */
const ANNOUNCERS_STOP_MS = 2000
/** And the disk so long to hear of it. */
const STATE_STOP_MS = 1000
/** Files and mails get so long to be written. */
const PAPERS_STOP_MS = 1000
const SECOND_MS = 1000
