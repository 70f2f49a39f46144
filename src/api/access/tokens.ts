// Bearer tokens as they are kept: `fwt_<id>_<secret>`, of whose secret only the hash is known here.

import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { Documents } from '#lib/documents.ts'
import { type Identity, ROLES } from '../contract/access.ts'
import { Shelf } from './shelf.ts'

export const TOKENS_MAX = 1000
const ID_BYTES = 8
const SECRET_BYTES = 32
/** A use is written down when the last one that was is so old: each writing is a change of the state. */
const USE_NOTED_AFTER_MS = 10 * 60_000

const TEXT = /^fwt_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/

const moment = z.int().min(0)

const tokenSchema = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  customers: z.array(z.string()).optional(),
  networks: z.array(z.string()).optional(),
  /** SHA-256 of the secret, hex. The secret has 256 bits: nothing slower is needed. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: moment,
  createdBy: z.string(),
  expiresAt: moment.optional(),
  lastUsedAt: moment.optional(),
})

export type Token = z.infer<typeof tokenSchema>

export type TokenCheck =
  | { readonly kind: 'ok'; readonly identity: Identity }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'expired'; readonly name: string }

/** Compared with when there is no such token: the same work is done. */
const NO_HASH = '0'.repeat(64)

export class Tokens {
  readonly #shelf: Shelf<Token>

  constructor(documents: Documents) {
    this.#shelf = new Shelf(documents, 'token', tokenSchema)
  }

  /** By name. */
  list(): Token[] {
    return this.#shelf.all().sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** By id, else by name. */
  find(idOrName: string): Token | undefined {
    return this.#shelf.get(idOrName) ?? this.#shelf.all().find(token => token.name === idOrName)
  }

  has(name: string): boolean {
    const wanted = name.toLowerCase()
    return this.#shelf.all().some(token => token.name.toLowerCase() === wanted)
  }

  get isFull(): boolean {
    return this.#shelf.size >= TOKENS_MAX
  }

  /** Makes one up: `text` is shown once and known to nobody afterwards. */
  async add(facts: Omit<Token, 'id' | 'hash' | 'lastUsedAt'>): Promise<{ token: Token; text: string }> {
    const id = randomBytes(ID_BYTES).toString('hex')
    const secret = randomBytes(SECRET_BYTES).toString('base64url')
    const token = { ...facts, id, hash: hash('sha256', secret, 'hex') }
    await this.#shelf.put(id, token)
    return { token, text: `fwt_${id}_${secret}` }
  }

  remove(token: Token): Promise<boolean> {
    return this.#shelf.drop(token.id)
  }

  /** Whose token a text is, and whether it still holds. `now` in ms since 1970. */
  check(text: string, now: number): TokenCheck {
    const parts = TEXT.exec(text)
    if (parts === null) return { kind: 'wrong' }
    const [, id = '', secret = ''] = parts
    const token = this.#shelf.get(id)
    const wanted = Buffer.from(token?.hash ?? NO_HASH, 'hex')
    const isRight = timingSafeEqual(hash('sha256', secret, 'buffer'), wanted)
    if (token === undefined || !isRight) return { kind: 'wrong' }
    if (token.expiresAt !== undefined && token.expiresAt <= now) return { kind: 'expired', name: token.name }
    if (now - (token.lastUsedAt ?? 0) >= USE_NOTED_AFTER_MS)
      void this.#shelf.put(id, { ...token, lastUsedAt: now })
    return { kind: 'ok', identity: identityOfToken(token) }
  }
}

export const identityOfToken = ({ id, name, role, customers, networks }: Token): Identity => ({
  ...{ kind: 'token', id, name, role },
  ...(customers && { customers }),
  ...(networks && { networks }),
})
