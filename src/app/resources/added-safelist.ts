// Prefixes that were put on the safelist while the daemon ran: documents of the state. What cannot be read keeps protecting.

import { z } from 'zod'
import type { SafelistEntry } from '#6-policy/safelist.ts'
import type { Documents } from '#lib/documents.ts'
import { formatPrefix, parsePrefix } from '#lib/ip/prefix.ts'

/** Kind of the documents, one for each prefix by its canonical text. */
const KIND = 'safelist'
/** More are refused: each is looked at when rails are made anew. */
export const ADDED_MAX = 10_000

const addedSchema = z.object({
  reason: z.string(),
  addedBy: z.string(),
  /** As a program says that adds it for somebody. */
  inNameOf: z.string().optional(),
  /** Wall clock, ms since 1970 UTC. */
  addedAt: z.number(),
  expiresAt: z.number().optional(),
})
export type Added = z.infer<typeof addedSchema>

export interface AddedEntry {
  readonly prefix: string
  /** Missing: it cannot be read, so it never ends. */
  readonly added?: Added
}

export class AddedSafelist {
  readonly #documents: Documents
  /** What was read before: each second all are asked whether they have ended. */
  readonly #read = new WeakMap<object, Added>()

  constructor(documents: Documents) {
    this.#documents = documents
  }

  /** Those that have not ended, oldest first. */
  list(nowMs: number): AddedEntry[] {
    return [...this.#documents.all(KIND)].flatMap(([prefix, value]) => {
      const added = this.#parse(value)
      if (added === undefined) return [{ prefix }]
      return isOver(added, nowMs) ? [] : [{ prefix, added }]
    })
  }

  /** For rails. A prefix that cannot be read stays as it is: then nothing may be touched. */
  entries(nowMs: number): SafelistEntry[] {
    return this.list(nowMs).map(({ prefix, added }) => ({
      prefix,
      reason: added?.reason ?? 'an entry that cannot be read',
      ...(added?.expiresAt === undefined ? {} : { until: new Date(added.expiresAt).toISOString() }),
    }))
  }

  get(prefix: string): AddedEntry | undefined {
    const value = this.#documents.all(KIND).get(prefix)
    if (value === undefined) return undefined
    const added = this.#parse(value)
    return added === undefined ? { prefix } : { prefix, added }
  }

  get size(): number {
    return this.#documents.all(KIND).size
  }

  /** In force at once; settles when it is on disk, or after some seconds. */
  put(prefix: string, added: Added): Promise<boolean> {
    return this.#documents.put(KIND, prefix, added)
  }

  drop(prefix: string): Promise<boolean> {
    return this.#documents.drop(KIND, prefix)
  }

  /** Forgets those that have ended. True: there were any. */
  forgetEnded(nowMs: number): boolean {
    const over = [...this.#documents.all(KIND)].flatMap(([prefix, value]) => {
      const added = this.#parse(value)
      return added !== undefined && isOver(added, nowMs) ? [prefix] : []
    })
    for (const prefix of over) void this.drop(prefix)
    return over.length > 0
  }

  #parse(value: unknown): Added | undefined {
    if (typeof value !== 'object' || value === null) return undefined
    const known = this.#read.get(value)
    if (known !== undefined) return known
    const read = addedSchema.safeParse(value)
    if (read.success) this.#read.set(value, read.data)
    return read.data
  }

  /** What an operator must mend, one sentence each. */
  problems(): string[] {
    return [...this.#documents.all(KIND)].flatMap(([prefix, value]) => {
      if (this.#parse(value) !== undefined && parsePrefix(prefix) !== undefined) return []
      const what = parsePrefix(prefix) === undefined ? 'nothing at all is touched' : 'it is never touched'
      return [
        `the safelist entry ${JSON.stringify(prefix)} of the state cannot be read, so ${what}: floodwarden safelist remove or add it anew`,
      ]
    })
  }
}

const isOver = ({ expiresAt }: Added, nowMs: number): boolean => expiresAt !== undefined && expiresAt <= nowMs

/** With its length, as the safelist of the configuration is written: `192.0.2.1/32`. */
export function canonicalPrefix(text: string): string {
  const prefix = parsePrefix(text)
  return prefix === undefined ? text : formatPrefix(prefix)
}
