// A zod schema as a tree of settings with words for people: what the reference pages and the error messages share.

import { z } from 'zod'
import type { SettingPath } from './problem.ts'

/** Section: fixed keys. Table: entries under names the operator chooses. Value: everything else. */
export type SettingKind = 'section' | 'table' | 'value'

export interface Setting {
  /** Key; empty for the root, for elements of lists and for entries of tables. */
  readonly name: string
  readonly kind: SettingKind
  readonly description: string
  /** What may stand here, such as `a whole number from 1 to 64`. */
  readonly expected: string
  /** `undefined` when leaving the key out means that there is none. */
  readonly defaultValue: unknown
  /** What somebody might write; `undefined` when the schema gives none. */
  readonly example: unknown
  readonly isRequired: boolean
  /** Keys of a section. */
  readonly children: readonly Setting[]
  /** Element of a list or entry of a table. */
  readonly element: Setting | undefined
}

type Shape = z.core.JSONSchema.JSONSchema

/** What may be written, as JSON Schema 2020-12: keys with a default may be left out. */
export const jsonSchemaOf = (schema: z.ZodType): Shape => z.toJSONSchema(schema, { io: 'input' })

/** The tree of a schema's settings, keys in the order of the schema. */
export const settingsOf = (schema: z.ZodType): Setting => settingOf('', jsonSchemaOf(schema), false)

/** The setting a path names; `undefined` when the schema knows no such path. */
export function settingAt(root: Setting, path: SettingPath): Setting | undefined {
  let setting: Setting | undefined = root
  for (const part of path) {
    if (setting === undefined) return undefined
    setting =
      setting.kind === 'section' ? setting.children.find(child => child.name === part) : setting.element
  }
  return setting
}

function settingOf(name: string, shape: Shape, isRequired: boolean): Setting {
  const kind = kindOf(shape)
  const required = new Set(shape.required ?? [])
  const children = Object.entries(shape.properties ?? {}).map(([key, child]) =>
    settingOf(key, asShape(child), required.has(key)),
  )
  return {
    name,
    kind,
    description: shape.description ?? '',
    expected: expectedOf(shape),
    defaultValue: shape.default,
    example: Array.isArray(shape['examples']) ? shape['examples'][0] : undefined,
    isRequired,
    children: kind === 'section' ? children : [],
    element: elementOf(shape),
  }
}

function kindOf(shape: Shape): SettingKind {
  if (shape.properties !== undefined) return 'section'
  return shape.type === 'object' ? 'table' : 'value'
}

function elementOf(shape: Shape): Setting | undefined {
  for (const option of shape.anyOf ?? []) {
    const element = elementOf(asShape(option))
    if (element !== undefined) return element
  }
  const inner =
    shape.type === 'array' ? shape.items : kindOf(shape) === 'table' ? shape.additionalProperties : undefined
  return typeof inner === 'object' && !Array.isArray(inner) ? settingOf('', asShape(inner), false) : undefined
}

const asShape = (shape: z.core.JSONSchema._JSONSchema): Shape => (typeof shape === 'boolean' ? {} : shape)

function expectedOf(shape: Shape): string {
  if (shape.title !== undefined) return shape.title
  if (shape.anyOf !== undefined) return shape.anyOf.map(option => expectedOf(asShape(option))).join(' or ')
  if (shape.const !== undefined) return String(shape.const)
  if (shape.enum !== undefined) return `one of ${shape.enum.join(', ')}`
  switch (shape.type) {
    case 'boolean':
      return 'true or false'
    case 'integer':
      return `a whole number${rangeOf(shape)}`
    case 'number':
      return `a number${rangeOf(shape)}`
    case 'array':
      return `a list, each ${elementOf(shape)?.expected ?? 'text'}`
    case 'object':
      return 'a section with keys'
    default:
      return 'text'
  }
}

/** Bounds in words; those of the number type itself say nothing. */
function rangeOf(shape: Shape): string {
  const minimum = shape.minimum === Number.MIN_SAFE_INTEGER ? undefined : shape.minimum
  const maximum = shape.maximum === Number.MAX_SAFE_INTEGER ? undefined : shape.maximum
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`
  if (shape.exclusiveMinimum !== undefined) return ` above ${shape.exclusiveMinimum}`
  if (minimum !== undefined) return ` of at least ${minimum}`
  return maximum === undefined ? '' : ` of at most ${maximum}`
}
