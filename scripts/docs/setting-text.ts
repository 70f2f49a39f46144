// Words about a setting that the example and the reference page share.

import type { Setting } from '#lib/schema/settings.ts'

/** YAML in one line, as people write it: no quotes where none are needed. */
export function flowText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flowText).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, inner]) => `${key}: ${flowText(inner)}`)
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
  }
  return typeof value === 'string' && !/^[\w./][\w./:-]*$/.test(value) ? JSON.stringify(value) : String(value)
}

/** A section that replaces its default as a whole, such as the limits of a direction. */
export const isReplacing = (setting: Setting): boolean =>
  setting.kind === 'section' && Object.keys(Object(setting.defaultValue)).length > 0

/** Whether two sections take the same keys, so that describing one describes the other. */
export const sameKeys = (a: Setting, b: Setting): boolean => keysText(a) === keysText(b)

const keysText = (setting: Setting): string =>
  JSON.stringify(
    setting.children.map(({ name, kind, expected, children }) => [name, kind, expected, children]),
  )
