// A real gobgpd on the loopback, with a gRPC port of its own and no BGP port: what it is told stays in it.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { mustRun, run } from '../command.ts'
import { freePort } from '../free-port.ts'

const WAIT_MS = 10_000
const FAMILIES = ['ipv4', 'ipv6', 'ipv4-flowspec', 'ipv6-flowspec'] as const

const ribSchema = z.record(z.string(), z.array(z.looseObject({ attrs: z.array(z.unknown()) })))

/** One path, as gobgpd prints it: what is matched, and its attributes. */
export type Rib = ReadonlyMap<string, readonly unknown[]>

export class LoneGobgpd implements AsyncDisposable {
  readonly #folder: string
  readonly port: number
  #child: ChildProcess | undefined

  static async start(folder: string): Promise<LoneGobgpd> {
    const gobgpd = new LoneGobgpd(folder, await freePort())
    await gobgpd.startAgain()
    return gobgpd
  }

  private constructor(folder: string, port: number) {
    this.#folder = folder
    this.port = port
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  get isAlive(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null
  }

  /** On the same port, with nothing in its tables. Settles when it answers. */
  async startAgain(): Promise<void> {
    const file = join(this.#folder, 'gobgpd.toml')
    writeFileSync(file, '[global.config]\n  as = 65001\n  router-id = "10.0.3.114"\n  port = -1\n')
    const log = openSync(join(this.#folder, 'gobgpd.txt'), 'a')
    const argv = ['-f', file, '--api-hosts', this.address]
    this.#child = spawn('gobgpd', argv, { stdio: ['ignore', log, log] })
    const endsAt = performance.now() + WAIT_MS
    while ((await run(['gobgp', '-p', String(this.port), 'global'])).code !== 0) {
      assert.ok(performance.now() < endsAt, 'gobgpd answers')
      await sleep(20)
    }
  }

  /** Ends it at once, as by kill -9. */
  async kill(): Promise<void> {
    const child = this.#child
    if (child === undefined || !this.isAlive) return
    const ended = once(child, 'close')
    child.kill('SIGKILL')
    await ended
  }

  /** Runs `gobgp` with these words. */
  gobgp(...words: string[]): Promise<string> {
    return mustRun(['gobgp', '-p', String(this.port), ...words])
  }

  /** All tables, read by gobgp's own client. */
  async rib(): Promise<Rib> {
    const paths = new Map<string, readonly unknown[]>()
    for (const family of FAMILIES) {
      const text = await this.gobgp('global', 'rib', '-a', family, '-j')
      for (const [key, [path]] of Object.entries(ribSchema.parse(JSON.parse(text))))
        paths.set(key, path?.attrs ?? [])
    }
    return paths
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }
}
