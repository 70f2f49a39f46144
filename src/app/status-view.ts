// How the daemon is and fares: the numbers of status, health, the screen's foot and FastNetMon's metrics.

import { OUTCOME } from '#2-decode/sample.ts'
import { DIRECTIONS } from '#3-traffic/totals.ts'
import type { Health } from '#api/contract/health.ts'
import type { Status } from '#api/contract/status.ts'
import type { Traffic } from '#api/contract/traffic.ts'
import type { FastnetmonNumbers } from '#compat/fastnetmon/metrics.ts'
import { VERSION } from '#lib/version.ts'
import type { CaptureCrew, WorkerState } from './capture/capture-crew.ts'
import type { Origin } from './config/load.ts'
import type { Engine } from './engine.ts'
import type { TickLoop } from './loops/tick-loop.ts'
import type { TrafficView } from './traffic-view.ts'

export interface StatusOptions {
  readonly engine: Engine
  readonly crew: Pick<CaptureCrew, 'states'>
  readonly loop: Pick<TickLoop, 'secondsSinceTick' | 'lastTickMicros'>
  readonly traffic: TrafficView
  readonly mode: 'budget' | 'plain'
  readonly armed: boolean
  readonly origin: { readonly kind: Origin; readonly file: string | undefined }
  readonly stateDirectory: string
  readonly networks: number
  readonly startedAt: number
  /** Warnings of the configuration and of the start. */
  readonly warnings: readonly string[]
  /** Listeners that do not listen now, and why. */
  readonly listeners: () => readonly string[]
}

/** A tick that is later than this is too late to be a decision. */
const LATE_SECONDS = 5

export class StatusView {
  readonly #options: StatusOptions

  constructor(options: StatusOptions) {
    this.#options = options
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
      packetsReceived: sums.packets,
      packetsDropped: sums.drops,
      droppedPercent: percentOf(sums.drops, sums.packets),
      hosts: { tracked: engine.pass.hosts.count, evicted: sums.evicted, refused: sums.refused },
      activeAttacks,
      ticks: engine.ticks,
      warnings: this.warnings(states),
    }
  }

  warnings(states: readonly WorkerState[] = this.#options.crew.states): string[] {
    const { warnings, listeners } = this.#options
    const ofCapture = states
      .flatMap(({ problem, advice }) => [problem, advice])
      .filter(text => text !== undefined)
    const drops = sumsOf(states).drops
    const dropped =
      drops === 0
        ? []
        : [`the kernel dropped ${drops} packets: a ring was full (capture.ringMegabytes, capture.workers)`]
    return [...new Set([...ofCapture, ...dropped, ...listeners(), ...warnings])]
  }

  health(): Health {
    const { crew, loop, engine } = this.#options
    const capture = crew.states.map(({ interface: name, worker, link, problem, silentSeconds }) => ({
      name: `capture ${name}/${worker}`,
      ok: link === 'up' && silentSeconds < LATE_SECONDS,
      detail: problem ?? `link ${link}, alive ${silentSeconds.toFixed(1)} s ago`,
    }))
    const late = loop.secondsSinceTick
    const decision = {
      name: 'decision',
      ok: late < engine.tickMs / 1000 + LATE_SECONDS,
      detail: `last tick ${late.toFixed(1)} s ago`,
    }
    const checks = [...capture, decision]
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
    | 'unparsedPerSecond'
    | 'calculationMicroseconds'
  > {
    const { crew, loop, mode, armed, engine } = this.#options
    const { states } = crew
    const sums = sumsOf(states)
    return {
      version: VERSION,
      mode,
      armed,
      interfaces: [...new Set(states.map(state => state.interface))],
      at: new Date(engine.now.wallMs).toISOString(),
      packetsReceived: sums.packets,
      packetsDropped: sums.drops,
      droppedPercent: percentOf(sums.drops, sums.packets),
      unparsedPerSecond: Math.round(engine.totals.unparsedPerSecond),
      calculationMicroseconds: Math.round(loop.lastTickMicros),
    }
  }

  fastnetmonNumbers(): FastnetmonNumbers {
    const { engine, crew, loop, traffic } = this.#options
    const { totals } = engine
    const counted = (family: 4 | 6) =>
      DIRECTIONS.reduce((sum, direction) => sum + totals.counted(direction, family).packets, 0)
    const unparsed = totals.outcome(OUTCOME.cut) + totals.outcome(OUTCOME.malformed)
    const sums = sumsOf(crew.states)
    const flows = traffic.totalFlows()
    return {
      processedPackets: counted(4) + counted(6),
      ipv4Packets: counted(4),
      ipv6Packets: counted(6),
      notIpPackets: totals.outcome(OUTCOME.notIp),
      unparsedPackets: unparsed,
      unparsedPacketsPerSecond: totals.unparsedPerSecond,
      calculationMicroseconds: Math.round(loop.lastTickMicros),
      hosts: engine.pass.hosts.count,
      totals: DIRECTIONS.flatMap(direction =>
        ([4, 6] as const).map(family => {
          const { packets, bits } = totals.speed(direction, family)
          const isOurs = direction === 'incoming' || direction === 'outgoing'
          const flowsPerSecond = isOurs && family === 4 ? flows[direction] : undefined
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
