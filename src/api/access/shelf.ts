// The documents of one kind, each checked by a schema once.

import type { z } from 'zod'
import type { Documents } from '#lib/documents.ts'

export class Shelf<T extends object> {
  readonly #documents: Documents
  readonly #kind: string
  readonly #schema: z.ZodType<T>
  /** By the document as it is kept: whoever changes one puts another in its place. */
  readonly #checked = new WeakMap<object, T | 'unreadable'>()

  constructor(documents: Documents, kind: string, schema: z.ZodType<T>) {
    this.#documents = documents
    this.#kind = kind
    this.#schema = schema
  }

  /** `undefined` also for a document that does not fit the schema, as one of a later version may not. */
  get(id: string): T | undefined {
    return this.#check(this.#documents.all(this.#kind).get(id))
  }

  all(): T[] {
    return [...this.#documents.all(this.#kind).values()].flatMap(value => this.#check(value) ?? [])
  }

  *entries(): Iterable<readonly [string, T]> {
    for (const [id, kept] of this.#documents.all(this.#kind)) {
      const value = this.#check(kept)
      if (value !== undefined) yield [id, value]
    }
  }

  /** How many there are, those that cannot be read included. */
  get size(): number {
    return this.#documents.all(this.#kind).size
  }

  put(id: string, value: T): Promise<boolean> {
    return this.#documents.put(this.#kind, id, value)
  }

  drop(id: string): Promise<boolean> {
    return this.#documents.drop(this.#kind, id)
  }

  #check(kept: unknown): T | undefined {
    if (typeof kept !== 'object' || kept === null) return undefined
    let checked = this.#checked.get(kept)
    if (checked === undefined) {
      const read = this.#schema.safeParse(kept)
      checked = read.success ? read.data : 'unreadable'
      this.#checked.set(kept, checked)
    }
    return checked === 'unreadable' ? undefined : checked
  }
}
