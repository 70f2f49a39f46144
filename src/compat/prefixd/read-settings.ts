// Files of prefixd: YAML, checked by a schema. As prefixd does, unknown keys are ignored; other than there, they are named.

import type { z } from 'zod'
import { explain, type Refusal } from '#lib/schema/explain.ts'
import {
  formatPath,
  hasErrors,
  type Problem,
  type SettingPath,
  type SettingsSource,
} from '#lib/schema/problem.ts'
import { withoutEmptySections } from '#lib/schema/sections.ts'
import { settingsOf } from '#lib/schema/settings.ts'
import { readYaml } from '#lib/yaml/read-yaml.ts'
import type { PrefixdErrorCode } from './errors.ts'

/** Issues beyond these are not worded: nobody reads them. */
const ISSUES_MAX = 200

export type PrefixdSettings<Settings> =
  | {
      readonly kind: 'ok'
      readonly settings: Settings
      readonly source: SettingsSource
      readonly problems: readonly Problem[]
    }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }

/** Reads the text of a file by a strict schema. Whatever is wrong is told at once, each with its line. */
export function readSettings<Schema extends z.ZodType>(
  text: string,
  file: string,
  schema: Schema,
): PrefixdSettings<z.infer<Schema>> {
  const source = readYaml(text, file, 'the documentation of prefixd shows how the file begins')
  const known = settingsOf(schema)
  const written = withoutEmptySections(source.settings, known)
  const first = schema.safeParse(written)
  const issues = first.error?.issues ?? []
  const strangers = issues.flatMap(issue =>
    issue.code === 'unrecognized_keys' ? issue.keys.map(key => placeOf([...issue.path, key])) : [],
  )
  const parsed = strangers.length === 0 ? first : schema.safeParse(without(new Set(strangers), written, []))
  const refusals = explain(issues.slice(0, ISSUES_MAX), written, known, isSecret)
  const wrong = refusals.filter(({ kind }) => kind !== 'unknown-key')
  const unknown = refusals.filter(({ kind }) => kind === 'unknown-key').slice(0, ISSUES_MAX)
  const told = [...wrong, ...unknown].map(refusal => problemOf(refusal, source))
  const problems = [...source.problems, ...told]
  if (!parsed.success || hasErrors(problems)) return { kind: 'refused', problems }
  return { kind: 'ok', settings: parsed.data, source, problems }
}

function problemOf({ kind, path, part, message, hint }: Refusal, source: SettingsSource): Problem {
  const place = { ...source.locate(path, part), path: formatPath(path), hint }
  return kind === 'unknown-key'
    ? { ...place, code: CODES.unknown, severity: 'warning', message: `${message}; it is ignored` }
    : { ...place, code: CODES.value, severity: 'error', message }
}

/** Keys whose values open doors: a refusal quotes none of them, nor what stands in their place. */
const isSecret = (path: SettingPath): boolean =>
  path.some(step => /secret|token|password|_key$|url$|^headers$|^connection_string$/i.test(String(step)))

const CODES: Readonly<Record<'unknown' | 'value', PrefixdErrorCode>> = {
  unknown: 'prefixd-unknown-key',
  value: 'prefixd-value',
}

const placeOf = (path: readonly PropertyKey[]): string => JSON.stringify(path.map(String))

/** A copy without what stands at these places. */
function without(places: ReadonlySet<string>, tree: unknown, path: readonly string[]): unknown {
  if (typeof tree !== 'object' || tree === null) return tree
  if (Array.isArray(tree)) return tree.map((inner, at) => without(places, inner, [...path, String(at)]))
  const kept = Object.entries(tree).filter(([key]) => !places.has(placeOf([...path, key])))
  return Object.fromEntries(kept.map(([key, inner]) => [key, without(places, inner, [...path, key])]))
}

/** A problem about a key that is known and does not do here what it does in prefixd, or nothing. */
export function noticeAt(
  source: SettingsSource,
  code: PrefixdErrorCode,
  path: SettingPath,
  message: string,
): Problem {
  const place = source.locate(path, 'key')
  return { ...place, code, severity: 'notice', path: formatPath(path), message, hint: undefined }
}
