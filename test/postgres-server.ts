// A throw-away PostgreSQL of Debian in a temporary folder: a user without rights, a Unix socket, no port, gone with the test.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { mayGoOn } from './may-go-on.ts'
import { AS_NOBODY, NOBODY } from './nobody.ts'

const DEBIAN = '/usr/lib/postgresql'
const USER = 'floodwarden'
/** Part of the name of the socket in a folder of its own; nobody listens on it. */
const SOCKET_PORT = 5432

/** Where the programs of the newest PostgreSQL are; `undefined` without one. */
function programs(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).map(Number) : []
  const newest = versions.filter(Number.isInteger).sort((a, b) => b - a)[0]
  const folder = join(DEBIAN, String(newest), 'bin')
  return existsSync(join(folder, 'postgres')) ? folder : undefined
}

/** A server that ends with the test. `undefined`: the test is skipped aloud; a machine that builds must have it. */
export async function postgresFor(t: TestContext, port?: number): Promise<PostgresServer | undefined> {
  const server = await PostgresServer.begin(port)
  if (server === undefined) {
    mayGoOn(t, ['postgresql'])
    return undefined
  }
  t.after(() => server.remove())
  return server
}

export class PostgresServer {
  readonly #programs: string
  readonly #folder: string
  readonly #data: string
  /** On the loopback; without one only the socket is listened on. */
  readonly #port: number | undefined
  #process: ChildProcess | undefined
  #databases = 0

  /** `undefined` where PostgreSQL is not installed. */
  static async begin(port?: number): Promise<PostgresServer | undefined> {
    const folder = programs()
    if (folder === undefined) return undefined
    const own = mkdtempSync(join(tmpdir(), 'floodwarden-postgres-'))
    chmodSync(own, 0o755)
    const server = new PostgresServer(folder, own, port)
    await server.start()
    return server
  }

  private constructor(folderOfPrograms: string, folder: string, port: number | undefined) {
    this.#port = port
    this.#programs = folderOfPrograms
    this.#folder = folder
    this.#data = join(folder, 'data')
    const own = isRoot() ? NOBODY : undefined
    mkdirSync(this.#data, { mode: 0o700 })
    if (own !== undefined) for (const path of [folder, this.#data]) chownSync(path, own, own)
    const [program, ...words] = [...asNobody(), join(folderOfPrograms, 'initdb')]
    const making = ['-D', this.#data, '-A', 'trust', '-U', USER, '-E', 'UTF8', '--no-locale', '--no-sync']
    execFileSync(program ?? '', [...words, ...making], { cwd: '/', stdio: 'pipe' })
  }

  async start(): Promise<void> {
    const [program, ...start] = [...asNobody(), join(this.#programs, 'postgres')]
    const listen = this.#port === undefined ? '' : '127.0.0.1'
    const options = ['-D', this.#data, '-k', this.#folder, '-p', `${this.#port ?? SOCKET_PORT}`]
    const words = [...start, ...options, '-c', `listen_addresses=${listen}`]
    const deadline = performance.now() + 30_000
    // After a kill the rest of the one before may still be there for a moment, and the new one refuses to begin.
    while (performance.now() < deadline) {
      const server = spawn(program ?? '', words, { cwd: '/', stdio: 'ignore' })
      this.#process = server
      process.once('exit', () => server.kill('SIGKILL'))
      while (server.exitCode === null && performance.now() < deadline) {
        if (await this.#answers()) return
        await sleep(50)
      }
    }
    throw new Error('PostgreSQL does not start')
  }

  async #answers(): Promise<boolean> {
    const client = new pg.Client({ connectionString: this.urlOf('postgres') })
    client.on('error', () => {})
    try {
      await client.connect()
      return true
    } catch {
      return false
    } finally {
      await client.end().catch(() => {})
    }
  }

  urlOf(database: string): string {
    const port = this.#port ?? SOCKET_PORT
    return `postgresql://${USER}@/${database}?host=${encodeURIComponent(this.#folder)}&port=${port}`
  }

  /** A new and empty database; its address. */
  async database(): Promise<string> {
    const name = `state_${++this.#databases}`
    await this.query('postgres', `create database ${name}`)
    return this.urlOf(name)
  }

  /** What a statement gives in the database of this name or address. */
  async query(database: string, text: string): Promise<Record<string, unknown>[]> {
    const connectionString = database.startsWith('postgresql:') ? database : this.urlOf(database)
    const client = new pg.Client({ connectionString })
    await client.connect()
    try {
      const { rows } = await client.query(text)
      return rows
    } finally {
      await client.end()
    }
  }

  /** Puts a file into its folder of data, such as pg_hba.conf or a certificate; it counts from the next start on. */
  configure(name: string, text: string | Buffer): void {
    const path = join(this.#data, name)
    writeFileSync(path, text, { mode: 0o600 })
    if (isRoot()) chownSync(path, NOBODY, NOBODY)
  }

  /** kill -9, as when its machine runs out of memory. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async stop(): Promise<void> {
    await this.#end('SIGINT')
  }

  async remove(): Promise<void> {
    await this.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #end(signal: 'SIGKILL' | 'SIGINT'): Promise<void> {
    const server = this.#process
    this.#process = undefined
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return
    const ended = once(server, 'exit')
    server.kill(signal)
    await ended
  }
}

const isRoot = (): boolean => process.getuid?.() === 0

const asNobody = (): readonly string[] => (isRoot() ? AS_NOBODY : [])
