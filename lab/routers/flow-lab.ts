// The network of topology.ts with a router that enforces FlowSpec. BIRD and FRR, which take rules and enforce none, hear the
// same by sessions of their own.

import { Lab } from '../namespace.ts'
import { Bird } from './bird.ts'
import { EnforcingRouter } from './enforcing-router.ts'
import { FlowAnnouncer } from './flow-announcer.ts'
import { Frr } from './frr.ts'
import { untilEstablished } from './session.ts'
import { startGobgpd } from './speaker.ts'
import { type Cables, cablesOf, ONLOOKERS, ROUTER, routedPlan, startMirror } from './topology.ts'

const [BIRD, FRR] = ONLOOKERS

export class FlowLab implements AsyncDisposable {
  readonly lab: Lab
  readonly cables: Cables
  readonly router: EnforcingRouter
  readonly bird: Bird
  readonly frr: Frr
  readonly announcer: FlowAnnouncer

  /** The folder must be open to others: FRR runs as its own user. Needs root. */
  static async create(folder: string): Promise<FlowLab> {
    const lab = await Lab.create(routedPlan(ONLOOKERS))
    try {
      await startMirror(lab)
      startGobgpd(lab, folder, [ROUTER, ...ONLOOKERS])
      const router = new EnforcingRouter(lab, folder)
      const bird = Bird.start(lab, folder, BIRD, 'dials')
      return new FlowLab(lab, router, bird, await Frr.start(lab, folder, FRR, 'dials'))
    } catch (error) {
      await lab[Symbol.asyncDispose]()
      throw error
    }
  }

  private constructor(lab: Lab, router: EnforcingRouter, bird: Bird, frr: Frr) {
    this.lab = lab
    this.cables = cablesOf(lab)
    this.router = router
    this.bird = bird
    this.frr = frr
    this.announcer = new FlowAnnouncer(lab)
  }

  /** Settles when all three sessions are up. */
  async established(): Promise<void> {
    await untilEstablished(this.lab, 1 + ONLOOKERS.length)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab[Symbol.asyncDispose]()
  }
}
