// Native settings that know where in a file of prefixd each was written.

import { formatPath, type Place, type SettingPath } from '#lib/schema/problem.ts'

/** A native setting (a value, or a list or section as a whole) and the place it comes from. */
export interface Placed {
  readonly path: SettingPath
  readonly value: unknown
  readonly place: Place
}

export interface NativeTree {
  readonly settings: unknown
  /** Of what was not placed itself the nearest setting around it; `undefined`: there is none. */
  locate(path: SettingPath): Place | undefined
}

/** Of two at the same path the later counts. Numbers in a path make lists, which must be filled from 0 in order. */
export function nativeTree(placed: readonly Placed[]): NativeTree {
  const settings: object = {}
  const places = new Map<string, Place>()
  for (const { path, value, place } of placed) {
    put(settings, path, value)
    places.set(formatPath(path), place)
    // A list has a place when its first element has one.
    for (let length = path.length - 1; length > 0; length--) {
      const above = formatPath(path.slice(0, length))
      if (!places.has(above)) places.set(above, place)
    }
  }
  return {
    settings,
    locate(path) {
      for (let length = path.length; length > 0; length--) {
        const place = places.get(formatPath(path.slice(0, length)))
        if (place !== undefined) return place
      }
      return undefined
    },
  }
}

function put(tree: object, path: SettingPath, value: unknown): void {
  let at = tree
  for (const [depth, step] of path.entries()) {
    if (depth === path.length - 1) {
      Reflect.set(at, step, value)
      return
    }
    let inner: unknown = Reflect.get(at, step)
    if (typeof inner !== 'object' || inner === null) {
      inner = typeof path[depth + 1] === 'number' ? [] : {}
      Reflect.set(at, step, inner)
    }
    if (typeof inner === 'object' && inner !== null) at = inner
  }
}
