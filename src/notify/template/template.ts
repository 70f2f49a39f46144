// A small language for texts: `{{field}}`, `{{field | filter}}`, `{{#if field}}…{{else}}…{{/if}}`, `{{#each field}}…{{/each}}`.
//
// It reads what it is given and nothing else: no expressions, no calls, no files. A template is compiled once, and what is
// wrong in it is said with line and column. Texts, depth and steps have bounds, so that none takes long.

export type TemplateValue = string | number | boolean | undefined
export type TemplateItem = Readonly<Record<string, TemplateValue>>
/** What a template may name. Lists are for `#each`; beside it they are joined by commas. */
export type TemplateFields = Readonly<
  Record<string, TemplateValue | readonly TemplateItem[] | readonly string[]>
>

/** Names by which a template may call things: those of the top, and those of the items of each list. */
export interface TemplateNames {
  readonly fields: ReadonlySet<string>
  readonly lists: ReadonlyMap<string, ReadonlySet<string>>
}

export type Filter = (value: TemplateValue) => string

export interface TemplateFault {
  /** From 1, in the text of the template. */
  readonly line: number
  readonly column: number
  readonly message: string
}

export type CompiledTemplate =
  | { readonly kind: 'ok'; readonly render: (fields: TemplateFields) => string }
  | { readonly kind: 'wrong'; readonly fault: TemplateFault }

export const TEMPLATE_MAX = 16_384
const DEPTH_MAX = 8
/** Of what it makes; the rest is cut. */
const TEXT_MAX = 32_768
/** Pieces that are looked at while it is made; lists within lists that write nothing would take for ever. */
const STEPS_MAX = 100_000

type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly name: string; readonly filter: Filter | undefined }
  | {
      readonly kind: 'if'
      readonly name: string
      readonly inner: readonly Node[]
      readonly otherwise: readonly Node[]
    }
  | { readonly kind: 'each'; readonly name: string; readonly inner: readonly Node[] }

export function compileTemplate(
  text: string,
  names: TemplateNames,
  filters: Readonly<Record<string, Filter>>,
): CompiledTemplate {
  try {
    const nodes = new Parser(text, names, filters).all()
    return { kind: 'ok', render: fields => written(nodes, [fields], { left: STEPS_MAX }) }
  } catch (error) {
    if (!(error instanceof Wrong)) throw error
    const before = text.slice(0, error.at).split('\n')
    const fault = { line: before.length, column: (before.at(-1) ?? '').length + 1, message: error.message }
    return { kind: 'wrong', fault }
  }
}

class Wrong extends Error {
  readonly at: number
  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}

const TAG = /\{\{([\s\S]*?)\}\}/g

interface Tag {
  readonly at: number
  readonly words: string
  readonly end: number
}

class Parser {
  readonly #text: string
  readonly #names: TemplateNames
  readonly #filters: Readonly<Record<string, Filter>>
  readonly #tags: readonly Tag[]
  #next = 0
  #at = 0

