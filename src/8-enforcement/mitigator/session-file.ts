// The token of a session and the leader of a cluster, kept between calls: in a file of its owner's alone.

import { randomUUID } from 'node:crypto'
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { z } from 'zod'

const keptSchema = z.strictObject({
  /** Both have to be those of today: another server or user has another session. */
  server: z.string(),
  username: z.string(),
  token: z.string().optional(),
  /** Origin of the server that leads its cluster. */
  leader: z.string().optional(),
})
export type KeptSession = z.infer<typeof keptSchema>

/** Where a session is kept; none of it is needed, for one can log in anew. */
export interface SessionKeeper {
  load(): KeptSession | undefined
  save(session: KeptSession): void
}

const BYTES_MAX = 16_384
const OTHERS_MAY_READ = 0o077

export class SessionFile implements SessionKeeper {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** `undefined` also when others could read or change the file: then whatever stands in it is not ours. */
  load(): KeptSession | undefined {
    try {
      const stat = statSync(this.#path)
      if (!stat.isFile() || stat.size > BYTES_MAX || (stat.mode & OTHERS_MAY_READ) !== 0) return undefined
      const parsed = keptSchema.safeParse(JSON.parse(readFileSync(this.#path, 'utf8')))
      return parsed.success ? parsed.data : undefined
    } catch {
      return undefined
    }
  }

  /** A disk that is full costs a log-in at the next call, and nothing else. */
  save(session: KeptSession): void {
    const fresh = `${this.#path}.${randomUUID()}`
    try {
      writeFileSync(fresh, JSON.stringify(session), { mode: 0o600, flag: 'wx' })
      renameSync(fresh, this.#path)
    } catch {
      rmSync(fresh, { force: true })
    }
  }
}
