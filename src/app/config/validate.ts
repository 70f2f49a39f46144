// From a tree of settings to a configuration, or to all that is wrong with it.

import { explain } from '#lib/schema/explain.ts'
import {
  formatPath,
  hasErrors,
  type Problem,
  type SettingPath,
  type SettingsSource,
} from '#lib/schema/problem.ts'
import { hasEmptyKeys, withoutEmptySections } from '#lib/schema/sections.ts'
import { type Config, configSchema, settingsTree } from './config.ts'

/** Issues beyond these are not worded: nobody reads them, and a list may hold 65,536 wrong lines. */
const ISSUES_MAX = 200

export type Validated =
  | { readonly kind: 'ok'; readonly config: Config; readonly problems: readonly Problem[] }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }

/** Checks types and ranges of every setting. One error anywhere refuses the whole. */
export function validate(source: SettingsSource): Validated {
  const { settings: written } = source
  const meant = hasEmptyKeys(written) ? withoutEmptySections(written, settingsTree()) : written
  const settings = withDependentDefaults(meant)
  const parsed = configSchema.safeParse(settings)
  if (parsed.success) {
    const { problems } = source
    return hasErrors(problems) ? { kind: 'refused', problems } : { kind: 'ok', config: parsed.data, problems }
  }
  const refusals = explain(parsed.error.issues.slice(0, ISSUES_MAX), settings, settingsTree(), isSecret)
  const problems = refusals.map(({ kind, path, part, message, hint }): Problem => {
    const place = source.locate(path, part)
    return { ...place, code: `config-${kind}`, severity: 'error', path: formatPath(path), message, hint }
  })
  return { kind: 'refused', problems: [...source.problems, ...problems] }
}

/** Passwords, and what somebody may have written where the place of a secret belongs: a refusal quotes neither. */
const isSecret = (path: SettingPath): boolean =>
  path.at(-1) === 'password' ||
  (path[0] === 'notify' && path[1] === 'webhooks' && !OPEN.includes(String(path[4] ?? 'type'))) ||
  (path[0] === 'notify' && path[1] === 'destinations' && !OPEN.includes(String(path[3] ?? 'type')))

const OPEN = [
  ...['type', 'channel', 'chatId', 'region', 'events', 'to', 'server', 'transport', 'caFile', 'facility'],
  ...['enterprise', 'template'],
]

/** What follows from other settings, where it was not set itself. */
function withDependentDefaults(settings: unknown): unknown {
  return withRulesByPeople(withPlainDefaults(withFixedBudget(settings)))
}

/** Who writes where gobgpd is wants it to be told of rules, and so does who has them sent over DDPS's API and has nobody else. */
function withRulesByPeople(settings: unknown): unknown {
  const isNamed = get(settings, ['enforcement', 'gobgp', 'address']) !== undefined
  const { enabled = false, listen = 'off' } = Object(get(settings, ['compatibility', 'ddpsApi']))
  const hasOther = get(settings, ['enforcement', 'exabgp', 'pipe']) !== undefined
  const isServed = enabled !== false || listen !== 'off'
  return isNamed || (isServed && !hasOther)
    ? setDefault(settings, ['enforcement', 'gobgp', 'rulesByPeople'], true)
    : settings
}

/** Who sets a budget wants that budget: packets choose none unless they are told to. */
function withFixedBudget(settings: unknown): unknown {
  if (get(settings, ['detection', 'budgetSeconds']) === undefined) return settings
  return setDefault(settings, ['detection', 'suspicion', 'enabled'], false)
}

/** Plain mode does as FastNetMon does in everything that was not set otherwise. */
function withPlainDefaults(settings: unknown): unknown {
  if (get(settings, ['detection', 'mode']) !== 'plain') return settings
  const withFlows = setDefault(settings, ['traffic', 'flows'], 'tcp-udp-v4')
  return setDefault(withFlows, ['enforcement', 'notifyScript', 'addressForm'], 'padded')
}

function setDefault(settings: unknown, path: readonly string[], value: unknown): unknown {
  return get(settings, path) === undefined ? put(settings, path, value) : settings
}

/** What stands at a path of a settings tree; `undefined` when nothing does. */
export function get(settings: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (isTree(at) && Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined),
    settings,
  )
}

/** A copy of a settings tree with a value at a path. What is no section where a section must be stays, for the schema to refuse. */
export function put(settings: unknown, path: readonly string[], value: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return value
  if (settings !== undefined && settings !== null && !isTree(settings)) return settings
  const inner = isTree(settings) && Object.hasOwn(settings, key) ? Reflect.get(settings, key) : undefined
  return { ...settings, [key]: put(inner, rest, value) }
}

const isTree = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
