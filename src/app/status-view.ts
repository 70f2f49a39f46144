// How the daemon is and fares: the numbers of status, health, the screen's foot and FastNetMon's metrics.

import { OUTCOME } from '#2-decode/sample.ts'
import { DIRECTIONS, TotalReadings } from '#3-traffic/totals.ts'
import type { Health } from '#api/contract/health.ts'
import type { EnforcerFacts, Status } from '#api/contract/status.ts'
import type { Traffic } from '#api/contract/traffic.ts'
import type { FastnetmonNumbers } from '#compat/fastnetmon/metrics.ts'
import { VERSION } from '#lib/version.ts'
import type { CaptureCrew, WorkerState } from './capture/capture-crew.ts'
import type { Origin } from './config/load.ts'
import { enforcerFacts, sessionWarnings, type Told } from './enforcer-facts.ts'
import type { EngineFacts } from './engine-worker/engine-facts.ts'
import type { TelemetryCrew } from './telemetry/telemetry-crew.ts'
import { telemetryChecks, telemetryRows, telemetryWarnings } from './telemetry/telemetry-status.ts'
import { BUDGET_TICK_SECONDS } from './tick-clock.ts'

export interface StatusOptions {
  readonly engine: { readonly facts: EngineFacts }
  readonly crew: Pick<CaptureCrew, 'states'>
  /** Missing: flow telemetry is off. */
  readonly telemetry?: Pick<TelemetryCrew, 'states'>
  readonly mode: 'budget' | 'plain'
  readonly armed: boolean
  readonly origin: { readonly kind: Origin; readonly file: string | undefined }
  readonly stateDirectory: string
  readonly networks: number
  readonly startedAt: number
  /** Warnings of the configuration and of the start. */
  readonly warnings: readonly string[]
  /** Who carries mitigations out; missing: nobody. */
  readonly enforcers?: () => readonly Told[]
  /** Listeners that do not listen now, and why. */
  readonly listeners: () => readonly string[]
  /** Requests to InfluxDB; missing: there is none. */
  readonly influxdb?: () => FastnetmonNumbers['influxdb']
  /** Why bans would not survive a restart just now; missing: nothing keeps them. */
  readonly stateProblem?: () => string | undefined
  /** Entries of the safelist that cannot be read; missing: there are none. */
  readonly safelistProblems?: () => readonly string[]
  /** Settings that are not in force, and destinations of alerts that cannot be told; missing: there are none. */
  readonly settingProblems?: () => readonly string[]
}

/** A tick that is later than this is too late to be a decision. */
const LATE_SECONDS = 5

export class StatusView {
  #options: StatusOptions
  #reload: Status['lastReload']

  constructor(options: StatusOptions) {
    this.#options = options
  }

  /** Where the configuration was read. */
  get origin(): StatusOptions['origin'] {
    return this.#options.origin
  }

  /** Other facts from now on, because the configuration was read again. */
  reconfigure(facts: Partial<Pick<StatusOptions, 'armed' | 'networks' | 'origin' | 'warnings'>>): void {
    this.#options = { ...this.#options, ...facts }
  }

  /** What came of the last reload. */
  reloaded(reload: NonNullable<Status['lastReload']>): void {
    this.#reload = reload
  }

