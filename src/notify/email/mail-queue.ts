// Mails that wait, one file each: written and synced before they count as kept, gone when a server has taken them.
//
// A crash between a server's yes and the deletion sends a mail again, with the same Message-ID; none is lost. When the
// disk refuses, a mail waits in memory instead.

import { constants } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Mail } from './compose.ts'

export interface MailQueueOptions {
  readonly directory: string
  readonly waitingMax: number
  readonly waitingMs: number
}

/** A mail that waits. */
export interface Waiting {
  readonly name: string
  readonly at: number
  notBefore: number
  tries: number
  /** Only when the disk refused it. */
  mail: Mail | undefined
}

const mailSchema = z.object({
  id: z.string(),
  about: z.string().optional(),
  at: z.number(),
  subject: z.string(),
  text: z.string(),
})

const NAME = /^(\d{13,16})-[A-Za-z0-9.-]{1,200}\.json$/
const TO_WRITE = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW

export class MailQueue {
  readonly #options: MailQueueOptions
  readonly #waiting = new Map<string, Waiting>()
  /** Writes and deletions, one after another. */
  #turn: Promise<unknown> = Promise.resolve()
  dropped = 0
  unreadable = 0
  /** Mails the disk refused. */
  unsaved = 0

  constructor(options: MailQueueOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#waiting.size
  }

  /** Finds what an earlier run left. Rejects when the directory cannot be used; the queue then works in memory. */
  async open(): Promise<void> {
    // In its turn: a mail that is being written just now has a name that would be taken for a leftover.
    await this.#inTurn(() => this.#find())
  }

  async #find(): Promise<void> {
    const { directory } = this.#options
    await mkdir(directory, { recursive: true, mode: 0o700 })
    for (const name of (await readdir(directory)).sort()) {
      const at = NAME.exec(name)?.[1]
      if (at !== undefined && !this.#waiting.has(name)) {
        this.#waiting.set(name, { name, at: Number(at), notBefore: 0, tries: 0, mail: undefined })
      } else if (name.endsWith('.tmp')) await unlink(join(directory, name)).catch(() => {})
    }
  }

  /** Keeps a mail, or replaces the one of the same id and time; settles when it is on the disk. */
  async put(mail: Mail, notBefore = 0): Promise<void> {
    const name = `${String(mail.at).padStart(13, '0')}-${mail.id.slice(0, 200)}.json`
    const waiting: Waiting = { name, at: mail.at, notBefore, tries: 0, mail }
    this.#waiting.set(name, waiting)
    this.#dropBeyond()
    await this.#inTurn(async () => {
      if (this.#waiting.get(name) !== waiting) return
      try {
        await this.#save(name, mail)
        waiting.mail = undefined
      } catch {
        this.unsaved++
      }
    })
  }

  /** Mails that wait and are in memory only. */
  get unsavedMails(): readonly Mail[] {
    return [...this.#waiting.values()].flatMap(({ mail }) => (mail === undefined ? [] : [mail]))
  }

  /** The first mail that may be tried now; what is too old is dropped. */
  next(now: number): Waiting | undefined {
    for (const waiting of this.#waiting.values()) {
      if (now - waiting.at > this.#options.waitingMs) this.#drop(waiting)
      else if (waiting.notBefore <= now) return waiting
    }
    return undefined
  }

  /** When the next one may be tried. */
  get dueAt(): number | undefined {
    let due: number | undefined
    for (const { notBefore } of this.#waiting.values()) {
      if (due === undefined || notBefore < due) due = notBefore
    }
    return due
  }

  /** `undefined`: the file is broken or gone; it is forgotten and counted. */
  async read(waiting: Waiting): Promise<Mail | undefined> {
    await this.#turn
    if (waiting.mail !== undefined) return waiting.mail
    try {
      return mailSchema.parse(JSON.parse(await readFile(this.#pathOf(waiting.name), 'utf8')))
    } catch {
      this.unreadable++
      await this.done(waiting)
      return undefined
    }
  }

  /** A server has taken it, or never will. */
  async done(waiting: Waiting): Promise<void> {
    if (this.#waiting.get(waiting.name) === waiting) this.#waiting.delete(waiting.name)
    await this.#inTurn(() => this.#unlink(waiting.name))
  }

  /** Settles when all that was asked of the disk is done. */
  async settled(): Promise<void> {
    await this.#turn
  }

  #dropBeyond(): void {
    for (const oldest of this.#waiting.values()) {
      if (this.#waiting.size <= this.#options.waitingMax) return
      this.#drop(oldest)
    }
  }

  #drop(waiting: Waiting): void {
    this.dropped++
    void this.done(waiting)
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => {})
    return done
  }

  async #save(name: string, mail: Mail): Promise<void> {
    const temporary = `${this.#pathOf(name)}.tmp`
    const file = await open(temporary, TO_WRITE, 0o600)
    try {
      await file.writeFile(JSON.stringify(mail))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, this.#pathOf(name))
    const directory = await open(this.#options.directory, constants.O_RDONLY)
    await directory.sync().finally(() => directory.close())
  }

  async #unlink(name: string): Promise<void> {
    await unlink(this.#pathOf(name)).catch(() => {})
  }

  #pathOf(name: string): string {
    return join(this.#options.directory, name)
  }
}
