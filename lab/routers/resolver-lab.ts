// A resolver that is attacked while its clients ask: the network of topology.ts with real questions and answers, a link to the
// resolver that a flood can fill, and a router in front of it that does what Floodwarden announces.

import type { SpawnOptions } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { mustRun } from '../command.ts'
import { type Answered, ask, shareOf, writeQuestions } from '../dns/askers.ts'
import { startResolver } from '../dns/resolver.ts'
import { type Flood, startFlood } from '../flood.ts'
import { Lab } from '../namespace.ts'
import type { LabPlan } from '../plan.ts'
import { RunningDaemon } from '../running-daemon.ts'
import type { ScenarioName } from '../scenario.ts'
import { until } from '../until.ts'
import { Arrivals, type Counts } from './arrivals.ts'
import { EnforcingRouter } from './enforcing-router.ts'
import { untilEstablished } from './session.ts'
import { startGobgpd } from './speaker.ts'
import { type Cables, cablesOf, OUR_NETWORKS, ROUTER, routedPlan, startMirror, VICTIM } from './topology.ts'

/** Where spoofed sources of the lab's floods come from; the clients are among them, so that no source tells them apart. */
const CLIENTS_NETWORK = '198.18.0.0/15'
const CLIENTS = ['198.18.3.7', '198.18.77.21', '198.18.140.9', '198.18.201.66'].concat([
  '198.19.5.130',
  '198.19.63.4',
  '198.19.118.250',
  '198.19.230.17',
])
const OUTSIDE = '198.51.100.2'

/** The link to the resolver, and a queue of its own length before it. */
const LINK_MEGABITS = 4
const QUEUE_PACKETS = 40

/** Of all clients together: what the resolver is there for. */
export const QUESTIONS_PER_SECOND = 200
/** Packets per second towards the resolver that are an attack. */
const LIMIT = 1000

/** It answers at two addresses, so that two attacks can be looked at beside one another. */
export const FIRST = VICTIM.ipv4
export const SECOND = '203.0.113.11'

/** What came to the resolver: from its clients, and from whoever else to each address. */
export type Kind = 'clients' | 'flood' | 'secondFlood'

export class ResolverLab implements AsyncDisposable {
  readonly lab: Lab
  readonly cables: Cables
  readonly router: EnforcingRouter
  readonly arrivals: Arrivals<Kind>
  readonly #folder: string
  readonly #questions: string

  /** Needs root, and gobgpd, nft, tc, unbound and dnsperf. */
  static async create(folder: string): Promise<ResolverLab> {
    const lab = await Lab.create(PLAN)
    try {
      await startMirror(lab)
      await addAddresses(lab)
      await narrow(lab)
      startGobgpd(lab, folder, [ROUTER])
      startResolver(lab, 'victim', folder, [FIRST, SECOND])
      const clients = `{ ${CLIENTS.join(', ')} }`
      const arrivals = await Arrivals.at<Kind>(lab, 'victim', {
        clients: `ip saddr ${clients}`,
        flood: `ip daddr ${FIRST} ip saddr != ${clients}`,
        secondFlood: `ip daddr ${SECOND} ip saddr != ${clients}`,
      })
      return new ResolverLab(lab, folder, arrivals)
    } catch (error) {
      await lab[Symbol.asyncDispose]()
      throw error
    }
  }

  private constructor(lab: Lab, folder: string, arrivals: Arrivals<Kind>) {
    this.lab = lab
    this.cables = cablesOf(lab)
    this.router = new EnforcingRouter(lab, folder)
    this.arrivals = arrivals
    this.#folder = folder
    this.#questions = writeQuestions(folder)
  }

  /** Settles when the resolver answers. */
  async answers(): Promise<void> {
    await until(async () => shareOf(await this.ask(0.2)) === 1 || 'the resolver does not answer all')
  }

  /** Settles when the session of the router is up. */
  established(): Promise<void> {
    return untilEstablished(this.lab, 1)
  }

  /** The clients ask for so long; settles when the last question is answered or lost. */
  ask(seconds: number, resolver: string = FIRST): Promise<Answered> {
    return ask(this.lab, {
      role: 'outside',
      questions: this.#questions,
      from: CLIENTS,
      resolver,
      questionsPerSecond: QUESTIONS_PER_SECOND,
      seconds,
    })
  }

