// Groups of reports and corroborators that wait, kept as documents so that a restart does not make detectors agree anew.
//
// What is open is kept as long as the desk has it; of what is closed the newest are, to be shown.

import { z } from 'zod'
import {
  type Demands,
  DIMENSIONS,
  type GroupVerdict,
  type Signal,
  type Surroundings,
} from '#6-policy/signal-groups.ts'
import type { Documents } from '#lib/documents.ts'

const GROUP = 'signal-group'
const WAITING = 'signal-waiting'

const dimensions = z.partialRecord(z.enum(DIMENSIONS), z.string())

const signalSchema = z.object({
  ...{ id: z.string(), source: z.string(), confidence: z.number(), atMs: z.number(), isPrimary: z.boolean() },
})

const groupSchema = z.object({
  ...{ host: z.string(), vector: z.string(), createdAt: z.number(), expiresAt: z.number() },
  surroundings: dimensions,
  isMet: z.boolean(),
  demands: z
    .object({
      minSources: z.number().optional(),
      threshold: z.number().optional(),
      halfLifeSeconds: z.number().optional(),
    })
    .optional(),
  signals: z.array(signalSchema),
  verdict: z
    .object({
      ...{ confidence: z.number(), sources: z.array(z.string()), isMet: z.boolean() },
      explanation: z.string(),
    })
    .optional(),
})

const waitingSchema = z.object({
  ...{ source: z.string(), vector: z.string().optional(), about: dimensions },
  ...{ confidence: z.number(), atMs: z.number() },
})

export interface KeptGroup {
  readonly id: string
  readonly host: string
  readonly vector: string
  readonly createdAt: number
  readonly expiresAt: number
  readonly surroundings: Surroundings
  /** Once met, it stays met. */
  readonly isMet: boolean
  /** Of the playbook that answers it. */
  readonly demands?: Demands | undefined
  readonly signals: readonly Signal[]
  /** What they said together when it was closed; missing: it is open. */
  readonly verdict?: GroupVerdict | undefined
}

/** A corroborator that no group was there for. */
export interface KeptSignal {
  readonly id: string
  readonly source: string
  readonly vector?: string | undefined
  readonly about: Surroundings
  readonly confidence: number
  readonly atMs: number
}

export class KeptGroups {
  readonly #documents: Documents

  constructor(documents: Documents) {
    this.#documents = documents
  }

  /** In place of what was kept of it before. */
  keep({ id, ...group }: KeptGroup): void {
    void this.#documents.put(GROUP, id, group)
  }

  has(groupId: string): boolean {
    return this.#documents.all(GROUP).has(groupId)
  }

  forget(groupId: string): void {
    void this.#documents.drop(GROUP, groupId)
  }

  keepWaiting({ id, ...signal }: KeptSignal): void {
    void this.#documents.put(WAITING, id, signal)
  }

  forgetWaiting(signalId: string): void {
    void this.#documents.drop(WAITING, signalId)
  }

  /** Oldest first. What cannot be read is forgotten. */
  groups(): KeptGroup[] {
    const read = (id: string, value: unknown): KeptGroup | undefined => {
      const group = groupSchema.safeParse(value).data
      return group && { id, ...group }
    }
    return this.#read(GROUP, read).sort((a, b) => a.createdAt - b.createdAt)
  }

  /** Oldest first. What cannot be read is forgotten. */
  waiting(): KeptSignal[] {
    const read = (id: string, value: unknown): KeptSignal | undefined => {
      const signal = waitingSchema.safeParse(value).data
      return signal && { id, ...signal }
    }
    return this.#read(WAITING, read).sort((a, b) => a.atMs - b.atMs)
  }

  #read<Kept>(kind: string, read: (id: string, value: unknown) => Kept | undefined): Kept[] {
    return [...this.#documents.all(kind)].flatMap(([id, value]) => {
      const kept = read(id, value)
      if (kept === undefined) void this.#documents.drop(kind, id)
      return kept ?? []
    })
  }
}
