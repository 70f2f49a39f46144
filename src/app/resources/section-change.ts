// A change of a section by its entries: some put in, in place of those of the same key, some taken out.

import type { SectionChange } from '#api/contract/sections.ts'
import { isTree, keyOf } from '../config/merge-yaml.ts'

export type Changed =
  | { readonly kind: 'changed'; readonly value: unknown }
  | { readonly kind: 'refused'; readonly at: string; readonly problem: string }

/** Lists are changed by the keys of their entries, sections by their names, lists within sections likewise. */
export function changeSection(before: unknown, { put, remove }: SectionChange): Changed {
  if (Array.isArray(put) || (put === undefined && Array.isArray(before))) {
    if (remove !== undefined && !Array.isArray(remove)) return wrong('remove', 'expected a list of keys')
    return changed(changeList(before, Array.isArray(put) ? put : [], remove ?? []))
  }
  if (put !== undefined && !isTree(put)) return wrong('put', 'expected entries, shaped as the section is')
  const tree = isTree(before) ? before : {}
  if (remove === undefined || Array.isArray(remove)) {
    const isOfLists = Object.values({ ...tree, ...put }).every(Array.isArray) && Object.keys(tree).length > 0
    if (remove !== undefined && isOfLists) return wrong('remove', 'expected keys by list')
    const next = Object.fromEntries(Object.entries(tree).filter(([name]) => !remove?.includes(name)))
    return changed({ ...next, ...merged(next, put ?? {}) })
  }
  const lists = Object.entries({ ...tree, ...merged(tree, put ?? {}) }).map(([name, value]) => [
    name,
    Array.isArray(value) ? changeList(value, [], remove[name] ?? []) : value,
  ])
  return changed(Object.fromEntries(lists))
}

/** Lists are changed entry by entry, all else is put as it is. */
function merged(
  before: Readonly<Record<string, unknown>>,
  put: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const entries = Object.entries(put).map(([name, value]) => [
    name,
    Array.isArray(value) ? changeList(before[name], value, []) : value,
  ])
  return Object.fromEntries(entries)
}

function changeList(before: unknown, put: readonly unknown[], remove: readonly string[]): unknown[] {
  const wanted = new Map(put.map(entry => [keyOf(entry), entry]))
  const kept = (Array.isArray(before) ? before : [])
    .filter(entry => !remove.includes(keyOf(entry)))
    .map(entry => {
      const key = keyOf(entry)
      const next = wanted.get(key) ?? entry
      wanted.delete(key)
      return next
    })
  return [...kept, ...wanted.values()]
}

const changed = (value: unknown): Changed => ({ kind: 'changed', value })
const wrong = (at: string, problem: string): Changed => ({ kind: 'refused', at, problem })
