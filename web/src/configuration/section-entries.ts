// Sections of the configuration as lists of entries that forms work on: customers, playbooks, hostgroups, safelisted prefixes.

import type { SectionName } from '#api/contract/sections.ts'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }
export type Tree = { readonly [name: string]: Json }

export interface Entry {
  /** By which the section knows it; a new one has none. */
  readonly key: string
  readonly value: Tree
}

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const KEY_OF: Readonly<Record<Exclude<SectionName, 'hostgroups'>, string>> = {
  ...{ inventory: 'id', playbooks: 'name', safelist: 'prefix' },
}

/** In the order in which they are written. What is no entry is left out. */
export function entriesOf(section: SectionName, value: unknown): Entry[] {
  if (section === 'hostgroups')
    return isTree(value)
      ? Object.entries(value).flatMap(([key, each]) => (isTree(each) ? [{ key, value: each }] : []))
      : []
  const list = section === 'inventory' && isTree(value) ? value['customers'] : value
  if (!Array.isArray(list)) return []
  return list.flatMap((each: unknown) =>
    isTree(each) ? [{ key: String(each[KEY_OF[section]] ?? ''), value: each }] : [],
  )
}

/** The section with an entry in place of that of `key`, or behind the others; all else stays as it is. */
export function withEntry(section: SectionName, value: unknown, key: string | undefined, entry: Entry): Json {
  const entries = entriesOf(section, value)
  const at = entries.findIndex(each => each.key === key)
  return put(section, value, at < 0 ? [...entries, entry] : entries.with(at, entry))
}

export const withoutEntry = (section: SectionName, value: unknown, key: string): Json =>
  put(
    section,
    value,
    entriesOf(section, value).filter(each => each.key !== key),
  )

/** The entry one place further up or down: of playbooks the first that fits answers. */
export function withMoved(section: SectionName, value: unknown, key: string, by: -1 | 1): Json {
  const entries = entriesOf(section, value)
  const at = entries.findIndex(each => each.key === key)
  const [one, other] = [entries[at], entries[at + by]]
  if (one === undefined || other === undefined) return put(section, value, entries)
  return put(section, value, entries.with(at, other).with(at + by, one))
}

function put(section: SectionName, value: unknown, entries: readonly Entry[]): Json {
  switch (section) {
    case 'hostgroups':
      return Object.fromEntries(entries.map(({ key, value: each }) => [key, each]))
    case 'inventory':
      return { ...(isTree(value) ? value : {}), customers: entries.map(each => each.value) }
    default:
      return entries.map(each => each.value)
  }
}

/** What stands at names within each other; undefined: nothing. */
export function at(value: Json | undefined, ...names: readonly string[]): Json | undefined {
  return names.reduce<Json | undefined>((inner, name) => (isTree(inner) ? inner[name] : undefined), value)
}

/** A copy with a value at names within each other; undefined or empty takes it away, and sections that are left empty with it. */
export function having(tree: Tree, names: readonly string[], value: Json | undefined): Tree {
  const [name, ...rest] = names
  if (name === undefined) return tree
  const inner = tree[name]
  const next = rest.length === 0 ? value : having(isTree(inner) ? inner : {}, rest, value)
  const isEmpty =
    next === undefined ||
    next === '' ||
    (Array.isArray(next) && next.length === 0) ||
    (isTree(next) && Object.keys(next).length === 0)
  if (!isEmpty) return { ...tree, [name]: next }
  const { [name]: _gone, ...others } = tree
  return others
}

export const textAt = (tree: Tree, ...names: readonly string[]): string => {
  const value = at(tree, ...names)
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** A list as lines of a form. */
export const linesAt = (tree: Tree, ...names: readonly string[]): string => {
  const value = at(tree, ...names)
  return Array.isArray(value) ? value.map(String).join('\n') : ''
}
