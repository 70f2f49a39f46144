// Small things that are kept as documents: users, tokens, what an operator noted. Read from memory, written to the state.

/** Of one kind each has an id of its own; a value is anything JSON can say, and whoever reads it checks it. */
export interface Documents {
  /** All of a kind, by id, as they are now. Empty until the state was read, which may be seconds after the start. */
  all(kind: string): ReadonlyMap<string, unknown>
  /** In force at once; settles when it is on disk (true), or after some seconds (false): it still comes then. */
  put(kind: string, id: string, value: unknown): Promise<boolean>
  /** As `put`. */
  drop(kind: string, id: string): Promise<boolean>
}

/** Documents in memory, each change told to `kept`; without it they live as long as the process. */
export class DocumentShelf implements Documents {
  readonly #kinds = new Map<string, Map<string, unknown>>()
  readonly #none: ReadonlyMap<string, unknown> = new Map()
  readonly #kept: (kind: string, id: string, value: unknown) => Promise<boolean>

  /** `value` undefined: the document is gone. */
  constructor(kept: (kind: string, id: string, value: unknown) => Promise<boolean> = async () => true) {
    this.#kept = kept
  }

  all(kind: string): ReadonlyMap<string, unknown> {
    return this.#kinds.get(kind) ?? this.#none
  }

  put(kind: string, id: string, value: unknown): Promise<boolean> {
    this.recall(kind, id, value)
    return this.#kept(kind, id, value)
  }

  drop(kind: string, id: string): Promise<boolean> {
    this.#kinds.get(kind)?.delete(id)
    return this.#kept(kind, id, undefined)
  }

  /** All of them, of all kinds. */
  *every(): Iterable<{ readonly kind: string; readonly id: string; readonly value: unknown }> {
    for (const [kind, documents] of this.#kinds)
      for (const [id, value] of documents) yield { kind, id, value }
  }

  /** Takes in what an earlier run kept. */
  recall(kind: string, id: string, value: unknown): void {
    const documents = this.#kinds.get(kind) ?? new Map<string, unknown>()
    this.#kinds.set(kind, documents.set(id, value))
  }
}
