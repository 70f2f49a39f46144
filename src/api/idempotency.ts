// Requests that are repeated because their answer was lost (draft-ietf-httpapi-idempotency-key-header): done once, by
// their key, and answered again as before. Kept in memory: a restart forgets them.

import { hash } from 'node:crypto'
import type { MetricSource } from '#lib/metrics/metric.ts'
import type { Identity } from './contract/access.ts'
import { API_METRICS } from './metrics.ts'

export interface KeptAnswer {
  readonly status: number
  readonly contentType: string
  readonly text: string
}

/** What makes two requests the same one. */
export interface KeyedRequest {
  readonly identity: Identity
  /** As the header has it, checked. */
  readonly key: string
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly body: unknown
}

export type Claim =
  /** Nobody has done it: whoever is told so does it, and then calls `done` or, when it came to nothing, `failed`. */
  | { readonly kind: 'new'; done(answer: KeptAnswer): void; failed(): void }
  | { readonly kind: 'again'; readonly answer: KeptAnswer }
  | { readonly kind: 'in-progress' }
  /** The same key with other words. */
  | { readonly kind: 'other' }

interface Entry {
  readonly fingerprint: string
  readonly at: number
  /** `undefined`: it is being worked on. */
  answer: KeptAnswer | undefined
}

export interface IdempotencyBounds {
  readonly entriesMax: number
  readonly charactersMax: number
  readonly ageMs: number
}

const BOUNDS: IdempotencyBounds = { entriesMax: 10_000, charactersMax: 16 << 20, ageMs: 24 * 3_600_000 }
const KEY = /^[\x21\x23-\x7e]{1,255}$/

/** The key of a header: a string of structured fields (RFC 8941) or bare. `undefined`: it is none. */
export function idempotencyKeyOf(header: string): string | undefined {
  const bare = /^"(.*)"$/.exec(header.trim())?.[1] ?? header.trim()
  return KEY.test(bare) ? bare : undefined
}

export class IdempotencyKeys {
  readonly #now: () => number
  readonly #bounds: IdempotencyBounds
  /** Oldest first. */
  readonly #entries = new Map<string, Entry>()
  #characters = 0
  #forgotten = 0
  readonly #repeats = { again: 0, 'in-progress': 0, other: 0 }

  /** `now` in ms since 1970. */
  constructor(now: () => number, bounds: Partial<IdempotencyBounds> = {}) {
    this.#now = now
    this.#bounds = { ...BOUNDS, ...bounds }
  }

  claim(request: KeyedRequest): Claim {
    const { entriesMax, ageMs } = this.#bounds
    const now = this.#now()
    this.#dropWhile(entry => now - entry.at >= ageMs)
    const { identity, key } = request
    // Whoever else has the same key has another request.
    const name = hash('sha256', JSON.stringify([identity.kind, identity.id, identity.name, key]), 'base64')
    const fingerprint = fingerprintOf(request)
    const known = this.#entries.get(name)
    if (known !== undefined) return this.#repeat(known, fingerprint)
    this.#forgottenWhile(() => this.#entries.size >= entriesMax)
    const entry: Entry = { fingerprint, at: now, answer: undefined }
    this.#entries.set(name, entry)
    return {
      kind: 'new',
      done: answer => this.#keep(name, entry, answer),
      failed: () => void (this.#entries.get(name) === entry && this.#entries.delete(name)),
    }
  }

  readonly metrics: MetricSource = () => [
    ...Object.entries(this.#repeats).map(([outcome, value]) => ({
      ...{ name: API_METRICS.repeats.name, value, labels: { outcome } },
    })),
    { name: API_METRICS.forgotten.name, value: this.#forgotten },
  ]

  #repeat({ fingerprint, answer }: Entry, wanted: string): Claim {
    const claim: Exclude<Claim, { kind: 'new' }> =
      fingerprint !== wanted
        ? { kind: 'other' }
        : answer === undefined
          ? { kind: 'in-progress' }
          : { kind: 'again', answer }
    this.#repeats[claim.kind]++
    return claim
  }

  #keep(name: string, entry: Entry, answer: KeptAnswer): void {
    // It may have been forgotten meanwhile.
    if (this.#entries.get(name) !== entry) return
    entry.answer = answer
    this.#characters += answer.text.length
    this.#forgottenWhile(() => this.#characters > this.#bounds.charactersMax)
  }

  #forgottenWhile(isFull: () => boolean): void {
    this.#forgotten += this.#dropWhile(isFull)
  }

  /** Drops from the oldest on; gives how many. */
  #dropWhile(mustGo: (entry: Entry) => boolean): number {
    let dropped = 0
    for (const [name, entry] of this.#entries) {
      if (!mustGo(entry)) break
      this.#entries.delete(name)
      this.#characters -= entry.answer?.text.length ?? 0
      dropped++
    }
    return dropped
  }
}

/** Hashed: what was sent is not kept. Keys of a body may come in another order. */
const fingerprintOf = ({ method, url, body }: KeyedRequest): string =>
  hash('sha256', `${method} ${url}\n${canonicalJson(body)}`, 'base64')

function canonicalJson(value: unknown): string {
  const text = JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
  return text ?? ''
}
