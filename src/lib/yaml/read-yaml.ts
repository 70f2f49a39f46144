// YAML 1.2 becomes a tree of settings that remembers where each was written.

import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
} from 'yaml'
import type { Place, Problem, SettingPath, SettingsSource } from '#lib/schema/problem.ts'

/** The catalogue of the configuration explains each. */
type YamlErrorCode = 'config-yaml-syntax' | 'config-duplicate-key' | 'config-alias-limit'

/** A file that says the same thing over and over by aliases is either a mistake or an attack. */
const ALIASES_MAX = 100
const DEPTH_MAX = 32

/**
 * Reads the text of a file. Syntax is checked here, meaning elsewhere; an empty file is an empty tree. `advice` is for
 * whoever wrote something else than keys and values.
 */
export function readYaml(
  text: string,
  file: string,
  advice = 'see config/floodwarden.example.yaml',
): SettingsSource {
  return new YamlSettings(text, file, advice)
}

class YamlSettings implements SettingsSource {
  readonly settings: unknown
  readonly #problems: Problem[] = []
  readonly #file: string
  readonly #advice: string
  readonly #lines = new LineCounter()
  readonly #document: Document
  #aliases = 0

  constructor(text: string, file: string, advice: string) {
    this.#file = file
    this.#advice = advice
    this.#document = parseDocument(text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      uniqueKeys: false,
      logLevel: 'error',
    })
    for (const error of [...this.#document.errors, ...this.#document.warnings]) {
      this.#report('config-yaml-syntax', error.message, this.#place(error.pos[0]), HINTS.get(error.code))
    }
    this.settings = this.#root(text)
  }

  get problems(): readonly Problem[] {
    return this.#problems
  }

  locate(path: SettingPath, part: 'key' | 'value'): Place {
    let place = this.#place(startOf(this.#document.contents))
    let node: unknown = this.#document.contents
    for (const [depth, step] of path.entries()) {
      node = isAlias(node) ? node.resolve(this.#document) : node
      if (isMap(node)) {
        const pair: Pair | undefined = node.items.find(item => textOf(item.key) === String(step))
        if (pair === undefined) return place
        node = pair.value
        const isKeyWanted = depth === path.length - 1 && part === 'key'
        place = this.#place((isKeyWanted ? undefined : startOf(node)) ?? startOf(pair.key))
      } else if (isSeq(node) && typeof step === 'number' && step < node.items.length) {
        node = node.items[step]
        place = this.#place(startOf(node))
      } else {
        return place
      }
    }
    return place
  }

  #root(text: string): unknown {
    const { contents } = this.#document
    if (contents === null || (isScalar(contents) && contents.value === null)) return {}
    if (isMap(contents)) return this.#plain(contents, 0)
    if (this.#problems.length === 0) {
      const hint = /^\s*\w+\s*=/m.test(text)
        ? 'lines of the form key = value are fastnetmon.conf: give the file a name that ends in .conf'
        : this.#advice
      this.#report('config-yaml-syntax', 'expected keys and values', this.#place(startOf(contents)), hint)
    }
    return {}
  }

  /** The value of a node in plain objects. Aliases are followed a bounded number of times, to a bounded depth. */
  #plain(node: unknown, depth: number): unknown {
    if (depth > DEPTH_MAX) {
      const message = `more than ${DEPTH_MAX} levels inside each other`
      this.#report('config-yaml-syntax', message, this.#place(startOf(node)), undefined)
      return null
    }
    if (isAlias(node)) return this.#followed(node, depth)
    if (isSeq(node)) return node.items.map(item => this.#plain(item, depth + 1))
    if (isMap(node)) return this.#plainMap(node.items, depth)
    return isScalar(node) ? node.value : null
  }

  #followed(node: Alias, depth: number): unknown {
    this.#aliases += 1
    if (this.#aliases === ALIASES_MAX + 1) {
      const message = `more than ${ALIASES_MAX} aliases (*name)`
      this.#report('config-alias-limit', message, this.#place(startOf(node)), 'write the values out')
    }
    if (this.#aliases > ALIASES_MAX) return null
    const target = node.resolve(this.#document)
    if (target === undefined) {
      const message = `no anchor &${node.source} before this alias`
      this.#report('config-yaml-syntax', message, this.#place(startOf(node)), undefined)
      return null
    }
    return this.#plain(target, depth + 1)
  }

  #plainMap(pairs: readonly Pair[], depth: number): unknown {
    const lines = new Map<string, number>()
    const entries: [string, unknown][] = []
    for (const pair of pairs) {
      const key = textOf(pair.key)
      const place = this.#place(startOf(pair.key))
      // A key of this name would vanish in plain objects rather than be refused as unknown.
      if (key === undefined || key === '__proto__') {
        this.#report('config-yaml-syntax', 'expected a name as key', place, undefined)
        continue
      }
      const line = lines.get(key)
      if (line !== undefined) {
        const hint = `it was set on line ${line}; keep one of the two`
        this.#report('config-duplicate-key', `the key ${JSON.stringify(key)} stands here twice`, place, hint)
        continue
      }
      lines.set(key, place.line)
      entries.push([key, this.#plain(pair.value, depth + 1)])
    }
    return Object.fromEntries(entries)
  }

  #place(offset: number | undefined): Place {
    if (offset === undefined) return { file: this.#file, line: 1, column: 1 }
    const { line, col } = this.#lines.linePos(offset)
    return { file: this.#file, line, column: col }
  }

  #report(code: YamlErrorCode, message: string, place: Place, hint: string | undefined): void {
    this.#problems.push({ ...place, code, severity: 'error', path: '', message, hint })
  }
}

const HINTS = new Map([
  ['TAB_AS_INDENT', 'indent with spaces'],
  ['BAD_INDENT', 'keys of one section start in the same column'],
  ['TAG_RESOLVE_FAILED', 'tags (!name) are not used here'],
  ['MULTIPLE_DOCS', 'one file holds one document: remove the line ---'],
])

function startOf(node: unknown): number | undefined {
  if (isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)) return node.range?.[0]
  return undefined
}

/** The text of a key; numbers and the like as they are written. `undefined` for lists and maps as keys. */
function textOf(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value))
}