  read(activeAttacks: number): Status {
    const { engine, crew, origin, startedAt, mode, armed, stateDirectory, networks } = this.#options
    const states = crew.states
    const sums = sumsOf(states)
    return {
      version: VERSION,
      pid: process.pid,
      startedAt: new Date(startedAt).toISOString(),
      uptimeSeconds: Math.round(process.uptime()),
      mode,
      armed,
      origin: { kind: origin.kind, ...(origin.file === undefined ? {} : { file: origin.file }) },
      stateDirectory,
      networks,
      capture: states.map(state => ({
        worker: state.worker,
        interface: state.interface,
        link: state.link,
        packets: state.kernelPackets - state.kernelDrops,
        dropped: state.kernelDrops,
        droppedPercent: percentOf(state.kernelDrops, state.kernelPackets),
      })),
      telemetry: telemetryRows(this.#listeners()),
      enforcers: this.#enforcers(),
      packetsReceived: sums.packets,
      packetsDropped: sums.drops,
      droppedPercent: percentOf(sums.drops, sums.packets),
      exemptPackets: new TotalReadings(engine.facts.totals).exempt.packets,
      hosts: { tracked: engine.facts.hosts, evicted: sums.evicted, refused: sums.refused },
      activeAttacks,
      ticks: engine.facts.ticks,
      ...(this.#reload === undefined ? {} : { lastReload: this.#reload }),
      warnings: this.warnings(states),
    }
  }

  warnings(states: readonly WorkerState[] = this.#options.crew.states): string[] {
    const { warnings, listeners, safelistProblems, settingProblems } = this.#options
    const ofCapture = states
      .flatMap(({ problem, advice }) => [problem, advice])
      .filter(text => text !== undefined)
    const drops = sumsOf(states).drops
    const dropped =
      drops === 0
        ? []
        : [`the kernel dropped ${drops} packets: a ring was full (capture.ringMegabytes, capture.workers)`]
    return [
      ...new Set([
        ...ofCapture,
        ...dropped,
        ...telemetryWarnings(this.#listeners()),
        ...sessionWarnings(this.#enforcers()),
        ...this.#slowness(),
        ...this.#stateProblems(),
        ...(safelistProblems?.() ?? []),
        ...(settingProblems?.() ?? []),
        ...listeners(),
        ...this.#reloadTroubles(),
        ...warnings,
      ]),
    ]
  }

  #listeners(): TelemetryCrew['states'] {
    return this.#options.telemetry?.states ?? []
  }

  #enforcers(): EnforcerFacts[] {
    return (this.#options.enforcers?.() ?? []).map(enforcerFacts)
  }

  #stateProblems(): string[] {
    const problem = this.#options.stateProblem?.()
    return problem === undefined ? [] : [`a restart would forget bans: ${problem}`]
  }

  #reloadTroubles(): string[] {
    if (this.#reload === undefined) return []
    const { at, outcome, needsRestart, problems } = this.#reload
    if (outcome === 'refused')
      return [`the reload at ${at} was refused, the configuration before is in force: ${problems[0] ?? ''}`]
    return needsRestart.length === 0
      ? []
      : [`changed in the file, needs a restart: ${needsRestart.join(', ')}`]
  }

  /** Always well: a refused file does not keep the daemon from its work. */
  #configurationCheck(): Health['checks'][number] {
    const { at, outcome } = this.#reload ?? {}
    const detail =
      outcome === undefined
        ? 'as read at the start'
        : outcome === 'applied'
          ? `reloaded at ${at}`
          : `the reload at ${at} was refused; the configuration before is in force`
    return { name: 'configuration', ok: true, detail }
  }

  #slowness(): string[] {
    const { engine, mode } = this.#options
    const { tickMs, tickShare } = engine.facts
    if (mode === 'plain' || tickMs <= BUDGET_TICK_SECONDS * 1000) return []
    const share = Math.round(tickShare * 100)
    return [`traffic is judged only every ${tickMs} ms, because judging it takes ${share} % of a core`]
  }

