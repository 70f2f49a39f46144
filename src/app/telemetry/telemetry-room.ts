// Flow telemetry in the main thread: its workers, what the exporters have taught on disk, and what is told of them.

import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { type ExporterListConfig, ExporterRules } from '#2-decode/exporter-list.ts'
import { allowedOf, isAllowed } from '#2-decode/join-archives.ts'
import type { ExemptConfig } from '#3-traffic/exempt.ts'
import type { ExporterInterfaces, Exporters } from '#api/contract/exporters.ts'
import { errorText } from '#lib/log/facts.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricSource } from '#lib/metrics/metric.ts'
import { steadyMs } from '#lib/steady-ms.ts'
import type { ResolvedConfig } from '../config/config.ts'
import { type Archive, mergeArchives, readArchive, writeArchive } from './archive-file.ts'
import { exportersView } from './exporters-view.ts'
import { interfacesView } from './interfaces-view.ts'
import type { OpenedSocket } from './task.ts'
import { TelemetryCrew } from './telemetry-crew.ts'
import { telemetrySource } from './telemetry-metrics.ts'

export interface TelemetryRoomOptions {
  readonly config: ResolvedConfig
  readonly stateDirectory: string
  readonly log: Logger
  readonly telemetrySockets?: readonly (OpenedSocket | undefined)[]
}

/** What exporters have taught is written down so often; a crash costs what came since. */
const ARCHIVE_MS = 60_000

export class TelemetryRoom {
  readonly crew: TelemetryCrew
  readonly metrics: MetricSource
  #options: TelemetryRoomOptions
  readonly #path: string
  #archive: Archive = new Map()
  #timer: NodeJS.Timeout | undefined
  #isTroubled = false
  /** Exporters the file had no room for when it was last written. */
  #leftOut = 0
  #saving: Promise<void> | undefined

  constructor(options: TelemetryRoomOptions, seed: number) {
    const { config, log, telemetrySockets, stateDirectory } = options
    this.#options = options
    this.#path = join(stateDirectory, 'exporters.json')
    this.crew = new TelemetryCrew({ config, seed, log, sockets: telemetrySockets })
    this.metrics = telemetrySource(this.crew, steadyMs, () => this.#leftOut)
  }

  /** Settles when each worker listens or has said why it cannot yet. */
  async start(died: (error: unknown) => void): Promise<void> {
    if (this.crew.isEmpty) return
    const read = await readArchive(this.#path)
    if (read.kind === 'ok') this.#archive = read.archive
    else
      this.#options.log.warn('what exporters taught earlier cannot be read: their templates are waited for', {
        path: this.#path,
        reason: read.reason,
      })
    await this.crew.start(died, this.#archive)
    this.#timer = setInterval(() => {
      this.#saving ??= this.#save().finally(() => {
        this.#saving = undefined
      })
    }, ARCHIVE_MS)
  }

  /** Has the workers go on by another configuration; gives how many have not answered. */
  async plan(
    networks: readonly string[] | undefined,
    exempt: ExemptConfig,
    config: ResolvedConfig,
  ): Promise<number> {
    const before = listOf(this.#options.config)
    const list = listOf(config)
    this.#options = { ...this.#options, config }
    return this.crew.plan(networks, exempt, isDeepStrictEqual(before, list) ? undefined : list)
  }

  async exporters(limit: number): Promise<Exporters> {
    await this.crew.refresh()
    return exportersView(this.crew.states, limit, this.#options.config.telemetry.exporters.length > 0)
  }

  /** `undefined`: no worker knows it. */
  async interfaces(address: string, limit: number): Promise<ExporterInterfaces | undefined> {
    return interfacesView(address, await this.crew.interfaces(address), limit)
  }

  /** Writes down what exporters have taught, and ends the workers. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    if (this.crew.isEmpty) return
    await this.#saving
    await this.#save()
    await this.crew.stop()
  }

  async #save(): Promise<void> {
    const found = await this.crew.archives()
    // By the list of now: it may have changed while the workers answered.
    const rules = new ExporterRules(listOf(this.#options.config))
    const { archive, leftOut: beyond } = mergeArchives(
      allowedOf(this.#archive, rules),
      found.filter(([text]) => isAllowed(rules, text)),
    )
    if (archive.size + this.#archive.size === 0) return
    this.#archive = archive
    try {
      const leftOut = beyond + (await writeArchive(this.#path, archive))
      this.#leftOut = leftOut
      if (leftOut > 0 && !this.#isTroubled)
        this.#options.log.warn('not all that exporters teach can be kept', { path: this.#path, leftOut })
      this.#isTroubled = leftOut > 0
    } catch (error) {
      if (this.#isTroubled) return
      this.#isTroubled = true
      const facts = { path: this.#path, error: errorText(error) }
      this.#options.log.warn(
        'what exporters teach cannot be kept: a restart waits for templates again',
        facts,
      )
    }
  }
}

const listOf = ({ telemetry }: ResolvedConfig): ExporterListConfig => ({
  exporters: telemetry.exporters,
  fallbackSamplingRate: telemetry.fallbackSamplingRate,
  exportersMax: telemetry.exportersMax,
})
