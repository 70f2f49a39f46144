// Runs `bin/floodwarden-event` as FastNetMon does, and a server that answers it as prefixd does.

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { temporaryFolder } from '../temporary-folder.ts'

export const SCRIPT = join(import.meta.dirname, '../../bin/floodwarden-event')

export interface Shell {
  readonly name: string
  readonly argv: readonly string[]
  readonly path?: string
}

export const DASH: Shell = { name: 'dash', argv: ['/bin/dash'] }

/** What busybox stands in for; the rest of a machine that has only busybox is not asked for. */
const APPLETS = 'awk sed od tr head wc date cat mktemp mkdir mv rm ls ln readlink sleep sh'.split(' ')

/** The shells of this machine; with busybox's own comes its awk, sed and all the others. */
export function shellsOf(t: TestContext): Shell[] {
  const folder = temporaryFolder(t)
  const applets = join(folder, 'applets')
  mkdirSync(applets)
  for (const name of APPLETS) symlinkSync('/usr/bin/busybox', join(applets, name))
  symlinkSync('/usr/bin/curl', join(applets, 'curl'))
  const all: readonly Shell[] = [
    DASH,
    { name: 'bash', argv: ['/bin/bash', '--posix'] },
    { name: 'busybox', argv: ['/usr/bin/busybox', 'sh'], path: applets },
  ]
  return all.filter(({ argv }) => existsSync(argv[0]!))
}

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly log: string
  readonly seconds: number
}

export interface Call {
  readonly shell?: Shell
  readonly report?: string | Uint8Array
  /** Standard input is left open, as a caller does that hangs. */
  readonly keepsWriting?: true
  readonly env?: Readonly<Record<string, string>>
  /** SIGTERM is sent to the script when this comes. */
  readonly endWhen?: Promise<unknown>
}

/** A folder with log, spool and environment file of one installation, and calls of the script in it. */
export class Installation {
  readonly folder: string
  readonly spool: string
  readonly log: string
  readonly environmentFile: string
  readonly #env: Record<string, string>

  constructor(t: TestContext, api: string) {
    this.folder = temporaryFolder(t)
    this.spool = join(this.folder, 'spool')
    this.log = join(this.folder, 'event.log')
    this.environmentFile = join(this.folder, 'environment')
    this.#env = {
      FLOODWARDEN_API: api,
      FLOODWARDEN_SPOOL: this.spool,
      FLOODWARDEN_EVENT_LOG: this.log,
      FLOODWARDEN_ENVIRONMENT_FILE: this.environmentFile,
      FLOODWARDEN_RETRY_DELAY_SECONDS: '0.05',
      UNBAN_QUERY_DELAY_SECONDS: '0.05',
      TMPDIR: this.folder,
    }
  }

  async call(words: readonly string[], call: Call = {}): Promise<Ended> {
    const [program = '', ...flags] = (call.shell ?? DASH).argv
    const begun = performance.now()
    const child = spawn(program, [...flags, SCRIPT, ...words], {
      env: { PATH: call.shell?.path ?? '/usr/bin:/bin', ...this.#env, ...call.env },
      timeout: 15_000,
    })
    child.stdin.on('error', () => {})
    if (call.report !== undefined) child.stdin.write(call.report)
    if (call.keepsWriting === undefined) child.stdin.end()
    void call.endWhen?.then(() => child.kill('SIGTERM'))
    const [stdout, stderr, code] = await Promise.all([
      buffer(child.stdout),
      buffer(child.stderr),
      new Promise<number | null>(resolve => child.once('exit', resolve)),
    ])
    const seconds = (performance.now() - begun) / 1000
    child.stdin.destroy()
    return { code, stdout: String(stdout), stderr: String(stderr), log: this.logged(), seconds }
  }

  logged = (): string => (existsSync(this.log) ? readFileSync(this.log, 'utf8') : '')

  spooled = (): string[] =>
    existsSync(this.spool) ? readdirSync(this.spool).filter(name => name !== 'lock') : []

  /** What a call leaves behind besides log and spool: nothing. */
  leftovers = (): string[] =>
    readdirSync(this.folder).filter(name => !['spool', 'event.log', 'environment'].includes(name))
}

export interface Request {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: IncomingMessage['headers']
  readonly text: string
}

export type Answer = { readonly status: number; readonly body?: unknown } | 'hang' | 'reset'

/** A server on a free port of loopback that keeps every request. `answer` may decide; else it is content. */
export class RecordingServer {
  readonly requests: Request[] = []
  live: readonly { readonly mitigation_id: string; readonly victim_ip: string }[] = []
  answer: (request: Request, before: number) => Answer | undefined = () => undefined
  api = ''

  async start(t: TestContext): Promise<this> {
    const server = createServer((request, response) => void this.#receive(request, response))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    t.after(() => {
      server.closeAllConnections()
      server.close()
    })
    this.api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    return this
  }

  /** The bodies that came to a path, in order. */
  bodies = (path: string): Record<string, unknown>[] =>
    this.requests.filter(request => request.path === path).map(({ text }) => JSON.parse(text))

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
    const text = String(await buffer(request))
    const { method = '', headers } = request
    const kept = { method, path: pathname, query: Object.fromEntries(searchParams), headers, text }
    this.requests.push(kept)
    const answer = this.answer(kept, this.requests.length - 1) ?? this.#content(kept)
    if (answer === 'hang') return
    if (answer === 'reset') {
      request.socket.destroy()
      return
    }
    response.writeHead(answer.status, { 'content-type': 'application/json' })
    response.end(answer.body === undefined ? '' : JSON.stringify(answer.body))
  }

  #content({ method, path, text }: Request): Answer {
    if (method === 'GET') return { status: 200, body: { mitigations: this.live, count: this.live.length } }
    if (path !== '/v1/events') return { status: 200, body: { status: 'withdrawn' } }
    const { event_id } = JSON.parse(text) as { event_id: string }
    return { status: 202, body: { event_id, external_event_id: event_id, status: 'accepted' } }
  }
}
