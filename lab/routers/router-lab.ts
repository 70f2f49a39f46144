// A BGP lab: our speaker in one namespace, a real router (BIRD) in another, one iBGP session between them.
//
// BIRD dials, which brings a session up in about a second; GoBGP and ExaBGP wait for it or dial a passive BIRD.

import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Lab } from '../namespace.ts'
import { until } from '../until.ts'
import { birdConfig, EXABGP_PIPE_READER, exabgpConfig, gobgpdConfig } from './configs.ts'

/** Addresses of the lab: the speaker's and the router's. */
export const SPEAKER = '10.0.3.114'
export const ROUTER = '10.0.3.1'
const PLAN = {
  links: [
    {
      from: { role: 'speaker', addresses: [`${SPEAKER}/24`, 'fd00:3::114/64'] },
      to: { role: 'router', addresses: [`${ROUTER}/24`, 'fd00:3::1/64'] },
    },
  ],
  ipv6: true,
}

const WAIT_SECONDS = 15

export class RouterLab implements AsyncDisposable {
  readonly lab: Lab
  readonly #folder: string
  readonly #control: string
  readonly #restartSeconds: number

  /**
   * Builds the namespaces and starts the router, which expects a session with the speaker. Needs root. `restartSeconds`:
   * for so long it keeps what a gobgpd told that is gone, and it dials as seldom as
   * gobgpd would; 0: not at all.
   */
  static async create(folder: string, speaker: 'gobgp' | 'exabgp', restartSeconds = 0): Promise<RouterLab> {
    const lab = await Lab.create(PLAN)
    const routers = new RouterLab(lab, folder, restartSeconds)
    const helpsRestart = restartSeconds > 0
    const options = { isPassive: speaker === 'exabgp', helpsRestart, dialSeconds: helpsRestart ? 4 : 1 }
    writeFileSync(join(folder, 'bird.conf'), birdConfig(ROUTER, SPEAKER, options))
    routers.#startRouter()
    return routers
  }

  private constructor(lab: Lab, folder: string, restartSeconds: number) {
    this.lab = lab
    this.#folder = folder
    this.#restartSeconds = restartSeconds
    this.#control = join(folder, 'bird.ctl')
  }

  /** The named pipe ExaBGP takes commands from. */
  get pipe(): string {
    return join(this.#folder, 'exabgp.cmd')
  }

  #startRouter(): ChildProcess {
    return this.#spawn('router', 'bird', [
      ...['bird', '-f', '-c', join(this.#folder, 'bird.conf')],
      ...['-s', this.#control, '-P', join(this.#folder, 'bird.pid')],
    ])
  }

  /** gobgpd with its gRPC port on the loopback of the speaker's namespace. */
  startGobgpd(): ChildProcess {
    const file = join(this.#folder, 'gobgpd.toml')
    writeFileSync(file, gobgpdConfig(SPEAKER, ROUTER, this.#restartSeconds))
    return this.#spawn('speaker', 'gobgpd', ['gobgpd', '-f', file, '--api-hosts', '127.0.0.1:50051'])
  }

  /** ExaBGP with a process that copies the lines of the pipe to it, as operators of FastNetMon have it. */
  startExabgp(): ChildProcess {
    const file = join(this.#folder, 'exabgp.conf')
    writeFileSync(file, exabgpConfig(SPEAKER, ROUTER, EXABGP_PIPE_READER, this.pipe))
    const settings = {
      'exabgp.daemon.daemonize': 'false',
      'exabgp.daemon.user': 'root',
      'exabgp.daemon.drop': 'false',
      'exabgp.api.cli': 'false',
      'exabgp.api.ack': 'false',
      'exabgp.tcp.bind': '',
    }
    const environment = Object.entries(settings).map(([name, value]) => `${name}=${value}`)
    return this.#spawn('speaker', 'exabgp', ['env', ...environment, 'exabgp', file])
  }

  /** Makes the pipe before anybody reads it. */
  makePipe(): void {
    execFileSync('mkfifo', ['-m', '600', this.pipe])
  }

  /** Routes the router learned from the speaker, with their communities: `192.0.2.1/32 (65001,666)`. */
  async routes(): Promise<string[]> {
    const { stdout } = await this.lab.exec('router', [
      ...['birdc', '-s', this.#control, 'show', 'route', 'protocol', 'speaker', 'all'],
    ])
    const routes: string[] = []
    for (const line of stdout.split('\n')) {
      const prefix = /^([0-9a-f.:]+\/\d+)\s/.exec(line)?.[1]
      const communities = /BGP\.community: (.*)$/.exec(line)?.[1]
      if (prefix !== undefined) routes.push(prefix)
      else if (communities !== undefined && routes.length > 0)
        routes.push(`${routes.pop()} ${communities.trim()}`)
    }
    return routes.sort()
  }

  /** FlowSpec rules the router learned, with their attributes: `flow4 { dst 192.0.2.1/32; } (generic, 0x80060000, 0x0)`. */
  async rules(): Promise<string[]> {
    const rules: string[] = []
    for (const table of ['flow4tab', 'flow6tab']) {
      const show = ['birdc', '-s', this.#control, 'show', 'route', 'table', table, 'all']
      const { stdout } = await this.lab.exec('router', show)
      for (const line of stdout.split('\n')) {
        const rule = /^(flow[46] \{.*?\})/.exec(line)?.[1]
        const attribute = /^\s+BGP\.(?:ext_community|large_community|community|19 \[t\]): (.*)$/.exec(
          line,
        )?.[1]
        if (rule !== undefined) rules.push(rule)
        else if (attribute !== undefined && rules.length > 0) rules.push(`${rules.pop()} ${attribute.trim()}`)
      }
    }
    return rules.sort()
  }

  /** Settles when the router holds exactly these routes; fails with what it holds. */
  async until(wanted: readonly string[]): Promise<void> {
    const sorted = wanted.toSorted().join()
    await until(async () => {
      const held = (await this.routes()).join()
      return held === sorted || `the router holds "${held}", wanted "${sorted}"`
    }, WAIT_SECONDS)
  }

  /** Settles when the session is up. */
  async established(): Promise<void> {
    const show = ['birdc', '-s', this.#control, 'show', 'protocols', 'speaker']
    await until(async () => {
      const { stdout } = await this.lab.exec('router', show)
      return stdout.includes('Established') || 'the session did not come up'
    }, WAIT_SECONDS)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab[Symbol.asyncDispose]()
  }

  #spawn(role: string, name: string, argv: readonly string[]): ChildProcess {
    const log = openSync(join(this.#folder, `${name}.txt`), 'a')
    return this.lab.spawn(role, argv, { stdio: ['ignore', log, log] })
  }
}

/** Ends a program of the lab at once; fails when it has ended by itself. */
export async function kill(child: ChildProcess): Promise<void> {
  assert.ok(child.exitCode === null && child.signalCode === null, `${child.spawnargs.join(' ')} has ended`)
  const ended = once(child, 'close')
  child.kill('SIGKILL')
  await ended
}
