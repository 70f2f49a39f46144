// Messages for a worker that is never idle, such as plans: a word in shared memory says that one waits, and it is fetched in between.

import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import { CONTROL } from '#3-traffic/host-tables.ts'
import type { CapturePlan } from './task.ts'

const NONE: readonly never[] = []

export class PlanInbox<Sent = CapturePlan> {
  readonly #port: MessagePort
  readonly #control: Int32Array
  #heard = 0

  constructor(port: MessagePort, control: Int32Array) {
    this.#port = port
    this.#control = control
  }

  /** Plans that came since the last call, oldest first; costs a load when there is none. */
  fresh(): readonly Sent[] {
    const said = Atomics.load(this.#control, CONTROL.said)
    if (said === this.#heard) return NONE
    this.#heard = said
    const plans: Sent[] = []
    for (let plan = this.#next(); plan !== undefined; plan = this.#next()) plans.push(plan)
    return plans
  }

  /** Sleeps for at most so long; a new plan, or the wish that the worker ends, wakes it. */
  wait(milliseconds: number): void {
    Atomics.wait(this.#control, CONTROL.said, this.#heard, milliseconds)
  }

  #next(): Sent | undefined {
    return receiveMessageOnPort(this.#port)?.message
  }
}