  constructor(text: string, names: TemplateNames, filters: Readonly<Record<string, Filter>>) {
    if (text.length > TEMPLATE_MAX) throw new Wrong(`longer than ${TEMPLATE_MAX} characters`, TEMPLATE_MAX)
    this.#text = text
    this.#names = names
    this.#filters = filters
    this.#tags = [...text.matchAll(TAG)].map(({ index, 0: whole, 1: words = '' }) => ({
      ...{ at: index, words: words.trim(), end: index + whole.length },
    }))
  }

  all(): readonly Node[] {
    const { nodes, closed } = this.#block([], undefined)
    if (closed !== undefined) throw new Wrong(`{{${closed.words}}} ends nothing`, closed.at)
    return nodes
  }

  /** Until something that ends it; `lists`: the lists whose items are at hand, the innermost last. */
  #block(lists: readonly string[], opener: Tag | undefined): { nodes: Node[]; closed: Tag | undefined } {
    if (lists.length > DEPTH_MAX || this.#depth > DEPTH_MAX)
      throw new Wrong(`deeper than ${DEPTH_MAX} blocks`, opener?.at ?? 0)
    const nodes: Node[] = []
    for (;;) {
      const tag = this.#tags[this.#next]
      this.#plain(nodes, tag?.at ?? this.#text.length)
      if (tag === undefined) {
        if (opener !== undefined) throw new Wrong(`{{${opener.words}}} has no end`, opener.at)
        return { nodes, closed: undefined }
      }
      this.#next++
      this.#at = tag.end
      if (tag.words === 'else' || tag.words.startsWith('/')) return { nodes, closed: tag }
      nodes.push(this.#node(tag, lists))
    }
  }

  #depth = 0

  #plain(nodes: Node[], until: number): void {
    const text = this.#text.slice(this.#at, until)
    const stray = text.indexOf('{{')
    if (stray >= 0) throw new Wrong('{{ has no }}', this.#at + stray)
    if (text !== '') nodes.push({ kind: 'text', text })
    this.#at = until
  }

  #node(tag: Tag, lists: readonly string[]): Node {
    const [head = '', name = '', ...more] = tag.words.split(/\s+/)
    if (!head.startsWith('#')) return this.#value(tag, lists)
    if (more.length > 0) throw new Wrong(`${head} takes one name`, tag.at)
    this.#depth++
    const node = head === '#if' ? this.#if(tag, name, lists) : this.#each(tag, head, name, lists)
    this.#depth--
    return node
  }

  #if(tag: Tag, name: string, lists: readonly string[]): Node {
    this.#known(name, tag, lists)
    const inner = this.#block(lists, tag)
    const otherwise = inner.closed?.words === 'else' ? this.#block(lists, tag) : undefined
    this.#mustEnd(tag, (otherwise ?? inner).closed, '/if')
    return { kind: 'if', name, inner: inner.nodes, otherwise: otherwise?.nodes ?? [] }
  }

  #each(tag: Tag, head: string, name: string, lists: readonly string[]): Node {
    if (head !== '#each') throw new Wrong(`there is no ${head}; there are #if and #each`, tag.at)
    if (!this.#names.lists.has(name))
      throw new Wrong(
        `${name || 'nothing'} is no list; there are ${[...this.#names.lists.keys()].join(', ')}`,
        tag.at,
      )
    const inner = this.#block([...lists, name], tag)
    this.#mustEnd(tag, inner.closed, '/each')
    return { kind: 'each', name, inner: inner.nodes }
  }

  #mustEnd(tag: Tag, closed: Tag | undefined, wanted: string): void {
    if (closed?.words !== wanted)
      throw new Wrong(
        `{{${tag.words}}} is ended by {{${closed?.words}}} and not by {{${wanted}}}`,
        closed?.at ?? tag.at,
      )
  }

  #value(tag: Tag, lists: readonly string[]): Node {
    const [name = '', filter, ...more] = tag.words.split('|').map(part => part.trim())
    this.#known(name, tag, lists)
    if (more.length > 0) throw new Wrong('one filter at most', tag.at)
    if (filter === undefined) return { kind: 'value', name, filter: undefined }
    if (!Object.hasOwn(this.#filters, filter))
      throw new Wrong(
        `there is no filter ${filter}; there are ${Object.keys(this.#filters).join(', ')}`,
        tag.at,
      )
    return { kind: 'value', name, filter: this.#filters[filter] }
  }

  #known(name: string, tag: Tag, lists: readonly string[]): void {
    const { fields, lists: known } = this.#names
    const inItems = lists.some(list => name === 'this' || known.get(list)?.has(name))
    if (inItems || fields.has(name) || known.has(name)) return
    const all = [...lists.flatMap(list => [...(known.get(list) ?? [])]), ...fields, ...known.keys()]
    throw new Wrong(`there is no ${name || 'empty name'}; there are ${all.join(', ')}`, tag.at)
  }
}

type Scope = TemplateFields | string

interface Steps {
  left: number
}

function written(nodes: readonly Node[], scopes: readonly Scope[], steps: Steps): string {
  let text = ''
  for (const node of nodes) {
    if (text.length >= TEXT_MAX || steps.left <= 0) break
    text += one(node, scopes, steps)
  }
  return text.slice(0, TEXT_MAX)
}

function one(node: Node, scopes: readonly Scope[], steps: Steps): string {
  steps.left--
  switch (node.kind) {
    case 'text':
      return node.text
    case 'value':
      return textOf(found(node.name, scopes), node.filter)
    case 'if':
      return written(isThere(found(node.name, scopes)) ? node.inner : node.otherwise, scopes, steps)
    case 'each': {
      const items = found(node.name, scopes)
      if (!Array.isArray(items)) return ''
      let text = ''
      for (const item of items as readonly Scope[]) {
        if (text.length >= TEXT_MAX || steps.left-- <= 0) break
        text += written(node.inner, [...scopes, item], steps)
      }
      return text
    }
  }
}

function found(name: string, scopes: readonly Scope[]): TemplateFields[string] {
  for (const scope of scopes.toReversed()) {
    if (typeof scope === 'string') {
      if (name === 'this') return scope
    } else if (Object.hasOwn(scope, name)) return scope[name]
  }
  return undefined
}

const isThere = (value: TemplateFields[string]): boolean =>
  Array.isArray(value)
    ? value.length > 0
    : value !== undefined && value !== false && value !== '' && value !== 0

function textOf(value: TemplateFields[string], filter: Filter | undefined): string {
  if (Array.isArray(value))
    return value.map(item => (typeof item === 'string' ? item : Object.values(item)[0])).join(', ')
  const plain = value as TemplateValue
  return filter === undefined ? String(plain ?? '') : filter(plain)
}
