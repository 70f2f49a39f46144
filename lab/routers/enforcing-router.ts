// A router that enforces what it hears: a GoBGP whose FlowSpec rules a tool of the lab turns into nftables, and whose
// blackholes into routes of the kernel.

import type { ChildProcess } from 'node:child_process'
import { z } from 'zod'
import { type Listed, rulesListed } from '../flowspec/gobgp-rib.ts'
import type { Lab } from '../namespace.ts'
import { until } from '../until.ts'
import { startDaemon, startGobgpdIn } from './speaker.ts'
import { OUR_NETWORKS, ROUTER } from './topology.ts'

const TOOL = new URL('../flowspec-nftables.ts', import.meta.url).pathname
const routesSchema = z.array(z.looseObject({ dst: z.string() }))

export class EnforcingRouter {
  readonly gobgpd: ChildProcess
  readonly #lab: Lab

  /** In the role `router` of a plan of topology.ts, with a session to the detector. */
  constructor(lab: Lab, folder: string) {
    const neighbour = { own: ROUTER.router.ipv4, other: ROUTER.speaker.ipv4 }
    this.#lab = lab
    this.gobgpd = startGobgpdIn(lab, 'router', folder, [neighbour], 'dials')
    startDaemon(lab, 'router', folder, [process.execPath, TOOL, '--blackholes', OUR_NETWORKS.join()])
  }

  /** `gobgp global rib` of the rules of a family. */
  async rules(family: 4 | 6): Promise<string> {
    return (await this.#gobgp('global', 'rib', '-a', `ipv${family}-flowspec`)).stdout
  }

  /** The same as rules, of both families. */
  async listing(): Promise<Listed> {
    const listings = await Promise.all(
      ([4, 6] as const).map(async family => {
        const { stdout } = await this.#gobgp('global', 'rib', '-a', `ipv${family}-flowspec`, '-j')
        return rulesListed(stdout, family)
      }),
    )
    return {
      rules: listings.flatMap(({ rules }) => rules),
      problems: listings.flatMap(({ problems }) => problems),
    }
  }

  /** The lines of nftables that hold now. */
  async enforced(): Promise<string[]> {
    const { stdout } = await this.#lab.exec('router', ['nft', 'list', 'table', 'inet', 'flowspec'])
    return stdout.split('\n').map(line => line.trim())
  }

  /** Settles when packets are judged by so many rules; fails with what holds. */
  async untilEnforced(rules: number, seconds?: number): Promise<void> {
    await until(async () => {
      const jumps = (await this.enforced()).filter(line => line.startsWith('jump match')).length
      return jumps === rules || `${jumps} rules are enforced, ${rules} were wanted`
    }, seconds)
  }

  /** What the kernel drops: addresses of both families. */
  async blackholes(): Promise<string[]> {
    const texts = await Promise.all(
      ['-4', '-6'].map(family =>
        this.#lab.exec('router', ['ip', family, '-j', 'route', 'show', 'type', 'blackhole']),
      ),
    )
    return texts.flatMap(({ stdout }) => routesSchema.parse(JSON.parse(stdout || '[]'))).map(({ dst }) => dst)
  }

  #gobgp(...words: readonly string[]) {
    return this.#lab.exec('router', ['gobgp', ...words])
  }
}
