// The network of topology.ts with a speaker, a router and the mirror port running, and the questions tests ask of it.

import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { z } from 'zod'
import { type Flood, startFlood } from '../flood.ts'
import { Lab } from '../namespace.ts'
import { until } from '../until.ts'
import { Arrivals } from './arrivals.ts'
import { Bird } from './bird.ts'
import { Frr } from './frr.ts'
import { makePipe, startExabgp, startGobgpd } from './speaker.ts'
import { type Cables, cablesOf, NEIGHBOUR, ROUTER, routedPlan, startMirror, VICTIM } from './topology.ts'

export type SpeakerKind = 'gobgp' | 'exabgp'
export type RouterKind = 'bird' | 'frr'

const LIST_BLACKHOLES = 'for family in -4 -6; do ip $family -j route show type blackhole; echo; done'
const routesSchema = z.array(z.looseObject({ dst: z.string() }))

/** Packets to the two hosts, by family, where they arrive. */
export interface Came {
  readonly victim4: number
  readonly victim6: number
  readonly neighbour4: number
  readonly neighbour6: number
}

export class RoutedLab implements AsyncDisposable {
  readonly lab: Lab
  readonly cables: Cables
  /** Where ExaBGP reads commands. */
  readonly pipe: string
  readonly router: Bird | Frr
  speaker: ChildProcess
  readonly #folder: string
  readonly #kind: SpeakerKind
  readonly #victim: Arrivals<'victim4' | 'victim6'>
  readonly #neighbour: Arrivals<'neighbour4' | 'neighbour6'>

  /** The folder must be open to others: FRR runs as its own user. Needs root. */
  static async create(folder: string, speaker: SpeakerKind, router: RouterKind): Promise<RoutedLab> {
    const lab = await Lab.create(routedPlan())
    try {
      await startMirror(lab)
      await keepAddresses(lab)
      const victim = await Arrivals.at(lab, 'victim', {
        victim4: `ip daddr ${VICTIM.ipv4} meta l4proto udp`,
        victim6: `ip6 daddr ${VICTIM.ipv6} meta l4proto udp`,
      })
      const neighbour = await Arrivals.at(lab, 'neighbour', {
        neighbour4: `ip daddr ${NEIGHBOUR.ipv4} meta l4proto udp`,
        neighbour6: `ip6 daddr ${NEIGHBOUR.ipv6} meta l4proto udp`,
      })
      const manner = speaker === 'gobgp' ? 'dials' : 'waits'
      const started =
        router === 'bird'
          ? Bird.start(lab, folder, ROUTER, manner)
          : await Frr.start(lab, folder, ROUTER, manner)
      return new RoutedLab(lab, folder, speaker, started, victim, neighbour)
    } catch (error) {
      await lab[Symbol.asyncDispose]()
      throw error
    }
  }

  private constructor(
    lab: Lab,
    folder: string,
    kind: SpeakerKind,
    router: Bird | Frr,
    victim: Arrivals<'victim4' | 'victim6'>,
    neighbour: Arrivals<'neighbour4' | 'neighbour6'>,
  ) {
    this.lab = lab
    this.cables = cablesOf(lab)
    this.pipe = join(folder, 'exabgp.cmd')
    this.router = router
    this.#folder = folder
    this.#kind = kind
    this.#victim = victim
    this.#neighbour = neighbour
    if (kind === 'exabgp') makePipe(this.pipe)
    this.speaker = this.startSpeaker()
  }

  startSpeaker(): ChildProcess {
    this.speaker =
      this.#kind === 'gobgp'
        ? startGobgpd(this.lab, this.#folder, [ROUTER])
        : startExabgp(this.lab, this.#folder, this.pipe, [ROUTER])
    return this.speaker
  }

  /** Settles when the session is up. */
  async established(): Promise<void> {
    await until(async () => (await this.router.isUp()) || 'the session is down')
  }

  /** What the router's kernel drops: prefixes of both families, sorted. */
  async blackholes(): Promise<string[]> {
    // In one go: what changes between two programs would be seen half.
    const { stdout } = await this.lab.exec('router', ['sh', '-c', LIST_BLACKHOLES])
    return stdout
      .split('\n')
      .filter(line => line !== '')
      .flatMap(line => routesSchema.parse(JSON.parse(line)))
      .map(({ dst }) => dst)
      .filter(dst => !RESOLVERS.has(dst))
      .sort()
  }

  /** Settles when the kernel holds exactly these; fails with what it holds. */
  async untilBlackholes(wanted: readonly string[], seconds?: number): Promise<void> {
    const sorted = wanted.toSorted().join()
    await until(async () => {
      const held = (await this.blackholes()).join()
      return held === sorted || `the kernel holds "${held}", wanted "${sorted}"`
    }, seconds)
  }

  /** What arrives at both hosts meanwhile. */
  async came(wait: () => Promise<unknown>): Promise<Came> {
    let neighbour = { neighbour4: 0, neighbour6: 0 }
    const victim = await this.#victim.during(async () => {
      neighbour = await this.#neighbour.during(wait)
    })
    return { ...victim, ...neighbour }
  }

  /** Packets that came to the router from outside so far, whatever became of them. */
  async reachedRouter(): Promise<number> {
    return (await this.lab.counters(this.cables.outside.to)).receivedPackets
  }

  /** Settles when more arrives than so far, of each of these. */
  async begins(...names: readonly (keyof Came)[]): Promise<void> {
    const counts = async () => ({ ...(await this.#victim.counts()), ...(await this.#neighbour.counts()) })
    const before = await counts()
    await until(async () => {
      const now = await counts()
      const missing = names.filter(name => now[name] === before[name])
      return missing.length === 0 || `nothing arrives of ${missing.join(', ')}`
    })
  }

  /** UDP to a host over one family; it ends after `seconds` or with the lab. */
  flood(to: { ipv4: string; ipv6: string }, family: 4 | 6, rate: number, seconds: number): Flood {
    return startFlood(this.lab, this.cables.outside, {
      scenario: family === 4 ? 'udp-flood' : 'ipv6-udp-flood',
      target: family === 4 ? to.ipv4 : to.ipv6,
      targetMac: 'peer',
      bytes: 100,
      rate,
      seconds,
    })
  }

  /** Takes the cable between speaker and router down or up again. */
  async control(state: 'down' | 'up'): Promise<void> {
    const { namespace, interface: name } = this.cables.control.to
    const { code, stderr } = await this.lab.exec('router', ['ip', 'link', 'set', name, state])
    assert.equal(code, 0, `${namespace}: ${stderr}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab[Symbol.asyncDispose]()
  }
}

/** What FRR's blackholes resolve through is no blackhole of ours. */
const RESOLVERS: ReadonlySet<string> = new Set(['192.0.2.1', '100::1'])

/** An interface that goes down would lose its IPv6 addresses. */
async function keepAddresses(lab: Lab): Promise<void> {
  for (const role of ['router', 'detector']) {
    const { code, stderr } = await lab.exec(role, [
      'sh',
      '-c',
      'for f in /proc/sys/net/ipv6/conf/*/keep_addr_on_down; do echo 1 > $f; done',
    ])
    if (code !== 0) throw new Error(`addresses of ${role}: ${stderr}`)
  }
}
