// A capture file through the whole path: the same engine as live, with the packets' own time and fixed seeds, so that
// the same file always gives the same attacks.

import { setTimeout as sleep } from 'node:timers/promises'
import { PcapFile } from '#1-capture/pcap-file/pcap-file.ts'
import { bindCounting, type Counting, tablesFor } from '#3-traffic/counting.ts'
import { compileExempt } from '#3-traffic/exempt.ts'
import { ExemptSieve } from '#3-traffic/exempt-sieve.ts'
import type { HostTables } from '#3-traffic/host-tables.ts'
import { prefixesOf } from '#3-traffic/hostgroup.ts'
import type { Moment } from '#4-detection/ban.ts'
import { reserveLargePages } from '#lib/linux/large-pages.ts'
import type { PcapProblem } from '#lib/pcap/record.ts'
import { countingOf, exemptOf } from '../capture/counting-options.ts'
import type { ResolvedConfig } from '../config/config.ts'
import { Engine } from '../engine.ts'
import type { EngineEvent } from '../engine-event.ts'
import { ReplayClock } from './replay-clock.ts'
import { type TelemetryFacts, TelemetryReplay } from './telemetry-replay.ts'

export interface ReplayRunOptions {
  readonly file: string
  readonly config: ResolvedConfig
  /** How many times faster than recorded; `undefined` as fast as can be. */
  readonly factor: number | undefined
  /** Ports whose datagrams are flow telemetry; missing or empty: none. */
  readonly telemetryPorts?: ReadonlySet<number>
  /** Told what happened in each tick with events; the replay goes on when it is settled. */
  readonly tell: (events: readonly EngineEvent[], now: Moment) => Promise<void>
}

export interface ReplayResult {
  readonly packets: number
  readonly bytes: number
  readonly firstAt: number | undefined
  readonly lastAt: number | undefined
  readonly problem: PcapProblem | undefined
  /** Missing: no telemetry was looked for. */
  readonly telemetry?: TelemetryFacts
}

/** Any fixed number: addresses are no secret in a file. */
const SEED = 0x5eed
/** Recent packets kept per tick, as live. */
const RECENT_PER_TICK = 320
/** After the last packet the clock runs on until bans have ended, at most so long. */
const TAIL_SECONDS_MAX = 7 * 86_400

export class ReplayRun {
  readonly #options: ReplayRunOptions
  readonly #file: PcapFile
  readonly #tables: HostTables
  readonly engine: Engine
  readonly #telemetry: TelemetryReplay | undefined
  readonly #clock: ReplayClock
  #startedMs = 0
  #packets = 0
  #bytes = 0
  #tickPackets = 0
  #stride = 1
  #lastAt = 0
  #firstAt: number | undefined

