// The file in which calls of the script keep who holds what: several processes change it, one at a time, and one of them at a
// time carries it out. Locks are the kernel's, so a call that dies leaves none behind.

import { randomUUID } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { lockFile } from '#lib/linux/file-lock.ts'
import { errorText } from '#lib/log/facts.ts'
import { type Holds, holdsSchema, NO_HOLDS } from './holds.ts'

/** What the driver needs of whoever keeps holds. */
export interface HoldsKeeper {
  /** Changes them while nobody else does, and gives them as they are then; `undefined`: not within some seconds. */
  change(work: (holds: Holds) => Holds): Promise<Holds | undefined>
  /** As they are now. */
  read(): Holds
  /** The right to carry out, which one has at a time; `undefined`: another one has it. */
  takeTurn(): (() => void) | undefined
}

const OTHERS_MAY_WRITE = 0o022
const LOCK_MS = 5000
const LOOK_MS = 10
const HOLDS_NAME = /^holds-.*\.json$/

export class HoldsFile implements HoldsKeeper {
  readonly #folder: string
  readonly #path: string
  readonly #complain: (problem: string) => void

  private constructor(folder: string, server: string, complain: (problem: string) => void) {
    this.#folder = folder
    this.#path = join(folder, nameOf(server))
    this.#complain = complain
  }

  /**
   * Makes the folder where it is missing. Says why it is not used: it is not ours, or others may write there. What is held at
   * one server (its origin) is nothing to another one.
   */
  static open(
    folder: string,
    server: string,
    complain: (problem: string) => void,
  ): HoldsFile | { readonly problem: string } {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const stat = lstatSync(folder)
      if (!stat.isDirectory()) return { problem: `${folder} is no folder` }
      if (stat.uid !== process.getuid?.()) return { problem: `${folder} belongs to somebody else` }
      if ((stat.mode & OTHERS_MAY_WRITE) !== 0)
        return { problem: `others may write into ${folder}: chmod 700 ${folder}` }
      return new HoldsFile(folder, server, complain)
    } catch (error) {
      return { problem: errorText(error) }
    }
  }

  async change(work: (holds: Holds) => Holds): Promise<Holds | undefined> {
    const endsAt = performance.now() + LOCK_MS
    for (;;) {
      const lock = lockFile(join(this.#folder, 'holds.lock'))
      if (lock.kind === 'locked') {
        try {
          return this.#changed(work)
        } finally {
          lock.release()
        }
      }
      if (performance.now() >= endsAt) return undefined
      await sleep(LOOK_MS)
    }
  }

  /** What is no list of holds is laid aside aloud: protecting goes on, and what it held may have to be switched off by hand. */
  read(): Holds {
    let text: string
    try {
      text = readFileSync(this.#path, 'utf8')
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return NO_HOLDS
      throw error
    }
    const parsed = holdsSchema.safeParse(jsonOf(text))
    if (parsed.success) return parsed.data
    try {
      renameSync(this.#path, `${this.#path}.broken`)
    } catch {
      // Another call was faster, and says so.
      return NO_HOLDS
    }
    this.#complain(
      `${this.#path} is broken and has the ending .broken now: switches that were on for earlier attacks may have to be put back by hand`,
    )
    return NO_HOLDS
  }

  takeTurn(): (() => void) | undefined {
    const lock = lockFile(join(this.#folder, 'turn.lock'))
    return lock.kind === 'locked' ? () => lock.release() : undefined
  }

  /** Files of other servers at which something is held. */
  heldElsewhere(): readonly string[] {
    return readdirSync(this.#folder)
      .filter(name => HOLDS_NAME.test(name) && join(this.#folder, name) !== this.#path)
      .filter(name => {
        const parsed = holdsSchema.safeParse(jsonOf(readFileSync(join(this.#folder, name), 'utf8')))
        return !parsed.success || Object.keys({ ...parsed.data.victims, ...parsed.data.touched }).length > 0
      })
  }

  /** Where the session may be kept, too. */
  get sessionPath(): string {
    return join(this.#folder, 'session.json')
  }

  /** A reader finds the whole text or the one before. */
  #changed(work: (holds: Holds) => Holds): Holds {
    const before = this.read()
    const after = work(before)
    if (after === before) return after
    const fresh = join(this.#folder, `new-${randomUUID()}`)
    writeFileSync(fresh, `${JSON.stringify(after, null, 1)}\n`, { mode: 0o600, flag: 'wx', flush: true })
    renameSync(fresh, this.#path)
    return after
  }
}

/** `holds-mitigator.example.org.json`, with the port where the origin has one. */
const nameOf = (server: string): string =>
  `holds-${server.replace(/^[a-z]+:\/\//, '').replace(/[^A-Za-z0-9.-]/g, '_')}.json`

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
