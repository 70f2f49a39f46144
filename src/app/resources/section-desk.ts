// Sections of the configuration file as the API reads and writes them. What is written is checked as the file is, put into
// it with its comments kept, and reloaded; when the reload refuses, the file says again what it said before.

import { createHash } from 'node:crypto'
import type { MitigationStore } from '#7-mitigation/mitigation-store.ts'
import type { Reload } from '#api/contract/reload.ts'
import type { Configuration, SectionChange, SectionName, SectionView } from '#api/contract/sections.ts'
import type { Caller, Done, ReloadRefusal } from '#api/control.ts'
import type { SectionDesk as Desk, SectionRefusal } from '#api/resources.ts'
import type { Problem, SettingsSource } from '#lib/schema/problem.ts'
import { actorOf } from '../actor.ts'
import type { ResolvedConfig } from '../config/config.ts'
import { formatPlace } from '../config/format-problem.ts'
import { type Loaded, type LoadOptions, loadConfig } from '../config/load.ts'
import { readBounded } from '../config/read-file.ts'
import { replaceFile, restoreFile, withSection } from '../config/replace-section.ts'
import { get } from '../config/validate.ts'
import { redacted } from './redact.ts'
import { changeSection } from './section-change.ts'

const PATHS: Readonly<Record<SectionName, readonly string[]>> = {
  inventory: ['inventory'],
  playbooks: ['playbooks'],
  hostgroups: ['hostgroups'],
  safelist: ['policy', 'safelist'],
}

const FILE_BYTES_MAX = 1024 * 1024

type Ok = Extract<Loaded, { kind: 'ok' }>
type Refused = Extract<Done<never, SectionRefusal>, { kind: 'refused' }>
type Asked = { readonly value: unknown } | SectionChange

export interface SectionDeskOptions {
  /** How the daemon reads its configuration. */
  readonly loading: LoadOptions
  /** As it was read at the start. */
  readonly loaded: Ok
  /** In force. */
  readonly config: () => ResolvedConfig
  readonly reload: (by: Caller) => Promise<Done<Reload, ReloadRefusal>>
  readonly store: Pick<MitigationStore, 'record'>
  readonly now: () => number
}

export class SectionDesk implements Desk {
  readonly #options: SectionDeskOptions
  /** As it was last read without errors. */
  #loaded: Ok
  /** One after another: each begins with what the one before left. */
  #writes: Promise<unknown> = Promise.resolve()

  constructor(options: SectionDeskOptions) {
    this.#options = options
    this.#loaded = options.loaded
  }

  read(section: SectionName): Done<SectionView, SectionRefusal> {
    const loaded = loadConfig(this.#options.loading)
    if (loaded.kind === 'ok') this.#loaded = loaded
    const { source, origin } = this.#loaded
    const value = sectionOf(source, section)
    const { file } = this.#options.loading
    const view = { section, value, etag: tagOf(value), origin, ...(file === undefined ? {} : { file }) }
    return { kind: 'done', value: view }
  }

  write(section: SectionName, asked: Asked, ifMatch: string | undefined, by: Caller) {
    const done = this.#writes.then(() => this.#write(section, asked, ifMatch, by))
    this.#writes = done.catch(() => {})
    return done
  }

  async #write(section: SectionName, asked: Asked, ifMatch: string | undefined, by: Caller) {
    const place = this.#place()
    if (place.kind === 'refused') return place
    const { loaded, file, text } = place
    const before = sectionOf(loaded.source, section)
    if (ifMatch === undefined) return refused('if-match-missing', `send the ETag of ${section} as If-Match`)
    if (!isMatch(ifMatch, tagOf(before)))
      return refused('changed-meanwhile', `the ETag of ${section} is ${tagOf(before)}`)
    const wanted = wantedOf(before, asked)
    if (wanted.kind === 'refused')
      return refused('invalid-request', wanted.problem, [{ at: wanted.at, problem: wanted.problem }])
    const made = this.#made(text, section, wanted.value)
    if (made.kind === 'refused') return made
    const value = sectionOf(made.loaded.source, section)
    if (made.text === text) return { kind: 'done', value: { section, value, etag: tagOf(value) } } as const
    return await this.#putInForce({ section, value, file, before: text, text: made.text }, by)
  }

