// The reference page of the native configuration.

import { settingsTree } from '#app/config/config.ts'
import type { Setting } from '#lib/schema/settings.ts'
import { pageHead, table } from './exports.ts'
import { flowText, sameKeys } from './setting-text.ts'

const INTRODUCTION = `
The file is YAML 1.2, at most 1 MiB, in UTF-8. An empty file is valid: every setting has a default or may be left out. Unknown
keys, wrong types and impossible values refuse the whole file, each with line, column and the nearest known key
(\`floodwarden check FILE\`). [floodwarden.example.yaml](../../config/floodwarden.example.yaml) has all of it to edit,
[floodwarden.schema.json](floodwarden.schema.json) is for editors. Arguments of the command line replace what the file says.
`

export function configurationPage(): string {
  const head = pageHead('Configuration', 'the schemas (src/*/config.ts)')
  return `${head}${INTRODUCTION}\n${settingsTree().children.map(partOf).join('\n\n')}\n`
}

function partOf(setting: Setting): string {
  const rows =
    setting.kind === 'value'
      ? [rowOf('', setting), ...elementRows(setting, setting.name)]
      : rowsOf(setting, '')
  const title = `## ${setting.name}\n\n${setting.description}\n`
  return `${title}\n${table(['key', 'possible', 'default', 'meaning'], rows)}`
}

function rowsOf(setting: Setting, path: string): string[][] {
  const holder = setting.kind === 'table' ? setting.element : setting
  const inside = setting.kind === 'table' ? `${path}NAME.` : path
  const children = holder?.children ?? []
  return children.flatMap(child => {
    if (child.kind === 'value') return [rowOf(inside, child), ...elementRows(child, `${inside}${child.name}`)]
    const twin = children.find(other => other.kind === 'section' && sameKeys(other, child))
    const isFirst = twin === undefined || twin === child
    const possible = isFirst ? 'a section' : `the same keys as \`${twin.name}\``
    const row = [`\`${inside}${child.name}\``, possible, defaultText(child.defaultValue), child.description]
    return isFirst ? [row, ...rowsOf(child, `${inside}${child.name}.`)] : [row]
  })
}

/** Keys of the elements of a list, when these are sections. */
const elementRows = ({ element }: Setting, path: string): string[][] =>
  element?.kind === 'section' ? rowsOf(element, `${path}[].`) : []

function rowOf(path: string, { name, expected, defaultValue, isRequired, description }: Setting): string[] {
  return [`\`${path}${name}\``, expected, isRequired ? 'must be set' : defaultText(defaultValue), description]
}

const defaultText = (value: unknown): string => (isEmpty(value) ? 'none' : `\`${flowText(value)}\``)

/** Nothing, an empty list, or a section in which nothing is set. */
const isEmpty = (value: unknown): boolean =>
  value === undefined || (typeof value === 'object' && value !== null && Object.values(value).every(isEmpty))
