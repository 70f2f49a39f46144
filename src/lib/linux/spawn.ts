// Starting programs by posix_spawn(3), and learning how they ended.
//
// Node's own spawn forks, and a fork copies the page tables of the whole process while everybody waits: 42 ms with
// 1 GiB of counters resident, and each page the capture workers write next is copied as well. glibc's posix_spawn
// lends the memory until exec instead: 0.1 ms whatever the size.

import { constants } from 'node:os'
import koffi from 'koffi'

export interface SpawnRequest {
  readonly path: string
  /** Without the program's own name. */
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Descriptors above 2 that stay the caller's; `undefined` is /dev/null. */
  readonly stdio: readonly [stdin: number | undefined, stdout: number | undefined, stderr: number | undefined]
}

export type Exit =
  | { readonly kind: 'exited'; readonly status: number }
  | { readonly kind: 'killed'; readonly signal: string }

const libc = koffi.load('libc.so.6')
const actionsInit = libc.func('int posix_spawn_file_actions_init(_Inout_ void *)')
const actionsDup = libc.func('int posix_spawn_file_actions_adddup2(_Inout_ void *, int, int)')
const actionsOpen = libc.func(
  'int posix_spawn_file_actions_addopen(_Inout_ void *, int, const char *, int, uint)',
)
const actionsDestroy = libc.func('int posix_spawn_file_actions_destroy(_Inout_ void *)')
const attributesInit = libc.func('int posix_spawnattr_init(_Inout_ void *)')
const attributesFlags = libc.func('int posix_spawnattr_setflags(_Inout_ void *, short)')
const attributesDefault = libc.func('int posix_spawnattr_setsigdefault(_Inout_ void *, const void *)')
const attributesMask = libc.func('int posix_spawnattr_setsigmask(_Inout_ void *, const void *)')
const fillSet = libc.func('int sigfillset(_Inout_ void *)')
const posixSpawn: (
  pid: Int32Array,
  path: string,
  actions: Uint8Array,
  attributes: Uint8Array,
  argv: (string | null)[],
  env: (string | null)[],
) => number = libc.func(
  'int posix_spawn(_Out_ int *, const char *, const void *, const void *, const char **, const char **)',
)
const waitpid: (pid: number, status: Int32Array, options: number) => number = libc.func(
  'int waitpid(int, _Out_ int *, int)',
)

const ENOEXEC = 8
const O_RDWR = 2
const WNOHANG = 1
const SETSIGDEF = 0x04
const SETSIGMASK = 0x08
const SETSID = 0x80
// More than the opaque structures have: 80 and 336 bytes with glibc, signal sets 128.
const STRUCTURE_BYTES = 1024

/**
 * Starts a program as leader of a session and process group of its own, all signals as by default. A file without a
 * `#!` line is run by /bin/sh, as a shell would do. Gives the pid, which must be asked for with `reap` until it ends,
 * or minus errno.
 */
export function spawnProcess(request: SpawnRequest): number {
  const { path, argv } = request
  const pid = spawnOnce(request, path, [path, ...argv])
  return pid === -ENOEXEC ? spawnOnce(request, '/bin/sh', ['/bin/sh', path, ...argv]) : pid
}

function spawnOnce({ stdio, env }: SpawnRequest, path: string, argv: readonly string[]): number {
  const actions = new Uint8Array(STRUCTURE_BYTES)
  actionsInit(actions)
  try {
    for (const [fd, source] of stdio.entries()) {
      if (source === undefined) actionsOpen(actions, fd, '/dev/null', O_RDWR, 0)
      else actionsDup(actions, source, fd)
    }
    const pid = new Int32Array(1)
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`)
    const errno = posixSpawn(pid, path, actions, attributes(), [...argv, null], [...variables, null])
    return errno === 0 ? (pid[0] ?? 0) : -errno
  } finally {
    actionsDestroy(actions)
  }
}

/** Node ignores SIGPIPE, and an ignored signal stays ignored across exec: pipelines in scripts would never end. */
function attributes(): Uint8Array {
  const made = new Uint8Array(STRUCTURE_BYTES)
  const every = new Uint8Array(STRUCTURE_BYTES)
  fillSet(every)
  attributesInit(made)
  attributesFlags(made, SETSIGDEF | SETSIGMASK | SETSID)
  attributesDefault(made, every)
  attributesMask(made, new Uint8Array(STRUCTURE_BYTES))
  return made
}

/** How the process ended; `undefined` while it runs. Once told, the pid is no longer ours. */
export function reap(pid: number): Exit | undefined {
  const raw = new Int32Array(1)
  if (waitpid(pid, raw, WNOHANG) === 0) return undefined
  const status = raw[0] ?? 0
  const signal = status & 0x7f
  return signal === 0
    ? { kind: 'exited', status: (status >> 8) & 0xff }
    : { kind: 'killed', signal: nameOf(signal) }
}

const nameOf = (signal: number): string =>
  Object.entries(constants.signals).find(([, number]) => number === signal)?.[0] ?? `signal ${signal}`

/** Processes that run, each with somebody who wants to know its end. */
export class ChildProcesses {
  readonly #running = new Map<number, (exit: Exit) => void>()
  readonly #onSignal = (): void => this.#reapAll()

  /** Starts a program; gives its pid, or minus errno. `whenOver` is called once, later. */
  start(request: SpawnRequest, whenOver: (exit: Exit) => void): number {
    if (this.#running.size === 0) process.on('SIGCHLD', this.#onSignal)
    const pid = spawnProcess(request)
    if (pid > 0) this.#running.set(pid, whenOver)
    this.#restWhenDone()
    return pid
  }

  /** One signal may stand for several processes that ended. */
  #reapAll(): void {
    for (const [pid, whenOver] of this.#running) {
      const exit = reap(pid)
      if (exit === undefined) continue
      this.#running.delete(pid)
      whenOver(exit)
    }
    this.#restWhenDone()
  }

  #restWhenDone(): void {
    if (this.#running.size === 0) process.off('SIGCHLD', this.#onSignal)
  }
}
