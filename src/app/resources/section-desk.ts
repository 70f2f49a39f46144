// Sections of the configuration file as the API reads and writes them. What is written is checked as the file is, put into
// it with its comments kept, and reloaded; when the reload refuses, the file says again what it said before.

import { createHash } from 'node:crypto'
import type { MitigationStore } from '#7-mitigation/mitigation-store.ts'
import type { Reload } from '#api/contract/reload.ts'
import {
  type Configuration,
  SECTIONS,
  type SectionChange,
  type SectionCheck,
  type SectionCheckRequest,
  type SectionHistoryQuery,
  type SectionName,
  type SectionRequest,
  type SectionView,
} from '#api/contract/sections.ts'
import type { Caller, Done, ReloadRefusal } from '#api/control.ts'
import type { SectionDesk as Desk, SectionRefusal } from '#api/resources.ts'
import type { Documents } from '#lib/documents.ts'
import type { Problem, SettingsSource } from '#lib/schema/problem.ts'
import { actorOf } from '../actor.ts'
import type { ResolvedConfig } from '../config/config.ts'
import { type LoadOptions, loadConfig } from '../config/load.ts'
import { readBounded } from '../config/read-file.ts'
import { withSection, withSectionText } from '../config/replace-section.ts'
import { readSectionText, textOfSection, textOfValue } from '../config/section-text.ts'
import { get } from '../config/validate.ts'
import {
  FILE_BYTES_MAX,
  type Made,
  madeBy,
  type Ok,
  type OpenFile,
  openConfigFile,
  putInForce,
  type Refused,
  refused,
  refusedBy,
} from './config-file.ts'
import { redacted } from './redact.ts'
import { changeSection } from './section-change.ts'
import { BY_FILE, SectionHistory } from './section-history.ts'
import { placedProblems } from './section-problems.ts'

export const SECTION_PATHS: Readonly<Record<SectionName, readonly string[]>> = {
  inventory: ['inventory'],
  playbooks: ['playbooks'],
  hostgroups: ['hostgroups'],
  safelist: ['policy', 'safelist'],
}
const PATHS = SECTION_PATHS

type Asked = SectionRequest | SectionChange

/** What a section is to say. `text`: as somebody wrote it. */
type Wanted =
  | { readonly kind: 'wanted'; readonly value: unknown; readonly text?: string }
  | {
      readonly kind: 'refused'
      readonly problems: NonNullable<Refused['errors']>
      readonly code: SectionRefusal
    }

export interface SectionDeskOptions {
  /** How the daemon reads its configuration. */
  readonly loading: LoadOptions
  /** As it was read at the start. */
  readonly loaded: Ok
  /** In force. */
  readonly config: () => ResolvedConfig
  readonly reload: (by: Caller) => Promise<Done<Reload, ReloadRefusal>>
  readonly store: Pick<MitigationStore, 'record'>
  /** Where versions are kept. */
  readonly documents: Documents
  readonly now: () => number
}

interface Change {
  readonly section: SectionName
  readonly loaded: Ok
  readonly file: string
  readonly before: string
  readonly text: string
  readonly reason: string | undefined
}

export class SectionDesk implements Desk {
  readonly #options: SectionDeskOptions
  readonly #history: SectionHistory
  /** As it was last read without errors. */
  #loaded: Ok
  /** One after another: each begins with what the one before left. */
  #writes: Promise<unknown> = Promise.resolve()
  #isWriting = false

  constructor(options: SectionDeskOptions) {
    this.#options = options
    this.#loaded = options.loaded
    this.#history = new SectionHistory(options.documents)
  }

  read(section: SectionName): Done<SectionView, SectionRefusal> {
    this.#look()
    const { source, origin } = this.#loaded
    const value = sectionOf(source, section)
    const { file } = this.#options.loading
    const text = this.#textOf(section)
    const view = { section, value, text, etag: tagOf(value), origin, ...(file === undefined ? {} : { file }) }
    return { kind: 'done', value: view }
  }

