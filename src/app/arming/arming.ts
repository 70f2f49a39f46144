// Whether decisions are carried out: as the configuration says, until somebody orders otherwise while the daemon runs.
//
// An order outlives a restart. It is over as soon as the configuration says something else than when it was given: who
// edits the file has the last word.

import { z } from 'zod'
import type { Actor } from '#7-mitigation/audit.ts'

export interface ArmingOrder {
  readonly armed: boolean
  readonly who: Actor
  /** Wall clock, ms since 1970 UTC. */
  readonly at: number
  /** What the configuration said then. */
  readonly fileSaid: boolean
}

/** Under this key an order is kept with what was learned. */
export const ARMING_KEY = 'arming order'

const orderSchema = z.object({
  armed: z.boolean(),
  who: z.union([
    z.enum(['floodwarden', 'grpc', 'unknown', 'open']),
    z.templateLiteral(['uid:', z.int().nonnegative()]),
    z.templateLiteral([z.enum(['user', 'token', 'certificate', 'detector']), ':', z.string()]),
  ]),
  at: z.number(),
  fileSaid: z.boolean(),
}) satisfies z.ZodType<ArmingOrder>

export class Arming {
  #fileSays: boolean
  #order: ArmingOrder | undefined

  constructor(fileSays: boolean) {
    this.#fileSays = fileSays
  }

  get armed(): boolean {
    return this.#order?.armed ?? this.#fileSays
  }

  /** The order that is in force; `undefined` when the configuration is. */
  get order(): ArmingOrder | undefined {
    return this.#order
  }

  /** Takes up what an earlier run kept, whatever it is. */
  adopt(kept: unknown): void {
    const read = orderSchema.safeParse(kept)
    if (read.success && read.data.fileSaid === this.#fileSays) this.#order = read.data
  }

  /** The configuration was read again. */
  reconfigure(fileSays: boolean): void {
    if (fileSays !== this.#fileSays) this.#order = undefined
    this.#fileSays = fileSays
  }

  /** Orders one or the other; gives what is to be kept. */
  set(armed: boolean, who: Actor, at: number): ArmingOrder {
    this.#order = { armed, who, at, fileSaid: this.#fileSays }
    return this.#order
  }
}
