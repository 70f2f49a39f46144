// Sessions: who logged in, known by a secret in a cookie of which only the hash is kept.

import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { Documents } from '#lib/documents.ts'
import { Shelf } from './shelf.ts'

const SECRET_BYTES = 32
/** The oldest session of a user ends when he logs in once more. */
const SESSIONS_OF_USER_MAX = 16
const MINUTE_MS = 60_000

const moment = z.int().min(0)

const sessionSchema = z.object({
  userId: z.string(),
  createdAt: moment,
  /** When it was used last, a minute or so old. */
  seenAt: moment,
})

export type Session = z.infer<typeof sessionSchema>

export interface SessionLife {
  readonly idleMs: number
  readonly mostMs: number
}

export class Sessions {
  readonly #shelf: Shelf<Session>
  readonly #life: () => SessionLife
  #sweptAt = 0

  constructor(documents: Documents, life: () => SessionLife) {
    this.#shelf = new Shelf(documents, 'session', sessionSchema)
    this.#life = life
  }

  /** Begins one under a secret nobody had before. Settles when it is kept. */
  async begin(userId: string, now: number): Promise<string> {
    this.#sweep(now)
    const own = this.#of(userId)
    for (const [id] of own.slice(0, Math.max(own.length - SESSIONS_OF_USER_MAX + 1, 0)))
      void this.#shelf.drop(id)
    const secret = randomBytes(SECRET_BYTES).toString('base64url')
    await this.#shelf.put(idOf(secret), { userId, createdAt: now, seenAt: now })
    return secret
  }

  /** The session of a secret while it lasts; it lasts longer by this. */
  use(secret: string, now: number): Session | undefined {
    const id = idOf(secret)
    const session = this.#shelf.get(id)
    if (session === undefined) return undefined
    if (this.#isOver(session, now)) {
      void this.#shelf.drop(id)
      return undefined
    }
    if (now - session.seenAt >= Math.min(MINUTE_MS, this.#life().idleMs / 4))
      void this.#shelf.put(id, { ...session, seenAt: now })
    return session
  }

  /** Ends one; the session that ended. */
  async end(secret: string): Promise<Session | undefined> {
    const session = this.#shelf.get(idOf(secret))
    if (session !== undefined) await this.#shelf.drop(idOf(secret))
    return session
  }

  async endAllOf(userId: string): Promise<void> {
    await Promise.all(this.#of(userId).map(([id]) => this.#shelf.drop(id)))
  }

  /** When one that began then ends at the latest. */
  endOf({ createdAt }: Pick<Session, 'createdAt'>): number {
    return createdAt + this.#life().mostMs
  }

  get count(): number {
    return this.#shelf.size
  }

  /** Oldest first. */
  #of(userId: string): (readonly [string, Session])[] {
    const own = [...this.#shelf.entries()].filter(([, session]) => session.userId === userId)
    return own.sort(([, a], [, b]) => a.createdAt - b.createdAt)
  }

  #isOver({ createdAt, seenAt }: Session, now: number): boolean {
    const { idleMs, mostMs } = this.#life()
    return now - seenAt >= idleMs || now - createdAt >= mostMs
  }

  /** Takes away those that nobody came back to. */
  #sweep(now: number): void {
    if (now - this.#sweptAt < MINUTE_MS) return
    this.#sweptAt = now
    for (const [id, session] of [...this.#shelf.entries()])
      if (this.#isOver(session, now)) void this.#shelf.drop(id)
  }
}

const idOf = (secret: string): string => hash('sha256', secret, 'hex')

/**
 * What a page of ours shows with each change it asks for, and a page of somebody else does not know: made from the
 * secret, which scripts cannot read, so that nothing more has to be kept.
 */
export const csrfTokenOf = (secret: string): string =>
  createHmac('sha256', secret).update('csrf').digest('base64url')

export function isCsrfToken(secret: string, shown: string): boolean {
  const wanted = Buffer.from(csrfTokenOf(secret))
  const given = Buffer.from(shown)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}
