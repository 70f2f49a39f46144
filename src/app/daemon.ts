// The running system: capture crew, engine and action desk around one clock, told and asked by the control room.

import { randomInt } from 'node:crypto'
import { METRICS as CAPTURE_METRICS } from '#1-capture/metrics.ts'
import { METRICS as DECODE_METRICS } from '#2-decode/metrics.ts'
import { prefixesOf } from '#3-traffic/hostgroup.ts'
import { decodeSource, METRICS as TRAFFIC_METRICS, trafficSource } from '#3-traffic/metrics.ts'
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
import type { Logger } from '#lib/log/logger.ts'
import type { MetricRegistry } from '#lib/metrics/registry.ts'
import type { ScreenConfig } from '#tui/config.ts'
import { ActionDesk } from './action-desk.ts'
import { AttackBook } from './attack-book.ts'
import { AttackStory } from './attack-story.ts'
import { CaptureCrew } from './capture/capture-crew.ts'
import { captureSource } from './capture/capture-metrics.ts'
import type { ResolvedConfig } from './config/config.ts'
import type { Origin } from './config/load.ts'
import { addressOf, type Daemon as Daemonic } from './control-room.ts'
import { Engine } from './engine.ts'
import { METRICS as LOOP_METRICS, loopSource } from './loops/metrics.ts'
import { liveMoment, TickLoop } from './loops/tick-loop.ts'
import { scriptOptionsOf } from './script-options.ts'
import { StatusView } from './status-view.ts'
import { TrafficView } from './traffic-view.ts'

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
  readonly #engine: Engine
  readonly #desk: ActionDesk
  readonly #story: AttackStory
  readonly #script: NotifyScript
  readonly #loop: TickLoop
  readonly #attackCounts = new AttackCounts()
  readonly #decisionCounts = new DecisionCounts()
  readonly book = new AttackBook()
  readonly store = new MitigationLedger()
  readonly traffic: TrafficView
  readonly status: StatusView

  constructor(options: DaemonOptions) {
    const { config, log } = options
    this.#options = options
    // A random seed: nobody outside can choose addresses that collide in our tables.
    this.#crew = new CaptureCrew(config, randomInt(2 ** 31), log)
    this.#engine = new Engine(config, this.#crew.sources)
    this.#script = new NotifyScript(scriptOptionsOf(config, process.env), log)
    this.#desk = this.#actionDesk()
    this.#story = new AttackStory({ desk: this.#desk, book: this.book, counts: this.#attackCounts, log })
    this.traffic = new TrafficView(this.#engine)
    this.#loop = new TickLoop({
      tickMs: this.#engine.tickMs,
      tick: now => this.#story.tell(this.#engine.tick(now)),
      everySecond: () => {
        this.#desk.expire(this.#engine.detector.open)
        this.#crew.follow()
      },
    })
    this.status = new StatusView({
      ...options,
      engine: this.#engine,
      crew: this.#crew,
      loop: this.#loop,
      traffic: this.traffic,
      mode: config.detection.mode,
      armed: config.mitigation.armed,
      networks: config.networks.length,
      startedAt: Date.now(),
    })
  }

  #actionDesk(): ActionDesk {
    const { config, log } = this.#options
    return new ActionDesk({
      store: this.store,
      enforcers: [this.#script],
      dryRun: new DryRun(log),
      maximumSeconds: config.mitigation.maximumSeconds,
      context: {
        ...this.#railPrefixes(),
        policy: config.policy,
        armed: config.mitigation.armed,
        scriptPath: config.enforcement.notifyScript.path,
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

  /** Settles when capture has begun, or has said why it cannot yet. */
  start(): Promise<void> {
    const started = this.#crew.start(this.#options.died)
    this.#engine.start(liveMoment())
    this.#loop.start()
    return started
  }

  /** Ends within a few seconds: no more ticks, workers gone, scripts finished or killed. Bans stay as they are. */
  async stop(): Promise<void> {
    this.#loop.stop()
    await Promise.all([this.#crew.stop(), this.#script.stop(SCRIPT_STOP_MS)])
  }

  addMetrics(registry: MetricRegistry): void {
    const { totals, pass, detector, collections } = this.#engine
    registry.add(CAPTURE_METRICS, captureSource(this.#crew))
    registry.add(DECODE_METRICS, decodeSource(totals))
    registry.add(
      TRAFFIC_METRICS,
      trafficSource(
        totals,
        pass.hosts,
        () => pass.overflows,
        () => this.#crew.slotCounts,
      ),
    )
    registry.add(DETECTION_METRICS, this.#attackCounts.source(detector))
    registry.add(EVIDENCE_METRICS, collections.metrics)
    registry.add(POLICY_METRICS, this.#decisionCounts.metrics)
    registry.add(MITIGATION_METRICS, this.store.metrics)
    registry.add(SCRIPT_METRICS, this.#script.metrics)
    registry.add(LOOP_METRICS, loopSource(this.#loop, this.#engine))
  }

  rails(): Rails {
    const targets = new Set(this.store.active().map(mitigation => mitigation.target))
    return { ...this.#railPrefixes(), targets, bansMax: this.#options.config.policy.bansMax }
  }

  isBanned(host: string): boolean {
    return this.#engine.detector.isBanned(host)
  }

  ban(host: string, seconds: number | undefined, who: Actor): void {
    this.#story.tell(this.#engine.ban(addressOf(host), seconds, liveMoment()), who)
  }

  unban(host: string, who: Actor): void {
    this.#story.tell(this.#engine.unban(addressOf(host), liveMoment()), who)
  }

  get banSeconds(): number {
    return this.#options.config.detection.banSeconds
  }

  get screen(): ScreenConfig {
    return this.#options.config.screen
  }

  /** Counts traffic now, for the log at the end. */
  get summary(): { readonly attacks: number; readonly hosts: number } {
    return { attacks: this.book.openCount, hosts: this.#engine.pass.hosts.count }
  }

  now(): number {
    return Date.now()
  }
}

/** Scripts get so long to end when the daemon does. */
const SCRIPT_STOP_MS = 3000
