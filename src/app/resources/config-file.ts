// The configuration file as the API writes it: opened when it may be written, changed when it would be accepted, and put in
// force; when the reload refuses, the file says again what it said before.

import type { Reload } from '#api/contract/reload.ts'
import type { Done, ReloadRefusal } from '#api/control.ts'
import type { SectionRefusal } from '#api/resources.ts'
import type { Problem } from '#lib/schema/problem.ts'
import { formatPlace } from '../config/format-problem.ts'
import { type Loaded, type LoadOptions, loadConfig } from '../config/load.ts'
import { readBounded } from '../config/read-file.ts'
import { replaceFile, restoreFile } from '../config/replace-section.ts'
import { problemWords } from './section-problems.ts'

export const FILE_BYTES_MAX = 1024 * 1024

export type Ok = Extract<Loaded, { kind: 'ok' }>
export type Refused = Extract<Done<never, SectionRefusal>, { kind: 'refused' }>

/** A file that may be written, and what it says now. */
export interface OpenFile {
  readonly kind: 'open'
  readonly loaded: Ok
  readonly file: string
  readonly text: string
}

export function openConfigFile(loading: LoadOptions): OpenFile | Refused {
  const { file } = loading
  if (file === undefined)
    return refused('config-not-written', 'the daemon runs without a configuration file: give it one')
  const loaded = loadConfig(loading)
  if (loaded.kind === 'refused') return refusedBy(loaded.problems)
  if (loaded.origin !== 'native') return refused('config-not-written', foreignWords(loaded.origin, file))
  const read = readBounded(file, FILE_BYTES_MAX)
  if (read.kind !== 'ok') return refused('config-not-written', `${file} cannot be read`)
  return { kind: 'open', loaded, file, text: new TextDecoder().decode(read.bytes) }
}

/** What the file would say, when it would be accepted. `problem`: it cannot be put into the file at all. */
export type Made =
  | { readonly kind: 'made'; readonly text: string; readonly loaded: Ok }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[]; readonly problem?: string }

/** `change` may throw; `what` is put into the file by it. */
export function madeBy(loading: LoadOptions, what: string, change: () => string): Made {
  let text: string
  try {
    text = change()
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    return { kind: 'refused', problems: [], problem: `${what} cannot be put into the file: ${words}` }
  }
  if (Buffer.byteLength(text) > FILE_BYTES_MAX)
    return { kind: 'refused', problems: [], problem: 'the file would be larger than 1 MiB' }
  const loaded = loadConfig({ ...loading, text })
  return loaded.kind === 'refused' ? loaded : { kind: 'made', text, loaded }
}

export type InForce = { readonly kind: 'done'; readonly backup: string; readonly reload: Reload } | Refused

/** Has the file say `text` if it still says `before`, and the daemon go by it. */
export async function putInForce(
  { file, before, text }: { readonly file: string; readonly before: string; readonly text: string },
  reload: () => Promise<Done<Reload, ReloadRefusal>>,
): Promise<InForce> {
  const written = replaceFile(file, before, text)
  if (written.kind === 'failed') return refused('config-not-written', written.error)
  const reloaded = await reload().catch(error => {
    restoreFile(file, before)
    throw error
  })
  if (reloaded.kind === 'done') return { kind: 'done', backup: written.backup, reload: reloaded.value }
  const restored = restoreFile(file, before)
  if (restored.kind === 'failed') return refused('config-not-written', restored.error)
  return refused(reloaded.code, reloaded.detail, reloaded.errors)
}

export function refused(code: SectionRefusal, detail: string, errors?: Refused['errors']): Refused {
  return { kind: 'refused', code, detail, ...(errors === undefined ? {} : { errors }) }
}

/** What is wrong with the file as it would be, by setting. */
export function refusedBy(problems: readonly Problem[], problem?: string): Refused {
  if (problem !== undefined) return refused('config-not-written', problem)
  const errors = problems.filter(({ severity }) => severity === 'error')
  const detail = `${errors.length} error${errors.length === 1 ? '' : 's'}`
  return refused(
    'config-refused',
    detail,
    errors.map(each => ({
      at: each.path === '' ? formatPlace(each) : each.path,
      problem: problemWords(each),
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