  health(): Health {
    const { crew, engine, stateProblem } = this.#options
    const capture = crew.states.map(({ interface: name, worker, link, problem, silentSeconds }) => ({
      name: `capture ${name}/${worker}`,
      ok: link === 'up' && silentSeconds < LATE_SECONDS,
      detail: problem ?? `link ${link}, alive ${silentSeconds.toFixed(1)} s ago`,
    }))
    const telemetry = telemetryChecks(this.#listeners(), LATE_SECONDS)
    const { secondsSinceTick: late, tickMs } = engine.facts
    const decision = {
      name: 'decision',
      ok: late < tickMs / 1000 + LATE_SECONDS,
      detail: `last tick ${late.toFixed(1)} s ago`,
    }
    const problem = stateProblem?.()
    const state = { name: 'state', ok: problem === undefined, detail: problem ?? 'bans survive a restart' }
    const kept = stateProblem === undefined ? [] : [state]
    const checks = [...capture, ...telemetry, decision, ...kept, this.#configurationCheck()]
    return { ok: checks.every(check => check.ok), checks }
  }

  screenFacts(): Pick<
    Traffic,
    | 'version'
    | 'mode'
    | 'armed'
    | 'interfaces'
    | 'at'
    | 'packetsReceived'
    | 'packetsDropped'
    | 'droppedPercent'
    | 'exemptPackets'
    | 'unparsedPerSecond'
    | 'calculationMicroseconds'
  > {
    const { crew, mode, armed, engine } = this.#options
    const { facts } = engine
    const { states } = crew
    const sums = sumsOf(states)
    const totals = new TotalReadings(facts.totals)
    return {
      version: VERSION,
      mode,
      armed,
      interfaces: [...new Set(states.map(state => state.interface))],
      at: new Date(facts.wallMs).toISOString(),
      packetsReceived: sums.packets,
      packetsDropped: sums.drops,
      droppedPercent: percentOf(sums.drops, sums.packets),
      exemptPackets: totals.exempt.packets,
      unparsedPerSecond: Math.round(totals.unparsedPerSecond),
      calculationMicroseconds: Math.round(facts.lastTickMicros),
    }
  }

  fastnetmonNumbers(): FastnetmonNumbers {
    const { engine, crew, influxdb = NO_INFLUXDB } = this.#options
    const { facts } = engine
    const totals = new TotalReadings(facts.totals)
    const counted = (family: 4 | 6) =>
      DIRECTIONS.reduce((sum, direction) => sum + totals.counted(direction, family).packets, 0)
    const unparsed = totals.outcome(OUTCOME.cut) + totals.outcome(OUTCOME.malformed)
    const sums = sumsOf(crew.states)
    return {
      processedPackets: counted(4) + counted(6),
      ipv4Packets: counted(4),
      ipv6Packets: counted(6),
      notIpPackets: totals.outcome(OUTCOME.notIp),
      unparsedPackets: unparsed,
      unparsedPacketsPerSecond: totals.unparsedPerSecond,
      calculationMicroseconds: Math.round(facts.lastTickMicros),
      hosts: facts.hosts,
      influxdb: influxdb(),
      totals: DIRECTIONS.flatMap(direction =>
        ([4, 6] as const).map(family => {
          const { packets, bits } = totals.speed(direction, family)
          const isOurs = direction === 'incoming' || direction === 'outgoing'
          const flowsPerSecond = isOurs && family === 4 ? facts.flowsIpv4[direction] : undefined
          return { direction, family, packetsPerSecond: packets, bitsPerSecond: bits, flowsPerSecond }
        }),
      ),
      ring: {
        offeredPackets: sums.packets,
        droppedPackets: sums.drops,
        blocks: sums.blocks,
        packets: sums.packets - sums.drops,
        parsedPackets: totals.outcome(OUTCOME.decoded),
        unparsedPackets: unparsed + totals.outcome(OUTCOME.notIp),
      },
    }
  }
}

const NO_INFLUXDB = () => ({ writes: 0, failed: 0 })

function sumsOf(states: readonly WorkerState[]) {
  const sum = (read: (state: WorkerState) => number) =>
    states.reduce((total, state) => total + read(state), 0)
  return {
    packets: sum(state => state.kernelPackets),
    drops: sum(state => state.kernelDrops),
    blocks: sum(state => state.blocks),
    evicted: sum(state => state.hostsEvicted),
    refused: sum(state => state.hostsRefused),
  }
}

const percentOf = (part: number, whole: number): number =>
  whole === 0 ? 0 : Math.min(100, Math.round((10_000 * part) / whole) / 100)
