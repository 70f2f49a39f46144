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

import { Buckets } from './buckets.ts'

const ADDRESS = { perSecond: 20 / 300, burst: 20 }
/** As prefixd counts: five in a minute. */
const PAIR = { perSecond: 5 / 60, burst: 5 }
const ACCOUNT = { perSecond: 60 / 3600, burst: 60 }
const STRANGER = { perSecond: 1 / 600, burst: 1 }

export interface Attempt {
  /** Key of an account: its name as typed. */
  readonly account: string
  readonly address: string
  /** Whether this address got into this account before. */
  readonly isKnown: boolean
}

export class LoginThrottle {
  readonly #addresses = new Buckets(() => ADDRESS)
  readonly #pairs = new Buckets(() => PAIR)
  readonly #accounts = new Buckets(() => ACCOUNT)
  readonly #strangers = new Buckets(() => STRANGER)

  /**
   * Counts an attempt before its password is looked at, so that many at once are many; 0: go on, else the seconds to wait.
   */
  begin({ account, address, isKnown }: Attempt, now: number): number {
    const pair = `${address} ${account}`
    const isUnderSiege = !isKnown && this.#accounts.wait(account, now) > 0
    const wait = Math.max(
      this.#addresses.wait(address, now),
      this.#pairs.wait(pair, now),
      isUnderSiege ? this.#strangers.wait(pair, now) : 0,
    )
    if (wait > 0) return wait
    this.#addresses.take(address, now)
    this.#pairs.take(pair, now)
    if (isUnderSiege) this.#strangers.take(pair, now)
    else if (!isKnown) this.#accounts.take(account, now)
    return 0
  }

  /** The password was right. */
  succeed({ account, address, isKnown }: Attempt): void {
    this.#addresses.giveBack(address)
    this.#pairs.reset(`${address} ${account}`)
    this.#strangers.reset(`${address} ${account}`)
    if (!isKnown) this.#accounts.giveBack(account)
  }

  /** Nothing was found out: no password was looked at. */
  undo({ account, address, isKnown }: Attempt): void {
    this.#addresses.giveBack(address)
    this.#pairs.giveBack(`${address} ${account}`)
    this.#strangers.giveBack(`${address} ${account}`)
    if (!isKnown) this.#accounts.giveBack(account)
  }

  get forgotten(): number {
    const tables = [this.#addresses, this.#pairs, this.#accounts, this.#strangers]
    return tables.reduce((sum, table) => sum + table.forgotten, 0)
  }
}
