// What nftables says it holds of ours (`nft -j`), as plain values.

import { z } from 'zod'
import type { KeptElement } from './ruleset.ts'

const documentSchema = z.object({ nftables: z.array(z.record(z.string(), z.unknown())) })
const counterSchema = z.object({ name: z.string(), packets: z.number(), bytes: z.number() })
const setSchema = z.object({
  name: z.string(),
  timeout: z.number().optional(),
  size: z.number().optional(),
  elem: z.array(z.unknown()).optional(),
})
const valueSchema = z.union([z.string(), z.object({ concat: z.tuple([z.string(), z.string()]) })])
const timedSchema = z.object({
  elem: z.object({ val: valueSchema, timeout: z.number().optional(), expires: z.number().optional() }),
})
const prefixSchema = z.object({ prefix: z.object({ addr: z.string(), len: z.number() }) })
const nameSchema = z.object({ name: z.string() })

export interface ListedSet {
  readonly name: string
  /** Elements it has room for; missing: no bound was told. */
  readonly size: number | undefined
  /** As `ruleset.ts` writes elements. */
  readonly elements: readonly string[]
  /** The same with their time, of sets whose elements go by themselves. */
  readonly timed: readonly KeptElement[]
}

export interface ListedTable {
  /** Everything but counts, numbers of the kernel's own and elements of sets: equal when nobody has changed it. */
  readonly structure: string
  readonly counts: ReadonlyMap<string, { readonly packets: number; readonly bytes: number }>
  readonly chains: readonly string[]
  readonly sets: readonly ListedSet[]
}

/** Reads an answer of `nft -j`; `undefined` when it is none. */
export function readListing(text: string): ListedTable | undefined {
  const parsed = documentSchema.safeParse(jsonOf(text))
  if (!parsed.success) return undefined
  const objects = parsed.data.nftables
  const counts = new Map<string, { packets: number; bytes: number }>()
  const chains: string[] = []
  const sets: ListedSet[] = []
  for (const { counter, chain, set } of objects) {
    const counted = counterSchema.safeParse(counter)
    if (counted.success) counts.set(counted.data.name, counted.data)
    const named = nameSchema.safeParse(chain)
    if (named.success) chains.push(named.data.name)
    const held = setSchema.safeParse(set)
    if (held.success) sets.push(setOf(held.data))
  }
  return { structure: structureOf(objects), counts, chains, sets }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const NOT_COMPARED: ReadonlySet<string> = new Set(['handle', 'packets', 'bytes', 'elem'])

function structureOf(objects: readonly Record<string, unknown>[]): string {
  const own = objects.filter(object => !('metainfo' in object))
  return JSON.stringify(
    own.map(object => Object.entries(object).map(([kind, value]) => [kind, without(value)])),
  )
}

/** The first level only: deeper, `elem` may belong to an expression. */
const without = (value: unknown): unknown =>
  typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).filter(([key]) => !NOT_COMPARED.has(key)))
    : value

function setOf({ name, timeout, size, elem = [] }: z.infer<typeof setSchema>): ListedSet {
  const timed: KeptElement[] = []
  const elements = elem.map(element => {
    if (typeof element === 'string') return element
    const prefix = prefixSchema.safeParse(element)
    if (prefix.success) return `${prefix.data.prefix.addr}/${prefix.data.prefix.len}`
    const read = timedSchema.safeParse(element)
    if (!read.success) return JSON.stringify(element)
    const { val, timeout: own = timeout, expires } = read.data.elem
    const key = typeof val === 'string' ? val : val.concat.join(' . ')
    if (own !== undefined && expires !== undefined && expires > 0)
      timed.push({ key, timeoutSeconds: own, expiresSeconds: expires })
    return key
  })
  return { name, size, elements, timed }
}
