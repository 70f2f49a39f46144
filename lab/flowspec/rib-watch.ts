// Watches tables of the gobgpd in this namespace: what they hold is listed at each change, and once a second anyway.
//
// gobgp's monitor only tells that something changed; what holds then is listed anew, so nothing depends on a line of it.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { run } from '../command.ts'

export interface RibWatchOptions {
  /** Host and port of gobgpd's API. */
  readonly host: string
  readonly port: number
  /** As gobgp names them: `ipv4-flowspec`. */
  readonly families: readonly string[]
  /** One at a time; what changes meanwhile is listed after it. */
  readonly look: (listing: RibListing) => Promise<void>
}

/** JSON of each family in the order of the families, or why there is none. */
export type RibListing =
  | { readonly kind: 'listed'; readonly texts: readonly string[] }
  | { readonly kind: 'down'; readonly what: string }

/** Without a change of which the monitor tells. */
const LOOK_MILLISECONDS = 1000
const RESTART_MILLISECONDS = 200

export class RibWatch implements Disposable {
  readonly #options: RibWatchOptions
  readonly #monitors = new Set<ChildProcess>()
  readonly #timer: NodeJS.Timeout
  #isLooking = false
  #isDue = false
  #isOver = false

  constructor(options: RibWatchOptions) {
    this.#options = options
    for (const family of options.families) this.#monitor(family)
    this.#timer = setInterval(() => this.#look(), LOOK_MILLISECONDS)
    this.#look()
  }

  [Symbol.dispose](): void {
    this.#isOver = true
    clearInterval(this.#timer)
    for (const monitor of this.#monitors) monitor.kill()
  }

  #monitor(family: string): void {
    if (this.#isOver) return
    const child = spawn('gobgp', this.#words('monitor', family), { stdio: ['ignore', 'pipe', 'ignore'] })
    this.#monitors.add(child)
    child.stdout.on('data', () => this.#look())
    child.once('error', () => this.#monitors.delete(child))
    child.once('close', () => {
      this.#monitors.delete(child)
      setTimeout(() => this.#monitor(family), RESTART_MILLISECONDS).unref()
      this.#look()
    })
  }

  #look(): void {
    this.#isDue = true
    if (!this.#isLooking) void this.#lookWhileDue()
  }

  async #lookWhileDue(): Promise<void> {
    this.#isLooking = true
    while (this.#isDue && !this.#isOver) {
      this.#isDue = false
      await this.#options.look(await this.#list())
    }
    this.#isLooking = false
  }

  /** gobgp gives up dialling after a second, which on a busy machine says nothing of gobgpd: that is down whose port refuses. */
  async #list(): Promise<RibListing> {
    for (;;) {
      const listing = await this.#listOnce()
      if (listing.kind === 'listed' || this.#isOver || !(await this.#isListening())) return listing
    }
  }

  async #isListening(): Promise<boolean> {
    const socket = connect({ host: this.#options.host, port: this.#options.port })
    try {
      await once(socket, 'connect')
      return true
    } catch {
      return false
    } finally {
      socket.destroy()
    }
  }

  async #listOnce(): Promise<RibListing> {
    const listings = await Promise.all(
      this.#options.families.map(family => run(['gobgp', ...this.#words('', family)])),
    )
    const down = listings.find(({ code }) => code !== 0)
    return down === undefined
      ? { kind: 'listed', texts: listings.map(({ stdout }) => stdout) }
      : { kind: 'down', what: `gobgpd does not answer: ${oneLine(down)}` }
  }

  #words(verb: 'monitor' | '', family: string): string[] {
    const place = ['-u', this.#options.host, '-p', String(this.#options.port)]
    return [...place, ...(verb === '' ? [] : [verb]), 'global', 'rib', '-a', family, '-j']
  }
}

const oneLine = ({ stdout, stderr }: { stdout: string; stderr: string }): string =>
  (stderr || stdout).trim().split('\n')[0] ?? ''