  /** Reads the file again; what cannot be used leaves what was read before. */
  #look(): void {
    const loaded = loadConfig(this.#options.loading)
    if (loaded.kind === 'ok') this.#loaded = loaded
  }

  /** As the file has it, or as YAML where that has another form. */
  #textOf(section: SectionName): string {
    const { source, origin } = this.#loaded
    const value = sectionOf(source, section)
    return origin === 'native' ? textOfSection(this.#fileText(), PATHS[section], value) : textOfValue(value)
  }

  #fileText(): string {
    const { file } = this.#options.loading
    const read = file === undefined ? undefined : readBounded(file, FILE_BYTES_MAX)
    return read?.kind === 'ok' ? new TextDecoder().decode(read.bytes) : ''
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
    this.noteFile()
    const wanted = wantedOf(before, asked)
    if (wanted.kind === 'refused')
      return refused(wanted.code, wanted.problems.map(({ problem }) => problem).join('; '), wanted.problems)
    const made = this.#made(text, section, wanted)
    if (made.kind === 'refused') return refusedBy(made.problems, made.problem)
    const value = sectionOf(made.loaded.source, section)
    if (made.text === text) return { kind: 'done', value: { section, value, etag: tagOf(value) } } as const
    const { reason } = asked
    return await this.#putInForce(
      { section, loaded: made.loaded, file, before: text, text: made.text, reason },
      by,
    )
  }

  /** What would come of writing a section, with places in its text. */
  check({ section, ...asked }: SectionCheckRequest): Done<SectionCheck, SectionRefusal> {
    const place = this.#place()
    if (place.kind === 'refused') return place
    const before = sectionOf(place.loaded.source, section)
    const facts = { section, before: this.#textOf(section), etag: tagOf(before) }
    const written = asked.text ?? textOfValue(asked.value)
    const read = readSectionText(written)
    const placed = (problems: readonly Problem[]) => placedProblems(problems, PATHS[section], read)
    const refusedFor = (problems: SectionCheck['problems'], value: SectionView['value'] = null) =>
      ({ kind: 'done', value: { ...facts, verdict: 'refused', value, text: written, problems } }) as const
    if (read.problems.length > 0) return refusedFor(placed(read.problems))
    const value = jsonOf(read.value)
    const made = this.#made(place.text, section, {
      ...{ kind: 'wanted', value },
      ...(asked.text === undefined ? {} : { text: asked.text }),
    })
    if (made.kind === 'refused') {
      const { problem } = made
      const [at, severity] = ['', 'error' as const]
      return refusedFor(problem === undefined ? placed(made.problems) : [{ at, severity, problem }], value)
    }
    const verdict = made.text === place.text ? 'unchanged' : 'accepted'
    const after = textOfSection(made.text, PATHS[section], sectionOf(made.loaded.source, section))
    const problems = placed(made.loaded.problems)
    return { kind: 'done', value: { ...facts, verdict, value, text: written, after, problems } }
  }

  history(query: SectionHistoryQuery) {
    this.noteFile()
    return this.#history.list(query)
  }

  version(id: string) {
    return this.#history.get(id)
  }

  /** What somebody wrote into the file by hand is a version too, from when it is found. */
  noteFile(): void {
    // What is being written gets the name of whoever writes it.
    if (this.#isWriting) return
    this.#look()
    for (const section of SECTIONS) {
      const value = sectionOf(this.#loaded.source, section)
      if (value === null && !this.#history.knows(section)) continue
      this.#keep(section, { by: BY_FILE })
    }
  }

  #keep(section: SectionName, { by, reason }: { readonly by: string; readonly reason?: string | undefined }) {
    const etag = tagOf(sectionOf(this.#loaded.source, section))
    const why = reason === undefined ? {} : { reason }
    this.#history.keep({ section, at: this.#options.now(), by, ...why, etag, text: this.#textOf(section) })
  }

  /** The file, when it is one that can be written, and what it says now. */
  #place(): OpenFile | Refused {
    const place = openConfigFile(this.#options.loading)
    if (place.kind === 'open') this.#loaded = place.loaded
    return place
  }

  /** What the file would say, when it would be accepted. */
  #made(text: string, section: SectionName, wanted: Extract<Wanted, { kind: 'wanted' }>): Made {
    if (wanted.text !== undefined && wanted.text === this.#textOf(section))
      return { kind: 'made', text, loaded: this.#loaded }
    const value = wanted.value === null ? undefined : wanted.value
    return madeBy(this.#options.loading, section, () =>
      wanted.text === undefined
        ? withSection(text, PATHS[section], value)
        : withSectionText(text, PATHS[section], wanted.text),
    )
  }

  async #putInForce(change: Change, by: Caller) {
    const { section, loaded, file, reason } = change
    this.#isWriting = true
    const put = await putInForce(change, () => this.#options.reload(by)).finally(() => {
      this.#isWriting = false
    })
    const because = reason === undefined ? '' : `: ${reason}`
    if (put.kind === 'refused') {
      this.#record(by, section, 'refused', `${put.detail}${because}`)
      return put
    }
    const etags = { before: tagOf(sectionOf(this.#loaded.source, section)), after: '' }
    this.#loaded = loaded
    const value = sectionOf(loaded.source, section)
    const etag = tagOf(value)
    this.#record(by, section, 'done', `${file} is written${because}`, { ...etags, after: etag })
    this.#keep(section, { by: actorOf(by), reason })
    const { backup, reload } = put
    return { kind: 'done', value: { section, value, etag, backup, reload } } as const
  }

  configuration(): Configuration {
    const { loading, config } = this.#options
    const { file } = loading
    const settings = redacted(config())
    return { origin: this.#loaded.origin, ...(file === undefined ? {} : { file }), settings }
  }

  /** `etags`: by which the history knows what it said before and says now. */
  #record(
    by: Caller,
    section: SectionName,
    outcome: 'done' | 'refused',
    reason: string,
    etags?: { readonly before: string; readonly after: string },
  ): void {
    const { store, now } = this.#options
    const change = etags && { before: { etag: etags.before }, after: { etag: etags.after } }
    store.record({
      ...{ at: now(), who: actorOf(by), what: 'configure', target: section, attackId: '' },
      ...{ mitigationId: undefined, outcome, reason, ...change },
    })
  }
}

/** As JSON says it: what the file leaves out is null. */
const sectionOf = ({ settings }: SettingsSource, section: SectionName): SectionView['value'] =>
  jsonOf(get(settings, PATHS[section]))

const jsonOf = (value: unknown): SectionView['value'] => JSON.parse(JSON.stringify(value ?? null))

const tagOf = (value: unknown): string =>
  `"${createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 22)}"`

/** Strong comparison (RFC 9110 section 13.1.1). */
const isMatch = (ifMatch: string, tag: string): boolean =>
  ifMatch.trim() === '*' || ifMatch.split(',', 64).some(each => each.trim() === tag)

function wantedOf(before: unknown, asked: Asked): Wanted {
  if ('text' in asked && asked.text !== undefined) {
    const { value, problems } = readSectionText(asked.text)
    if (problems.length === 0) return { kind: 'wanted', value: value ?? null, text: asked.text }
    const told = placedProblems(problems, [], undefined).map(({ at, problem }) => ({ at, problem }))
    return { kind: 'refused', code: 'config-refused', problems: told }
  }
  if ('value' in asked) return { kind: 'wanted', value: asked.value }
  const changed = changeSection(before, asked)
  if (changed.kind === 'changed') return { kind: 'wanted', value: changed.value }
  const { at, problem } = changed
  return { kind: 'refused', code: 'invalid-request', problems: [{ at, problem }] }
}
