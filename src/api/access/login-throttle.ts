// How often a log-in may be tried: bounded for who guesses, without a way to lock somebody else out.
//
// Three counts, each of attempts that failed or have not ended yet:
// - an address (of IPv6 its /64), whatever accounts it tries;
// - an account from one address;
// - an account from everywhere: when that is used up, an address that never got into the account has one attempt in
//   ten minutes. So thousands of addresses together stay slow, and its owner still gets in: from where he was before
//   at once, from elsewhere with his first attempt.
//
// Nothing here knows whether an account exists.

import { type BucketRate, Buckets } from './buckets.ts'

const ADDRESS = { perSecond: 20 / 300, burst: 20 }
const ACCOUNT = { perSecond: 60 / 3600, burst: 60 }
const STRANGER = { perSecond: 1 / 600, burst: 1 }

export interface Attempt {
  /** Key of an account: its name as typed. */
  readonly account: string
  readonly address: string
  /** Whether this address got into this account before. */
  readonly isKnown: boolean
}

export type Begun =
  | { readonly kind: 'wait'; readonly seconds: number }
  /** The outcome is told by one of the two; of a wrong password nothing is told, and what was taken stays taken. */
  | {
      readonly kind: 'begun'
      /** The password was right. */
      succeed(): void
      /** Nothing was found out: no password was looked at. */
      undo(): void
    }

export class LoginThrottle {
  readonly #addresses = new Buckets(() => ADDRESS)
  readonly #pairs: Buckets
  readonly #accounts = new Buckets(() => ACCOUNT)
  readonly #strangers = new Buckets(() => STRANGER)

  /** `pair`: of an account from one address, as it is configured now. */
  constructor(pair: () => BucketRate) {
    this.#pairs = new Buckets(pair)
  }

  /** Counts an attempt before its password is looked at, so that many at once are many. */
  begin({ account, address, isKnown }: Attempt, now: number): Begun {
    const pair = `${address} ${account}`
    const isUnderSiege = !isKnown && this.#accounts.wait(account, now) > 0
    const seconds = Math.max(
      this.#addresses.wait(address, now),
      this.#pairs.wait(pair, now),
      isUnderSiege ? this.#strangers.wait(pair, now) : 0,
    )
    if (seconds > 0) return { kind: 'wait', seconds }
    this.#addresses.take(address, now)
    this.#pairs.take(pair, now)
    if (isUnderSiege) this.#strangers.take(pair, now)
    else if (!isKnown) this.#accounts.take(account, now)
    // Only what was taken: else a siege would end by attempts that came to nothing.
    const giveBack = () => {
      this.#addresses.giveBack(address)
      if (!isKnown && !isUnderSiege) this.#accounts.giveBack(account)
    }
    return {
      kind: 'begun',
      succeed: () => {
        giveBack()
        this.#pairs.reset(pair)
        this.#strangers.reset(pair)
      },
      undo: () => {
        giveBack()
        this.#pairs.giveBack(pair)
        if (isUnderSiege) this.#strangers.giveBack(pair)
      },
    }
  }

  get forgotten(): number {
    const tables = [this.#addresses, this.#pairs, this.#accounts, this.#strangers]
    return tables.reduce((sum, table) => sum + table.forgotten, 0)
  }
}
