// Reads the configuration again while the daemon runs. A file with an error is refused whole; one reload runs at a time.

import type { Logger } from '#lib/log/logger.ts'
import type { MetricSource } from '#lib/metrics/metric.ts'
import type { Problem } from '#lib/schema/problem.ts'
import type { ResolvedConfig } from '../config/config.ts'
import { formatProblem } from '../config/format-problem.ts'
import type { Loaded } from '../config/load.ts'
import { planReload } from './changes.ts'

export type Reloaded =
  | {
      readonly kind: 'applied'
      /** Wall clock, ms since 1970 UTC. */
      readonly at: number
      readonly changed: readonly string[]
      /** Not in force although the file says so, each with the reason. */
      readonly overruled: readonly string[]
      readonly needsRestart: readonly string[]
      /** Bans that ended because the configuration has no place for them any more. */
      readonly endedBans: number
      /** Warnings and notices, as `check` tells them. */
      readonly problems: readonly Problem[]
    }
  | { readonly kind: 'refused'; readonly at: number; readonly problems: readonly Problem[] }

type Ok = Extract<Loaded, { kind: 'ok' }>

export interface ReloaderOptions {
  /** In force now. */
  readonly config: ResolvedConfig
  readonly load: () => Loaded
  /** Settles when everybody goes on by it; gives how many bans ended because of it. */
  readonly apply: (config: ResolvedConfig, loaded: Ok) => Promise<number>
  /** Why a setting that changed is not in force although it may change; missing: all are. */
  readonly whyNot?: (path: string) => string | undefined
  /** Hears what came of each reload. */
  readonly told: (reloaded: Reloaded) => void
  /** No reload begins before. */
  readonly after?: Promise<unknown>
  readonly log: Logger
  readonly now: () => number
}

export class Reloader {
  readonly #options: ReloaderOptions
  #config: ResolvedConfig
  #running: Promise<unknown>
  /** The reload that begins when the one that runs has ended: whoever asks meanwhile shares it. */
  #next: Promise<Reloaded> | undefined
  #counts = { applied: 0, refused: 0 }
  #appliedAt: number | undefined

  constructor(options: ReloaderOptions) {
    this.#options = options
    this.#config = options.config
    this.#running = options.after?.catch(() => {}) ?? Promise.resolve()
  }

  /** Reads and applies what the file says when it begins, which is after it was asked for. `who` asks, for the log. */
  reload(who: string): Promise<Reloaded> {
    if (this.#next !== undefined) return this.#next
    const next = this.#running.then(() => {
      this.#next = undefined
      return this.#reload(who)
    })
    this.#next = next
    this.#running = next.catch(() => {})
    return next
  }

  async #reload(who: string): Promise<Reloaded> {
    const { load, apply, told, log, now, whyNot } = this.#options
    const loaded = load()
    const { problems } = loaded
    if (loaded.kind === 'refused') {
      for (const problem of problems) log.error('configuration', { problem: formatProblem(problem) })
      log.error('the configuration is refused, the one before stays in force', { who })
      const refused: Reloaded = { kind: 'refused', at: now(), problems }
      this.#counts.refused++
      told(refused)
      return refused
    }
    const { config, changed, overruled, needsRestart } = planReload(this.#config, loaded.config, whyNot)
    for (const problem of problems) {
      if (problem.severity === 'warning') log.warn('configuration', { problem: formatProblem(problem) })
    }
    const endedBans = await apply(config, loaded)
    this.#config = config
    this.#counts.applied++
    this.#appliedAt = now()
    log.info('configuration reloaded', { who, changed: changed.join('; '), endedBans })
    if (overruled.length > 0)
      log.warn('some settings were set over the API, which is in force', { settings: overruled.join('; ') })
    if (needsRestart.length > 0)
      log.warn('some settings need a restart and stay as they were', { settings: needsRestart.join(', ') })
    const applied: Reloaded = {
      ...{ kind: 'applied', at: this.#appliedAt, changed, overruled, needsRestart, endedBans, problems },
    }
    told(applied)
    return applied
  }

  readonly metrics: MetricSource = () => {
    const name = 'floodwarden_configuration_reloads_total'
    const at = this.#appliedAt
    return [
      { name, value: this.#counts.applied, labels: { outcome: 'applied' } },
      { name, value: this.#counts.refused, labels: { outcome: 'refused' } },
      ...(at === undefined ? [] : [{ name: 'floodwarden_configuration_reloaded_seconds', value: at / 1000 }]),
    ]
  }
}