  /** The file, when it is one that can be written, and what it says now. */
  #place(): { kind: 'open'; loaded: Ok; file: string; text: string } | Refused {
    const { loading } = this.#options
    const { file } = loading
    if (file === undefined)
      return refused('config-not-written', 'the daemon runs without a configuration file: give it one')
    const loaded = loadConfig(loading)
    if (loaded.kind === 'refused') return refusedBy(loaded.problems)
    this.#loaded = loaded
    if (loaded.origin !== 'native') return refused('config-not-written', foreignWords(loaded.origin, file))
    const read = readBounded(file, FILE_BYTES_MAX)
    if (read.kind !== 'ok') return refused('config-not-written', `${file} cannot be read`)
    return { kind: 'open', loaded, file, text: new TextDecoder().decode(read.bytes) }
  }

  /** What the file would say, when it would be accepted. */
  #made(
    text: string,
    section: SectionName,
    value: unknown,
  ): { kind: 'made'; text: string; loaded: Ok } | Refused {
    let next: string
    try {
      next = withSection(text, PATHS[section], value === null ? undefined : value)
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error)
      return refused('config-not-written', `${section} cannot be put into the file: ${words}`)
    }
    if (Buffer.byteLength(next) > FILE_BYTES_MAX)
      return refused('config-not-written', 'the file would be larger than 1 MiB')
    const loaded = loadConfig({ ...this.#options.loading, text: next })
    return loaded.kind === 'refused' ? refusedBy(loaded.problems) : { kind: 'made', text: next, loaded }
  }

  async #putInForce(
    change: { section: SectionName; value: SectionView['value']; file: string; before: string; text: string },
    by: Caller,
  ) {
    const { reload } = this.#options
    const { section, value, file, before, text } = change
    const written = replaceFile(file, before, text)
    if (written.kind === 'failed') return refused('config-not-written', written.error)
    const reloaded = await reload(by).catch(error => {
      restoreFile(file, before)
      throw error
    })
    if (reloaded.kind === 'refused') {
      const restored = restoreFile(file, before)
      this.#record(by, section, 'refused', reloaded.detail)
      if (restored.kind === 'failed') return refused('config-not-written', restored.error)
      return refused(reloaded.code, reloaded.detail, reloaded.errors)
    }
    this.#record(by, section, 'done', `${file} is written`)
    const { backup } = written
    return {
      kind: 'done',
      value: { section, value, etag: tagOf(value), backup, reload: reloaded.value },
    } as const
  }

  configuration(): Configuration {
    const { loading, config } = this.#options
    const { file } = loading
    const settings = redacted(config())
    return { origin: this.#loaded.origin, ...(file === undefined ? {} : { file }), settings }
  }

  #record(by: Caller, section: SectionName, outcome: 'done' | 'refused', reason: string): void {
    const { store, now } = this.#options
    store.record({
      ...{ at: now(), who: actorOf(by), what: 'configure', target: section, attackId: '' },
      ...{ mitigationId: undefined, outcome, reason },
    })
  }
}

/** As JSON says it: what the file leaves out is null. */
const sectionOf = ({ settings }: SettingsSource, section: SectionName): SectionView['value'] =>
  JSON.parse(JSON.stringify(get(settings, PATHS[section]) ?? null))

const tagOf = (value: unknown): string =>
  `"${createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 22)}"`

/** Strong comparison (RFC 9110 section 13.1.1). */
const isMatch = (ifMatch: string, tag: string): boolean =>
  ifMatch.trim() === '*' || ifMatch.split(',', 64).some(each => each.trim() === tag)

const wantedOf = (before: unknown, asked: Asked): ReturnType<typeof changeSection> =>
  'value' in asked ? { kind: 'changed', value: asked.value } : changeSection(before, asked)

function refused(code: SectionRefusal, detail: string, errors?: Refused['errors']): Refused {
  return { kind: 'refused', code, detail, ...(errors === undefined ? {} : { errors }) }
}

/** What is wrong with the file as it would be, by setting. */
function refusedBy(problems: readonly Problem[]): Refused {
  const errors = problems.filter(({ severity }) => severity === 'error')
  const detail = `${errors.length} error${errors.length === 1 ? '' : 's'}`
  return refused(
    'config-refused',
    detail,
    errors.map(problem => ({
      at: problem.path === '' ? formatPlace(problem) : problem.path,
      problem: problem.hint === undefined ? problem.message : `${problem.message}; ${problem.hint}`,
    })),
  )
}

function foreignWords(origin: Exclude<Ok['origin'], 'native'>, file: string): string {
  const convert = `floodwarden check ${file} --to-yaml writes a native file that says the same; run the daemon with that`
  if (origin === 'fastnetmon')
    return `${file} is a configuration of FastNetMon, which is only read: ${convert}`
  if (origin === 'prefixd')
    return `${file} belongs to prefixd, which is only read here: edit it there, or ${convert}`
  return 'the daemon runs without a configuration file: give it one'
}
