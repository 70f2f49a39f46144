// Sections that are named but empty: in YAML a key with nothing behind it means null.

import type { Setting } from './settings.ts'

/** Whether somewhere in `value` a key has nothing behind it. */
export function hasEmptyKeys(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value === null
  return Object.values(value).some(hasEmptyKeys)
}

/** A copy of `value` in which sections and tables that hold nothing are left out, as if they had not been written. */
export function withoutEmptySections(value: unknown, setting: Setting): unknown {
  if (setting.kind === 'value' || typeof value !== 'object' || value === null || Array.isArray(value))
    return value
  const kept = Object.entries(value).flatMap(([key, inner]) => {
    const child =
      setting.kind === 'table' ? setting.element : setting.children.find(candidate => candidate.name === key)
    if (child === undefined) return [[key, inner]]
    if (inner === null && child.kind !== 'value' && setting.kind === 'section') return []
    return [[key, withoutEmptySections(inner, child)]]
  })
  return Object.fromEntries(kept)
}
