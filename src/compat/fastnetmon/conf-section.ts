// What a section of a fastnetmon.conf is: a reader that turns its options into a part of the native settings.

import type { SettingsSource } from '#lib/schema/problem.ts'
import type { ConfValues } from './conf-values.ts'

export type ListFile =
  | { readonly kind: 'ok'; readonly text: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'failed'; readonly error: string }

/** What reading needs of the machine: the lists beside the file, and whether the usual script is there. */
export interface OutsideOfConf {
  exists(path: string): boolean
  readList(path: string): ListFile
}

export interface ConfSource extends SettingsSource {
  /** `enable_ban = on` is the owner's order: armed for exactly the script and the outputs the file names. */
  readonly isOrdered: boolean
}

/** What a section reads from. Its own problems go to `values.problems`. */
export interface ConfReading {
  readonly values: ConfValues
  readonly outside: OutsideOfConf
  /** Whether `enable_ban` is on: only then may a section name something that changes the network. */
  readonly isOrdered: boolean
}

/** Turns its options into a part of the tree of native settings; the parts of all sections are laid over each other. */
export type ConfSection = (reading: ConfReading) => object

type Tree = Readonly<Record<string, unknown>>

/** Trees laid over each other: sections are joined key by key, everything else is replaced. */
export function mergeSettings(parts: readonly object[]): Tree {
  return parts.reduce<Tree>(joined, {})
}

function joined(under: object, over: object): Tree {
  const below: Tree = { ...under }
  const inner = Object.entries(over).map(([key, value]) => {
    const old = Object.hasOwn(below, key) ? below[key] : undefined
    return [key, isTree(old) && isTree(value) ? joined(old, value) : value] as const
  })
  return { ...below, ...Object.fromEntries(inner) }
}

const isTree = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
