// JSONPath (RFC 9535) over what came. A name without $ is a path of its own.

import { createRequire } from 'node:module'
import type { JSONValue, jsonpath } from 'json-p3'

/** Loaded with the first path, for few configurations have one; and at once, because a configuration is judged without waiting. */
const load = createRequire(import.meta.url)
const compile: typeof jsonpath.compile = path => load('json-p3').jsonpath.compile(path)

/** Values that one path may find. */
const FOUND_MAX = 1000

const whole = (path: string): string => (path.startsWith('$') ? path : `$.${path}`)

export function isPath(path: string): boolean {
  try {
    compile(whole(path))
    return true
  } catch {
    return false
  }
}

/** A compiled path: gives what it finds, at most 1000 values; nothing when the text is too deep for it. */
export function finder(path: string): (value: unknown) => readonly unknown[] {
  const compiled = compile(whole(path))
  return value => {
    const found: unknown[] = []
    try {
      if (!isJson(value)) return found
      for (const node of compiled.lazyQuery(value)) {
        if (found.length >= FOUND_MAX) break
        found.push(node.value)
      }
    } catch {
      return []
    }
    return found
  }
}

/** Values come out of a JSON text, so that only the top has to be looked at. */
const isJson = (value: unknown): value is JSONValue =>
  typeof value !== 'function' && typeof value !== 'symbol'
