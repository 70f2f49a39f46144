// The set-up link: whoever has it may make the first admin, once, and for a quarter of an hour.

import { hash, randomBytes, timingSafeEqual } from 'node:crypto'

export const SETUP_MINUTES = 15
const SECRET_BYTES = 32

export class SetupLink {
  /** What stands in the link. */
  readonly secret: string
  readonly #digest: Buffer
  readonly #endsAt: number
  readonly #now: () => number
  #isUsed = false

  /** `now`: ms, never going back. */
  constructor(now: () => number) {
    this.secret = randomBytes(SECRET_BYTES).toString('base64url')
    this.#digest = digestOf(this.secret)
    this.#now = now
    this.#endsAt = now() + SETUP_MINUTES * 60_000
  }

  get isOpen(): boolean {
    return !this.#isUsed && this.#now() < this.#endsAt
  }

  /** Uses the link: true for one caller alone, until it is given back. */
  claim(secret: string): boolean {
    if (!this.isOpen || !timingSafeEqual(digestOf(secret), this.#digest)) return false
    this.#isUsed = true
    return true
  }

  /** Nothing came of it: it may be tried again. */
  giveBack(): void {
    this.#isUsed = false
  }
}

const digestOf = (secret: string): Buffer => hash('sha256', secret, 'buffer')