  /** It ends after so long, or with the lab. */
  flood(scenario: ScenarioName, rate: number, seconds: number, target: string = FIRST): Flood {
    return startFlood(this.lab, this.cables.outside, { scenario, target, rate, seconds, targetMac: 'peer' })
  }

  /** Settles when more of this arrives than so far. */
  async arrive(kind: Kind): Promise<void> {
    const before = (await this.arrivals.counts())[kind]
    await until(async () => (await this.arrivals.counts())[kind] > before || `nothing arrives of ${kind}`)
  }

  /** What arrives while the clients ask. */
  async during(asking: () => Promise<Answered>): Promise<{ answered: Answered; came: Counts<Kind> }> {
    let answered: Answered = { asked: 0, answered: 0, latency: 0 }
    const came = await this.arrivals.during(async () => {
      answered = await asking()
    })
    return { answered, came }
  }

  /** Packets per second that come in to the router from outside, over so long. */
  async reachesRouter(milliseconds: number): Promise<number> {
    const count = async () => (await this.lab.counters(this.cables.outside.to)).receivedPackets
    const [before, began] = [await count(), performance.now()]
    await sleep(milliseconds)
    return ((await count()) - before) / ((performance.now() - began) / 1000)
  }

  /** Floodwarden on the mirror port, armed, with these playbooks as they stand in a configuration. */
  startDaemon(name: string, playbooks: readonly object[]): Promise<RunningDaemon> {
    const config = join(this.#folder, `${name}.yaml`)
    writeFileSync(config, JSON.stringify({ ...this.#settings(), playbooks }, undefined, 2))
    return RunningDaemon.start({
      state: join(this.#folder, name),
      words: ['--config', config],
      spawn: (argv: readonly string[], options: SpawnOptions) => this.lab.spawn('detector', argv, options),
    })
  }

  #settings(): object {
    return {
      networks: OUR_NETWORKS,
      capture: { interfaces: [this.cables.mirror.to.interface] },
      metrics: { listen: 'off' },
      mitigation: { armed: true, onStop: 'withdraw' },
      detection: {
        banSeconds: 1,
        holdSeconds: 1,
        thresholds: { incoming: { packetsPerSecond: LIMIT }, outgoing: {} },
      },
      inventory: {
        customers: [
          {
            id: 'customers-of-the-resolver',
            prefixes: OUR_NETWORKS,
            services: [{ id: 'dns', allowedPorts: { tcp: [53], udp: [53] } }],
            assets: [FIRST, SECOND].map(prefix => ({ prefix, service: 'dns', role: 'resolver' })),
          },
        ],
      },
      enforcement: {
        gobgp: {
          reconcileSeconds: 1,
          hostIpv4: { nextHop: ROUTER.speaker.ipv4, communities: ['65535:666'] },
        },
      },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab[Symbol.asyncDispose]()
  }
}

/** Answers find their way back to whoever asked, or seems to have. */
const PLAN: LabPlan = {
  ...routedPlan(),
  routes: {
    victim: ['default via 203.0.113.1'],
    router: [`${CLIENTS_NETWORK} via ${OUTSIDE}`],
    outside: ['203.0.113.0/24 via 198.51.100.1'],
  },
}

async function addAddresses(lab: Lab): Promise<void> {
  const steps = CLIENTS.map(address => `address add ${address}/32 dev lo`)
  await mustRun(['ip', '-n', lab.namespace('outside'), '-batch', '-'], { input: `${steps.join('\n')}\n` })
  const { namespace, interface: name } = cablesOf(lab).victim.to
  await mustRun(['ip', '-n', namespace, 'address', 'add', `${SECOND}/28`, 'dev', name])
}

/** What does not fit on the link to the resolver waits, and what does not fit in the queue is lost: questions like floods. */
async function narrow(lab: Lab): Promise<void> {
  const { namespace, interface: name } = cablesOf(lab).victim.from
  const tc = ['tc', '-n', namespace, 'qdisc', 'add', 'dev', name]
  const rate = ['rate', `${LINK_MEGABITS}mbit`, 'burst', '16kb', 'limit', '1mb']
  await mustRun([...tc, 'root', 'handle', '1:', 'tbf', ...rate])
  await mustRun([...tc, 'parent', '1:1', 'handle', '10:', 'pfifo', 'limit', String(QUEUE_PACKETS)])
}
