// Messages on disk: what waits for each destination, what nobody has taken, and by what a thread is found again.

import { z } from 'zod'
import type { Documents } from '#lib/documents.ts'
import { type Message, messageSchema } from './carrier.ts'

export interface Waiting {
  readonly id: string
  /** When it was told, milliseconds since 1970 UTC. */
  readonly at: number
  message: Message
  tries: number
}

export const DEAD_WHY = ['refused', 'given-up', 'dropped', 'gone'] as const
export type DeadWhy = (typeof DEAD_WHY)[number]

export interface DeadLetter {
  readonly id: string
  readonly destination: string
  /** When it was told, and when it was given up. */
  readonly at: number
  readonly diedAt: number
  readonly why: DeadWhy
  readonly error: string
  readonly tries: number
  readonly message: Message
}

const WAITING = 'notice-waiting'
const DEAD = 'notice-dead'
const THREAD = 'notice-thread'
const THREADS_MAX = 10_000

const waitingSchema = z.object({
  ...{ destination: z.string(), at: z.number(), tries: z.number(), message: messageSchema },
})
const deadSchema = waitingSchema.extend({
  ...{ diedAt: z.number(), why: z.enum(DEAD_WHY), error: z.string().max(1024) },
})
const threadSchema = z.object({ thread: z.string().max(256), at: z.number() })

export class KeptMessages {
  readonly #documents: () => Documents
  readonly #run: string
  #made = 0
  forgotten = 0

  /** `run`: unlike that of any other run of the daemon. */
  constructor(documents: () => Documents, run: string) {
    this.#documents = documents
    this.#run = run
  }

  /** A name for a message: later ones sort behind. */
  newId(at: number): string {
    return `${at.toString(36).padStart(9, '0')}-${(++this.#made).toString(36).padStart(6, '0')}-${this.#run}`
  }

  keep(destination: string, { id, at, tries, message }: Waiting): void {
    void this.#documents().put(WAITING, id, { destination, at, tries, message })
  }

  drop(id: string): void {
    if (this.#documents().all(WAITING).has(id)) void this.#documents().drop(WAITING, id)
  }

  /** What an earlier run left, in order, by destination; what cannot be read is dropped and counted. */
  left(): ReadonlyMap<string, readonly Waiting[]> {
    const found = new Map<string, Waiting[]>()
    for (const [id, value] of [...this.#documents().all(WAITING)].toSorted(byId)) {
      const kept = waitingSchema.safeParse(value).data
      if (kept === undefined) {
        this.forgotten++
        void this.#documents().drop(WAITING, id)
        continue
      }
      const { destination, at, tries, message } = kept
      const list = found.get(destination) ?? []
      found.set(destination, list)
      list.push({ id, at, tries, message })
    }
    return found
  }

  bury(letter: DeadLetter, max: number): void {
    const { id, ...rest } = letter
    void this.#documents().put(DEAD, id, rest)
    const all = this.#documents().all(DEAD)
    // They came in the order of time, the oldest first.
    for (const oldest of all.keys()) {
      if (all.size <= max) break
      this.forgotten++
      void this.#documents().drop(DEAD, oldest)
    }
  }

  /** The newest first. */
  deadLetters(): readonly DeadLetter[] {
    return [...this.#documents().all(DEAD)]
      .toSorted(byId)
      .toReversed()
      .flatMap(([id, value]) => {
        const kept = deadSchema.safeParse(value).data
        return kept === undefined ? [] : [{ id, ...kept }]
      })
  }

  get deadCount(): number {
    return this.#documents().all(DEAD).size
  }

  /** By destination; cheaper than reading them. */
  deadCounts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>()
    for (const value of this.#documents().all(DEAD).values()) {
      const destination = String(Object(value).destination)
      counts.set(destination, (counts.get(destination) ?? 0) + 1)
    }
    return counts
  }

  unbury(id: string): void {
    void this.#documents().drop(DEAD, id)
  }

  thread(destination: string, group: string): string | undefined {
    return threadSchema.safeParse(this.#documents().all(THREAD).get(`${destination} ${group}`)).data?.thread
  }

  keepThread(destination: string, group: string, thread: string, at: number): void {
    const known = this.#documents().all(THREAD)
    const [oldest] = known.keys()
    if (known.size >= THREADS_MAX && oldest !== undefined) void this.#documents().drop(THREAD, oldest)
    void this.#documents().put(THREAD, `${destination} ${group}`, { thread, at })
  }

  dropThread(destination: string, group: string): void {
    const id = `${destination} ${group}`
    if (this.#documents().all(THREAD).has(id)) void this.#documents().drop(THREAD, id)
  }
}

const byId = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1)
