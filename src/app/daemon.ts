// The running system: capture crew, engine worker and action desk, told and asked by the control room.

import { randomInt, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { OpenAttack } from '#4-detection/attack.ts'
import { AttackCounts } from '#4-detection/metrics.ts'
import type { DecisionContext } from '#6-policy/decide.ts'
import type { Rails } from '#6-policy/guardrail.ts'
import { DecisionCounts } from '#6-policy/metrics.ts'
import type { Actor } from '#7-mitigation/audit.ts'
import { MitigationLedger } from '#7-mitigation/mitigation-ledger.ts'
import { DryRun } from '#8-enforcement/dry-run/driver.ts'
import { NotifyScript } from '#8-enforcement/notify-script/driver.ts'
import type { HostFacts } from '#api/contract/explain.ts'
import type { Sort } from '#api/contract/values.ts'
import type { MetricRegistry } from '#lib/metrics/registry.ts'
import { BEING_MADE } from '#store/being-made.ts'
import type { ScreenConfig } from '#tui/config.ts'
import { ActionDesk } from './action-desk.ts'
import { NotifyRoom } from './alerts/notify-room.ts'
import type { ArmingDesk } from './arming/arming-desk.ts'
import { ArmingRoom } from './arming/arming-room.ts'
import { AttackBook } from './attack-book.ts'
import { AttackPapers } from './attack-papers.ts'
import { AttackStory } from './attack-story.ts'
import { CaptureCrew } from './capture/capture-crew.ts'
import type { ResolvedConfig } from './config/config.ts'
import type { Daemon as Daemonic } from './control-room.ts'
import { addDaemonMetrics } from './daemon-metrics.ts'
import type { DaemonOptions } from './daemon-options.ts'
import { DeskClock } from './desk-clock.ts'
import { deskSettingsOf } from './desk-context.ts'
import type { EngineEvent } from './engine-event.ts'
import { EngineLink } from './engine-worker/engine-link.ts'
import type { NetworkRows } from './engine-worker/network-rows.ts'
import { Exports } from './exports/exports.ts'
import { snapshotSource } from './exports/traffic-snapshot.ts'
import { IntakeRoom } from './intake/intake-room.ts'
import { LearningRoom } from './learning/learning-room.ts'
import { withSources } from './learning/limit-source.ts'
import { LimitsDesk } from './learning/limits-desk.ts'
import { paceText } from './loops/pace.ts'
import { PROTECTION_KEY } from './protection/kept-protection.ts'
import { ProtectionRoom } from './protection/protection-room.ts'
import { CountingPlan } from './reload/counting-plan.ts'
import { ResourceRoom } from './resources/resource-room.ts'
import type { ScreenFiles } from './screen/screen-files.ts'
import { screenFilesOf, screenPlanOf } from './screen/screen-source.ts'
import { scriptOptionsOf } from './script-options.ts'
import { SettingsInForce } from './settings-in-force.ts'
import { archivedConfig } from './state/archived-config.ts'
import { restoreLate } from './state/restore-late.ts'
import { endOf, STOPPED } from './state/restore-plan.ts'
import { StateRoom } from './state/state-room.ts'
import { StatusView } from './status-view.ts'
import { STOP_MS } from './stop-times.ts'
import { TelemetryRoom } from './telemetry/telemetry-room.ts'
import type { Sides } from './traffic-view.ts'

export class Daemon implements Daemonic {
  #options: DaemonOptions
  readonly #crew: CaptureCrew
  readonly #telemetry: TelemetryRoom
  readonly #engine: EngineLink
  readonly #desk: ActionDesk
  readonly #story: AttackStory
  readonly #papers: AttackPapers
  readonly #exports: Exports
  readonly #screens: ScreenFiles
  readonly #script: NotifyScript
  readonly #arming: ArmingRoom
  #everySecond: NodeJS.Timeout | undefined
  readonly #clock = new DeskClock()
  readonly #attackCounts = new AttackCounts()
  readonly #decisionCounts = new DecisionCounts()
  readonly book = new AttackBook()
  readonly store: MitigationLedger
  readonly #state: StateRoom
  readonly learning: LearningRoom
  readonly limits: LimitsDesk
  readonly status: StatusView
  readonly alerts: NotifyRoom
  readonly intake: IntakeRoom
  readonly settings: SettingsInForce
  readonly resources: ResourceRoom
  readonly protection: ProtectionRoom

  constructor(options: DaemonOptions) {
    const { config, log } = options
    this.#options = options
    // A random seed: nobody outside can choose addresses that collide in our tables.
    this.#crew = new CaptureCrew(config, randomInt(2 ** 31), log)
    this.#telemetry = new TelemetryRoom(options, randomInt(2 ** 31))
    this.#state = new StateRoom({
      ...{ directory: options.stateDirectory, store: config.store, log, now: Date.now },
      lost: () => this.learning.keepAll(),
      heldLate: options.mustEnd,
    })
    this.resources = this.#resourceRoom()
    this.learning = new LearningRoom({
      ...{ state: this.#state, config: () => this.#options.config, log, now: Date.now },
      measured: () => this.#engine.ask('measured', {}),
      apply: () => this.#applyLearned(),
    })
    this.store = new MitigationLedger({}, this.resources.keeper(this.#state.keeper))
    const learned = { room: this.learning, store: this.store, now: Date.now }
    this.limits = new LimitsDesk({ ...learned, config: () => this.config })
    this.#script = new NotifyScript(scriptOptionsOf(config, process.env), log)
    this.#desk = this.#actionDesk()
    this.protection = new ProtectionRoom({
      ...{ config: () => this.config, stateDirectory: options.stateDirectory, store: this.store, log },
      ...{ keep: (key, value) => this.#state.learn(key, value), now: Date.now },
      trafficOf: lists => this.#engine.ask('prefixTraffic', { lists }),
      trouble: text => this.alerts.notices.trouble(text),
    })
    this.#arming = this.#armingRoom()
    this.#papers = new AttackPapers(options)
    const numbers = () => this.status.fastnetmonNumbers()
    const snapshots = snapshotSource(() => this.#engine, numbers)
    this.#exports = new Exports(config, snapshots, log)
    const parts = { desk: this.#desk, store: this.store, state: this.#state, config: () => this.config }
    this.alerts = new NotifyRoom({ ...parts, log })
    this.#story = new AttackStory({
      ...{ desk: this.#desk, book: this.book, counts: this.#attackCounts, log },
      keeper: this.#state.keeper,
      witnesses: this.resources.witnesses(this.#papers, this.#exports, this.alerts),
    })
    this.intake = new IntakeRoom({ ...parts, book: this.book, story: this.#story, now: Date.now })
    this.settings = new SettingsInForce(this.alerts, this.intake.groupRules)
    this.#engine = new EngineLink({
      ...{ config, died: options.died },
      sources: [...this.#crew.sources, ...this.#telemetry.crew.sources],
      events: events => this.#story.tell(events),
      pace: (tickMs, share) => log.warn(...paceText(tickMs, share)),
    })
    this.status = new StatusView({
      ...options,
      ...{ engine: this.#engine, crew: this.#crew, telemetry: this.#telemetry.crew },
      ...{ mode: config.detection.mode, armed: config.mitigation.armed },
      enforcers: () => this.#arming.enforcers,
      ...{ networks: config.networks.length, startedAt: Date.now() },
      stateProblem: () => this.#state.problem,
      safelistProblems: () => this.resources.safelist.problems(),
      settingProblems: () => [...this.settings.warnings(this.config), ...this.protection.warnings()],
      influxdb: () => this.#exports.influxdbWrites,
    })
    this.#screens = screenFilesOf(this, log)
  }

  #resourceRoom(): ResourceRoom {
    return new ResourceRoom({
      ...{ state: this.#state, book: this.book, store: () => this.store, intake: () => this.intake },
      ...{ config: () => this.#options.config, facts: () => this.#engine.facts, now: Date.now },
      ...{ protection: () => this.protection, rates: known => this.#engine.ask('rates', { known }) },
      effective: () => this.learning.effective(),
      ...{ inventory: () => this.#desk.decisionContext.inventory, applySafelist: () => this.#arming.apply() },
      ...{ bounds: () => this.#desk.rails().bounds, preview: ask => this.#engine.ask('preview', ask) },
    })
  }

  #actionDesk(): ActionDesk {
    const { config, log } = this.#options
    return new ActionDesk({
      ...{ store: this.store, enforcers: [this.#script], dryRun: new DryRun(log), log, now: Date.now },
      ...deskSettingsOf(config, config.mitigation.armed),
      counts: this.#decisionCounts,
      reportsAbout: host => this.intake.reports.about(host, Date.now()),
      decidedAgain: (...told) => this.#story.decidedAgain(...told),
    })
  }

  #armingRoom(): ArmingRoom {
    return new ArmingRoom({
      ...{ desk: this.#desk, book: this.book, store: this.store, script: this.#script },
      config: () => this.#options.config,
      safelist: () => this.resources.safelist.entries(),
      protection: this.protection,
      keep: (key, value) => this.#state.learn(key, value),
      told: armed => this.status.reconfigure({ armed }),
      ...{ log: this.#options.log, now: Date.now },
    })
  }

  /** Settles when the engine ticks, and capture has begun or has said why it cannot yet. */
  async start(): Promise<void> {
    const { died } = this.#options
    this.#arming.apply()
    this.#everySecond = setInterval(() => {
      this.#papers.look(this.book.eachOpen())
      this.#crew.follow()
      this.#telemetry.crew.follow()
      this.resources.second()
      this.protection.second()
    }, SECOND_MS)
    this.#clock.start(this.#desk, this.book, this.intake.events)
    const workers = [this.#crew.start(died), this.#telemetry.start(died)]
    await Promise.all([...workers, this.#engine.start(this.#restored()), this.#papers.start()])
    this.#screens.start()
    this.#exports.start()
    this.learning.start()
  }

  /** What an earlier run left, taken up: nothing new is decided before. */
  async #restored(): Promise<readonly OpenAttack[]> {
    await this.#state.open({
      ...{ ledger: this.store, book: this.book, desk: this.#desk, story: this.#story },
      learned: kept => {
        this.learning.adopt(kept)
        this.protection.adopt(kept.learned.get(PROTECTION_KEY))
        this.#arming.adopt(kept)
      },
      late: (attacks, takeUp) =>
        void restoreLate(this.#engine, attacks, superseded => {
          const open = takeUp(superseded)
          this.#desk.reconcile(true)
          this.alerts.adopt(open)
          this.resources.open(open)
        }).catch(this.#options.died),
    })
    this.#arming.reconcile()
    this.alerts.adopt(this.book.open)
    return this.resources.open(this.book.open)
  }

  /** Ends within a few seconds. Bans stay in place for the next start, unless `mitigation.onStop` has them taken back. */
  async stop(): Promise<void> {
    clearInterval(this.#everySecond)
    this.#clock.stop()
    this.resources.stopping()
    await this.#exports.stop(STOP_MS.exports)
    const workers = [this.#crew.stop(), this.#telemetry.stop()]
    await Promise.all([this.#engine.stop(), ...workers, this.#screens.stop()])
    this.learning.stop()
    this.#desk.stopping()
    if (this.#options.config.mitigation.onStop === 'withdraw') this.#withdrawAll()
    this.alerts.stop()
    await Promise.all([this.#script.stop(STOP_MS.scripts), this.#arming.stop(STOP_MS.announcers)])
    await Promise.all([this.#state.close(STOP_MS.state), this.#papers.stop(STOP_MS.papers)])
  }

  /**
   * Goes on by another configuration, of which only that is otherwise which may change while it runs (reload/changes.ts).
   * Policy comes first, so that nothing is done by the old rails; the engine before the capture workers, so that new hosts
   * find their limits. Gives how many bans ended because of it.
   */
  async reconfigure(
    config: ResolvedConfig,
    { origin, warnings }: Pick<DaemonOptions, 'origin' | 'warnings'>,
  ): Promise<number> {
    const before = this.#options.config
    this.#options = { ...this.#options, config, origin, warnings }
    this.#script.reconfigure(scriptOptionsOf(config, process.env))
    this.protection.reconfigure()
    this.#arming.reconfigure()
    this.status.reconfigure({ networks: config.networks.length, origin, warnings })
    this.#screens.reconfigure(screenPlanOf(config.screen))
    this.#state.retain(config.store.retention)
    this.alerts.stop()
    this.#papers.reconfigure(config)
    this.#exports.reconfigure(config)
    const follow = new CountingPlan([this.#crew, this.#telemetry], this.#options.log)
    await follow.begin(before, config, () => this.#engine.ticked())
    const ended = await this.#applyLearned()
    await follow.end(before, config)
    return ended.filter(({ kind }) => kind === 'ended').length
  }

  /** Has the engine go on by the configuration with the accepted limits in it. Gives what ended because of it. */
  #applyLearned(): Promise<readonly EngineEvent[]> {
    const config = this.learning.effective()
    return this.#engine.ask('reconfigure', { config }, told => this.#story.tell(told))
  }

  #withdrawAll(): void {
    const now = this.now()
    this.#story.tell(
      this.book.open.map(attack => ({ kind: 'ended', attack: endOf(attack, 'operator', now, STOPPED) })),
    )
    this.protection.arm(false)
  }

  addMetrics(registry: MetricRegistry): void {
    addDaemonMetrics(registry, {
      ...{ crew: this.#crew, telemetry: this.#telemetry, engine: this.#engine, script: this.#script },
      ...{ attacks: this.#attackCounts, decisions: this.#decisionCounts, store: this.store },
      ...{ state: this.#state, learning: this.learning, screens: this.#screens },
      others: [
        this.#papers,
        this.#exports,
        this.#arming.announcers,
        this.intake,
        this.resources,
        this.protection,
        this.alerts,
      ],
    })
  }

  async refresh(): Promise<void> {
    await Promise.all([this.#engine.refresh(), this.#telemetry.crew.refresh()])
  }

  /** Brings up to date what metrics tell. */
  async refreshMetrics(): Promise<void> {
    await Promise.all([this.refresh(), this.#exports.refresh()])
  }

  traffic(sort: Sort, limit: number, family?: 4 | 6): Promise<Sides> {
    return this.#engine.ask('traffic', { sort, limit, family })
  }

  networks(): Promise<NetworkRows> {
    return this.#engine.ask('networks', {})
  }

  /** The engine knows the limits, and the learning room where each comes from. */
  async explain(host: string): Promise<HostFacts> {
    return withSources(await this.#engine.ask('explain', { host }), this.learning.sources())
  }

  get telemetry(): TelemetryRoom {
    return this.#telemetry
  }

  get state(): StateRoom {
    return this.#state
  }

  /** A new archive of state and configuration, in the state directory; whoever takes it away removes it. */
  async backUp(): Promise<string> {
    const { stateDirectory, origin } = this.#options
    const path = join(stateDirectory, `${BEING_MADE}${randomUUID()}`)
    await this.#state.backUp({ path, config: archivedConfig(origin.file) })
    return path
  }

  /** As it is in force. */
  get config(): ResolvedConfig {
    return this.#options.config
  }

  /** Where traffic as it was is known too. */
  get longHistory(): Exports['history'] {
    return this.#exports.history
  }

  get arming(): ArmingDesk {
    return this.#arming.desk
  }

  decisionContext(): DecisionContext {
    return this.#desk.decisionContext
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

const SECOND_MS = 1000
