// Calls that wait: in order for each host, one at a time for each host, hosts in turn, within a bound.
//
// At the bound waiting attack_details make room for a ban, oldest first; if none waits, the new call itself is refused.
// An unban is always taken: there is at most one for each ban that was, and somebody waits to be let free.

import type { CallAction } from './encode.ts'

export interface QueuedCall {
  readonly action: CallAction
  readonly host: string
  /** Memory that waits with it. */
  readonly bytes: number
}

export class CallQueue<Call extends QueuedCall> {
  /** Calls that may wait; those that wait already stay when it is lowered. */
  callsMax: number
  readonly #bytesMax: number
  readonly #hosts = new Map<string, Call[]>()
  /** Hosts with waiting calls and none running, in the order in which they became so. */
  readonly #ready = new Set<string>()
  readonly #busy = new Set<string>()
  readonly #details = new Set<Call>()
  #bounded = 0
  #unbans = 0
  #bytes = 0
  #detailBytes = 0

  constructor(bounds: { readonly callsMax: number; readonly bytesMax: number }) {
    this.callsMax = bounds.callsMax
    this.#bytesMax = bounds.bytesMax
  }

  /** Calls that wait. */
  get size(): number {
    return this.#bounded + this.#unbans
  }

  /** Whether a ban of so many bytes would fit, attack_details making room. */
  hasRoomFor(bytes: number): boolean {
    return this.#bytes - this.#detailBytes + bytes <= this.#bytesMax
  }

  /** Takes the call in; gives those that had to go for it, or the call itself when there is no room. */
  offer(call: Call): Call[] {
    const dropped: Call[] = []
    while (call.action !== 'unban' && this.#isFullFor(call)) {
      const [oldest] = call.action === 'ban' ? this.#details : []
      if (oldest === undefined) return [...dropped, call]
      this.#remove(oldest)
      dropped.push(oldest)
    }
    const waiting = this.#hosts.get(call.host)
    if (waiting === undefined) this.#hosts.set(call.host, [call])
    else waiting.push(call)
    if (!this.#busy.has(call.host)) this.#ready.add(call.host)
    this.#account(call, 1)
    return dropped
  }

  /** The next call to run, or `undefined`. Its host is busy until `done`. */
  next(): Call | undefined {
    const [host] = this.#ready
    const call = host === undefined ? undefined : this.#hosts.get(host)?.[0]
    if (call === undefined) return undefined
    this.#remove(call)
    this.#ready.delete(call.host)
    this.#busy.add(call.host)
    return call
  }

  /** The call of this host that ran is over. */
  done(host: string): void {
    this.#busy.delete(host)
    if (this.#hosts.has(host)) this.#ready.add(host)
  }

  /** Takes out all calls that are no unban, and gives them. */
  clearAllButUnbans(): Call[] {
    return this.#clear(call => call.action !== 'unban')
  }

  /** Takes out all calls, and gives them. */
  clear(): Call[] {
    return this.#clear(() => true)
  }

  #clear(isMeant: (call: Call) => boolean): Call[] {
    const cleared = [...this.#hosts.values()].flat().filter(isMeant)
    for (const call of cleared) this.#remove(call)
    return cleared
  }

  #isFullFor(call: Call): boolean {
    return this.#bounded >= this.callsMax || this.#bytes + call.bytes > this.#bytesMax
  }

  #remove(call: Call): void {
    const rest = (this.#hosts.get(call.host) ?? []).filter(waiting => waiting !== call)
    if (rest.length > 0) this.#hosts.set(call.host, rest)
    else {
      this.#hosts.delete(call.host)
      this.#ready.delete(call.host)
    }
    this.#account(call, -1)
  }

  #account(call: Call, sign: 1 | -1): void {
    this.#bytes += sign * call.bytes
    if (call.action === 'unban') this.#unbans += sign
    else this.#bounded += sign
    if (call.action !== 'attack_details') return
    this.#detailBytes += sign * call.bytes
    if (sign > 0) this.#details.add(call)
    else this.#details.delete(call)
  }
}
