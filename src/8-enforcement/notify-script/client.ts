// Runs programs, each within a time limit, and tells how they ended.
//
// The end is the exit of the program itself. What it left running in the background may go on, holding the pipes: its
// words are read and let go. A program that takes too long is ended together with everything it started.

import { closeSync } from 'node:fs'
import { Socket } from 'node:net'
import { constants } from 'node:os'
import { SystemCallError } from '#lib/linux/libc.ts'
import { unreadBytes } from '#lib/linux/pipe.ts'
import { ChildProcesses, type Exit } from '#lib/linux/spawn.ts'
import { Drain } from './drain.ts'
import { type Program, type Spawned, StartError, spawnProgram } from './spawn.ts'

export interface TimeLimit {
  readonly timeoutMs: number
  /** From asking the program to end to killing it. */
  readonly killGraceMs: number
}

/** What is known of a program that ran: its first words, and how much of its stdin nobody read. */
export interface Traces {
  readonly milliseconds: number
  readonly stdout: string
  readonly stderr: string
  readonly unreadBytes: number
}

export type ProgramEnd =
  | (Exit & Traces)
  /** By us: it took too long, or the daemon stops. */
  | ({ readonly kind: 'timed-out' | 'stopped' } & Traces)
  /** Transient: the system was short of something, or somebody was writing the file; a moment later it may work. */
  | { readonly kind: 'not-started'; readonly error: string; readonly isTransient: boolean }

export interface Running {
  /** Never rejects. */
  readonly ended: Promise<ProgramEnd>
  /** Ends the program and all it started: asks, and kills after `graceMs`. */
  stop(graceMs: number): void
}

// Words on stderr may still be on their way when the program has ended.
const WORDS_GRACE_MS = 100
// A killed program is gone at once, unless it belongs to somebody whom we may not kill.
const ABANDON_MS = 1000
// How long a background job may take to read the rest of a report that did not fit into the pipe.
const STDIN_LINGER_MS = 5000
const LINGERING_MAX = 256
const { EAGAIN, ENOMEM, EMFILE, ENFILE, ETXTBSY } = constants.errno
const TRANSIENT: readonly number[] = [EAGAIN, ENOMEM, EMFILE, ENFILE, ETXTBSY]

export class ProgramRunner {
  readonly #children = new ChildProcesses()
  readonly #lingering = new Set<Drain>()

  start(program: Program, limit: TimeLimit): Running {
    try {
      const spawned = spawnProgram(program, this.#children)
      return new RunningProgram(program, limit, spawned, drain => this.#keepReading(drain))
    } catch (error) {
      if (!(error instanceof StartError || error instanceof SystemCallError)) throw error
      const isTransient = TRANSIENT.includes(error.errno)
      return {
        ended: Promise.resolve({ kind: 'not-started', error: error.message, isTransient }),
        stop() {},
      }
    }
  }

  /** Background jobs may write to stderr for as long as they like; beyond the bound the oldest pipe is closed. */
  #keepReading(drain: Drain): void {
    drain.linger()
    this.#lingering.add(drain)
    void drain.ended.then(() => this.#lingering.delete(drain))
    const [oldest] = this.#lingering
    if (this.#lingering.size > LINGERING_MAX) oldest?.close()
  }
}

class RunningProgram implements Running {
  readonly #program: Program
  readonly #spawned: Spawned
  readonly #startedAt = performance.now()
  readonly #writer: Socket | undefined
  readonly #stdout: Drain | undefined
  readonly #stderr: Drain
  readonly #keepReading: (drain: Drain) => void
  readonly #end = Promise.withResolvers<ProgramEnd>()
  #ending: 'timed-out' | 'stopped' | undefined
  #isOver = false
  #timer: NodeJS.Timeout

  constructor(program: Program, limit: TimeLimit, spawned: Spawned, keepReading: (drain: Drain) => void) {
    this.#program = program
    this.#spawned = spawned
    this.#keepReading = keepReading
    this.#stderr = new Drain(spawned.stderrFd)
    this.#stdout = spawned.stdoutFd === undefined ? undefined : new Drain(spawned.stdoutFd)
    this.#writer = spawned.stdin && writeAll(spawned.stdin.writeFd, program.stdin ?? '')
    this.#timer = setTimeout(() => this.#finish('timed-out', limit.killGraceMs), limit.timeoutMs)
    void spawned.exit.then(exit => this.#over(exit))
  }

  get ended(): Promise<ProgramEnd> {
    return this.#end.promise
  }

  stop(graceMs: number): void {
    this.#finish('stopped', graceMs)
  }

  #finish(ending: 'timed-out' | 'stopped', graceMs: number): void {
    if (this.#isOver) return
    this.#ending ??= ending
    this.#signalGroup('SIGTERM')
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#signalGroup('SIGKILL')
      const killed = { kind: 'killed', signal: 'SIGKILL' } as const
      this.#timer = setTimeout(() => void this.#over(killed), ABANDON_MS)
    }, graceMs)
  }

  #signalGroup(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.#spawned.pid, signal)
    } catch {
      // ESRCH: all are gone. EPERM: they belong to somebody else, and the call is abandoned in the end.
    }
  }

  async #over(exit: Exit): Promise<void> {
    if (this.#isOver) return
    this.#isOver = true
    const milliseconds = performance.now() - this.#startedAt
    clearTimeout(this.#timer)
    // Whoever of the group does not end although its leader did.
    if (this.#ending !== undefined) this.#signalGroup('SIGKILL')
    const unread = this.#closeStdin()
    await this.#lastWords()
    const stdout = this.#stdout?.text ?? ''
    const traces = { milliseconds, stdout, stderr: this.#stderr.text, unreadBytes: unread }
    const how = this.#ending === undefined ? exit : { kind: this.#ending }
    this.#end.resolve({ ...how, ...traces })
  }

  /** Gives up our reading end, the last one unless a background job has another. */
  #closeStdin(): number {
    const { stdin } = this.#spawned
    if (stdin === undefined || this.#writer === undefined) return 0
    const writer = this.#writer
    const unread = unreadBytes(stdin.readFd) + writer.writableLength
    closeSync(stdin.readFd)
    if (!writer.closed) {
      writer.unref()
      setTimeout(() => writer.destroy(), STDIN_LINGER_MS).unref()
    }
    return Math.min(unread, Buffer.byteLength(this.#program.stdin ?? ''))
  }

  async #lastWords(): Promise<void> {
    const drains = this.#stdout === undefined ? [this.#stderr] : [this.#stderr, this.#stdout]
    const late = Promise.withResolvers<void>()
    const timer = setTimeout(late.resolve, WORDS_GRACE_MS)
    await Promise.race([Promise.all(drains.map(drain => drain.ended)), late.promise])
    clearTimeout(timer)
    for (const drain of drains) this.#keepReading(drain)
  }
}

function writeAll(fd: number, text: string): Socket {
  const writer = new Socket({ fd, readable: false, writable: true })
  // EPIPE: nobody has to read a report.
  writer.on('error', () => writer.destroy())
  return writer.end(text)
}
