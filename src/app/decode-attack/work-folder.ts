// The folder in which decode-attack keeps rules that are on their way and which of them are live: ours alone, so that nobody
// can lay a file there. What several calls do at once is parted by a lock, which is held for moments.

import { randomUUID } from 'node:crypto'
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { errorText } from '#lib/log/facts.ts'

/** A rule file on its way. Its name says what it is, its text is what is sent. */
export interface QueuedRules {
  readonly path: string
  /** Of the attack, as text. */
  readonly host: string
  readonly kind: 'ddps' | 'native'
  /** Milliseconds since 1970: when it was made, and until when it is worth sending. */
  readonly madeAt: number
  readonly until: number
}

const OTHERS_MAY_WRITE = 0o022
const LOCK_STALE_MS = 30_000
const LOCK_LOOK_MS = 20
const FILES_MAX = 1000
const NAME = /^rules-(\d{13})-(\d{13})-([0-9a-f._]{2,45})-[0-9a-f-]{36}\.(ddps|native)\.json(\.sending)?$/

const LIVE = /^live-([0-9a-f._]{2,45})\.json$/

export class WorkFolder {
  readonly #path: string
  readonly #claimMs: number

  private constructor(path: string, claimMs: number) {
    this.#path = path
    this.#claimMs = claimMs
  }

  /**
   * Makes it where it is missing. Says why it is not used: it is not ours, or others may write there. What a call has
   * claimed for longer than `claimMs` is free again: no call lives that long.
   */
  static open(path: string, claimMs: number): WorkFolder | { readonly problem: string } {
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 })
      const stat = lstatSync(path)
      if (!stat.isDirectory()) return { problem: `${path} is no folder` }
      if (stat.uid !== process.getuid?.()) return { problem: `${path} belongs to somebody else` }
      if ((stat.mode & OTHERS_MAY_WRITE) !== 0)
        return { problem: `others may write into ${path}: chmod 700 ${path}` }
      return new WorkFolder(path, claimMs)
    } catch (error) {
      return { problem: errorText(error) }
    }
  }

  /** Runs `work` while no other call does; `undefined` when the lock did not come free in time. */
  async exclusively<Value>(work: () => Value, waitMs: number): Promise<Value | undefined> {
    const lock = join(this.#path, 'lock')
    const endsAt = performance.now() + waitMs
    while (!taken(lock)) {
      if (performance.now() >= endsAt) return undefined
      await sleep(LOCK_LOOK_MS)
    }
    try {
      return work()
    } finally {
      rmdirSync(lock)
    }
  }

  /** Until when a host has a rule, by our clock in milliseconds, and what was kept with it; `undefined`: it has none. */
  live(host: string, now: number): { readonly until: number; readonly kept: unknown } | undefined {
    try {
      const value: unknown = JSON.parse(readFileSync(this.#liveFile(host), 'utf8'))
      const until = typeof value === 'object' && value !== null && 'until' in value ? value.until : undefined
      return typeof until === 'number' && until > now
        ? { until, kept: (value as { kept?: unknown }).kept }
        : undefined
    } catch {
      return undefined
    }
  }

  setLive(host: string, until: number, kept: unknown): void {
    this.#write(this.#liveFile(host), JSON.stringify({ until, kept }))
  }

  endLive(host: string): void {
    removed(this.#liveFile(host))
  }

  /** Puts rules into the queue, claimed by this call already; `undefined` when it is full. */
  enqueue(queued: Omit<QueuedRules, 'path'>, text: string): QueuedRules | undefined {
    if (this.#names().length >= FILES_MAX) return undefined
    const { host, kind, madeAt, until } = queued
    const times = [madeAt, until].map(at => String(Math.floor(at)).padStart(13, '0')).join('-')
    const path = join(this.#path, `rules-${times}-${keyOf(host)}-${randomUUID()}.${kind}.json.sending`)
    this.#write(path, text)
    return { ...queued, path }
  }

  /** The oldest rules that nobody is sending, claimed by this call. */
  claim(now: number): QueuedRules | undefined {
    for (const name of this.#names()) {
      const [, madeAt, until, key, kind, sending] = NAME.exec(name) ?? []
      const path = join(this.#path, name)
      if (sending !== undefined && !isOlder(path, now - this.#claimMs)) continue
      const claimed = sending === undefined ? `${path}.sending` : path
      if (claimed !== path) renameSync(path, claimed)
      // The time of the file says since when it is claimed.
      utimesSync(claimed, now / 1000, now / 1000)
      return {
        path: claimed,
        host: (key ?? '').replaceAll('_', ':'),
        kind: kind === 'native' ? 'native' : 'ddps',
        madeAt: Number(madeAt),
        until: Number(until),
      }
    }
    return undefined
  }

  /** Text of rules that this call has claimed. */
  textOf({ path }: QueuedRules): string {
    return readFileSync(path, 'utf8')
  }

  /** They are sent, or nobody wants them any more. */
  finish({ path }: QueuedRules): void {
    removed(path)
  }

  /** Gives a claim back for a later call, with what is left to send. */
  putBack({ path }: QueuedRules, text: string): void {
    this.#write(path, text)
    renameSync(path, path.replace(/\.sending$/, ''))
  }

  /** Rules of a host that nobody is sending are dropped; how many. */
  dropQueued(host: string): number {
    const own = this.#names().filter(name => {
      const [, , , key, , sending] = NAME.exec(name) ?? []
      return sending === undefined && key === keyOf(host)
    })
    for (const name of own) removed(join(this.#path, name))
    return own.length
  }

  /** Removes what nobody needs any more: rules of hosts that are over, and files a dead call was writing. */
  sweep(now: number): void {
    for (const name of readdirSync(this.#path)) {
      const path = join(this.#path, name)
      const host = LIVE.exec(name)?.[1]?.replaceAll('_', ':')
      if (host !== undefined && this.live(host, now) === undefined) removed(path)
      if (name.startsWith('new-') && isOlder(path, now - this.#claimMs)) removed(path)
    }
  }

  /** Of rules in the queue, oldest first. */
  #names(): string[] {
    return readdirSync(this.#path)
      .filter(name => NAME.test(name))
      .sort()
  }

  #liveFile(host: string): string {
    return join(this.#path, `live-${keyOf(host)}.json`)
  }

  /** A reader finds the whole text or the one before. */
  #write(path: string, text: string): void {
    const fresh = join(this.#path, `new-${randomUUID()}`)
    writeFileSync(fresh, text, { mode: 0o600, flag: 'wx' })
    renameSync(fresh, path)
  }
}

const keyOf = (host: string): string => host.replaceAll(':', '_')

/** Takes the lock, also from a call that died with it. */
function taken(lock: string): boolean {
  try {
    mkdirSync(lock, { mode: 0o700 })
    return true
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    if (isOlder(lock, Date.now() - LOCK_STALE_MS)) {
      try {
        rmdirSync(lock)
      } catch {
        // Another call was faster.
      }
    }
    return false
  }
}

function isOlder(path: string, moment: number): boolean {
  try {
    return statSync(path).mtimeMs < moment
  } catch {
    return false
  }
}

function removed(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
}
