// What a page shows of the API: asked when the page opens, again when something happened, and told to be old when it is.

import type { LiveMessage } from '#api/contract/live.ts'
import { call, type Failure, type InputOf, type OutputOf, type RouteName } from './api.ts'
import { live } from './live.svelte.ts'

export interface AskedOptions {
  /** Asked again after so many seconds; missing: only when something happens. */
  readonly everySeconds?: number
  /** Asked again when one of these is heard, at most once a second. */
  readonly on?: readonly LiveMessage['kind'][]
}

const BETWEEN_MS = 1000

export interface Asked<Name extends RouteName> {
  /** The last answer; it stays when a later question fails. */
  readonly value: OutputOf<Name> | undefined
  readonly etag: string | undefined
  /** Why the last question had no answer; undefined: it had one. */
  readonly failure: Failure | undefined
  readonly isAsking: boolean
  /** Ms since 1970: when the answer came. */
  readonly at: number | undefined
  /** Asks again, as after a change. */
  again(): Promise<void>
}

/**
 * To be called while a component is made. `input` is read anew whenever something in it changes; undefined: nothing is
 * asked now.
 */
export function asked<Name extends RouteName>(
  name: Name,
  input: () => InputOf<Name> | undefined,
  options: AskedOptions = {},
): Asked<Name> {
  const held = new Held<Name>(name)
  $effect(() => {
    const wanted = input()
    // Read here, so that the question is asked again when something was missed.
    void live.missed
    if (wanted !== undefined) void held.ask(wanted)
    return () => held.giveUp()
  })
  $effect(() => {
    const { on = [], everySeconds } = options
    const unsubscribe = on.length === 0 ? () => {} : live.hear(({ kind }) => on.includes(kind) && held.soon())
    const timer =
      everySeconds === undefined ? undefined : setInterval(() => held.again(), everySeconds * 1000)
    return () => {
      unsubscribe()
      clearInterval(timer)
      held.stop()
    }
  })
  return held
}

class Held<Name extends RouteName> implements Asked<Name> {
  value = $state.raw<OutputOf<Name> | undefined>(undefined)
  etag = $state.raw<string | undefined>(undefined)
  failure = $state.raw<Failure | undefined>(undefined)
  isAsking = $state(false)
  at = $state<number | undefined>(undefined)
  readonly #name: Name
  #input: InputOf<Name> | undefined
  #abort: AbortController | undefined
  #soon: ReturnType<typeof setTimeout> | undefined

  constructor(name: Name) {
    this.#name = name
  }

  async ask(input: InputOf<Name>): Promise<void> {
    this.#input = input
    this.#abort?.abort()
    const abort = new AbortController()
    this.#abort = abort
    this.isAsking = true
    const reply = await call(this.#name, input, { signal: abort.signal })
    if (abort !== this.#abort) return
    this.isAsking = false
    if (reply.kind === 'ok') {
      this.value = reply.value
      this.etag = reply.etag
      this.failure = undefined
      this.at = Date.now()
    } else if (reply.failure.kind !== 'aborted') this.failure = reply.failure
  }

  async again(): Promise<void> {
    if (this.#input !== undefined) await this.ask(this.#input)
  }

  soon(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined
      void this.again()
    }, BETWEEN_MS)
  }

  giveUp(): void {
    this.#abort?.abort()
    this.#abort = undefined
    this.#input = undefined
  }

  stop(): void {
    clearTimeout(this.#soon)
    this.#soon = undefined
  }
}
