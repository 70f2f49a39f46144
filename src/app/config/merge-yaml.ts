// Puts a value into a YAML document in place of another: what stays the same keeps its comments, order and form.

import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'

/** Entries of lists are known by one of these, the first they have. */
const KEYS = ['id', 'name', 'prefix'] as const

/** The node that says `value`: `node` itself, changed where it said something else, or a new one. */
export function mergeYaml(document: Document, node: unknown, value: unknown): Node {
  if (isAlias(node)) {
    const isSame = JSON.stringify(node.resolve(document)?.toJS(document)) === JSON.stringify(value)
    return isSame ? node : document.createNode(value)
  }
  if (isMap(node) && isTree(value)) return mergeMap(document, node, value)
  if (isSeq(node) && Array.isArray(value)) return mergeList(document, node, value)
  if (isScalar(node) && node.value === value) return node
  const made = document.createNode(value)
  if (isNode(node)) {
    if (node.comment != null) made.comment = node.comment
    if (node.commentBefore != null) made.commentBefore = node.commentBefore
    if (node.spaceBefore === true) made.spaceBefore = true
  }
  return made
}

function mergeMap(document: Document, node: YAMLMap, value: Readonly<Record<string, unknown>>): Node {
  node.items = node.items.filter(({ key }) => Object.hasOwn(value, textOf(key)))
  for (const [key, each] of Object.entries(value)) {
    const pair = node.items.find(item => textOf(item.key) === key)
    if (pair === undefined) node.add(document.createPair(key, each))
    else pair.value = mergeYaml(document, pair.value, each)
  }
  return node
}

function mergeList(document: Document, node: YAMLSeq, values: readonly unknown[]): Node {
  const known = new Map<string, unknown[]>()
  for (const item of node.items) {
    const key = keyOf(isNode(item) ? item.toJS(document) : item)
    known.set(key, [...(known.get(key) ?? []), item])
  }
  node.items = values.map(value => mergeYaml(document, known.get(keyOf(value))?.shift(), value))
  return node
}

/** By what an entry of a list is known; of those without a key, all they say. */
export function keyOf(value: unknown): string {
  if (isTree(value)) {
    for (const key of KEYS) {
      const found = Object.hasOwn(value, key) ? value[key] : undefined
      if (typeof found === 'string') return found
    }
  }
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

const textOf = (key: unknown): string => String(isScalar(key) ? key.value : key)

export const isTree = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
