// The files of the console as they lie in its folder: names are looked up, never paths made of what is asked.

import { readdirSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, join, relative } from 'node:path'

/** More than any build makes; what is beyond is not served. */
const FILES_MAX = 2000
const FILE_BYTES_MAX = 8 << 20
const LOOK_MS = 1000

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
}

export type Encoding = 'br' | 'gzip' | 'identity'
const SUFFIX: Readonly<Record<Encoding, string>> = { br: '.br', gzip: '.gz', identity: '' }

export interface ConsoleFile {
  readonly type: string
  /** The same for the same bytes. */
  readonly tag: string
  readonly encoding: Encoding
  /** `undefined`: another build has taken its place meanwhile. */
  read(): Promise<Buffer | undefined>
}

interface Entry {
  readonly size: number
  readonly changedMs: number
}

export class ConsoleFiles {
  readonly #folder: string
  readonly #now: () => number
  /** By name from the folder, with slashes. */
  #entries: ReadonlyMap<string, Entry> = new Map()
  #lookedAt = Number.NEGATIVE_INFINITY
  #stamp = ''

  constructor(folder: string, now = () => performance.now()) {
    this.#folder = folder
    this.#now = now
  }

  /** Whether there is a console to be served. */
  get isThere(): boolean {
    this.#look()
    return this.#entries.has('index.html')
  }

  /** In the best of the encodings that are accepted; undefined: there is none of this name. */
  find(name: string, accepted: readonly Encoding[]): ConsoleFile | undefined {
    this.#look()
    const plain = this.#entries.get(name)
    const type = TYPES[extname(name)]
    if (plain === undefined || type === undefined) return undefined
    const encoding = accepted.find(each => this.#entries.has(`${name}${SUFFIX[each]}`)) ?? 'identity'
    const path = join(this.#folder, `${name}${SUFFIX[encoding]}`)
    const tag = `"${plain.size.toString(36)}-${Math.trunc(plain.changedMs).toString(36)}-${encoding}"`
    return { type, tag, encoding, read: () => readFile(path).catch(unlessGone) }
  }

  /** A build puts another folder in the place of the one before. */
  #look(): void {
    const now = this.#now()
    if (now - this.#lookedAt < LOOK_MS) return
    this.#lookedAt = now
    const stat = statSync(join(this.#folder, 'index.html'), { throwIfNoEntry: false })
    const stamp = stat === undefined ? '' : `${stat.ino} ${stat.mtimeMs} ${stat.size}`
    if (stamp === this.#stamp) return
    try {
      this.#entries = stat === undefined ? new Map() : entriesOf(this.#folder)
      this.#stamp = stamp
    } catch (error) {
      // A build has just put it away: it is looked at again.
      unlessGone(error)
    }
  }
}

function unlessGone(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}

function entriesOf(folder: string): Map<string, Entry> {
  const entries = new Map<string, Entry>()
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || entries.size >= FILES_MAX) continue
    const path = join(entry.parentPath, entry.name)
    const { size, mtimeMs: changedMs } = statSync(path)
    if (size <= FILE_BYTES_MAX) entries.set(relative(folder, path), { size, changedMs })
  }
  return entries
}
