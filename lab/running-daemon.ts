// A real daemon as a child process: started, its log read line by line, asked through its socket, ended.

import assert from 'node:assert/strict'
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { socketClient } from '#api/contract/client.ts'
import { failureText } from '#api/contract/failure-text.ts'
import type { Route } from '#api/contract/route.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { type CommandOptions, type Result, run } from './command.ts'

export const FLOODWARDEN = join(import.meta.dirname, '../floodwarden')

/** Counted from when it was ready: `settle.ts` begins earlier, and looks a second time. */
const GIVES_BACK_AFTER_MS = 4000
/** Who answers so often within so long is held up by nothing. */
const PROMPT_ANSWERS = 5
const PROMPT_MS = 200
const SETTLED_SECONDS = 60
/** Far beyond what the slowest disk needs. */
const KEPT_SECONDS = 60

/** A line of the log. Facts stand beside these three. */
const lineSchema = z.looseObject({ level: z.string(), time: z.string(), message: z.string() })
export type LogLine = z.infer<typeof lineSchema>

export interface DaemonPlan {
  readonly state: string
  /** After `floodwarden run`; state and log format are added. */
  readonly words: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** Default: in the namespace of the test. */
  readonly spawn?: (argv: readonly string[], options: SpawnOptions) => ChildProcess
  readonly uid?: number
  /** Default: the launcher of this checkout. */
  readonly launcher?: readonly string[]
}

export interface Ended {
  readonly code: number | null
  readonly seconds: number
}

const here = (argv: readonly string[], options: SpawnOptions): ChildProcess =>
  spawn(argv[0] ?? '', argv.slice(1), options)

export class RunningDaemon implements AsyncDisposable {
  readonly state: string
  readonly #child: ChildProcess
  readonly #lines: LogLine[] = []
  readonly #closed: Promise<unknown>
  #stderr = ''

  /** Starts the daemon; it may still refuse to run. */
  static launch(plan: DaemonPlan): RunningDaemon {
    return new RunningDaemon(plan)
  }

  /** Starts the daemon and waits until it says that it is ready. */
  static async start(plan: DaemonPlan): Promise<RunningDaemon> {
    const daemon = new RunningDaemon(plan)
    try {
      await daemon.until(line => line.message === 'ready')
      return daemon
    } catch (error) {
      await daemon[Symbol.asyncDispose]()
      throw error
    }
  }

  private constructor({
    state,
    words,
    environment,
    uid,
    launcher = [FLOODWARDEN],
    spawn: start = here,
  }: DaemonPlan) {
    this.state = state
    const argv = [...launcher, 'run', ...words, '--state', state, '--log-format', 'json']
    this.#child = start(argv, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
      ...(uid === undefined ? {} : { uid, gid: uid }),
    })
    this.#closed = once(this.#child, 'close')
    const { stdout, stderr } = this.#child
    assert.ok(stdout && stderr)
    createInterface({ input: stdout }).on('line', line =>
      this.#lines.push(lineSchema.parse(JSON.parse(line))),
    )
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
    })
  }

  get pid(): number {
    assert.ok(this.#child.pid)
    return this.#child.pid
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  get log(): readonly LogLine[] {
    return this.#lines
  }

  get stderr(): string {
    return this.#stderr
  }

  /** The first line of the log that is meant; fails with the log when it does not come in time. */
  async until(isMeant: (line: LogLine) => boolean, seconds = 60): Promise<LogLine> {
    const deadline = performance.now() + seconds * 1000
    for (;;) {
      const found = this.#lines.find(isMeant)
      if (found !== undefined) return found
      assert.ok(this.isRunning && performance.now() < deadline, `the line did not come\n${this.#told()}`)
      await Promise.race([sleep(20), this.#closed])
    }
  }

  /**
   * Waits until the daemon has given back what only its start needed. That takes a part of a second in which it answers nobody,
   * and seconds where many daemons do so at once.
   */
  async untilSettled(): Promise<void> {
    await sleep(GIVES_BACK_AFTER_MS)
    const deadline = performance.now() + SETTLED_SECONDS * 1000
    for (let prompt = 0; prompt < PROMPT_ANSWERS; ) {
      assert.ok(this.isRunning && performance.now() < deadline, `it does not answer at once\n${this.#told()}`)
      await sleep(PROMPT_MS)
      const asked = performance.now()
      await this.call(ROUTES.health, {}).catch(() => {})
      prompt = performance.now() - asked < PROMPT_MS ? prompt + 1 : 0
    }
  }

  /** Whether its state is kept, as health tells: the last write was one that the disk or the database has. */
  async keepsState(): Promise<boolean> {
    const { checks } = await this.call(ROUTES.health, {})
    return checks.find(({ name }) => name === 'state')?.ok === true
  }

  #told(): string {
    return `${this.#lines.map(line => JSON.stringify(line)).join('\n')}\n${this.#stderr}`
  }

  /** Runs a verb that asks this daemon. */
  ask(words: readonly string[], options?: CommandOptions): Promise<Result> {
    return run([FLOODWARDEN, ...words, '--state', this.state], options)
  }

  /** Calls a route of the control socket, as the verbs do. */
  async call<Input extends z.ZodType, Output extends z.ZodType>(
    route: Route<Input, Output>,
    input: z.input<Input>,
  ): Promise<z.output<Output>> {
    const reply = await socketClient(join(this.state, 'control.sock')).call(route, input)
    if (reply.kind === 'ok') return reply.value
    assert.fail(`${failureText(reply.failure)}${this.isRunning ? '' : `\nit has ended:\n${this.#told()}`}`)
  }

  /**
   * Waits until so many announcements and withdrawals are done and on the disk, in its audit: a script is called a moment
   * before the daemon hears of its end, and writes that down.
   */
  async untilKept(acts: number): Promise<void> {
    const deadline = performance.now() + KEPT_SECONDS * 1000
    for (;;) {
      const { entries } = await this.call(ROUTES.audit, { limit: 1000 })
      const kept = entries.filter(({ sequence }) => sequence !== undefined)
      const done = kept.filter(({ what }) => what === 'announce' || what === 'withdraw').length
      if (done >= acts) return
      assert.ok(performance.now() < deadline, `only ${done} acts are kept\n${this.#told()}`)
      await sleep(20)
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Sends the signal and waits for the end. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    const began = performance.now()
    if (this.isRunning) this.#child.kill(signal)
    return this.ended(began)
  }

  /** Waits for the end; seconds count from `began`. */
  async ended(began = performance.now()): Promise<Ended> {
    await this.#closed
    return { code: this.#child.exitCode, seconds: (performance.now() - began) / 1000 }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.isRunning) return
    this.#child.kill('SIGCONT')
    const killing = setTimeout(() => this.#child.kill('SIGKILL'), 8000)
    await this.stop()
    clearTimeout(killing)
  }
}
