// The configuration file as the first run writes it: networks, feed and limits put into the file that is there, or into a new
// one in the state directory, which is read when none is named.

import { existsSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import type { MitigationStore } from '#7-mitigation/mitigation-store.ts'
import type { SetupFacts, SetupRequest, SetupWritten } from '#api/contract/setup.ts'
import type { Caller, Done } from '#api/control.ts'
import type { SectionRefusal } from '#api/resources.ts'
import { actorOf } from '../actor.ts'
import type { ResolvedConfig } from '../config/config.ts'
import { formatProblem } from '../config/format-problem.ts'
import { loadConfig } from '../config/load.ts'
import { readBounded } from '../config/read-file.ts'
import { replaceFile, restoreFile, withSection } from '../config/replace-section.ts'
import { get } from '../config/validate.ts'
import type { SectionDeskOptions } from '../resources/section-desk.ts'
import type { ConfigPlace } from './config-place.ts'
import { writeNewFile } from './new-file.ts'

const FILE_BYTES_MAX = 1024 * 1024
const NEW_MODE = 0o640

export interface FirstConfigurationOptions {
  readonly place: ConfigPlace
  readonly config: () => ResolvedConfig
  readonly reload: SectionDeskOptions['reload']
  readonly store: Pick<MitigationStore, 'record'>
  readonly now: () => number
}

type Refused = Extract<Done<never, SectionRefusal>, { kind: 'refused' }>

export class FirstConfiguration {
  readonly #options: FirstConfigurationOptions
  /** One after another: each begins with what the one before left. */
  #writes: Promise<unknown> = Promise.resolve()

  constructor(options: FirstConfigurationOptions) {
    this.#options = options
  }

  facts(): SetupFacts {
    const { place, config } = this.#options
    const { networks, capture, telemetry, detection } = config()
    const { packetsPerSecond, megabitsPerSecond, flowsPerSecond } = detection.thresholds.incoming
    const problem = this.#whyNot()
    return {
      file: place.loading.file ?? place.fresh,
      ...(problem === undefined ? {} : { problem }),
      networks: [...networks],
      areOwn: this.#written(['networks']) === undefined,
      interfaces: Object.keys(networkInterfaces()),
      captured: capture.method === 'off' ? [] : [...capture.interfaces],
      telemetry: [...telemetry.listen],
      thresholds: {
        ...(packetsPerSecond && { packetsPerSecond }),
        ...(megabitsPerSecond && { megabitsPerSecond }),
        ...(flowsPerSecond && { flowsPerSecond }),
      },
      banSeconds: detection.banSeconds,
    }
  }

  write(request: SetupRequest, by: Caller): Promise<Done<SetupWritten, SectionRefusal>> {
    const done = this.#writes.then(() => this.#write(request, by))
    this.#writes = done.catch(() => {})
    return done
  }

  async #write(request: SetupRequest, by: Caller): Promise<Done<SetupWritten, SectionRefusal>> {
    const { place } = this.#options
    const problem = this.#whyNot()
    if (problem !== undefined) return refused('config-not-written', problem)
    const file = place.loading.file ?? place.fresh
    const before = existsSync(file) ? this.#textOf(file) : undefined
    if (existsSync(file) && before === undefined)
      return refused('config-not-written', `${file} cannot be read`)
    const text = changed(before ?? HEAD, request, this.#written(LIMITS))
    if (text === before) return { kind: 'done', value: { file } }
    const loaded = loadConfig({ ...place.loading, file, text })
    if (loaded.kind === 'refused') {
      const errors = loaded.problems.filter(({ severity }) => severity === 'error')
      const told = errors.map(each => ({ at: each.path, problem: each.message }))
      return refused('config-refused', errors.map(formatProblem).join('; '), told)
    }
    return await this.#putInForce(file, before, text, by)
  }

  async #putInForce(
    file: string,
    before: string | undefined,
    text: string,
    by: Caller,
  ): Promise<Done<SetupWritten, SectionRefusal>> {
    const { place, reload } = this.#options
    let backup: string | undefined
    if (before === undefined) {
      const problem = writeNewFile(file, text, NEW_MODE)
      if (problem !== undefined) return refused('config-not-written', problem)
      place.use(file)
    } else {
      const written = replaceFile(file, before, text)
      if (written.kind === 'failed') return refused('config-not-written', written.error)
      backup = written.backup
    }
    const reloaded = await reload(by)
    if (reloaded.kind === 'refused') {
      // A new file that is refused stays, with what is wrong in it told: nothing else was there.
      if (before !== undefined) restoreFile(file, before)
      this.#record(by, file, 'refused', reloaded.detail)
      return refused(reloaded.code, reloaded.detail, reloaded.errors)
    }
    this.#record(by, file, 'done', `${file} is written`)
    const value = { file, ...(backup === undefined ? {} : { backup }), reload: reloaded.value }
    return { kind: 'done', value }
  }

  #whyNot(): string | undefined {
    const { loading } = this.#options.place
    if (loading.file === undefined) return undefined
    const loaded = loadConfig(loading)
    if (loaded.kind === 'refused')
      return `${loading.file} has errors: floodwarden check ${loading.file} names them`
    if (loaded.origin === 'native') return undefined
    return `${loading.file} belongs to another program and is only read: floodwarden check ${loading.file} --to-yaml writes a native file that says the same`
  }

  /** What the file itself says at a path; undefined: nothing. */
  #written(path: readonly string[]): unknown {
    const loaded = loadConfig(this.#options.place.loading)
    return loaded.kind === 'ok' ? get(loaded.source.settings, path) : undefined
  }

  #textOf(file: string): string | undefined {
    const read = readBounded(file, FILE_BYTES_MAX)
    return read.kind === 'ok' ? new TextDecoder().decode(read.bytes) : undefined
  }

  #record(by: Caller, target: string, outcome: 'done' | 'refused', reason: string): void {
    const { store, now } = this.#options
    store.record({
      ...{ at: now(), who: actorOf(by), what: 'configure', target, attackId: '' },
      ...{ mitigationId: undefined, outcome, reason },
    })
  }
}

const HEAD = '# Written by the first run; config/floodwarden.example.yaml has every setting.\n'

const LIMITS = ['detection', 'thresholds', 'incoming'] as const
/** Those of all traffic, which are asked for here; those of single protocols are left alone. */
const WITHOUT = { packetsPerSecond: undefined, megabitsPerSecond: undefined, flowsPerSecond: undefined }

/** What is asked for, each at its place; what is not stays. `limits`: what is written of them now. */
function changed(
  text: string,
  { networks, interfaces, telemetry, thresholds }: SetupRequest,
  limits: unknown,
): string {
  const others = typeof limits === 'object' ? { ...limits, ...WITHOUT } : {}
  const settings: (readonly [path: readonly string[], value: unknown])[] = [
    [['networks'], networks],
    [['capture', 'interfaces'], interfaces],
    [['telemetry', 'listen'], telemetry],
    [LIMITS, thresholds && { ...others, ...thresholds }],
  ]
  return settings.reduce(
    (made, [path, value]) => (value === undefined ? made : withSection(made, path, withoutGaps(value))),
    text,
  )
}

/** YAML has no word for a setting that is not there. */
const withoutGaps = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

function refused(code: SectionRefusal, detail: string, errors?: Refused['errors']): Refused {
  return { kind: 'refused', code, detail, ...(errors === undefined ? {} : { errors }) }
}
