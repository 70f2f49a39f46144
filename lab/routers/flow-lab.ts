// The network of topology.ts with a router that enforces FlowSpec: a second GoBGP whose rules a tool of the lab turns into
// nftables. BIRD and FRR, which take rules and enforce none, hear the same by sessions of their own.

import type { ChildProcess } from 'node:child_process'
import { type Listed, rulesListed } from '../flowspec/gobgp-rib.ts'
import { Lab } from '../namespace.ts'
import { Bird } from './bird.ts'
import { FlowAnnouncer } from './flow-announcer.ts'
import { Frr } from './frr.ts'
import { until } from './routed-lab.ts'
import { startDaemon, startGobgpd, startGobgpdIn } from './speaker.ts'
import { type Cables, cablesOf, ONLOOKERS, ROUTER, routedPlan, startMirror } from './topology.ts'

const [BIRD, FRR] = ONLOOKERS
const TOOL = new URL('../flowspec-nftables.ts', import.meta.url).pathname

export class FlowLab implements AsyncDisposable {
  readonly lab: Lab
  readonly cables: Cables
  /** The gobgpd of the router that enforces. */
  readonly router: ChildProcess
  readonly bird: Bird
  readonly frr: Frr
  readonly announcer: FlowAnnouncer

  /** The folder must be open to others: FRR runs as its own user. Needs root. */
  static async create(folder: string): Promise<FlowLab> {
    const lab = await Lab.create(routedPlan(ONLOOKERS))
    try {
      await startMirror(lab)
      startGobgpd(lab, folder, [ROUTER, ...ONLOOKERS])
      const neighbour = { own: ROUTER.router.ipv4, other: ROUTER.speaker.ipv4 }
      const router = startGobgpdIn(lab, 'router', folder, [neighbour], 'dials')
      startDaemon(lab, 'router', folder, [process.execPath, TOOL])
      const bird = Bird.start(lab, folder, BIRD, 'dials')
      return new FlowLab(lab, router, bird, await Frr.start(lab, folder, FRR, 'dials'))
    } catch (error) {
      await lab[Symbol.asyncDispose]()
      throw error
    }
  }

  private constructor(lab: Lab, router: ChildProcess, bird: Bird, frr: Frr) {
    this.lab = lab
    this.cables = cablesOf(lab)
    this.router = router
    this.bird = bird
    this.frr = frr
    this.announcer = new FlowAnnouncer(lab)
  }

  /** Settles when all three sessions are up. */
  async established(): Promise<void> {
    await until(async () => {
      const { stdout } = await this.lab.exec('detector', ['gobgp', 'neighbor'])
      const up = [...stdout.matchAll(/Establ/g)].length
      return up === 1 + ONLOOKERS.length || `${up} sessions are up:\n${stdout}`
    })
  }

  /** `gobgp global rib` of the router that enforces. */
  async routerRules(family: 4 | 6): Promise<string> {
    const argv = ['gobgp', 'global', 'rib', '-a', `ipv${family}-flowspec`]
    return (await this.lab.exec('router', argv)).stdout
  }

  /** The same as rules, of both families. */
  async routerListing(): Promise<Listed> {
    const listings = await Promise.all(
      ([4, 6] as const).map(async family => {
        const argv = ['gobgp', 'global', 'rib', '-a', `ipv${family}-flowspec`, '-j']
        return rulesListed((await this.lab.exec('router', argv)).stdout, family)
      }),
    )
    return {
      rules: listings.flatMap(({ rules }) => rules),
      problems: listings.flatMap(({ problems }) => problems),
    }
  }

  /** The lines of nftables that the router enforces now. */
  async enforced(): Promise<string[]> {
    const { stdout } = await this.lab.exec('router', ['nft', 'list', 'table', 'inet', 'flowspec'])
    return stdout.split('\n').map(line => line.trim())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab[Symbol.asyncDispose]()
  }
}
