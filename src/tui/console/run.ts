// Runs the console on a terminal until a key or a signal ends it. A daemon that stops answering is waited for.

import type { Client } from '#api/contract/client.ts'
import type { Traffic } from '#api/contract/traffic.ts'
import { clockText } from '#lib/clock/local-time.ts'
import { keysOf } from '../input.ts'
import type { Terminal } from '../terminal.ts'
import type { Order } from './dialog.ts'
import { carryOut, look } from './feed.ts'
import { consoleLines, withinReach } from './screen.ts'
import { type ConsoleState, type Facts, firstState } from './state.ts'
import { update } from './update.ts'

/** Settles when it has ended and the terminal was given back. */
export function runConsole(client: Client, terminal: Terminal, first: Traffic): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const session = new Session(client, terminal, first, resolve)
  session.begin(first.redrawSeconds * 1000)
  return promise
}

class Session {
  readonly #client: Client
  readonly #terminal: Terminal
  readonly #ended: () => void
  #state: ConsoleState
  #facts: Facts
  #timer: NodeJS.Timeout | undefined
  #isLooking = false
  /** Something else is shown since the look that is going on began. */
  #mustLook = false
  #isEnded = false

  constructor(client: Client, terminal: Terminal, traffic: Traffic, ended: () => void) {
    this.#client = client
    this.#terminal = terminal
    this.#ended = ended
    this.#state = firstState(traffic)
    this.#facts = { traffic }
  }

  begin(everyMs: number): void {
    this.#timer = setInterval(() => void (this.#isLooking || this.#look()), everyMs)
    this.#terminal.enter({
      keys: input => this.#keys(input),
      resized: () => this.#draw(),
      end: () => this.#end(),
    })
    this.#draw()
  }

  #keys(input: string): void {
    for (const key of keysOf(input)) {
      if (this.#isEnded) return
      const { state, wish } = update(this.#state, this.#facts, key)
      this.#state = withinReach(state, this.#facts, this.#terminal.size())
      if (wish?.kind === 'quit') this.#end()
      else if (wish?.kind === 'order') void this.#carryOut(wish.order)
      else if (wish?.kind === 'look') void this.#look()
    }
    this.#draw()
  }

  async #carryOut(order: Order): Promise<void> {
    this.#state = { ...this.#state, notice: 'asking ...' }
    const notice = await carryOut(this.#client, order)
    this.#state = { ...this.#state, notice }
    this.#draw()
    await this.#look()
  }

  async #look(): Promise<void> {
    if (this.#isEnded) return
    if (this.#isLooking) {
      this.#mustLook = true
      return
    }
    this.#isLooking = true
    do {
      this.#mustLook = false
      this.#facts = await look(this.#client, this.#state, this.#facts, clockText(new Date()))
      this.#draw()
    } while (this.#mustLook && !this.#isEnded)
    this.#isLooking = false
  }

  #draw(): void {
    if (this.#isEnded) return
    this.#terminal.draw(consoleLines(this.#state, this.#facts, this.#terminal.size()))
  }

  #end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    clearInterval(this.#timer)
    this.#terminal.leave()
    this.#ended()
  }
}
