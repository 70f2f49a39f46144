// What a schema refuses, in words: found, expected, and how to write it right.

import type { z } from 'zod'
import { nearest } from './nearest.ts'
import { formatPath, type SettingPath } from './problem.ts'
import { type Setting, settingAt } from './settings.ts'

export interface Refusal {
  readonly kind: 'unknown-key' | 'missing-key' | 'wrong-type' | 'impossible-value'
  readonly path: SettingPath
  /** Whether the key or the value is at fault. */
  readonly part: 'key' | 'value'
  readonly message: string
  readonly hint: string | undefined
}

type Issue = z.core.$ZodIssue

type IsSecret = (path: SettingPath) => boolean

/** What may be a password is told to nobody. */
const isPassword: IsSecret = path => path.at(-1) === 'password'

/**
 * Explains each issue of `issues` about `value`, whose schema is `root`. One unknown key is one refusal. What stands at a
 * secret path is not quoted.
 */
export function explain(
  issues: readonly Issue[],
  value: unknown,
  root: Setting,
  isSecret: IsSecret = isPassword,
): Refusal[] {
  return issues.flatMap(issue => explainOne(issue, settingPath(issue.path), value, { root, isSecret }))
}

interface Schema {
  readonly root: Setting
  readonly isSecret: IsSecret
}

function explainOne(issue: Issue, path: SettingPath, value: unknown, schema: Schema): Refusal[] {
  const { root } = schema
  if (issue.code === 'unrecognized_keys') return issue.keys.map(key => unknownKey([...path, key], root))
  if (issue.code === 'invalid_key') return [impossibleName(issue, path)]
  if (issue.code === 'invalid_union') {
    // The alternative that got furthest is the one that was meant: its issues lie deeper than the union itself.
    const meant = issue.errors.find(branch => branch.some(inner => inner.path.length > 0))
    if (meant !== undefined) {
      return meant.flatMap(inner => explainOne(inner, [...path, ...settingPath(inner.path)], value, schema))
    }
  }
  return [wrongValue(issue, path, value, schema)]
}

const settingPath = (path: readonly PropertyKey[]): SettingPath =>
  path.map(part => (typeof part === 'number' ? part : String(part)))

function unknownKey(path: SettingPath, root: Setting): Refusal {
  const key = String(path.at(-1))
  const known = (settingAt(root, path.slice(0, -1))?.children ?? []).map(child => child.name)
  return {
    kind: 'unknown-key',
    path,
    part: 'key',
    message: `unknown key ${quote(key)}`,
    hint: hintFor(key, known, root),
  }
}

function hintFor(key: string, known: readonly string[], root: Setting): string | undefined {
  const sibling = nearest(key, known)
  if (sibling !== undefined) return `did you mean ${sibling}?`
  const elsewhere = placesOf(key, root, [])[0]
  if (elsewhere !== undefined) return `${key} belongs at ${elsewhere}`
  return known.length === 0 ? undefined : `keys known here: ${known.join(', ')}`
}

/** Every path at which a key of this name may stand; NAME is a name the operator chooses. */
function placesOf(key: string, setting: Setting, path: SettingPath): string[] {
  const inside = setting.kind === 'table' && setting.element !== undefined
  const ofEntries = inside ? placesOf(key, setting.element, [...path, 'NAME']) : []
  const ofChildren = setting.children.flatMap(child => {
    const here = [...path, child.name]
    return [...(child.name === key ? [formatPath(here)] : []), ...placesOf(key, child, here)]
  })
  return [...ofEntries, ...ofChildren]
}

function impossibleName(issue: Extract<Issue, { code: 'invalid_key' }>, path: SettingPath): Refusal {
  const expected = issue.issues[0]?.message ?? 'expected another name'
  const message = `${expected}, found ${quote(String(path.at(-1)))}`
  return { kind: 'impossible-value', path, part: 'key', message, hint: undefined }
}

function wrongValue(issue: Issue, path: SettingPath, value: unknown, { root, isSecret }: Schema): Refusal {
  const setting = settingAt(root, path)
  const found = valueAt(value, path)
  // A schema that says itself what it expects knows better than its JSON Schema.
  const expected = issue.message.startsWith('expected ')
    ? issue.message
    : `expected ${setting?.expected ?? 'something else'}`
  if (found === undefined) {
    const message = `missing key ${String(path.at(-1))}: ${expected}`
    return { kind: 'missing-key', path, part: 'key', message, hint: undefined }
  }
  const isHidden = isSecret(path)
  const kind = issue.code === 'invalid_type' && issue.expected !== 'int' ? 'wrong-type' : 'impossible-value'
  return {
    kind,
    path,
    part: 'value',
    message: `${expected}, found ${isHidden ? 'something else' : describe(found)}`,
    hint: isHidden ? undefined : rewrite(found, setting),
  }
}

function valueAt(value: unknown, path: SettingPath): unknown {
  let at = value
  for (const part of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined
    at = Reflect.get(at, part)
  }
  return at
}

const TEXT_MAX = 60
const quote = (text: string): string =>
  JSON.stringify(text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}...` : text)

function describe(found: unknown): string {
  if (found === null) return 'nothing'
  if (typeof found === 'string') return `the text ${quote(found)}`
  if (Array.isArray(found)) return found.length === 0 ? 'an empty list' : 'a list'
  return typeof found === 'object' ? 'a section with keys' : String(found)
}

const SWITCH_WORDS = new Map([
  ['on', 'true'],
  ['yes', 'true'],
  ['true', 'true'],
  ['off', 'false'],
  ['no', 'false'],
  ['false', 'false'],
])

/** How the value found could be written so that it fits. */
function rewrite(found: unknown, setting: Setting | undefined): string | undefined {
  if (setting === undefined) return undefined
  if (found === null)
    return setting.defaultValue === undefined ? undefined : 'remove the line to have the default'
  if (setting.kind !== 'value' || typeof found === 'object') return undefined
  const text = String(found)
  if (setting.element !== undefined && typeof found === 'string') return `a list is written [${text}]`
  if (setting.expected === 'true or false') {
    const word = SWITCH_WORDS.get(text.toLowerCase())
    return word === undefined ? undefined : `write ${word}`
  }
  const digits = text.replaceAll(/[_,\s]/g, '')
  if (
    /^an? (whole )?number/.test(setting.expected) &&
    typeof found === 'string' &&
    /^\d+(\.\d+)?$/.test(digits)
  ) {
    return `write ${digits}, without quotes or separators`
  }
  const choices = /^one of (.*)$/.exec(setting.expected)?.[1]?.split(', ') ?? []
  const near = nearest(text, choices)
  return near === undefined ? undefined : `did you mean ${near}?`
}