  constructor(options: ReplayRunOptions) {
    const { config, file, telemetryPorts } = options
    this.#options = options
    this.#file = new PcapFile(file)
    const { networks, traffic, capture } = config
    this.#tables = tablesFor(prefixesOf(networks), traffic.hostsMax, capture.snapBytes, reserveLargePages)
    if (telemetryPorts !== undefined && telemetryPorts.size > 0)
      this.#telemetry = new TelemetryReplay(config, this.#file, telemetryPorts)
    const packets = { tables: this.#tables, samplingRate: capture.samplingRate }
    this.engine = new Engine(config, [packets, ...(this.#telemetry ? [this.#telemetry.source] : [])])
    this.#clock = new ReplayClock(this.engine.tickMs)
  }

  async run(): Promise<ReplayResult> {
    const { config } = this.#options
    const counting = await bindCounting(this.#tables, this.#file.buffer, {
      ...countingOf(config, SEED),
      prefixes: prefixesOf(config.networks),
      link: this.#file.link,
    })
    await this.#telemetry?.bind(SEED)
    const sieve = new ExemptSieve(compileExempt(exemptOf(config)), {
      ...countingOf(config, SEED),
      frames: this.#file.buffer,
      link: this.#file.link,
      totals: this.#tables.totals,
    })
    try {
      await this.#readAll(counting, sieve)
    } finally {
      this.#file.close()
    }
    if (this.#clock.isRunning) await this.#runOut(counting)
    const { problem } = this.#file
    const [packets, bytes] = [this.#packets, this.#bytes]
    const lastAt = this.#packets === 0 ? undefined : this.#lastAt
    const telemetry = this.#telemetry?.facts
    return { packets, bytes, firstAt: this.#firstAt, lastAt, problem, ...(telemetry && { telemetry }) }
  }

  async #readAll(counting: Counting, sieve: ExemptSieve): Promise<void> {
    const file = this.#file
    while (file.next()) {
      if (!this.#clock.isRunning) this.#begin(counting)
      const elapsed = this.#clock.elapsed(file.seconds, file.nanoseconds)
      if (elapsed >= this.#clock.endsAt) await this.#tickUntil(elapsed, counting)
      const stride = this.#tickPackets % this.#stride === 0 ? this.#stride : 0
      if (this.#telemetry?.takes() !== true && !sieve.frame(file.at, file.captured, file.wire, file.link)) {
        counting.countFrame(file, stride)
      }
      this.#tickPackets++
      this.#packets++
      this.#bytes += file.wire
    }
    if (this.#packets > 0) this.#lastAt = file.seconds * 1000 + Math.floor(file.nanoseconds / 1e6)
  }

  #begin(counting: Counting): void {
    const now = this.#clock.start(this.#file.seconds, this.#file.nanoseconds)
    this.#firstAt = now.wallMs
    this.#startedMs = performance.now()
    this.engine.start(now)
    counting.syncEpoch()
    this.#telemetry?.syncEpoch()
  }

  /** Ends ticks until the one this packet belongs to. */
  async #tickUntil(elapsed: number, counting: Counting): Promise<void> {
    // Half the packets of the last tick at most are kept as recent ones, so that rings reach back a while.
    this.#stride = Math.max(1, Math.ceil(this.#tickPackets / RECENT_PER_TICK))
    this.#tickPackets = 0
    while (elapsed >= this.#clock.endsAt) {
      await this.#tick(counting)
      if (this.engine.detector.open.length === 0 && !this.#isSpreading) this.#clock.skipTowards(elapsed)
    }
    await this.#wait(elapsed)
  }

  async #tick(counting: Counting): Promise<void> {
    const now = this.#clock.next()
    this.#telemetry?.advance(now.seconds, now.wallMs)
    const events = [...this.engine.tick(now), ...this.engine.distil()]
    counting.syncEpoch()
    this.#telemetry?.syncEpoch()
    if (events.length > 0) await this.#options.tell(events, now)
  }

  /** With a factor: sleeps until the packet's time has come. */
  async #wait(elapsed: number): Promise<void> {
    const { factor } = this.#options
    if (factor === undefined) return
    const early = this.#startedMs + (elapsed * 1000) / factor - performance.now()
    if (early > 1) await sleep(early)
  }

  /** Lets the clock run on after the last packet until all bans that end have ended. */
  async #runOut(counting: Counting): Promise<void> {
    const last = this.#clock.endsAt + TAIL_SECONDS_MAX
    await this.#tick(counting)
    while (this.#hasMore() && this.#clock.endsAt < last) {
      if (!this.engine.isCollecting && !this.#isSpreading) this.#clock.skipTowards(this.#earliestEnd())
      await this.#tick(counting)
    }
  }

  /** When the first ban may end, in seconds from the first packet: until then nothing can happen any more. */
  #earliestEnd(): number {
    const ends = this.engine.detector.open
      .filter(attack => attack.banSeconds > 0)
      .map(attack => (attack.openedAt - (this.#firstAt ?? 0)) / 1000 + attack.banSeconds)
    return Math.min(...ends)
  }

  get #isSpreading(): boolean {
    return this.#telemetry?.isSpreading === true
  }

  #hasMore(): boolean {
    if (this.#isSpreading) return true
    return this.engine.isCollecting || this.engine.detector.open.some(attack => attack.banSeconds > 0)
  }
}
