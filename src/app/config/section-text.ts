// A section of the configuration file as text of its own: taken out with its comments, read, and put back.

import { Document, isNode, parseDocument } from 'yaml'
import type { Place, Problem, SettingPath } from '#lib/schema/problem.ts'
import { readYaml } from '#lib/yaml/read-yaml.ts'
import { isPadded } from './replace-section.ts'

/** What stands at a path of a YAML file, with its comments; empty: nothing does. `value` is what it says. */
export function textOfSection(file: string, path: readonly string[], value: unknown): string {
  if (value === null || value === undefined) return ''
  const style = { lineWidth: 0, flowCollectionPadding: isPadded(file) }
  try {
    const node = parseDocument(file, { uniqueKeys: false }).getIn(path, true)
    const own = new Document()
    if (isNode(node)) own.contents = node as never
    else own.contents = own.createNode(value) as never
    return own.toString(style)
  } catch {
    // An alias of something outside of the section.
    return textOfValue(value)
  }
}

/** The value as YAML; empty: it is nothing. */
export function textOfValue(value: unknown): string {
  if (value === null || value === undefined) return ''
  return new Document(value).toString({ lineWidth: 0, flowCollectionPadding: false })
}

export interface SectionText {
  readonly value: unknown
  /** Of its syntax; places are those of the text. */
  readonly problems: readonly Problem[]
  /** Where a setting of the section stands in the text, or what is nearest to it. */
  locate(path: SettingPath): Place
}

const INDENT = 2
const NAME = 'section'

/** Reads it as it would be read in the file: there it stands below its name. */
export function readSectionText(text: string): SectionText {
  const lines = text.split('\n').map(line => (line === '' ? line : `${' '.repeat(INDENT)}${line}`))
  const source = readYaml(`${NAME}:\n${lines.join('\n')}\n`, NAME)
  const last = text.trimEnd().split('\n').length
  const moved = <P extends Place>(place: P): P => ({
    ...place,
    line: Math.min(Math.max(1, place.line - 1), last),
    column: Math.max(1, place.column - INDENT),
  })
  const { settings } = source
  const value =
    typeof settings === 'object' && settings !== null && Object.hasOwn(settings, NAME)
      ? (Reflect.get(settings, NAME) ?? null)
      : null
  const others = typeof settings === 'object' && settings !== null ? Object.keys(settings).length : 0
  const problems = others > 1 && source.problems.length === 0 ? [strayProblem()] : source.problems.map(moved)
  return { value, problems, locate: path => moved(source.locate([NAME, ...path], 'value')) }
}

const strayProblem = (): Problem => ({
  ...{ file: NAME, line: 1, column: 1, code: 'config-yaml-syntax', severity: 'error', path: '' },
  ...{ message: 'expected one section', hint: undefined },
})

/** The parts of a path as problems write it, `customers[0].id`, as far as the value has them. */
export function pathWithin(value: unknown, text: string): SettingPath {
  const path: (string | number)[] = []
  let [at, rest] = [value, text]
  while (rest !== '' && typeof at === 'object' && at !== null) {
    const index = /^\[(\d+)\]/.exec(rest)
    const inner: object = at
    if (index !== null && Array.isArray(inner)) {
      const place = Number(index[1])
      path.push(place)
      at = inner[place]
      rest = rest.slice(index[0].length)
      continue
    }
    const name = rest.startsWith('.') ? rest.slice(1) : rest
    // Names may have dots in them: the longest that is there.
    const key = Object.keys(inner)
      .filter(each => name === each || (name.startsWith(each) && /^[.[]/.test(name.slice(each.length))))
      .sort((a, b) => b.length - a.length)[0]
    if (key === undefined) break
    path.push(key)
    at = Reflect.get(inner, key)
    rest = name.slice(key.length)
  }
  return path
}
