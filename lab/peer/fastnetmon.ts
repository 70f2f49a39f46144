// A real FastNetMon in a lab's namespace, as a child process. It writes only into its own folder.
//
// SIGTERM has no effect on it and SIGINT aborts it, so it is killed by its number.

import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Lab } from '../namespace.ts'
import { withOwnVarLog } from './own-var-log.ts'

export const FASTNETMON = '/usr/sbin/fastnetmon'

export interface PeerPlan {
  readonly lab: Lab
  readonly role: string
  /** A folder of its own, which exists: log and per-attack files are written below it. */
  readonly folder: string
  /** Path of the fastnetmon.conf. */
  readonly config: string
  /** What it says last when it starts; default: of the capture threads. */
  readonly ready?: string
}

const READY = 'Start AF_PACKET worker process'
const START_SECONDS = 20
const POLL_MS = 50

export class FastnetmonPeer implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown>
  readonly #logFile: string
  #output = ''

  /** Starts it and waits until it captures. */
  static async start(plan: PeerPlan): Promise<FastnetmonPeer> {
    const peer = new FastnetmonPeer(plan)
    try {
      await peer.until(text => text.includes(plan.ready ?? READY), START_SECONDS)
      return peer
    } catch (error) {
      await peer[Symbol.asyncDispose]()
      throw error
    }
  }

  private constructor({ lab, role, folder, config }: PeerPlan) {
    this.#logFile = join(folder, 'fastnetmon.log')
    const argv = [
      FASTNETMON,
      '--configuration_file',
      config,
      '--log_file',
      this.#logFile,
      '--disable_pid_logic',
    ]
    this.#child = lab.spawn(role, withOwnVarLog(folder, argv), {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#closed = once(this.#child, 'close')
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text
      })
    }
  }

  get pid(): number {
    assert.ok(this.#child.pid)
    return this.#child.pid
  }

  get log(): string {
    return existsSync(this.#logFile) ? readFileSync(this.#logFile, 'utf8') : ''
  }

  /** Waits until the log is as meant; fails with it when that does not come in time. */
  async until(isMeant: (log: string) => boolean, seconds: number): Promise<void> {
    const deadline = performance.now() + seconds * 1000
    while (!isMeant(this.log)) {
      const isRunning = this.#child.exitCode === null && this.#child.signalCode === null
      assert.ok(
        isRunning && performance.now() < deadline,
        `FastNetMon did not say so\n${this.log}\n${this.#output}`,
      )
      await Promise.race([sleep(POLL_MS), this.#closed])
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL')
    await this.#closed
  }
}
