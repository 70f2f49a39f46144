// Passwords as argon2id hashes (RFC 9106) in PHC text, computed off the main thread, a few at a time.

import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'

/** RFC 9106 by OWASP's first choice for servers: 19 MiB, two passes, one lane. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 } as const
const SALT_BYTES = 16
const HASH_BYTES = 32
/** Hashing takes threads that files need as well, and cores that detection needs. */
const AT_ONCE_MAX = 2
const WAITING_MAX = 32

/** Bounds of what is taken from a PHC text that somebody else wrote: RFC 9106 allows far more than a server can spare. */
const FOREIGN = { memory: 1_048_576, passes: 16, parallelism: 16 } as const

const PHC =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/

interface Hashed {
  readonly memory: number
  readonly passes: number
  readonly parallelism: number
  readonly salt: Buffer
  readonly hash: Buffer
}

/** Whether a text is a hash that can be compared with. */
export const isPasswordHash = (text: string): boolean => parse(text) !== undefined

export class PasswordHasher {
  #running = 0
  readonly #waiting: (() => void)[] = []
  /** How often one was turned away because too many waited. */
  refused = 0

  /** PHC text of the password with a salt of its own; `busy` when too many wait already. */
  async hash(password: string): Promise<string | 'busy'> {
    const salt = randomBytes(SALT_BYTES)
    const hash = await this.#inTurn(() => derive(password, { ...COST, salt, hash: Buffer.alloc(HASH_BYTES) }))
    if (hash === 'busy') return 'busy'
    const { memory, passes, parallelism } = COST
    return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(hash)}`
  }

  /** Whether the password is the one of the PHC text. Without a text the same work is done, and the answer is no. */
  async verify(password: string, text: string | undefined): Promise<boolean | 'busy'> {
    const known = text === undefined ? undefined : parse(text)
    const wanted = known ?? { ...COST, salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) }
    const hash = await this.#inTurn(() => derive(password, wanted))
    if (hash === 'busy') return 'busy'
    return timingSafeEqual(hash, wanted.hash) && known !== undefined
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T | 'busy'> {
    if (this.#running >= AT_ONCE_MAX) {
      if (this.#waiting.length >= WAITING_MAX) {
        this.refused++
        return 'busy'
      }
      // Whoever ends hands its place on.
      await new Promise<void>(resolve => this.#waiting.push(resolve))
    } else this.#running++
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#running--
      else next()
    }
  }
}

function derive(password: string, { memory, passes, parallelism, salt, hash }: Hashed): Promise<Buffer> {
  // One password, however it was typed in: composed and decomposed letters are the same (RFC 8265).
  const message = password.normalize('NFC')
  const options = { message, nonce: salt, parallelism, tagLength: hash.length, memory, passes }
  return new Promise((resolve, reject) => {
    argon2('argon2id', options, (error, derived) => (error === null ? resolve(derived) : reject(error)))
  })
}

function parse(text: string): Hashed | undefined {
  const [, m, t, p, salt, hash] = PHC.exec(text) ?? []
  if (salt === undefined || hash === undefined) return undefined
  const cost = { memory: Number(m), passes: Number(t), parallelism: Number(p) }
  const isTooMuch =
    cost.memory > FOREIGN.memory || cost.passes > FOREIGN.passes || cost.parallelism > FOREIGN.parallelism
  const isTooLittle = cost.passes < 1 || cost.parallelism < 1 || cost.memory < 8 * cost.parallelism
  if (isTooMuch || isTooLittle) return undefined
  return { ...cost, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') }
}

const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')
